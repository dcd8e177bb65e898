//! The trail as a chain, for those who want to check it: its head, its entries in their order, and the heads that were signed.

use super::read::{AuditEntry, Row, entry};
use super::trail::{Draft, link_of};
use crate::Store;
use crate::convert::{count, micros, time, to_json, uncount};
use crate::db::{Actor, Reader, query, query_as};
use crate::error::Result;
use crate::system::SystemStore;
use crate::tenant::TenantStore;
use aos_core::audit::{BEGINNING, Begin, Entry, ExportedEntry, FORMAT, Head, INSTALLATION, SignedHead, Signer};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::Sender;
use uuid::Uuid;

/// Entries that are read at once while exporting.
const ENTRIES_AT_ONCE: i64 = 500;

type ChainRow = (Uuid, i64, String, String, String, String, Option<String>, Option<i64>, Vec<u8>);
type CheckpointRow = (i64, Vec<u8>, i64, String, String);

/// One chain, as whoever may look at it.
pub(crate) struct Chain<'s> {
    pub id: Uuid,
    pub store: &'s Store,
}

/// How a look at a chain went, whose head was to be signed.
#[derive(Debug, Clone, PartialEq)]
pub enum Looked {
    Signed(SignedHead),
    /// The entries are not what their links stand for, from this one on. Nothing was signed.
    Broken {
        chain: Uuid,
        seq: u64,
    },
}

impl TenantStore<'_> {
    /// Returns how far the tenant's chain goes, as of now.
    pub async fn audit_head(&self) -> Result<Head> {
        self.chain().head(self.now()).await
    }

    /// Signs the head of the tenant's chain as it is now, and writes the chain up to there, line by line, in pieces. Ends early when nobody
    /// takes them any more.
    pub async fn export_audit(&self, signer: &Signer, pieces: Sender<String>) -> Result<()> {
        self.chain().export(signer, self.now(), pieces).await
    }

    fn chain(&self) -> Chain<'_> {
        Chain { id: self.id(), store: self.store }
    }
}

impl SystemStore<'_> {
    /// Writes into the installation's chain what concerns no tenant.
    pub async fn record_audit(&self, action: &str, resource: &str, detail: Value) -> Result<()> {
        let at = micros(self.store.clock.now());
        let mut tx = self.store.pool.begin(Actor::Tenant(INSTALLATION)).await?;
        tx.trail().push(Draft::new(INSTALLATION, at, ("nobody".to_owned(), None), action, resource, detail)?);
        tx.commit().await
    }

    /// Signs and writes the installation's chain, as [`TenantStore::export_audit`] does a tenant's.
    pub async fn export_audit(&self, signer: &Signer, pieces: Sender<String>) -> Result<()> {
        let chain = Chain { id: INSTALLATION, store: self.store };
        chain.export(signer, micros(self.store.clock.now()), pieces).await
    }
}

impl Chain<'_> {
    /// Signs the head as it is now and keeps the signature, after a look at every entry since the head that was signed last.
    pub async fn check_and_sign(&self, signer: &Signer, at: i64) -> Result<Looked> {
        let head = self.head(at).await?;
        let (mut seq, mut link) = match self.last_checkpoint().await? {
            None => (0, BEGINNING),
            // A key of before is no reason to begin anew; what it signed is checked by whoever has its public half.
            Some(last) if last.key != signer.verifier().to_string() || signer.verifier().signed(&last) => {
                (last.head.seq, last.head.link)
            }
            Some(last) => return Ok(Looked::Broken { chain: self.id, seq: last.head.seq }),
        };
        while seq < head.seq {
            let entries = self.entries(seq, head.seq).await?;
            if entries.is_empty() {
                break;
            }
            for found in entries {
                let next = link.next(seq + 1, found.entry.digest(self.id));
                if found.seq != seq + 1 || found.link != next {
                    return Ok(Looked::Broken { chain: self.id, seq: seq + 1 });
                }
                (seq, link) = (found.seq, next);
            }
        }
        if (seq, link) != (head.seq, head.link) {
            return Ok(Looked::Broken { chain: self.id, seq });
        }
        let signed = signer.sign(head);
        self.save_head(&signed).await?;
        Ok(Looked::Signed(signed))
    }

    async fn last_checkpoint(&self) -> Result<Option<SignedHead>> {
        let row = query_as::<CheckpointRow>(
            "SELECT seq, link, at, key, signature FROM audit_checkpoints WHERE tenant_id = $1 ORDER BY seq DESC LIMIT 1",
        );
        let found = row.bind(self.id).fetch_optional(self.reader()).await?;
        found.map(|row| self.signed(row)).transpose()
    }

    fn signed(&self, (seq, link, at, key, signature): CheckpointRow) -> Result<SignedHead> {
        let head = Head { chain: self.id, seq: uncount(seq), link: link_of(link, self.id)?, at: time(at) };
        Ok(SignedHead { head, key, signature })
    }

    async fn export(&self, signer: &Signer, at: i64, pieces: Sender<String>) -> Result<()> {
        let signed = signer.sign(self.head(at).await?);
        self.save_head(&signed).await?;
        let last = signed.head.seq;
        let begin = Begin { format: FORMAT.to_owned(), chain: self.id };
        let mut piece = line(&begin);
        let mut after = 0;
        while after < last {
            let entries = self.entries(after, last).await?;
            let Some(newest) = entries.last().map(|entry| entry.seq) else { break };
            let mut heads = self.checkpoints(after, newest.min(last - 1)).await?.into_iter().peekable();
            for entry in &entries {
                piece.push_str(&line(entry));
                while let Some(head) = heads.next_if(|signed| signed.head.seq == entry.seq) {
                    piece.push_str(&line(&json!({ "head": head })));
                }
            }
            after = newest;
            if pieces.send(std::mem::take(&mut piece)).await.is_err() {
                return Ok(());
            }
        }
        piece.push_str(&line(&json!({ "head": signed })));
        // An error says that nobody takes it any more.
        let _ = pieces.send(piece).await;
        Ok(())
    }

    /// Keeps a head that was signed; the first one at its place stays.
    async fn save_head(&self, signed: &SignedHead) -> Result<()> {
        let mut tx = self.store.pool.begin(Actor::Tenant(self.id)).await?;
        query(
            "INSERT INTO audit_checkpoints (tenant_id, seq, link, at, key, signature) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant_id, seq) DO NOTHING",
        )
        .bind(self.id)
        .bind(count(signed.head.seq))
        .bind(signed.head.link.0.to_vec())
        .bind(micros(signed.head.at))
        .bind(&signed.key)
        .bind(&signed.signature)
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Returns the signed heads after an entry, up to another, in their order.
    async fn checkpoints(&self, after: u64, last: u64) -> Result<Vec<SignedHead>> {
        let rows = query_as::<CheckpointRow>(
            "SELECT seq, link, at, key, signature
               FROM audit_checkpoints
              WHERE tenant_id = $1 AND seq > $2 AND seq <= $3
              ORDER BY seq",
        )
        .bind(self.id)
        .bind(count(after))
        .bind(count(last))
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(|row| self.signed(row)).collect()
    }

    fn reader(&self) -> Reader<'_> {
        Reader { pool: &self.store.pool, actor: Actor::Tenant(self.id) }
    }

    async fn head(&self, at: i64) -> Result<Head> {
        let head = query_as::<(i64, Vec<u8>)>("SELECT seq, link FROM audit_heads WHERE tenant_id = $1");
        let (seq, link) = match head.bind(self.id).fetch_optional(self.reader()).await? {
            Some((seq, link)) => (uncount(seq), link_of(link, self.id)?),
            None => (0, BEGINNING),
        };
        Ok(Head { chain: self.id, seq, link, at: time(at) })
    }

    /// Returns the next entries of the chain after one, up to another, in their order.
    async fn entries(&self, after: u64, last: u64) -> Result<Vec<ExportedEntry>> {
        let rows = query_as::<ChainRow>(
            "SELECT id, at, principal, action, resource, detail, trace_id, seq, link
               FROM audit
              WHERE tenant_id = $1 AND seq > $2 AND seq <= $3
              ORDER BY seq LIMIT $4",
        )
        .bind(self.id)
        .bind(count(after))
        .bind(count(last))
        .bind(ENTRIES_AT_ONCE)
        .fetch_all(self.reader())
        .await?;
        let entries = rows.into_iter().map(|row| {
            let (id, at, principal, action, resource, detail, trace_id, seq, link) = row;
            let row: Row = (id, at, principal, action, resource, detail, trace_id, seq);
            let AuditEntry { seq, id, at, principal, action, resource, detail, trace_id } = entry(row)?;
            let entry = Entry { id, at, principal, action, resource, detail, trace_id };
            Ok(ExportedEntry { seq: seq.unwrap_or_default(), entry, link: link_of(link, self.id)? })
        });
        entries.collect()
    }
}

fn line(value: &impl Serialize) -> String {
    let mut line = to_json(value);
    line.push('\n');
    line
}

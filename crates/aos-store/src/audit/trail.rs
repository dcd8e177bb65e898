//! Writing the trail: drafts are collected while a transaction goes on, and tied to the chain right before its commit, so that the
//! tenant's chain is locked for no longer than it takes to commit, and always last.

use crate::convert::time;
use crate::db::{Tx, query, query_as};
use crate::error::{Error, Result};
use crate::tenant::TenantStore;
use aos_core::audit::{BEGINNING, Entry, EntryDigest, Link};
use serde_json::Value;
use std::future::Future;
use uuid::Uuid;

tokio::task_local! {
    static TRACE: String;
}

/// An entry that is to be written with what a transaction does.
#[derive(Debug)]
pub(crate) struct Draft {
    chain: Uuid,
    at: i64,
    entry: Entry,
    detail: String,
    digest: EntryDigest,
}

/// Does some work on behalf of a request or a task, whose trace its entries name.
pub async fn traced<T>(trace_id: String, work: impl Future<Output = T>) -> T {
    TRACE.scope(trace_id, work).await
}

impl TenantStore<'_> {
    /// Writes down who did what, in the transaction that does it, under the trace of the request or of the task.
    pub(crate) async fn audit(&self, tx: &mut Tx, action: &str, resource: &str, detail: Value) -> Result<()> {
        let by = (self.scope.actor(), self.scope.trace_id());
        tx.trail().push(Draft::new(self.id(), self.now(), by, action, resource, detail)?);
        Ok(())
    }

    /// Writes down an action that changes no row of the store, such as signing in, or being refused.
    pub async fn record_audit(&self, action: &str, resource: &str, detail: Value) -> Result<()> {
        let mut tx = self.begin().await?;
        self.audit(&mut tx, action, resource, detail).await?;
        tx.commit().await
    }
}

impl Draft {
    pub(crate) fn new(
        chain: Uuid,
        at: i64,
        (principal, trace_id): (String, Option<&str>),
        action: &str,
        resource: &str,
        detail: Value,
    ) -> Result<Self> {
        let text = detail.to_string();
        if [principal.as_str(), action, resource, &text].iter().any(|text| text.contains('\0')) {
            return Err(Error::NoText);
        }
        let entry = Entry {
            id: Uuid::now_v7(),
            at: time(at),
            principal,
            action: action.to_owned(),
            resource: resource.to_owned(),
            detail,
            trace_id: TRACE.try_with(String::clone).ok().or_else(|| trace_id.map(str::to_owned)),
        };
        Ok(Self { chain, at, digest: entry.digest(chain), detail: text, entry })
    }
}

/// Ties what was collected to its chain. The head of the chain is locked from here to the end of the transaction.
pub(crate) async fn write_trail(tx: &mut Tx) -> Result<()> {
    for draft in std::mem::take(tx.trail()) {
        if !append(tx, &draft).await? {
            begin_chain(tx, draft.chain).await?;
            append(tx, &draft).await?;
        }
    }
    Ok(())
}

/// Appends an entry; false when the chain has no head yet.
async fn append(tx: &mut Tx, draft: &Draft) -> Result<bool> {
    match tx {
        Tx::Sqlite(_) => append_in_steps(tx, draft).await,
        Tx::Postgres(..) => append_at_once(tx, draft).await,
    }
}

/// One round trip: others of this tenant wait for no longer than the commit takes. What `sha256` is given is what
/// [`Link::next`] digests.
async fn append_at_once(tx: &mut Tx, draft: &Draft) -> Result<bool> {
    let entry = &draft.entry;
    let written = query(
        "WITH head AS (
             UPDATE audit_heads SET seq = seq + 1, link = sha256(link || int8send(seq + 1) || $9)
              WHERE tenant_id = $1
             RETURNING seq, link)
         INSERT INTO audit (tenant_id, id, at, principal, action, resource, detail, trace_id, seq, link)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, head.seq, head.link FROM head",
    )
    .bind(draft.chain)
    .bind(entry.id)
    .bind(draft.at)
    .bind(&entry.principal)
    .bind(&entry.action)
    .bind(&entry.resource)
    .bind(&draft.detail)
    .bind(entry.trace_id.as_deref().map(str::to_owned))
    .bind(draft.digest.0.to_vec())
    .execute(tx)
    .await?;
    Ok(written > 0)
}

/// SQLite has one writer, who waits for nobody and holds nobody up, but no SHA-256.
async fn append_in_steps(tx: &mut Tx, draft: &Draft) -> Result<bool> {
    let head = query_as::<(i64, Vec<u8>)>("SELECT seq, link FROM audit_heads WHERE tenant_id = $1");
    let Some((seq, link)) = head.bind(draft.chain).fetch_optional(&mut *tx).await? else { return Ok(false) };
    let seq = seq + 1;
    let link = link_of(link, draft.chain)?.next(seq.unsigned_abs(), draft.digest);
    let entry = &draft.entry;
    query(
        "INSERT INTO audit (tenant_id, id, at, principal, action, resource, detail, trace_id, seq, link)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(draft.chain)
    .bind(entry.id)
    .bind(draft.at)
    .bind(&entry.principal)
    .bind(&entry.action)
    .bind(&entry.resource)
    .bind(&draft.detail)
    .bind(entry.trace_id.as_deref().map(str::to_owned))
    .bind(seq)
    .bind(link.0.to_vec())
    .execute(&mut *tx)
    .await?;
    query("UPDATE audit_heads SET seq = $2, link = $3 WHERE tenant_id = $1")
        .bind(draft.chain)
        .bind(seq)
        .bind(link.0.to_vec())
        .execute(tx)
        .await?;
    Ok(true)
}

async fn begin_chain(tx: &mut Tx, chain: Uuid) -> Result<()> {
    query("INSERT INTO audit_heads (tenant_id, seq, link) VALUES ($1, 0, $2) ON CONFLICT (tenant_id) DO NOTHING")
        .bind(chain)
        .bind(BEGINNING.0.to_vec())
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) fn link_of(bytes: Vec<u8>, chain: Uuid) -> Result<Link> {
    let length = bytes.len();
    bytes.try_into().map(Link).map_err(|_| Error::Corrupt {
        table: "audit",
        column: "link",
        id: chain.to_string(),
        source: format!("a link has 32 bytes, not {length}").into(),
    })
}

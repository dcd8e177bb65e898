//! Keeps the engine as new as the store. Whoever wrote to the store, this process or another, what was committed is taken over
//! before the engine is asked.

use crate::engine::TenantEngine;
use crate::service::{TenantDcl, lock};
use crate::{Error, Result};
use aos_core::Ontology;
use aos_store::{Change, Head};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// Rows read from the store at once while the engine catches up.
const REFRESH_ROWS: u32 = 8_192;
/// How long a question waits for the engine to catch up. A load that takes longer goes on, and the answer is as new as it can be.
const PATIENCE: Duration = Duration::from_secs(5);

/// How far one tenant's engine in this process has followed the store.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    head: Mutex<Option<Head>>,
    /// Held by whoever is catching up; others wait for it instead of doing the same.
    turn: tokio::sync::Mutex<()>,
}

/// What a tenant's data is like at one moment.
pub(crate) struct Present {
    head: Head,
    pub ontology: Arc<Ontology>,
}

impl TenantDcl {
    /// Asks the engine after it has taken over what the store holds now.
    pub(crate) async fn with_fresh_engine<T: Send + 'static>(
        &self,
        work: impl FnOnce(&TenantEngine) -> Result<T, crate::engine::Error> + Send + 'static,
    ) -> Result<T> {
        let present = self.present().await?;
        self.with_engine_at(&present, work).await
    }

    /// Looks where the tenant stands: one look for the words and for how new the engine has to be.
    pub(crate) async fn present(&self) -> Result<Present> {
        let standing = self.store().standing().await?;
        let ontology = self.vocabulary_of(standing.extension).await?.ontology.clone();
        Ok(Present { head: standing.head, ontology })
    }

    /// Asks the engine after it has taken over what the store held at that look.
    pub(crate) async fn with_engine_at<T: Send + 'static>(
        &self,
        present: &Present,
        work: impl FnOnce(&TenantEngine) -> Result<T, crate::engine::Error> + Send + 'static,
    ) -> Result<T> {
        self.freshen(present.head).await?;
        self.with_engine_of(present.ontology.clone(), work).await
    }

    async fn freshen(&self, head: Head) -> Result<()> {
        if *lock(&self.followed().head) == Some(head) {
            return Ok(());
        }
        let tenant = self.clone();
        let catching_up = tokio::spawn(async move { tenant.follow_to(head).await });
        match tokio::time::timeout(PATIENCE, catching_up).await {
            Ok(joined) => joined.map_err(|_| Error::Stopped)?,
            Err(_) => Ok(()),
        }
    }

    async fn follow_to(&self, head: Head) -> Result<()> {
        let followed = self.followed();
        let _turn = followed.turn.lock().await;
        let reached = *lock(&followed.head);
        match reached {
            Some(reached) if reached == head => return Ok(()),
            Some(reached) if reached.epoch == head.epoch => self.follow_changes().await?,
            // Rows may have vanished since, of which no change tells.
            _ => self.agree().await?,
        }
        *lock(&followed.head) = Some(head);
        Ok(())
    }

    /// Brings the engine up to what the store holds.
    ///
    /// The engine is a cache: should it hold other rows than the store after that (a removal that was cut off half-way, a file that
    /// someone replaced), it is emptied and filled anew.
    pub async fn refresh_engine(&self) -> Result<()> {
        let followed = self.followed();
        let _turn = followed.turn.lock().await;
        // Read before the rows: what is committed meanwhile is then followed once more.
        let head = self.store().head().await?;
        self.agree().await?;
        *lock(&followed.head) = Some(head);
        Ok(())
    }

    async fn agree(&self) -> Result<()> {
        self.follow_changes().await?;
        if !self.engine_agrees().await? {
            tracing::warn!(tenant.id = %self.scope.tenant_id(), "the engine holds other rows than the store and is rebuilt");
            self.with_engine(TenantEngine::reset).await?;
            self.follow_changes().await?;
        }
        Ok(())
    }

    fn followed(&self) -> Arc<Followed> {
        lock(&self.inner.followed).entry(self.scope.tenant_id()).or_default().clone()
    }

    /// Hands the engine every row that changed since its position, reading ahead while it loads.
    async fn follow_changes(&self) -> Result<()> {
        let names = self.connection_names().await?;
        let mut position = self.with_engine(|engine| Ok(engine.position())).await?;
        let first = self.store().changes_since(position, REFRESH_ROWS).await?;
        if first.is_empty() {
            return Ok(());
        }
        let (pages, mut waiting) = mpsc::channel::<Vec<Change>>(1);
        let tenant = self.clone();
        let loading = tokio::spawn(async move {
            let load = move |engine: &TenantEngine| {
                let rows = std::iter::from_fn(|| waiting.blocking_recv()).flatten();
                engine.load(rows.map(|row| {
                    let source = names.get(&row.connection_id).cloned().unwrap_or_default();
                    fragment_row(row, source)
                }))
            };
            tenant.with_engine(load).await
        });
        let mut page = first;
        while let Some(last) = page.last() {
            position = last.position;
            // An engine that takes no more has failed; its error comes from the join below.
            if pages.send(page).await.is_err() {
                break;
            }
            page = self.store().changes_since(position, REFRESH_ROWS).await?;
        }
        drop(pages);
        loading.await.map_err(|_| Error::Stopped)??;
        Ok(())
    }

    /// Compares how many rows of each entity the store and the engine hold: two small reads.
    async fn engine_agrees(&self) -> Result<bool> {
        let held = self.with_engine(TenantEngine::counts).await?;
        let mut wanted: BTreeMap<String, u64> = BTreeMap::new();
        for count in self.store().counts().await? {
            *wanted.entry(count.entity).or_default() += count.rows;
        }
        Ok(held.iter().all(|(entity, counts)| wanted.get(entity).copied().unwrap_or(0) == counts.rows))
    }
}

fn fragment_row(row: Change, source: String) -> crate::engine::FragmentRow {
    crate::engine::FragmentRow {
        position: row.position,
        connection: row.connection_id.0,
        source,
        entity: row.entity,
        record_id: row.record_id,
        fragment: row.fragment,
        deleted: row.deleted,
        data: row.data,
        source_version: row.source_version,
        mapping_version: row.mapping_version,
    }
}

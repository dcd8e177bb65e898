//! Keeps the engine as new as the store. Whoever wrote to the store, this process or another, what was committed is taken over
//! before the engine is asked.

use crate::engine::{FragmentRow, GROUP_ROWS, TenantEngine};
use crate::service::{TenantDcl, lock};
use crate::{Error, Result};
use aos_core::{ConnectionId, Ontology};
use aos_store::{Change, Head};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// Rows read from the store at once while the engine catches up.
const REFRESH_ROWS: u32 = 8_192;
/// More is not kept in memory to be handed to the engine, but read from the store when its turn comes.
const PORTION_BYTES_MAX: usize = 80 << 20;
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

/// Changes that were just written, kept until there are as many as the engine keeps together: what it takes in other portions is written twice
/// and more.
#[derive(Default)]
pub(crate) struct Portion {
    changes: Vec<Change>,
    bytes: usize,
    /// How many records had been written when the last portion was full.
    full_at: u64,
}

impl Portion {
    /// Adds changes, and returns the portion that is full now; an empty one where only the store can tell what is in it. `records` is how many
    /// were written in all.
    pub(crate) fn add(&mut self, changes: Vec<Change>, records: u64) -> Option<Vec<Change>> {
        let goes_on =
            self.changes.last().zip(changes.first()).is_some_and(|(last, next)| next.position == last.position + 1);
        if !goes_on {
            self.clear();
        }
        self.bytes += changes.iter().map(|change| change.data.len()).sum::<usize>();
        self.changes.extend(changes);
        if self.bytes > PORTION_BYTES_MAX {
            self.clear();
        }
        if self.changes.len() as u64 >= GROUP_ROWS {
            self.full_at = records;
            let more = self.changes.split_off(GROUP_ROWS as usize);
            self.bytes = more.iter().map(|change| change.data.len()).sum();
            return Some(std::mem::replace(&mut self.changes, more));
        }
        if records - self.full_at >= 2 * GROUP_ROWS {
            self.full_at = records;
            return Some(Vec::new());
        }
        None
    }

    fn clear(&mut self) {
        self.changes.clear();
        self.bytes = 0;
    }
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
            Some(reached) if reached.epoch == head.epoch => self.follow_changes(None).await?,
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

    /// Takes over what was just written, as it is in memory; where that does not go on from what the engine holds, as much from the store as the
    /// engine keeps together, or several times as much. The rest is left for later. `epoch` is the stream's from before it was written.
    pub(crate) async fn follow_portion(&self, portion: Vec<Change>, epoch: i64) -> Result<()> {
        let followed = self.followed();
        let _turn = followed.turn.lock().await;
        let reached = self.with_engine(|engine| Ok(engine.position())).await?;
        if portion.first().is_some_and(|first| first.position == reached + 1) {
            let names = self.connection_names().await?;
            self.with_engine(move |engine| engine.load(portion.into_iter().map(|row| named(row, &names)))).await?;
            // What is in memory does not know of rows that vanished since, with their connection.
            return if self.store().head().await?.epoch == epoch { Ok(()) } else { self.agree().await };
        }
        let behind = u64::try_from(self.store().head().await?.position - reached).unwrap_or(0);
        self.follow_changes(Some(behind / GROUP_ROWS * GROUP_ROWS)).await
    }

    async fn agree(&self) -> Result<()> {
        self.follow_changes(None).await?;
        if !self.engine_agrees().await? {
            tracing::warn!(tenant.id = %self.scope.tenant_id(), "the engine holds other rows than the store and is rebuilt");
            self.with_engine(TenantEngine::reset).await?;
            self.follow_changes(None).await?;
        }
        Ok(())
    }

    fn followed(&self) -> Arc<Followed> {
        lock(&self.inner.followed).entry(self.scope.tenant_id()).or_default().clone()
    }

    /// Hands the engine the rows that changed since its position, all or so many, reading ahead while it loads.
    async fn follow_changes(&self, most: Option<u64>) -> Result<()> {
        let names = self.connection_names().await?;
        let mut position = self.with_engine(|engine| Ok(engine.position())).await?;
        let mut left = most.unwrap_or(u64::MAX);
        let mut page = self.changes_after(position, &mut left).await?;
        if page.is_empty() {
            return Ok(());
        }
        let (pages, mut waiting) = mpsc::channel::<Vec<Change>>(1);
        let tenant = self.clone();
        let loading = tokio::spawn(async move {
            let load = move |engine: &TenantEngine| {
                let rows = std::iter::from_fn(|| waiting.blocking_recv()).flatten();
                engine.load(rows.map(|row| named(row, &names)))
            };
            tenant.with_engine(load).await
        });
        while let Some(last) = page.last() {
            position = last.position;
            // An engine that takes no more has failed; its error comes from the join below.
            if pages.send(page).await.is_err() {
                break;
            }
            page = self.changes_after(position, &mut left).await?;
        }
        drop(pages);
        loading.await.map_err(|_| Error::Stopped)??;
        Ok(())
    }

    /// Reads the next changes, and counts them off what is left to read.
    async fn changes_after(&self, position: i64, left: &mut u64) -> Result<Vec<Change>> {
        let limit = u64::from(REFRESH_ROWS).min(*left);
        if limit == 0 {
            return Ok(Vec::new());
        }
        let page = self.store().changes_since(position, u32::try_from(limit).unwrap_or(REFRESH_ROWS)).await?;
        *left -= page.len() as u64;
        Ok(page)
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

fn named(row: Change, names: &BTreeMap<ConnectionId, String>) -> FragmentRow {
    let source = names.get(&row.connection_id).cloned().unwrap_or_default();
    FragmentRow {
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

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn changes(positions: std::ops::Range<i64>, bytes: usize) -> Vec<Change> {
        let one = |position| Change {
            position,
            connection_id: ConnectionId(Uuid::nil()),
            entity: "account".to_owned(),
            record_id: position.to_string(),
            fragment: "accounts".to_owned(),
            deleted: false,
            data: "x".repeat(bytes),
            source_version: 1,
            mapping_version: 2,
        };
        positions.map(one).collect()
    }

    fn ends(portion: &[Change]) -> (i64, i64) {
        (portion[0].position, portion[portion.len() - 1].position)
    }

    const GROUP: i64 = GROUP_ROWS as i64;

    #[test]
    fn a_portion_is_what_the_engine_keeps_together_and_what_is_left_begins_the_next() {
        let mut portion = Portion::default();
        assert_eq!(portion.add(changes(1..100_001, 1), 100_000), None);
        let full = portion.add(changes(100_001..200_001, 1), 200_000).unwrap();
        assert_eq!((ends(&full), full.len() as u64), ((1, GROUP), GROUP_ROWS));
        let next = portion.add(changes(200_001..300_001, 1), 300_000).unwrap();
        assert_eq!(ends(&next), (GROUP + 1, 2 * GROUP));
    }

    #[test]
    fn where_others_wrote_between_it_begins_anew() {
        let mut portion = Portion::default();
        assert_eq!(portion.add(changes(1..11, 1), 10), None);
        let full = portion.add(changes(12..12 + GROUP, 1), 10 + GROUP_ROWS).unwrap();
        assert_eq!(ends(&full), (12, 11 + GROUP));
    }

    #[test]
    fn what_only_the_store_can_tell_is_asked_of_it_now_and_then() {
        let mut portion = Portion::default();
        assert_eq!(portion.add(Vec::new(), GROUP_ROWS), None);
        assert_eq!(portion.add(Vec::new(), 2 * GROUP_ROWS), Some(Vec::new()));
        assert_eq!(portion.add(Vec::new(), 3 * GROUP_ROWS), None);
        // Long texts are not gathered.
        let long = PORTION_BYTES_MAX / 4;
        for at in 0..20 {
            assert_eq!(portion.add(changes(at..at + 1, long), 3 * GROUP_ROWS), None);
            assert!(portion.bytes <= PORTION_BYTES_MAX);
        }
    }
}

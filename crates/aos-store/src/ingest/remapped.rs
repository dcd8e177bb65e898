//! Raw records of the lake mapped anew: one segment in one transaction, with how far the re-mapping is. The newest segment comes first, so
//! that no row ever holds what an older record said.

use super::landing::Landing;
use crate::convert::count;
use crate::db::{Tx, query};
use crate::error::{Error, Result};
use crate::materialized::Change;
use crate::runs::PageFacts;
use crate::tenant::TenantStore;
use aos_core::RunId;
use aos_core::event::{CanonicalEvent, Origin, Rejection};
use aos_core::ledger::Tally;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a segment, or what was not given again, becomes under another mapping.
#[derive(Debug)]
pub struct RemappedPage<'a> {
    pub remap: Uuid,
    pub run: RunId,
    pub origin: &'a Origin,
    /// The segment that this was made of; none for rows that no segment gave.
    pub segment: Option<Uuid>,
    /// The segment that the re-mapping had come down to before.
    pub expected: Option<Uuid>,
    pub events: Vec<CanonicalEvent>,
    pub rejections: Vec<Rejection>,
    pub read: u64,
    pub filtered: u64,
    pub rejected_records: u64,
    pub warnings: BTreeMap<String, u64>,
    /// Rows taken away, and those for which an earlier record holds again.
    pub removed: u64,
    pub restored: u64,
}

/// What became of it.
#[derive(Debug)]
pub struct Remapped {
    pub tally: Tally,
    /// What it changed, in the order of positions, where it is known beforehand that all of it holds; empty otherwise, and
    /// [`TenantStore::changes_since`] tells.
    pub changes: Vec<Change>,
}

impl TenantStore<'_> {
    /// Keeps what a segment became, unless that is done already or another mapping has taken over.
    ///
    /// # Errors
    /// [`Error::MappingChanged`] when the mapping is not the active one any more, [`Error::Stale`] when another process was here before.
    pub async fn commit_remapped(&self, page: RemappedPage<'_>) -> Result<Remapped> {
        let RemappedPage { run, origin, events, rejections, .. } = page;
        if origin.tenant.0 != self.id() {
            return Err(Error::ForeignPage);
        }
        let mut tx = self.begin().await?;
        let base = self.lock_head(&mut tx).await?;
        let remap = self.remap_in(&mut tx, page.remap).await?;
        self.check_mapping(&mut tx, origin.connection, &origin.stream, remap.version).await?;
        if remap.done_down_to != page.expected {
            return Err(Error::Stale { what: format!("the re-mapping of {}", origin.stream) });
        }
        let mut landing = Landing::new(events, origin, base);
        let all_hold =
            page.segment.is_some() && self.all_replace_older(&mut tx, origin, run, &landing, remap.version).await?;
        if !all_hold {
            landing.hold(self.current_rows(&mut tx, origin, run, landing.keys()).await?);
            if page.segment.is_some() {
                landing.drop_outlived(remap.version);
            }
        }
        let mut changes = if all_hold { landing.changes(origin.connection) } else { Vec::new() };
        let inserted = self.insert_events(&mut tx, origin, run, &mut landing).await?;
        if inserted < changes.len() as u64 {
            changes.clear();
        }
        if inserted > 0 {
            if all_hold {
                self.replace_rows(&mut tx, origin, run, &landing).await?;
            } else {
                self.materialize(&mut tx, origin, run, &landing).await?;
            }
            self.move_head(&mut tx, landing.greatest_position()).await?;
        }
        let (landed, duplicate) = landing.count_records();
        let tally = Tally {
            read: page.read,
            landed,
            duplicate,
            filtered: page.filtered,
            rejected: page.rejected_records,
            warnings: page.warnings,
        };
        if !tally.balanced() {
            let accounted = tally.landed + tally.duplicate + tally.filtered + tally.rejected;
            return Err(Error::Unbalanced { stream: origin.stream.clone(), read: tally.read, accounted });
        }
        self.insert_rejections(&mut tx, origin, run, &rejections).await?;
        self.reopen_rejections(&mut tx, origin, &rejections).await?;
        self.add_tally(
            &mut tx,
            run,
            &origin.stream,
            &tally,
            PageFacts { deleted: page.removed, ..PageFacts::default() },
        )
        .await?;
        aos_core::fault::point("remap.before_cursor");
        self.move_remap(&mut tx, &page.remap, page.segment, &tally, (page.removed, page.restored)).await?;
        tx.commit().await?;
        Ok(Remapped { tally, changes })
    }

    async fn move_remap(
        &self,
        tx: &mut Tx,
        remap: &Uuid,
        segment: Option<Uuid>,
        tally: &Tally,
        (removed, restored): (u64, u64),
    ) -> Result<()> {
        query(
            "UPDATE remaps
                SET done_down_to = COALESCE($3, done_down_to), segments_done = segments_done + $4, records = records + $5,
                    landed = landed + $6, removed = removed + $7, restored = restored + $8
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(*remap)
        .bind(segment)
        .bind(i64::from(segment.is_some()))
        .bind(count(if segment.is_some() { tally.read } else { 0 }))
        .bind(count(tally.landed))
        .bind(count(removed))
        .bind(count(restored))
        .execute(tx)
        .await?;
        Ok(())
    }
}

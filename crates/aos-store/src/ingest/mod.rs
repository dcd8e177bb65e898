//! Ingest: the one way events, rejections, the ledger and the cursor get in, all in one transaction per page.
//!
//! What an event means is decided before (`aos_core::canonicalize`); here is decided whether it is new and whether it holds.

mod bulk;
mod landing;
mod merge;
mod remapped;

pub use remapped::{Remapped, RemappedPage};

use crate::convert::{count, micros, to_json};
use crate::db::{Tx, query, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::runs::PageFacts;
use crate::segments::SegmentRow;
use crate::streams::StreamReading;
use crate::tenant::TenantStore;
use aos_core::RunId;
use aos_core::event::{CanonicalEvent, Op, Origin, Rejection};
use aos_core::ledger::Tally;
use chrono::{DateTime, Utc};
use landing::Landing;
use serde_json::json;
use std::collections::BTreeMap;

/// More in one transaction would hold the writer, and memory, too long.
const MAX_PAGE_EVENTS: usize = 100_000;

/// A page of one stream, ready to be kept.
#[derive(Debug)]
pub struct PageCommit<'a> {
    pub run: RunId,
    pub origin: &'a Origin,
    /// The segment the page was read into, recorded with it.
    pub segment: Option<&'a SegmentRow>,
    pub events: Vec<CanonicalEvent>,
    pub rejections: Vec<Rejection>,
    /// Records read, of whatever fate.
    pub read: u64,
    /// Records of which it is known before that they say what is held, so that no event is made of them.
    pub unchanged: u64,
    /// Records left out by a stated rule.
    pub filtered: u64,
    /// Records set aside: they could not be read, or not be mapped.
    pub rejected_records: u64,
    /// Values lost from records that landed, by code.
    pub warnings: BTreeMap<String, u64>,
    /// How many requests were spent on the page.
    pub requests: u64,
    /// The newest change, in microseconds, that the complete reads before met: what changed earlier and was not met came late. None where
    /// that cannot be told, e.g. when records are mapped anew.
    pub newest_before: Option<i64>,
    /// Where the read can go on after this page.
    pub reading: Option<&'a StreamReading>,
    /// On the last page of a stream: how far it has been read.
    pub done: Option<StreamDone>,
}

/// A stream that was read to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StreamDone {
    pub version: String,
    pub generation: i64,
    /// How many records the read brought; kept when it was of the whole stream.
    pub records_read: u64,
    /// Whether every record there is was read, and not only what is new.
    pub whole: bool,
    /// What begins the next read; the one that is kept stays when there is none.
    pub cursor: Option<serde_json::Value>,
    /// Up to when deletes are known by this read; nothing changes when there is none.
    pub deletes_known_at: Option<DateTime<Utc>>,
    /// The newest change that was met, in microseconds since the epoch.
    pub newest_version: Option<i64>,
}

impl TenantStore<'_> {
    /// Keeps a page: its segment, events, what they change, rejections, tally and cursor; all of it or nothing.
    ///
    /// Events that are known already are counted as duplicates. The tally is returned and added to the run's ledger. A page
    /// whose records do not add up is refused.
    pub async fn commit_page(&self, page: PageCommit<'_>) -> Result<Tally> {
        let PageCommit { run, origin, segment, events, rejections, reading, done, .. } = page;
        if origin.tenant.0 != self.id() {
            return Err(Error::ForeignPage);
        }
        if events.len() > MAX_PAGE_EVENTS {
            return Err(Error::TooLarge { what: "the page of events", size: events.len(), limit: MAX_PAGE_EVENTS });
        }
        let mut tx = self.begin().await?;
        let base = self.lock_head(&mut tx).await?;
        let first_generation = self.first_generation(&mut tx, origin).await?;
        if let Some(segment) = segment {
            self.insert_segment(&mut tx, origin, run, segment).await?;
        }
        // Deletes are about what is held, whatever it was mapped by.
        if let Some(event) = events.iter().find(|event| event.op == Op::Upsert) {
            self.check_mapping(&mut tx, origin.connection, &origin.stream, event.mapping_version).await?;
        }

        let mut landing = Landing::new(events, origin, base);
        let another_generation = first_generation.is_some_and(|first| first != origin.generation);
        // SQLite tells conflicts for next to nothing, so that a first load need not look; for PostgreSQL it is the other way.
        if another_generation || landing.has_deletes() || matches!(tx, Tx::Postgres(..)) {
            landing.hold(self.current_rows(&mut tx, origin, run, landing.keys()).await?);
            landing.settle_deletes();
        }
        if another_generation {
            // Rows of another generation may say the same under another dedupe key.
            landing.drop_unchanged();
        }
        let landed = self.insert_events(&mut tx, origin, run, &mut landing).await?;
        if landed > 0 {
            self.materialize(&mut tx, origin, run, &landing).await?;
            self.move_head(&mut tx, landing.greatest_position()).await?;
        }
        let findings = landing.findings(page.newest_before);
        let (landed, duplicate) = landing.count_records();
        let tally = Tally {
            read: page.read,
            landed,
            duplicate: duplicate + page.unchanged,
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
        let facts = PageFacts {
            requests: page.requests,
            deleted: findings.deleted,
            late: findings.late,
            lateness_us: findings.lateness,
        };
        self.add_tally(&mut tx, run, &origin.stream, &tally, facts).await?;
        if (landed > 0 && first_generation.is_none()) || done.is_some() || reading.is_some() {
            self.move_cursor(&mut tx, origin, landed > 0, reading, done.as_ref()).await?;
        }
        // A page is a batch, so that the trail grows with the work and not with the records. The checksum ties the raw records to it.
        let said = json!({ "stream": origin.stream, "run": run, "read": tally.read, "landed": tally.landed,
                           "rejected": tally.rejected, "segment": segment.map(|segment| &segment.checksum) });
        self.audit(&mut tx, "page.commit", &origin.connection.to_string(), said).await?;
        tx.commit().await?;
        Ok(tally)
    }

    /// Returns the position the stream ends at and holds it: whoever else commits for this tenant waits here, so that
    /// positions become visible in their order.
    async fn lock_head(&self, tx: &mut Tx) -> Result<i64> {
        query_scalar("UPDATE stream_heads SET position = position WHERE tenant_id = $1 RETURNING position")
            .bind(self.id())
            .fetch_optional(&mut *tx)
            .await?
            .ok_or_else(|| Error::NotFound(Resource::Tenant(self.id().to_string())))
    }

    async fn move_head(&self, tx: &mut Tx, position: i64) -> Result<()> {
        query("UPDATE stream_heads SET position = $2 WHERE tenant_id = $1")
            .bind(self.id())
            .bind(position)
            .execute(&mut *tx)
            .await?;
        Ok(())
    }

    /// Returns the generation in which the stream first landed anything; refuses a connection that is gone.
    async fn first_generation(&self, tx: &mut Tx, origin: &Origin) -> Result<Option<i64>> {
        query_scalar::<Option<i64>>(
            "SELECT streams.first_generation
               FROM connections
               LEFT JOIN streams ON streams.tenant_id = connections.tenant_id
                                AND streams.connection_id = connections.id AND streams.name = $3
              WHERE connections.tenant_id = $1 AND connections.id = $2 AND connections.deleted_at IS NULL",
        )
        .bind(self.id())
        .bind(origin.connection.0)
        .bind(&origin.stream)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| Error::NotFound(Resource::Connection(origin.connection.to_string())))
    }

    async fn move_cursor(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        landed: bool,
        reading: Option<&StreamReading>,
        done: Option<&StreamDone>,
    ) -> Result<()> {
        // A read that is done is not going on; a page that says nothing of where it stands leaves that as it is.
        query(
            "INSERT INTO streams
                (tenant_id, connection_id, name, version, generation, first_generation, records_read, updated_at,
                 cursor, reading, completed_at, whole_at, deletes_known_at, newest_version)
             VALUES ($1, $2, $3, $4, COALESCE($5, 0), $6, COALESCE($7, 0), $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (tenant_id, connection_id, name) DO UPDATE
                SET version = COALESCE(excluded.version, streams.version),
                    generation = COALESCE($5, streams.generation),
                    first_generation = COALESCE(streams.first_generation, excluded.first_generation),
                    records_read = COALESCE($7, streams.records_read),
                    status_text = CASE WHEN $5 IS NULL THEN streams.status_text ELSE '' END,
                    updated_at = excluded.updated_at,
                    cursor = COALESCE(excluded.cursor, streams.cursor),
                    reading = CASE WHEN $5 IS NULL THEN COALESCE(excluded.reading, streams.reading) END,
                    completed_at = COALESCE(excluded.completed_at, streams.completed_at),
                    whole_at = COALESCE(excluded.whole_at, streams.whole_at),
                    deletes_known_at = COALESCE(excluded.deletes_known_at, streams.deletes_known_at),
                    newest_version = COALESCE(excluded.newest_version, streams.newest_version)",
        )
        .bind(self.id())
        .bind(origin.connection.0)
        .bind(&origin.stream)
        .bind(done.map(|done| done.version.as_str()))
        .bind(done.map(|done| done.generation))
        .bind(landed.then_some(origin.generation))
        .bind(done.filter(|done| done.whole).map(|done| count(done.records_read)))
        .bind(self.now())
        .bind(done.and_then(|done| done.cursor.as_ref()).map(to_json))
        .bind(reading.filter(|_| done.is_none()).map(to_json))
        .bind(done.map(|_| self.now()))
        .bind(done.filter(|done| done.whole).map(|_| self.now()))
        .bind(done.and_then(|done| done.deletes_known_at).map(micros))
        .bind(done.and_then(|done| done.newest_version))
        .execute(&mut *tx)
        .await?;
        Ok(())
    }
}

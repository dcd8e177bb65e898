//! Marks as gone what a whole read did not meet; unless that would be so much that the read is to be doubted rather than the records.

use super::course::Course;
use super::pages::PageSource;
use super::prepare::Prepared;
use super::seen::Seen;
use super::{StreamReport, Sync};
use crate::{Error, Result};
use aos_connectors::{Deletes, ReadRequest, ReadWhat};
use aos_core::event::{CanonicalEvent, Op};
use aos_core::ledger::{Outcome, Tally};
use aos_store::PageCommit;
use serde_json::json;
use std::collections::BTreeMap;

/// How many rows are compared at a time; also how many deletes are committed together at most.
const ROWS_AT_ONCE: u32 = 10_000;
/// A sweep that would delete more than this share of a stream's rows is held back, unless it was said that it is meant.
const SHARE_MAX: f64 = 0.5;
/// Streams as small as this may well shrink to nothing.
const ROWS_MIN: u64 = 20;

impl Sync<'_> {
    /// Deletes the rows that were not met: of one entity, or of all that the stream feeds.
    pub(super) async fn sweep(
        &self,
        prepared: &Prepared,
        course: &Course,
        seen: &Seen,
        only: Option<&str>,
        report: &mut StreamReport,
    ) -> Result<()> {
        let (store, id, name) = (self.store(), self.connection.id, &prepared.stream.name);
        if seen.unread() > 0 {
            report.outcome = report.outcome.worse(Outcome::Partial);
            report.problem = Some(format!(
                "{} records could not be read, and nobody knows which; nothing was deleted. Look at the rejections, and correct them at the source",
                seen.unread()
            ));
            return Ok(());
        }
        let mut fragments = store.live_fragments(id, name).await?;
        fragments.retain(|(entity, _, _)| only.is_none_or(|only| entity == only));
        let live: u64 = fragments.iter().map(|(_, _, rows)| rows).sum();
        let mut missing = Vec::new();
        for (entity, fragment, _) in &fragments {
            self.missing((entity, fragment), course, seen, &mut missing).await?;
        }
        let lost = missing.len() as u64;
        if live >= ROWS_MIN && lost as f64 > live as f64 * SHARE_MAX && !self.request.accept_loss {
            report.held_back = Some(lost);
            report.outcome = report.outcome.worse(Outcome::Partial);
            report.problem = Some(format!(
                "the read did not meet {lost} of {live} rows, too many to believe; nothing was deleted. If they are gone, sync it with accept_loss"
            ));
            return Ok(());
        }
        for page in missing.chunks(ROWS_AT_ONCE as usize) {
            self.delete(prepared, course, page, report).await?;
        }
        store.set_deletes_known(id, name, course.started_at).await?;
        Ok(())
    }

    /// Deletes every row of a stream that its source says it has emptied, and returns how many. They go before what came after is kept, and with
    /// it the place that the read has come to: one that is cut off between the two finds the same again.
    pub(super) async fn empty(&self, prepared: &Prepared, course: &Course, sum: &mut Tally) -> Result<u64> {
        let (store, id, name) = (self.store(), self.connection.id, &prepared.stream.name);
        let mut gone = Vec::new();
        for (entity, fragment, _) in &store.live_fragments(id, name).await? {
            self.missing((entity, fragment), course, &Seen::default(), &mut gone).await?;
        }
        let mut report = StreamReport::new(name, Tally::default(), Outcome::NoChange);
        for page in gone.chunks(ROWS_AT_ONCE as usize) {
            self.delete(prepared, course, page, &mut report).await?;
        }
        let message = format!("the source emptied {name}; {} rows that were held of it are gone", report.deleted);
        store.add_connection_event(id, name, "emptied", &message, &json!({ "deleted": report.deleted })).await?;
        sum.add(&report.tally);
        Ok(report.deleted)
    }

    /// Finds the live rows that were not met, as the deletes they become. Rows that came in while the read went on, by another one, are none
    /// of its business.
    async fn missing(
        &self,
        (entity, fragment): (&str, &str),
        course: &Course,
        seen: &Seen,
        missing: &mut Vec<CanonicalEvent>,
    ) -> Result<()> {
        let mut after = String::new();
        loop {
            let (id, head) = (self.connection.id, course.head);
            let rows = self.store().live_rows(id, (entity, fragment), head, &after, ROWS_AT_ONCE).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after.clone_from(&last.record_id);
            for row in rows.into_iter().filter(|row| !seen.has(entity, fragment, &row.record_id)) {
                missing.push(CanonicalEvent {
                    entity: entity.into(),
                    fragment: fragment.into(),
                    op: Op::Delete,
                    record_id: row.record_id.into(),
                    // Nobody knows when it went: the delete is about what is held.
                    source_version: 0,
                    mapping_version: row.mapping_version,
                    raw_position: missing.len() as u64 + 1,
                    data: "{}".to_owned(),
                    extras: "{}".to_owned(),
                });
            }
        }
    }

    /// Asks for the keys only, and deletes what is not among them.
    pub(super) async fn sweep_keys(&self, prepared: &Prepared, course: &Course) -> Result<StreamReport> {
        let name = &prepared.stream.name;
        let mut report = StreamReport::new(name, Tally::default(), Outcome::NoChange);
        if prepared.stream.deletes == Deletes::Unknown || prepared.mapping.main().is_none() {
            return Ok(report);
        }
        let request = ReadRequest { what: ReadWhat::Keys, ..ReadRequest::of(name) };
        let keys = async {
            let pages = PageSource::of(self.source.connector.read(request, &self.source.context).await?);
            let reading = self.reading(prepared, true);
            tokio::task::spawn_blocking(move || reading.keys(pages)).await.map_err(|_| Error::Stopped)?
        };
        match keys.await {
            Ok((seen, _)) if !seen.is_complete() => {}
            Ok((seen, count)) => {
                report.count = count;
                let main = prepared.mapping.main().map(|main| main.entity.as_str());
                self.sweep(prepared, course, &seen, main, &mut report).await?;
            }
            Err(Error::Source(aos_connectors::Error::Canceled)) => return Err(Error::Stopped),
            Err(Error::Source(error)) => return Ok(StreamReport::broken_off(name, Tally::default(), &error)),
            Err(error) => return Err(error),
        }
        Ok(report)
    }

    /// Commits deletes. Each counts as a record that was read: it is what the read found out about it.
    async fn delete(
        &self,
        prepared: &Prepared,
        course: &Course,
        gone: &[CanonicalEvent],
        report: &mut StreamReport,
    ) -> Result<()> {
        let origin = self.origin(prepared, course.generation, None);
        let page = PageCommit {
            run: self.run,
            origin: &origin,
            segment: None,
            events: gone.to_vec(),
            rejections: Vec::new(),
            read: gone.len() as u64,
            unchanged: 0,
            filtered: 0,
            rejected_records: 0,
            warnings: BTreeMap::new(),
            requests: 0,
            newest_before: None,
            reading: None,
            done: None,
        };
        let tally = self.land(&prepared.stream.name, page).await?;
        report.deleted += tally.landed;
        report.tally.add(&tally);
        if report.outcome == Outcome::NoChange && tally.landed > 0 {
            report.outcome = Outcome::Success;
        }
        Ok(())
    }
}

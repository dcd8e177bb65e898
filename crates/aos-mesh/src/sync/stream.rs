//! One stream from where it was read to, to its end: pages become commits, and the last one moves the cursor.

use super::chunk::Chunk;
use super::course::{Course, has_read};
use super::pages::PageSource;
use super::prepare::Prepared;
use super::progress::Meter;
use super::read::{End, Reading};
use super::seen::Seen;
use super::{StreamReport, Sync, SyncMode};
use crate::drift::Response;
use crate::{Error, Result};
use aos_connectors::{Deletes, ReadRequest, SourceCount};
use aos_core::ledger::{Outcome, Tally};
use aos_core::shape::StreamShape;
use aos_drift::{Judged, Sample};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How many finished chunks may wait for their commit: enough to keep reading while one commits, and bounded.
const CHUNKS_WAITING_MAX: usize = 1;
/// A stream that differs again after so many answers is not read on: two shapes take turns.
const ANSWERS_MAX: u32 = 4;

/// What a read came to.
struct Read {
    tally: Tally,
    count: Option<SourceCount>,
    gone: u64,
    /// Rows that went because the source emptied the stream.
    emptied: u64,
    /// How many different records it brought that are there, and that are gone; where that is known.
    different: Option<(u64, u64)>,
    /// What was met; none unless the read was whole and what it did not meet is gone.
    seen: Option<Seen>,
    observed: Option<StreamShape>,
    judged: Option<Box<Judged>>,
    /// What stopped the read, with the records that show it.
    drift: Option<(Box<Judged>, Sample)>,
}

impl Sync<'_> {
    pub(super) async fn stream(&self, mut prepared: Prepared, meter: &mut Meter<'_>) -> Result<StreamReport> {
        let name = prepared.stream.name.clone();
        if self.is_unchanged(&prepared) {
            meter.skipped(prepared.stream.size_bytes);
            if let Some(why) = self.waits(&prepared).await? {
                return Ok(self.put_off_by(&name, Tally::default(), &why, "drift"));
            }
            return Ok(StreamReport::new(&name, Tally::default(), Outcome::NoChange));
        }
        if !self.request.columns.is_empty() {
            return self.columns(&prepared, meter).await;
        }
        meter.table(&name);
        let read_before = prepared.state.as_ref().map_or(0, |state| state.records_read);
        if self.request.mode == SyncMode::Keys {
            let course = self.course(&prepared, false).await?;
            return self.sweep_keys(&prepared, &course).await;
        }
        let mut sum = Tally::default();
        let mut answers = 0;
        let mut forgotten = false;
        let report = loop {
            let mut course = self.course(&prepared, forgotten).await?;
            let read = match self.read(&prepared, &mut course, &mut sum, meter).await {
                Ok(read) => read,
                // What was committed before the source broke off is whole; the cursor stands where that ends.
                Err(Error::Source(aos_connectors::Error::Canceled)) => return Err(Error::Stopped),
                Err(Error::Source(error @ aos_connectors::Error::Gone { .. })) if course.cursor.is_some() => {
                    self.forget_place(&name, &error).await?;
                    forgotten = true;
                    continue;
                }
                Err(Error::Source(error)) => break StreamReport::broken_off(&name, sum, &error),
                Err(error @ Error::AwaitsConfirmation { .. }) => break StreamReport::waiting(&name, sum, &error),
                Err(Error::Store(error @ aos_store::Error::MappingChanged { .. })) => {
                    break self.put_off_by(&name, sum, &error.to_string(), "mapping_changed");
                }
                Err(error) => return Err(error),
            };
            let Some((judged, sample)) = read.drift else {
                if course.reads_all() {
                    self.settle_mapping(&prepared).await?;
                }
                self.settle_shape(&prepared, &course, read.observed.as_ref(), read.judged.as_deref()).await?;
                break self.finished(&prepared, &course, read, read_before).await?;
            };
            answers += 1;
            match self.answer(&prepared, &judged, &sample, course.whole, answers < ANSWERS_MAX).await? {
                Response::GoesOn(quarantine, paths) => {
                    prepared.quarantine = Arc::new(quarantine);
                    prepared.known_drift.extend(paths);
                }
                Response::Repaired(mapping) => prepared.mapping = Arc::new(mapping),
                Response::Frozen(why) => break self.put_off_by(&name, sum, &why, "drift"),
            }
            prepared.state = self.store().stream(self.connection.id, &name).await?;
            prepared.profile = self.store().stream_profile(self.connection.id, &name).await?;
        };
        meter.table_done(&name, &report.tally);
        Ok(report)
    }

    /// Says that a source has forgotten where the last read ended, so that only a whole one tells what changed and what went since. Where the
    /// stream itself is gone, that one says so.
    async fn forget_place(&self, stream: &str, error: &aos_connectors::Error) -> Result<()> {
        let message = format!("{stream} is read from the start: {error}");
        let detail = json!({ "code": error.code() });
        Ok(self.store().add_connection_event(self.connection.id, stream, "restarted", &message, &detail).await?)
    }

    /// A stream that is not read on before something has happened; what was committed of it stays.
    fn put_off_by(&self, stream: &str, tally: Tally, why: &str, code: &'static str) -> StreamReport {
        let report = StreamReport::new(stream, tally, Outcome::Partial);
        StreamReport { problem: Some(why.to_owned()), code: Some(code), ..report }
    }

    /// Tells whether the source itself says that nothing is new.
    pub(super) fn is_unchanged(&self, prepared: &Prepared) -> bool {
        let version = &prepared.stream.version;
        let known = prepared.state.as_ref().and_then(|state| state.version.as_deref());
        self.request.mode == SyncMode::Incremental
            && !version.is_empty()
            && known == Some(version)
            && !prepared.remapped
    }

    async fn read(
        &self,
        prepared: &Prepared,
        course: &mut Course,
        sum: &mut Tally,
        meter: &mut Meter<'_>,
    ) -> Result<Read> {
        let request = ReadRequest {
            cursor: course.cursor.clone(),
            overlap: course.overlap,
            ..ReadRequest::of(&prepared.stream.name)
        };
        let pages = PageSource::of(self.source.connector.read(request, &self.source.context).await?);
        let (sender, mut chunks) = mpsc::channel::<Chunk>(CHUNKS_WAITING_MAX);
        let watching =
            course.whole && prepared.state.as_ref().is_some_and(has_read) && self.may_sweep(prepared, course);
        let watch = self.watch(prepared, course).await?;
        let reading = Reading { watch, ..self.reading(prepared, watching) };
        let reading_span = tracing::info_span!("read", stream = prepared.stream.name);
        let reader = tokio::task::spawn_blocking(move || reading_span.in_scope(|| reading.run(pages, &sender)));
        let (mut bytes_before, mut count, mut gone, mut emptied) = (0, None, 0, 0);
        while let Some(chunk) = chunks.recv().await {
            let (records, bytes, requests, last) = (chunk.read, chunk.bytes, chunk.requests, chunk.last);
            course.records += records;
            course.newest = course.newest.max(chunk.newest_version());
            count = chunk.count.or(count);
            gone += chunk.gone;
            if chunk.emptied {
                emptied += self.empty(prepared, course, sum).await?;
            }
            let tally = self.commit(prepared, course, chunk).await?;
            sum.add(&tally);
            meter.read(records, bytes.saturating_sub(bytes_before));
            bytes_before = bytes;
            let left = count.map(|count| count.records().saturating_sub(course.records));
            self.spend(prepared, requests, if last { Some(0) } else { left.filter(|left| *left > 0) })?;
        }
        let End { seen, observed, judged, drift } = reader.await.map_err(|_| Error::Stopped)??;
        // Records without a key of their own are all different, and those that are rejected are nobody's.
        let met = seen.as_ref().filter(|seen| seen.is_complete() && sum.rejected == 0).map(Seen::counts);
        let different = met.filter(|_| !course.resumed && sum.filtered == 0);
        let seen = seen.filter(|_| watching);
        Ok(Read { tally: sum.clone(), count, gone, emptied, different, seen, observed, judged, drift })
    }

    pub(super) fn reading(&self, prepared: &Prepared, watching: bool) -> Reading {
        Reading {
            lake: self.mesh.lake.tenant(self.scope),
            connection: self.connection.id,
            stream: prepared.stream.name.clone(),
            ontology: self.vocabulary.ontology.clone(),
            mapping: prepared.mapping.clone(),
            watching,
            watch: None,
            quarantine: prepared.quarantine.clone(),
        }
    }

    /// Tells whether a whole read of the stream shows what is gone.
    fn may_sweep(&self, prepared: &Prepared, course: &Course) -> bool {
        match prepared.stream.deletes {
            _ if self.request.mode == SyncMode::Backfill => false,
            Deletes::Sweep => true,
            // What was deleted long ago is told by no tombstone any more, nor is what went after a place that is forgotten.
            Deletes::Tombstone => course.forgotten || self.request.mode == SyncMode::Full,
            Deletes::Unknown => false,
        }
    }

    /// Judges a read that came to its end: against what was there before, and against what the source says there is.
    async fn finished(
        &self,
        prepared: &Prepared,
        course: &Course,
        read: Read,
        read_before: u64,
    ) -> Result<StreamReport> {
        let name = &prepared.stream.name;
        // Nothing new is no surprise; nothing at all is.
        let before = if course.whole { read_before } else { 0 };
        let Read { tally, count, gone, emptied, different, seen, .. } = read;
        let mut report = StreamReport {
            count,
            deleted: gone + emptied,
            outcome: tally.outcome(before),
            ..StreamReport::new(name, tally, Outcome::NoChange)
        };
        if report.outcome == Outcome::SuspiciousEmpty {
            let problem =
                "the read brought nothing, where there were {} records before; nothing was deleted, look at the source";
            report.problem = Some(problem.replace("{}", &before.to_string()));
            return Ok(report);
        }
        let (records, deleted) = different.unwrap_or((course.records.saturating_sub(gone), gone));
        // Some sources count what is gone, and some do not. What came twice, or was counted before it was read, is no contradiction; without
        // knowing it only too few are one.
        let contradicts = |count: &SourceCount| {
            let agrees = count.agrees_with(records) || count.agrees_with(records + deleted);
            !agrees && (different.is_some() || records + deleted < count.records())
        };
        if let Some(count) = count.filter(contradicts) {
            let said = count.records();
            report.problem = Some(format!(
                "the source says that it has {said} records and gave {records}; read it whole once more, or look at what it hides"
            ));
            report.code = Some("count_mismatch");
            report.outcome = report.outcome.worse(Outcome::Partial);
            // Records that are missing by the source's own word are not gone.
            if records + deleted < said {
                return Ok(report);
            }
        }
        if let Some(seen) = seen.filter(Seen::is_complete) {
            // What else a record speaks of is not known of one that was set aside.
            let main = prepared.mapping.main().map(|main| main.entity.as_str()).filter(|_| report.tally.rejected > 0);
            self.sweep(prepared, course, &seen, main, &mut report).await?;
        }
        Ok(report)
    }
}

//! One stream from where it was read to, to its end: pages become commits, and the last one moves the cursor.

use super::prepare::Prepared;
use super::progress::Meter;
use super::read::{Chunk, End, PageSource, Reading};
use super::seen::Seen;
use super::{StreamReport, Sync, SyncMode};
use crate::drift::Response;
use crate::{Error, Result};
use aos_connectors::{Deletes, ReadRequest, ReadWhat, SourceCount};
use aos_core::event;
use aos_core::ledger::{Outcome, Tally};
use aos_core::shape::StreamShape;
use aos_drift::{Judged, Sample};
use aos_store::{PageCommit, SegmentRow, StreamDone, StreamReading};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How many finished chunks may wait for their commit: enough to keep reading while one commits, and bounded.
const CHUNKS_WAITING_MAX: usize = 1;
/// The overlap of two reads where nothing is known of the source's lateness, and the longest there is.
const OVERLAP_MIN: Duration = Duration::from_secs(60);
const OVERLAP_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The overlap is so many times the worst lateness that was measured in this time.
const OVERLAP_MARGIN: u32 = 2;
const LATENESS_REMEMBERED: chrono::Duration = chrono::Duration::days(30);

/// A stream that differs again after so many answers is not read on: two shapes take turns.
const ANSWERS_MAX: u32 = 4;

/// Where one read of a stream begins, and what it is to find out.
pub(crate) struct Course {
    mode: SyncMode,
    cursor: Option<serde_json::Value>,
    overlap: Duration,
    pub generation: i64,
    pub started_at: DateTime<Utc>,
    /// Where the tenant's stream of events ended when the read began.
    pub head: i64,
    /// Whether it goes on with a read that was cut off.
    resumed: bool,
    /// Whether every record there is will have been met at its end.
    pub whole: bool,
    /// The newest change that was met before; none when what is late cannot be told.
    newest_before: Option<i64>,
    newest: Option<i64>,
    records: u64,
}

/// What a read came to.
struct Read {
    tally: Tally,
    count: Option<SourceCount>,
    gone: u64,
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
            return Ok(StreamReport::new(&name, Tally::default(), Outcome::NoChange));
        }
        meter.table(&name);
        let read_before = prepared.state.as_ref().map_or(0, |state| state.records_read);
        if self.request.mode == SyncMode::Keys {
            let course = self.course(&prepared).await?;
            return self.sweep_keys(&prepared, &course).await;
        }
        let mut sum = Tally::default();
        let mut answers = 0;
        let report = loop {
            let mut course = self.course(&prepared).await?;
            let read = match self.read(&prepared, &mut course, &mut sum, meter).await {
                Ok(read) => read,
                // What was committed before the source broke off is whole; the cursor stands where that ends.
                Err(Error::Source(aos_connectors::Error::Canceled)) => return Err(Error::Stopped),
                Err(Error::Source(error)) => break StreamReport::broken_off(&name, sum, &error),
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
            match self.answer(&prepared, &judged, &sample, answers < ANSWERS_MAX).await? {
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

    /// A stream that is not read on before something has happened; what was committed of it stays.
    fn put_off_by(&self, stream: &str, tally: Tally, why: &str, code: &'static str) -> StreamReport {
        let report = StreamReport::new(stream, tally, Outcome::Partial);
        StreamReport { problem: Some(why.to_owned()), code: Some(code), ..report }
    }

    /// Tells whether the source itself says that nothing is new.
    fn is_unchanged(&self, prepared: &Prepared) -> bool {
        let version = &prepared.stream.version;
        let known = prepared.state.as_ref().and_then(|state| state.version.as_deref());
        self.request.mode == SyncMode::Incremental
            && !version.is_empty()
            && known == Some(version)
            && !prepared.remapped
    }

    /// Decides where to begin: with a read that was cut off, after the last complete one, or at the start.
    async fn course(&self, prepared: &Prepared) -> Result<Course> {
        let Prepared { stream, state, remapped, .. } = prepared;
        let state = state.as_ref();
        let (now, head) = (self.mesh.clock.now(), self.store().head().await?.position);
        // A mapping that is new is for all records; those read earlier are read again, whatever the cursor says.
        let mode = if *remapped && self.request.mode == SyncMode::Incremental && state.is_some_and(has_read) {
            SyncMode::Full
        } else {
            self.request.mode
        };
        let newest_before = state.and_then(|state| state.newest_version).filter(|_| !remapped);
        if let Some(reading) = state.and_then(|state| state.reading.as_ref()) {
            let same = reading.mode == mode.as_str() || self.request.mode == SyncMode::Incremental;
            if same && reading.mapping_version == prepared.mapping.version {
                return Ok(Course {
                    mode: mode_of(&reading.mode),
                    cursor: Some(reading.cursor.clone()),
                    overlap: Duration::ZERO,
                    generation: reading.generation,
                    started_at: reading.started_at,
                    head,
                    resumed: true,
                    whole: false,
                    newest_before,
                    newest: reading.newest_version,
                    records: reading.records,
                });
            }
            self.store().drop_reading(self.connection.id, &stream.name).await?;
        }
        let cursor = state.and_then(|state| state.cursor.clone()).filter(|_| mode == SyncMode::Incremental);
        let known_version = state.and_then(|state| state.version.as_deref());
        // The same content read again is the same generation: it is mapped anew, and nothing came back.
        let unchanged = !stream.version.is_empty() && known_version == Some(&stream.version);
        Ok(Course {
            mode,
            overlap: self.overlap(prepared).await?,
            generation: state.map_or(0, |state| state.generation) + i64::from(!unchanged),
            started_at: now,
            head,
            resumed: false,
            whole: cursor.is_none(),
            cursor,
            newest_before,
            newest: None,
            records: 0,
        })
    }

    /// Sizes the overlap of two reads by what was measured: how late records became visible.
    async fn overlap(&self, prepared: &Prepared) -> Result<Duration> {
        let since = self.mesh.clock.now() - LATENESS_REMEMBERED;
        let worst = self.store().worst_lateness(self.connection.id, &prepared.stream.name, since).await?;
        let measured = Duration::from_micros(worst.unsigned_abs()) * OVERLAP_MARGIN;
        Ok(measured.max(prepared.stream.lag).max(OVERLAP_MIN).min(OVERLAP_MAX))
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
        let watching = course.whole && prepared.state.as_ref().is_some_and(has_read) && self.may_sweep(prepared);
        let watch = self.watch(prepared, course).await?;
        let reading = Reading { watch, ..self.reading(prepared, watching) };
        let reading_span = tracing::info_span!("read", stream = prepared.stream.name);
        let reader = tokio::task::spawn_blocking(move || reading_span.in_scope(|| reading.run(pages, &sender)));
        let (mut bytes_before, mut count, mut gone) = (0, None, 0);
        while let Some(chunk) = chunks.recv().await {
            let (records, bytes) = (chunk.read, chunk.bytes);
            course.records += records;
            course.newest = course.newest.max(chunk.newest_version());
            count = chunk.count.or(count);
            gone += chunk.gone;
            let tally = self.commit(prepared, course, chunk).await?;
            sum.add(&tally);
            meter.read(records, bytes.saturating_sub(bytes_before));
            bytes_before = bytes;
        }
        let End { seen, observed, judged, drift } = reader.await.map_err(|_| Error::Stopped)??;
        // Records without a key of their own are all different, and those that are rejected are nobody's.
        let met = seen.as_ref().filter(|seen| seen.is_complete() && sum.rejected == 0).map(Seen::counts);
        let different = met.filter(|_| !course.resumed && sum.filtered == 0);
        let seen = seen.filter(|_| watching);
        Ok(Read { tally: sum.clone(), count, gone, different, seen, observed, judged, drift })
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
    fn may_sweep(&self, prepared: &Prepared) -> bool {
        match prepared.stream.deletes {
            _ if self.request.mode == SyncMode::Backfill => false,
            Deletes::Sweep => true,
            // What was deleted long ago is told by no tombstone any more.
            Deletes::Tombstone => self.request.mode == SyncMode::Full,
            Deletes::Unknown => false,
        }
    }

    async fn commit(&self, prepared: &Prepared, course: &Course, chunk: Chunk) -> Result<Tally> {
        let done = chunk.last.then(|| self.done(prepared, course, &chunk));
        let reading =
            chunk.checkpoint.as_ref().filter(|checkpoint| !checkpoint.complete).map(|checkpoint| StreamReading {
                cursor: checkpoint.cursor.clone(),
                mode: course.kept_mode().as_str().to_owned(),
                generation: course.generation,
                mapping_version: prepared.mapping.version,
                records: course.records,
                newest_version: course.newest,
                started_at: course.started_at,
            });
        let segment = chunk.segment.map(|segment| SegmentRow {
            id: segment.id.0,
            path: segment.path,
            records: segment.records,
            malformed: segment.malformed,
            bytes: segment.bytes,
            raw_bytes: segment.raw_bytes,
            checksum: segment.checksum,
        });
        let origin = self.origin(prepared, course.generation, segment.as_ref().map(|segment| segment.id));
        let page = PageCommit {
            run: self.run,
            origin: &origin,
            segment: segment.as_ref(),
            events: chunk.events,
            rejections: chunk.rejections,
            read: chunk.read,
            filtered: chunk.filtered,
            rejected_records: chunk.rejected,
            warnings: chunk.warnings,
            requests: chunk.requests,
            newest_before: course.newest_before,
            reading: reading.as_ref(),
            done,
        };
        self.land(&prepared.stream.name, page).await
    }

    fn done(&self, prepared: &Prepared, course: &Course, chunk: &Chunk) -> StreamDone {
        let Prepared { stream, state, .. } = prepared;
        let first_whole = course.whole && !state.as_ref().is_some_and(has_read);
        let deletes_are_known = match stream.deletes {
            Deletes::Tombstone => true,
            // What is held is what the source has, as long as nothing else was held before. A sweep tells the rest.
            Deletes::Sweep => first_whole,
            Deletes::Unknown => false,
        };
        // A clock that is ahead must not make every record after it look late.
        let newest = course.newest.map(|newest| newest.min(course.started_at.timestamp_micros()));
        let cursor = chunk.checkpoint.as_ref().filter(|checkpoint| checkpoint.complete);
        StreamDone {
            version: stream.version.clone(),
            generation: course.generation,
            records_read: course.records,
            whole: course.reads_all(),
            cursor: cursor
                .filter(|_| course.mode != SyncMode::Backfill || state.as_ref().is_none_or(|s| s.cursor.is_none()))
                .map(|checkpoint| checkpoint.cursor.clone()),
            deletes_known_at: deletes_are_known.then_some(course.started_at),
            newest_version: newest.max(state.as_ref().and_then(|state| state.newest_version)),
        }
    }

    pub(super) fn origin(&self, prepared: &Prepared, generation: i64, segment: Option<uuid::Uuid>) -> event::Origin {
        event::Origin {
            tenant: self.scope.tenant_id(),
            connection: self.connection.id,
            system: self.connection.system.clone(),
            stream: prepared.stream.name.clone(),
            trace_id: self.trace_id.clone(),
            emitted_at: self.mesh.clock.now(),
            schema_version: prepared.stream.fingerprint(),
            segment: segment.unwrap_or(uuid::Uuid::nil()),
            generation,
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
        let Read { tally, count, gone, different, seen, .. } = read;
        let mut report = StreamReport {
            count,
            deleted: gone,
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
            self.sweep(prepared, course, &seen, None, &mut report).await?;
        }
        Ok(report)
    }

    /// Asks for the keys only, and deletes what is not among them.
    async fn sweep_keys(&self, prepared: &Prepared, course: &Course) -> Result<StreamReport> {
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
}

impl Course {
    /// Whether the read, with what was read of it before it was cut off, brings every record there is.
    fn reads_all(&self) -> bool {
        self.whole || (self.resumed && matches!(self.mode, SyncMode::Full | SyncMode::Backfill))
    }

    /// What a process that goes on with this read has to know of it: a read of what is new that begins at the start is a whole one.
    fn kept_mode(&self) -> SyncMode {
        if self.whole && self.mode == SyncMode::Incremental { SyncMode::Full } else { self.mode }
    }
}

/// Whether a stream was ever read to its end.
fn has_read(state: &aos_store::StreamState) -> bool {
    state.completed_at.is_some() || state.version.is_some()
}

fn mode_of(word: &str) -> SyncMode {
    [SyncMode::Full, SyncMode::Backfill].into_iter().find(|mode| mode.as_str() == word).unwrap_or_default()
}

//! One read of a connection: discover, map, read, land, canonicalise, commit. Each commit carries a raw segment, the events made from it,
//! the rejections, the tally and, with the last, the cursor: a crash leaves whole commits only, and a repeat finds them as duplicates.

mod progress;
mod read;

pub use progress::{Progress, Stage};

use crate::plan::mapping_from_match;
use crate::stages::Stages;
use crate::{Error, Result};
use aos_broker::Broker;
use aos_connectors::{Connector, Stream};
use aos_core::ledger::{Outcome, Tally};
use aos_core::mapping::StreamMapping;
use aos_core::{Clock, ConnectionId, Ontology, RunId, TenantScope, event};
use aos_lake::Lake;
use aos_match::{Matcher, TableMatch};
use aos_store::{Connection, PageCommit, SegmentRow, Store, StreamDone, StreamState};
use progress::Meter;
use read::{Chunk, Reading};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::mpsc;
use tracing::{Instrument, info_span};

/// How many finished chunks may wait for their commit: enough to keep reading while one commits, and bounded.
const CHUNKS_WAITING_MAX: usize = 1;

/// Reads connections of any tenant whose scope it is given.
#[derive(Clone)]
pub struct Mesh {
    store: Store,
    lake: Lake,
    clock: Clock,
    broker: Broker,
}

/// What a read of one source did.
#[derive(Debug, Clone)]
pub struct SourceReport {
    pub connection: ConnectionId,
    pub source: String,
    pub outcome: Outcome,
    pub streams: Vec<StreamReport>,
    pub error: Option<String>,
}

#[derive(Debug, Clone)]
pub struct StreamReport {
    pub stream: String,
    pub tally: Tally,
    pub outcome: Outcome,
    /// Why the stream could not be read.
    pub problem: Option<String>,
}

/// A stream that can be read, with what is known of it.
struct Prepared {
    stream: Stream,
    state: Option<StreamState>,
    mapping: Arc<StreamMapping>,
    /// Whether the mapping is newer than the records that are held.
    remapped: bool,
}

/// Everything one sync shares.
struct Sync<'a> {
    mesh: &'a Mesh,
    scope: &'a TenantScope,
    connection: &'a Connection,
    source: Arc<dyn Connector>,
    ontology: &'a Arc<Ontology>,
    run: RunId,
    trace_id: String,
}

impl Mesh {
    pub fn new(store: Store, lake: Lake, clock: Clock, broker: Broker) -> Self {
        Self { store, lake, clock, broker }
    }

    /// Reads what is new in a connection. Problems of the source end up in the report and the ledger; only our own stop the call.
    pub async fn sync(
        &self,
        scope: &TenantScope,
        connection: &Connection,
        source: Arc<dyn Connector>,
        ontology: &Arc<Ontology>,
        matcher: &Arc<Matcher>,
        on_progress: &(dyn Fn(Progress) + Send + std::marker::Sync),
    ) -> Result<SourceReport> {
        // A run that a task or request began goes under its trace.
        let trace_id = scope.trace_id().map_or_else(|| RunId::new().to_string(), str::to_owned);
        let run = self.store.tenant(scope).start_run(connection.id, &trace_id).await?.id;
        let sync = Sync { mesh: self, scope, connection, source, ontology, run, trace_id };
        let mut meter = Meter::new(&connection.name, on_progress);
        let span = info_span!(
            "sync", connection.id = %connection.id, connector = %connection.connector, tenant = %scope.tenant_id(), trace_id = %sync.trace_id
        );
        let report = match sync.streams(matcher, &mut meter).instrument(span).await {
            Ok(streams) => sync.report(streams),
            Err(error) => {
                let outcome = if matches!(error, Error::Source(_)) { Outcome::Unreachable } else { Outcome::Failed };
                meter.failed(&error.to_string());
                let report = SourceReport {
                    connection: connection.id,
                    source: connection.name.clone(),
                    outcome,
                    streams: Vec::new(),
                    error: Some(error.to_string()),
                };
                self.store.tenant(scope).finish_run(run, outcome, report.error.as_deref()).await?;
                sync.stages().journal(outcome, &Tally::default(), report.error.as_deref()).await;
                return if matches!(error, Error::Source(_)) { Ok(report) } else { Err(error) };
            }
        };
        self.store.tenant(scope).finish_run(run, report.outcome, report.error.as_deref()).await?;
        let mut sum = Tally::default();
        report.streams.iter().for_each(|stream| sum.add(&stream.tally));
        sync.stages().journal(report.outcome, &sum, report.error.as_deref()).await;
        meter.done(&report);
        Ok(report)
    }

    /// Writes a run for a source that could not even be opened.
    pub async fn record_failure(
        &self,
        scope: &TenantScope,
        connection: &Connection,
        error: &str,
    ) -> Result<SourceReport> {
        let store = self.store.tenant(scope);
        let run = store.start_run(connection.id, &RunId::new().to_string()).await?.id;
        store.finish_run(run, Outcome::Unreachable, Some(error)).await?;
        Ok(SourceReport {
            connection: connection.id,
            source: connection.name.clone(),
            outcome: Outcome::Unreachable,
            streams: Vec::new(),
            error: Some(error.to_owned()),
        })
    }
}

impl Sync<'_> {
    async fn streams(&self, matcher: &Arc<Matcher>, meter: &mut Meter<'_>) -> Result<Vec<StreamReport>> {
        meter.stage(Stage::Reading, "looking what is there");
        let source = self.source.clone();
        let discovered = tokio::task::spawn_blocking(move || source.discover()).await.map_err(|_| Error::Stopped)??;
        let (readable, unreadable): (Vec<Stream>, Vec<Stream>) =
            discovered.into_iter().partition(|stream| stream.problem.is_none());
        meter.begin(readable.len(), readable.iter().map(|stream| stream.size_bytes).sum());
        let mut reports: Vec<StreamReport> = unreadable.iter().map(unread).collect();
        for prepared in self.prepare(readable, matcher, meter).await? {
            reports.push(self.stream(prepared, meter).await?);
        }
        reports.sort_by(|a, b| a.stream.cmp(&b.stream));
        Ok(reports)
    }

    /// Maps the streams whose shape is new or has changed. All tables of the source are looked at together: their keys explain each other.
    async fn prepare(
        &self,
        streams: Vec<Stream>,
        matcher: &Arc<Matcher>,
        meter: &mut Meter<'_>,
    ) -> Result<Vec<Prepared>> {
        let store = self.mesh.store.tenant(self.scope);
        let mut known = Vec::with_capacity(streams.len());
        for stream in streams {
            let state = store.stream(self.connection.id, &stream.name).await?;
            let active = store.active_mapping(self.connection.id, &stream.name).await?;
            let same_shape =
                state.as_ref().is_some_and(|state| state.fingerprint.as_deref() == Some(&stream.shape.fingerprint()));
            let same_ontology =
                active.as_ref().is_some_and(|active| active.matched["ontology_version"] == self.ontology.version);
            let kept = if same_shape && same_ontology { active } else { None };
            known.push((stream, state, kept));
        }
        let mut matches: Vec<TableMatch> = Vec::new();
        if known.iter().any(|(_, _, kept)| kept.is_none()) {
            meter.stage(Stage::Mapping, "matching columns to the ontology");
            let shapes: Vec<_> = known.iter().map(|(stream, _, _)| stream.shape.clone()).collect();
            let matcher = matcher.clone();
            matches =
                tokio::task::spawn_blocking(move || matcher.match_source(&shapes)).await.map_err(|_| Error::Stopped)?;
        }
        let mut prepared = Vec::with_capacity(known.len());
        for (stream, state, kept) in known {
            let (mapping, remapped) = match kept {
                Some(kept) => (kept.mapping, false),
                None => self.map(&stream, &matches).await?,
            };
            prepared.push(Prepared { stream, state, mapping: Arc::new(mapping), remapped });
        }
        Ok(prepared)
    }

    /// Keeps what was seen and what it was mapped to; says whether the mapping differs from the one before.
    async fn map(&self, stream: &Stream, matches: &[TableMatch]) -> Result<(StreamMapping, bool)> {
        let store = self.mesh.store.tenant(self.scope);
        let matched = matches.iter().find(|matched| matched.stream == stream.name);
        let mapping = matched.and_then(|matched| mapping_from_match(self.ontology, &stream.shape, matched));
        let mapping =
            mapping.unwrap_or_else(|| StreamMapping { version: 0, stream: stream.name.clone(), entities: Vec::new() });
        let columns: Vec<compact_str::CompactString> =
            stream.shape.columns.iter().map(|column| column.path.as_str().into()).collect();
        mapping.validate(self.ontology, &columns)?;
        store.save_stream_shape(self.connection.id, &stream.shape).await?;
        let before = store.active_mapping(self.connection.id, &stream.name).await?.map(|stored| stored.mapping.version);
        let explained = json!({ "ontology_version": self.ontology.version, "match": matched });
        let version = store.save_mapping(self.connection.id, &mapping, &explained).await?;
        Ok((StreamMapping { version, ..mapping }, before != Some(version)))
    }

    async fn stream(&self, prepared: Prepared, meter: &mut Meter<'_>) -> Result<StreamReport> {
        let name = prepared.stream.name.clone();
        let read_before = prepared.state.as_ref().map_or(0, |state| state.records_read);
        let unchanged =
            prepared.state.as_ref().is_some_and(|state| state.version.as_deref() == Some(&prepared.stream.version));
        if unchanged && !prepared.remapped {
            meter.skipped(prepared.stream.size_bytes);
            return Ok(StreamReport {
                stream: name,
                tally: Tally::default(),
                outcome: Outcome::NoChange,
                problem: None,
            });
        }
        meter.table(&name);
        let generation = prepared.state.as_ref().map_or(0, |state| state.generation) + i64::from(!unchanged);
        match self.read(&prepared, generation, meter).await {
            Ok(tally) => {
                meter.table_done(&name, &tally);
                Ok(StreamReport { stream: name, outcome: tally.outcome(read_before), tally, problem: None })
            }
            // What was committed before the source broke off is whole; the cursor stays where it was.
            Err((tally, Error::Source(error))) => Ok(StreamReport {
                stream: name,
                tally,
                outcome: Outcome::Unreachable,
                problem: Some(error.to_string()),
            }),
            Err((_, error)) => Err(error),
        }
    }

    async fn read(&self, prepared: &Prepared, generation: i64, meter: &mut Meter<'_>) -> Result<Tally, (Tally, Error)> {
        let (sender, mut chunks) = mpsc::channel::<Chunk>(CHUNKS_WAITING_MAX);
        let reading = Reading {
            source: self.source.clone(),
            lake: self.mesh.lake.tenant(self.scope),
            connection: self.connection.id,
            stream: prepared.stream.name.clone(),
            ontology: self.ontology.clone(),
            mapping: prepared.mapping.clone(),
        };
        let reading_span = info_span!("read", stream = prepared.stream.name);
        let reader = tokio::task::spawn_blocking(move || reading_span.in_scope(|| reading.run(&sender)));
        let mut sum = Tally::default();
        let schema_version = prepared.stream.shape.fingerprint();
        let mut bytes_before = 0;
        while let Some(chunk) = chunks.recv().await {
            let (records, bytes) = (chunk.read, chunk.bytes);
            let done = chunk.last.then(|| StreamDone {
                version: prepared.stream.version.clone(),
                generation,
                records_read: sum.read + chunk.read,
            });
            let tally = self
                .commit(prepared, chunk, generation, &schema_version, done)
                .await
                .map_err(|error| (sum.clone(), error))?;
            sum.add(&tally);
            meter.read(records, bytes.saturating_sub(bytes_before));
            bytes_before = bytes;
        }
        match reader.await {
            Ok(Ok(())) => Ok(sum),
            Ok(Err(error)) => Err((sum, error)),
            Err(_) => Err((sum, Error::Stopped)),
        }
    }

    async fn commit(
        &self,
        prepared: &Prepared,
        chunk: Chunk,
        generation: i64,
        schema_version: &str,
        done: Option<StreamDone>,
    ) -> Result<Tally> {
        let origin = event::Origin {
            tenant: self.scope.tenant_id(),
            connection: self.connection.id,
            system: self.connection.system.clone(),
            stream: prepared.stream.name.clone(),
            trace_id: self.trace_id.clone(),
            emitted_at: self.mesh.clock.now(),
            schema_version: schema_version.to_owned(),
            segment: chunk.segment.as_ref().map_or(uuid::Uuid::nil(), |segment| segment.id.0),
            generation,
        };
        let segment = chunk.segment.map(|segment| SegmentRow {
            id: segment.id.0,
            path: segment.path,
            records: segment.records,
            malformed: segment.malformed,
            bytes: segment.bytes,
            raw_bytes: segment.raw_bytes,
            checksum: segment.checksum,
        });
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
            done,
        };
        let tally = self.mesh.store.tenant(self.scope).commit_page(page).await?;
        count(&tally);
        self.stages().page(&prepared.stream.name, &tally).await;
        Ok(tally)
    }

    fn stages(&self) -> Stages<'_> {
        Stages {
            broker: &self.mesh.broker,
            scope: self.scope,
            connection: self.connection.id,
            source: &self.connection.name,
            run: self.run,
            trace_id: &self.trace_id,
        }
    }

    fn report(&self, streams: Vec<StreamReport>) -> SourceReport {
        let outcome = streams.iter().map(|stream| stream.outcome).fold(Outcome::NoChange, Outcome::worse);
        let problems: Vec<String> = streams
            .iter()
            .filter_map(|stream| Some(format!("{}: {}", stream.stream, stream.problem.as_ref()?)))
            .collect();
        let error = (!problems.is_empty()).then(|| problems.join("; "));
        // A source of which some tables could be read is partial, not lost.
        let outcome = if outcome == Outcome::Unreachable && streams.iter().any(|stream| stream.problem.is_none()) {
            Outcome::Partial
        } else {
            outcome
        };
        SourceReport { connection: self.connection.id, source: self.connection.name.clone(), outcome, streams, error }
    }
}

/// Counts what became of the records of a page, over all tenants and sources.
fn count(tally: &Tally) {
    metrics::counter!("autonomos_ingest_pages_total").increment(1);
    for (outcome, records) in [
        ("landed", tally.landed),
        ("duplicate", tally.duplicate),
        ("filtered", tally.filtered),
        ("rejected", tally.rejected),
    ] {
        metrics::counter!("autonomos_ingest_records_total", "outcome" => outcome).increment(records);
    }
}

fn unread(stream: &Stream) -> StreamReport {
    let problem = stream.problem.as_ref().map(ToString::to_string);
    StreamReport { stream: stream.name.clone(), tally: Tally::default(), outcome: Outcome::Unreachable, problem }
}

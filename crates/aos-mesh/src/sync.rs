//! One read of a connection: discover, map, read, land, canonicalise, commit. Each commit carries a raw segment, the events made from it,
//! the rejections, the tally and how far everything before it is surely read: a crash leaves whole commits only, and a repeat goes on
//! there, or finds what it brings again as duplicates.

mod chunk;
mod column;
mod commit;
mod course;
mod judge;
mod pages;
mod prepare;
mod progress;
mod read;
mod report;
mod request;
mod seen;
mod spending;
mod stream;
mod sweep;
mod told;

pub use aos_core::kind::SyncMode;
pub(crate) use chunk::{DELETED_COLUMN, malformed_in_lake};
pub(crate) use course::Course;
pub use judge::is_for_a_person;
pub(crate) use pages::PageSource;
pub use prepare::PENDING;
pub(crate) use prepare::Prepared;
pub(crate) use prepare::combined;
pub(crate) use progress::Meter;
pub use progress::{Progress, Stage};
pub use report::{SourceReport, StreamReport};
pub use request::SyncRequest;
pub use spending::AWAITS_CONFIRMATION;

use crate::advice::Advice;
use crate::source::Source;
use crate::stages::Stages;
use crate::{Error, Result};
use aos_broker::Broker;
use aos_core::ledger::{Outcome, Tally};
use aos_core::{Clock, Ontology, RunId, TenantScope};
use aos_lake::Lake;
use aos_match::Matcher;
use aos_store::{Connection, PageCommit, Store, TenantStore};
use spending::Spending;
use std::sync::{Arc, OnceLock};
use tracing::{Instrument, info_span};

/// Reads connections of any tenant whose scope it is given.
#[derive(Clone)]
pub struct Mesh {
    pub(crate) store: Store,
    pub(crate) lake: Lake,
    pub(crate) clock: Clock,
    pub(crate) broker: Broker,
    /// The operator's word about repairs without a person, for every tenant.
    pub(crate) autofix: Option<bool>,
    /// What is asked beside the matcher; nothing until it is named.
    pub(crate) advice: Arc<OnceLock<Advice>>,
}

/// The words that a source's columns are told in.
#[derive(Clone, Copy)]
pub struct Vocabulary<'v> {
    pub ontology: &'v Arc<Ontology>,
    pub matcher: &'v Arc<Matcher>,
}

/// Everything one sync shares.
pub(crate) struct Sync<'a> {
    pub(crate) mesh: &'a Mesh,
    pub(crate) scope: &'a TenantScope,
    pub(crate) connection: &'a Connection,
    source: &'a Source,
    pub(crate) vocabulary: Vocabulary<'a>,
    request: &'a SyncRequest,
    pub(crate) run: RunId,
    trace_id: String,
    spending: Spending,
}

impl Mesh {
    pub fn new(store: Store, lake: Lake, clock: Clock, broker: Broker) -> Self {
        Self { store, lake, clock, broker, autofix: None, advice: Arc::default() }
    }

    /// Takes the operator's word about the flag FEATURE_DRIFT_AUTOFIX, which goes before that of tenants.
    pub fn with_autofix(self, autofix: Option<bool>) -> Self {
        Self { autofix, ..self }
    }

    /// Names what is asked beside the matcher. Named once, before anything is read; a second time changes nothing.
    pub fn advise(&self, advice: Advice) {
        let _first = self.advice.set(advice);
    }

    /// Reads a connection. Problems of the source end up in the report and the ledger; only our own stop the call.
    pub async fn sync(
        &self,
        scope: &TenantScope,
        connection: &Connection,
        source: &Source,
        vocabulary: Vocabulary<'_>,
        request: &SyncRequest,
        on_progress: &(dyn Fn(Progress) + Send + std::marker::Sync),
    ) -> Result<SourceReport> {
        // Whoever drops this call wants nothing more of the source.
        let _stop_reading = source.context.cancel.clone().drop_guard();
        // A run that a task or request began goes under its trace.
        let trace_id = scope.trace_id().map_or_else(|| RunId::new().to_string(), str::to_owned);
        let mode = request.mode.as_str();
        let run = self.store.tenant(scope).start_run_of(connection.id, &trace_id, mode).await?.id;
        let held = self.store.tenant(scope).held_read(connection.id).await?;
        let spending = Spending::new(request.requests_max, held.as_ref());
        let sync = Sync { mesh: self, scope, connection, source, vocabulary, request, run, trace_id, spending };
        let mut meter = Meter::new(&connection.name, on_progress);
        let span = info_span!(
            "sync", connection.id = %connection.id, connector = %connection.connector, tenant = %scope.tenant_id(), trace_id = %sync.trace_id
        );
        let report = match sync.streams(&mut meter).instrument(span).await {
            Ok(streams) => sync.report(streams),
            Err(Error::Source(aos_connectors::Error::Canceled) | Error::Stopped) => {
                sync.end_failed("canceled").await?;
                return Err(Error::Stopped);
            }
            Err(Error::Source(error)) => sync.unreadable(&error),
            Err(error) => {
                meter.failed(&error.to_string());
                sync.end_failed(&error.to_string()).await?;
                return Err(error);
            }
        };
        sync.store().finish_run_until(run, report.outcome, report.error.as_deref(), report.resume_at).await?;
        let mut sum = Tally::default();
        report.streams.iter().for_each(|stream| sum.add(&stream.tally));
        sync.stages().journal(report.outcome, &sum, report.error.as_deref()).await;
        sync.keep_held(&report).await?;
        sync.tell(&report).await?;
        match &report.error {
            Some(error) if report.streams.is_empty() => meter.failed(error),
            _ => meter.done(&report),
        }
        Ok(report)
    }

    /// Writes a run for a source that could not even be opened.
    pub async fn record_failure(
        &self,
        scope: &TenantScope,
        connection: &Connection,
        error: &Error,
    ) -> Result<SourceReport> {
        let store = self.store.tenant(scope);
        let run = store.start_run(connection.id, &RunId::new().to_string()).await?.id;
        let report = match error {
            Error::Source(error) => SourceReport::unreadable(connection, error),
            other => SourceReport::failed(connection, &other.to_string()),
        };
        store.finish_run(run, report.outcome, report.error.as_deref()).await?;
        judge::alert_of(&store, connection.id, &report).await?;
        Ok(report)
    }
}

impl Sync<'_> {
    pub(crate) fn store(&self) -> TenantStore<'_> {
        self.mesh.store.tenant(self.scope)
    }

    /// Ends the run without a report.
    async fn end_failed(&self, why: &str) -> Result<()> {
        self.store().finish_run(self.run, Outcome::Failed, Some(why)).await?;
        self.stages().journal(Outcome::Failed, &Tally::default(), Some(why)).await;
        Ok(())
    }

    /// Commits a page of a stream, counts it and tells of it.
    async fn land(&self, stream: &str, page: PageCommit<'_>) -> Result<Tally> {
        let tally = self.store().commit_page(page).await?;
        count(&tally);
        self.stages().page(stream, &tally).await;
        Ok(tally)
    }

    /// Tells whether whoever wanted this read wants it no more.
    pub(crate) fn is_canceled(&self) -> bool {
        self.source.context.cancel.is_cancelled()
    }

    pub(crate) fn stages(&self) -> Stages<'_> {
        Stages {
            broker: &self.mesh.broker,
            scope: self.scope,
            connection: self.connection.id,
            source: &self.connection.name,
            run: self.run,
            trace_id: &self.trace_id,
        }
    }

    async fn streams(&self, meter: &mut Meter<'_>) -> Result<Vec<StreamReport>> {
        self.check_account().await?;
        meter.stage(Stage::Reading, "looking what is there");
        let discovered = self.discover().await?;
        let (readable, unreadable): (Vec<_>, Vec<_>) =
            discovered.into_iter().partition(|stream| stream.problem.is_none());
        let mut reports: Vec<StreamReport> = unreadable.iter().map(StreamReport::unread).collect();
        let (prepared, unsampled) = self.prepare(readable, meter).await?;
        reports.extend(unsampled);
        meter.begin(&prepared);
        if let Err(error) = self.check_forecast(&prepared) {
            meter.failed(&error.to_string());
            reports.extend(self.held_back(&prepared, &error));
            return Ok(reports);
        }
        let mut prepared = prepared.into_iter();
        while let Some(stream) = prepared.next() {
            let report = match self.check_spent() {
                Ok(()) => self.stream(stream, meter).await?,
                Err(error) => StreamReport::waiting(&stream.stream.name, Tally::default(), &error),
            };
            let throttled = report.resume_at.is_some() || report.code == Some(AWAITS_CONFIRMATION);
            reports.push(report);
            // An account that takes no more requests, or is to be spared, takes none for the other streams either.
            if throttled {
                reports.extend(prepared.by_ref().map(|stream| StreamReport::put_off(&stream.stream.name)));
            }
        }
        for report in reports.iter().filter(|report| report.outcome != Outcome::NoChange || report.tally.read > 0) {
            self.store().end_run_stream(self.run, &report.stream, &report.end()).await?;
        }
        let unchanged = |report: &&StreamReport| report.outcome == Outcome::NoChange && report.tally.read == 0;
        let unchanged: Vec<&str> = reports.iter().filter(unchanged).map(|report| report.stream.as_str()).collect();
        self.store().confirm_streams(self.connection.id, &unchanged).await?;
        reports.sort_by(|a, b| a.stream.cmp(&b.stream));
        Ok(reports)
    }

    /// Refuses to ask an account that is to be left alone.
    async fn check_account(&self) -> Result<()> {
        let Some(pace) = &self.source.pace else { return Ok(()) };
        let Some(account) = pace.state().await? else { return Ok(()) };
        let now = self.mesh.clock.now();
        match account.closed_at(now) {
            None => Ok(()),
            Some(until) => Err(aos_connectors::Error::RateLimited { until }.into()),
        }
    }

    fn report(&self, streams: Vec<StreamReport>) -> SourceReport {
        SourceReport::of(self.connection, streams)
    }

    fn unreadable(&self, error: &aos_connectors::Error) -> SourceReport {
        SourceReport::unreadable(self.connection, error)
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

//! The main job: read every source, map it, unify it, and show the picture. Running it again changes nothing.

use crate::connect_run::{ConnectRun, ConnectStatus, SourceProgress};
use crate::engine::TenantEngine;
use crate::ledger::LedgerTotals;
use crate::schemas::explained;
use crate::service::{TenantDcl, Vocabulary, lock};
use crate::{Error, Result};
use aos_broker::Topic;
use aos_connectors::Notes;
use aos_connectors::file::NAME as FILE;
use aos_core::RunId;
use aos_core::flag::Flag;
pub use aos_core::kind::Connect as ConnectRequest;
use aos_core::ledger::{Outcome, Tally};
use aos_mesh::{Progress, SourceReport, Stage, SyncRequest};
use aos_store::Connection;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use utoipa::ToSchema;
use uuid::Uuid;

/// How many progress events may wait to be published.
const EVENTS_WAITING_MAX: usize = 1024;
/// How often the progress of a run is written down while it runs.
const KEPT_EVERY: Duration = Duration::from_secs(1);

/// What a connect did; also what `autonomos connect --json` prints.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectReport {
    pub sources: Vec<String>,
    pub tables: Vec<TableReport>,
    pub entities: BTreeMap<String, EntityReport>,
    pub ledger: LedgerReport,
    pub elapsed_ms: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TableReport {
    pub source: String,
    pub table: String,
    /// The main entity the table feeds; none when it feeds none.
    pub entity: Option<String>,
    pub columns: Vec<ColumnReport>,
    /// Why the table could not be read, when it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ColumnReport {
    pub column: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub entity: Option<String>,
    pub field: Option<String>,
    pub confidence: Option<f64>,
    pub evidence: Vec<String>,
    /// Why the column stays unmapped.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EntityReport {
    /// Unified records.
    pub records: u64,
    /// Rows of source tables that they are made of.
    pub rows: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LedgerReport {
    #[serde(flatten)]
    pub totals: LedgerTotals,
    pub outcome: Outcome,
    /// Values lost from records that landed, by code.
    pub warnings: BTreeMap<String, u64>,
}

/// Frees the tenant's place when a connect ends, however it ends.
pub(crate) struct Running {
    tenant: TenantDcl,
}

impl Drop for Running {
    fn drop(&mut self) {
        lock(&self.tenant.inner.running).remove(&self.tenant.scope.tenant_id());
    }
}

impl TenantDcl {
    /// Does a connect and waits for it, telling its progress.
    pub async fn connect(
        &self,
        request: ConnectRequest,
        on_progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<ConnectReport> {
        self.connect_as(RunId::new(), request, on_progress).await
    }

    /// Does a connect under a name that its caller knows already. One that was cut off is begun again under the same name.
    pub async fn connect_as(
        &self,
        run: RunId,
        request: ConnectRequest,
        on_progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<ConnectReport> {
        let place = self.take_place()?;
        self.store().close_abandoned_runs().await?;
        let connections = self.chosen(&request).await?;
        self.begin(run, &connections, &place).await?;
        self.run_connect(run, &request, connections, place, on_progress).await
    }

    /// Refuses a request that names agents or connections that are not there.
    pub async fn check_connect(&self, request: &ConnectRequest) -> Result<()> {
        self.check_agents(request.agents.as_deref().unwrap_or_default())?;
        self.chosen(request).await?;
        Ok(())
    }

    pub(crate) fn take_place(&self) -> Result<Running> {
        let mut running = lock(&self.inner.running);
        if running.contains_key(&self.scope.tenant_id()) {
            return Err(Error::ConnectRunning);
        }
        running.insert(self.scope.tenant_id(), None);
        Ok(Running { tenant: self.clone() })
    }

    /// Writes down that a connect begins.
    async fn begin(&self, run: RunId, connections: &[Connection], _place: &Running) -> Result<()> {
        let sources: Vec<SourceProgress> = connections.iter().map(SourceProgress::waiting).collect();
        let run = self.store().start_connect_run(run.0, &json!(sources)).await?;
        let live = ConnectRun {
            run_id: run.id,
            status: ConnectStatus::Running,
            started_at: run.started_at,
            finished_at: None,
            elapsed_ms: None,
            sources,
            error: None,
        };
        lock(&self.inner.running).insert(self.scope.tenant_id(), Some(Arc::new(Mutex::new(live))));
        Ok(())
    }

    async fn chosen(&self, request: &ConnectRequest) -> Result<Vec<Connection>> {
        let mut connections = self.all_connections().await?;
        connections.sort_by(|a, b| a.name.cmp(&b.name));
        let files = self.flag(Flag::FeatureUseFilesource).await?;
        let Some(wanted) = &request.sources else {
            connections.retain(|connection| {
                connection.paused.is_none()
                    && connection.safe_mode_at.is_none()
                    && (files || connection.connector != FILE)
            });
            return Ok(connections);
        };
        let is = |connection: &Connection, wanted: &String| {
            connection.name == *wanted || connection.id.to_string() == *wanted
        };
        if wanted.iter().any(|wanted| !connections.iter().any(|connection| is(connection, wanted))) {
            return Err(Error::NotFound("connection"));
        }
        connections.retain(|connection| wanted.iter().any(|wanted| is(connection, wanted)));
        if !files && connections.iter().any(|connection| connection.connector == FILE) {
            return Err(Error::FilesOff);
        }
        if let Some(safe) = connections.iter().find(|connection| connection.safe_mode_at.is_some()) {
            return Err(Error::SafeMode { name: safe.name.clone() });
        }
        match connections.iter().find(|connection| connection.paused.is_some()) {
            Some(paused) => Err(Error::Paused { name: paused.name.clone() }),
            None => Ok(connections),
        }
    }

    async fn run_connect(
        &self,
        run: RunId,
        request: &ConnectRequest,
        connections: Vec<Connection>,
        place: Running,
        on_progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<ConnectReport> {
        let begun = Instant::now();
        let live = lock(&self.inner.running).get(&self.scope.tenant_id()).and_then(|live| live.clone());
        let state = live.expect("written down by `begin`, and the place is ours");
        let result = self.connect_all(request, connections, &state, on_progress, begun).await;
        let finished = {
            let mut state = lock(&state);
            state.finished_at = Some(self.inner.clock.now());
            state.elapsed_ms = Some(millis(begun));
            state.status = if result.is_ok() { ConnectStatus::Finished } else { ConnectStatus::Failed };
            state.error = result.as_ref().err().map(ToString::to_string);
            state.clone()
        };
        self.store()
            .finish_connect_run(run.0, &json!(finished.sources), millis(begun), finished.error.as_deref())
            .await?;
        drop(place);
        let names: Vec<&str> = finished.sources.iter().map(|source| source.source.as_str()).collect();
        let ended = json!({ "run_id": run, "sources": names, "elapsed_ms": finished.elapsed_ms, "status": finished.status, "error": finished.error });
        self.tell(Topic::SourcesConnected, ended).await;
        self.tell_picture().await?;
        result
    }

    /// Publishes an event; that nobody could be told is no reason to fail what was done.
    pub(crate) async fn tell(&self, topic: Topic, payload: serde_json::Value) {
        if let Err(error) = self.broker().publish(topic, payload).await {
            tracing::warn!(tenant.id = %self.scope.tenant_id(), ?topic, %error, "an event could not be published: {error}");
        }
    }

    /// Publishes what a connect tells while it runs, in order, until its narrators are gone.
    /// Now and then it keeps the run's state as well, for those who ask another process.
    fn publish_all(
        &self,
        state: &Arc<Mutex<ConnectRun>>,
    ) -> (mpsc::Sender<(Topic, serde_json::Value)>, tokio::task::JoinHandle<()>) {
        let (sender, mut told) = mpsc::channel(EVENTS_WAITING_MAX);
        let (tenant, state) = (self.clone(), state.clone());
        let publishing = tokio::spawn(async move {
            let mut kept = Instant::now();
            while let Some((topic, payload)) = told.recv().await {
                tenant.tell(topic, payload).await;
                if kept.elapsed() >= KEPT_EVERY {
                    tenant.keep_progress(&state).await;
                    kept = Instant::now();
                }
            }
        });
        (sender, publishing)
    }

    async fn connect_all(
        &self,
        request: &ConnectRequest,
        connections: Vec<Connection>,
        state: &Arc<Mutex<ConnectRun>>,
        on_progress: impl Fn(Progress) + Send + Sync + 'static,
        begun: Instant,
    ) -> Result<ConnectReport> {
        if let Some(agents) = &request.agents {
            self.select_agents(agents).await?;
        }
        let vocabulary = self.vocabulary().await?;
        let on_progress: Arc<dyn Fn(Progress) + Send + Sync> = Arc::new(on_progress);
        let (events, publishing) = self.publish_all(state);
        let narrator =
            Narrator { tenant: self.clone(), run: lock(state).run_id, state: state.clone(), events, on_progress };
        let parallel = Arc::new(Semaphore::new(self.inner.sources_in_parallel));
        let mut syncing = JoinSet::new();
        for connection in connections {
            let (tenant, vocabulary, narrator, parallel) =
                (self.clone(), vocabulary.clone(), narrator.clone(), parallel.clone());
            let syncing_one = async move {
                let _permit = parallel.acquire_owned().await.map_err(|_| Error::Stopped)?;
                tenant.sync_one(connection, &vocabulary, &narrator).await
            };
            syncing.spawn(syncing_one.in_current_span());
        }
        let mut reports = Vec::new();
        while let Some(joined) = syncing.join_next().await {
            reports.push(joined.map_err(|_| Error::Stopped)??);
        }
        reports.sort_by(|a, b| a.source.cmp(&b.source));
        drop(narrator);
        let _ = publishing.await;
        aos_core::fault::point("connect.read");
        self.refresh_engine().await?;
        aos_core::fault::point("connect.refreshed");
        let run = lock(state).run_id;
        self.tell_viewed(run).await?;
        self.renew_picture().await?;
        self.report(&reports, begun).await
    }

    /// Tells that the unified views show what the store holds now.
    async fn tell_viewed(&self, run: Uuid) -> Result<()> {
        let counts = self.with_engine(TenantEngine::counts).await?;
        let shown = counts.into_iter().filter(|(_, counts)| counts.rows > 0);
        let entities: BTreeMap<String, u64> = shown.map(|(name, counts)| (name, counts.records)).collect();
        self.tell(Topic::Viewed, json!({ "run_id": run, "entities": entities })).await;
        Ok(())
    }

    /// Reads one source. A source that cannot be read is part of the report; the others go on.
    async fn sync_one(
        &self,
        connection: Connection,
        vocabulary: &Vocabulary,
        narrator: &Narrator,
    ) -> Result<SourceReport> {
        let tell = narrator.clone();
        let progress = move |progress: Progress| tell.tell(progress);
        let request = SyncRequest { requests_max: self.requests_max(&connection), ..SyncRequest::default() };
        self.sync_opened(&connection, vocabulary, &request, CancellationToken::new(), Notes::unheard(), &progress).await
    }

    /// Opens and reads one source. One that cannot be opened is part of the report and of the ledger, like one that cannot be read.
    pub(crate) async fn sync_opened(
        &self,
        connection: &Connection,
        vocabulary: &Vocabulary,
        request: &SyncRequest,
        cancel: CancellationToken,
        notes: Notes,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<SourceReport> {
        let inner = &self.inner;
        let source = match inner.sources.open(&self.scope, connection, notes, cancel).await {
            Ok(source) => source,
            Err(error @ (aos_mesh::Error::Store(_) | aos_mesh::Error::Stopped)) => return Err(error.into()),
            Err(error) => {
                progress(Progress::failed(&connection.name, error.to_string()));
                return Ok(inner.mesh.record_failure(&self.scope, connection, &error).await?);
            }
        };
        let words = aos_mesh::Vocabulary { ontology: &vocabulary.ontology, matcher: &vocabulary.matcher };
        Ok(inner.mesh.sync(&self.scope, connection, &source, words, request, progress).await?)
    }

    async fn report(&self, reports: &[SourceReport], begun: Instant) -> Result<ConnectReport> {
        let mappings = self.store().list_active_mappings().await?;
        let mut tables = Vec::new();
        let mut sum = Tally::default();
        let mut outcome = Outcome::NoChange;
        for report in reports {
            outcome = outcome.worse(report.outcome);
            for stream in &report.streams {
                sum.add(&stream.tally);
                let stored = mappings
                    .iter()
                    .find(|stored| stored.connection_id == report.connection && stored.mapping.stream == stream.stream);
                tables.push(table_report(&report.source, stream, stored));
            }
        }
        // Some sources that were read make the whole partial, not lost.
        if outcome == Outcome::Unreachable && reports.iter().any(|report| report.outcome != Outcome::Unreachable) {
            outcome = Outcome::Partial;
        }
        let counts = self.with_engine(TenantEngine::counts).await?;
        let entities = counts.into_iter().filter(|(_, counts)| counts.rows > 0);
        Ok(ConnectReport {
            sources: reports.iter().map(|report| report.source.clone()).collect(),
            tables,
            entities: entities
                .map(|(name, counts)| (name, EntityReport { records: counts.records, rows: counts.rows }))
                .collect(),
            ledger: LedgerReport { totals: (&sum).into(), outcome, warnings: sum.warnings },
            elapsed_ms: millis(begun),
        })
    }
}

/// Carries progress to whoever watches: the run's own state, the tenant's events, the caller.
#[derive(Clone)]
struct Narrator {
    tenant: TenantDcl,
    run: Uuid,
    state: Arc<Mutex<ConnectRun>>,
    events: mpsc::Sender<(Topic, serde_json::Value)>,
    on_progress: Arc<dyn Fn(Progress) + Send + Sync>,
}

impl Narrator {
    fn tell(&self, progress: Progress) {
        let percent = progress.percent();
        if let Some(source) = lock(&self.state).sources.iter_mut().find(|source| source.source == progress.source) {
            source.status = progress.stage;
            source.tables_done = progress.tables_done;
            source.tables = progress.tables;
            source.records_read = progress.records_read;
            source.percent = percent;
            if progress.stage == Stage::Failed {
                source.error = Some(progress.message.clone());
            }
        }
        let data = json!({
            "run_id": self.run, "source": progress.source, "stage": progress.stage, "table": progress.table, "tables_done": progress.tables_done,
            "tables": progress.tables, "records_read": progress.records_read, "message": progress.message, "percent": percent,
        });
        // A step that finds no room is left out: the next one says more, and the run's own state is whole.
        let _ = self.events.try_send((Topic::MappingProgress, data));
        if progress.narrate {
            let level = if progress.stage == Stage::Failed { "error" } else { "info" };
            let at = self.tenant.inner.clock.now();
            let message = format!("{}: {}", progress.source, progress.message);
            let _ = self.events.try_send((
                Topic::Narration,
                json!({ "run_id": self.run, "at": at, "message": message, "level": level }),
            ));
        }
        (self.on_progress)(progress);
    }
}

fn table_report(
    source: &str,
    stream: &aos_mesh::StreamReport,
    stored: Option<&aos_store::StoredMapping>,
) -> TableReport {
    let matched = stored.and_then(explained).map(|explained| explained.matched);
    let column = |column: &aos_match::ColumnMatch| {
        let decision = column.decision.as_ref();
        ColumnReport {
            column: column.column.clone(),
            kind: column.kind.to_string(),
            entity: decision.map(|decision| decision.entity.clone()),
            field: decision.map(|decision| decision.field.clone()),
            confidence: decision.map(|decision| decision.confidence),
            evidence: decision.map(|decision| decision.evidence.clone()).unwrap_or_default(),
            reason: column.reason.clone(),
        }
    };
    TableReport {
        source: source.to_owned(),
        table: stream.stream.clone(),
        entity: stored.and_then(|stored| Some(stored.mapping.main()?.entity.clone())),
        columns: matched.map(|matched| matched.columns.iter().map(column).collect()).unwrap_or_default(),
        problem: stream.problem.clone(),
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

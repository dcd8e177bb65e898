//! Reading one connection on demand, and looking at its source: check, discover, and what a large read would cost.

use crate::connect::EntityReport;
use crate::engine::TenantEngine;
use crate::ledger::LedgerTotals;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_broker::Topic;
use aos_connectors::{Notes, Stream};
use aos_core::kind::Sync as SyncPayload;
use aos_core::ledger::{Outcome, Tally};
use aos_core::{ConnectionId, RunId};
use aos_mesh::{Progress, Stage, SyncRequest, sync};
use aos_store::{AlertKind, Connection, NewCheck};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

/// How many progress events may wait to be published.
const EVENTS_WAITING_MAX: usize = 1024;
/// A read that would spend more than this share of what the source says is left is warned about.
const QUOTA_SHARE_WARNED: f64 = 0.5;

/// What a sync did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SyncReport {
    pub connection: String,
    pub outcome: Outcome,
    pub streams: Vec<SyncedStream>,
    pub ledger: LedgerTotals,
    /// What the tenant holds now, by entity.
    pub entities: BTreeMap<String, EntityReport>,
    pub error: Option<String>,
    pub code: Option<&'static str>,
    /// For a throttled sync: when the source takes requests again.
    pub resume_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SyncedStream {
    pub stream: String,
    pub outcome: Outcome,
    #[serde(flatten)]
    pub ledger: LedgerTotals,
    /// Records found gone.
    pub deleted: u64,
    pub problem: Option<String>,
    pub code: Option<&'static str>,
}

/// What a look at the source found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckInfo {
    pub ok: bool,
    pub message: String,
    /// What to do when it is not ok.
    pub next_step: Option<String>,
    /// The kind of problem, for programs.
    pub code: Option<&'static str>,
    pub streams: usize,
    /// Files that are not read, with the reason.
    pub skipped: Vec<String>,
    /// As whom the source knows us.
    pub identity: Option<String>,
    /// What the source says is left of its quota.
    pub allowance: Option<AllowanceInfo>,
    pub latency_ms: u64,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct AllowanceInfo {
    pub requests_left: u64,
    pub requests_max: u64,
    /// Over how many seconds the limit counts.
    pub per_s: u64,
}

/// What the source has, as it declares it; nothing of it is read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Discovery {
    pub streams: Vec<StreamDeclaration>,
    pub forecast: Forecast,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StreamDeclaration {
    pub name: String,
    pub label: Option<String>,
    pub fields: Vec<FieldDeclaration>,
    pub key: Vec<String>,
    pub cursor_field: Option<String>,
    /// `tombstone`, `sweep` or `unknown`.
    pub deletes: &'static str,
    /// How many records there are, where the source says so.
    pub records: Option<u64>,
    /// Whether the source sends single columns where only these are asked for. Where it is not so, a backfill of a column reads whole records.
    pub columns_alone: bool,
    /// What is left out or was assumed, e.g. that a field holds files.
    pub notes: Vec<String>,
    pub problem: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldDeclaration {
    pub name: String,
    pub label: Option<String>,
    /// `string`, `integer`, `decimal`, `boolean`, `date`, `datetime`, `list`, `object` or `unknown`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The type in the source's own words.
    pub declared: String,
    pub nullable: bool,
    pub custom: bool,
}

/// What a whole read would cost; none where the source does not say enough.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Forecast {
    pub records: Option<u64>,
    pub requests: Option<u64>,
    /// What the source said last is left of its quota.
    pub requests_left: Option<u64>,
    /// How many one read may spend without asking; none for as many as it takes.
    pub requests_max: Option<u64>,
    /// What a backfill of single columns costs where the source sends whole records for it: as much as a whole read. None where it does not.
    pub columns: Option<String>,
    /// Why one should think twice.
    pub warning: Option<String>,
}

impl TenantDcl {
    /// Finds a connection by its name or id.
    pub async fn named_connection(&self, name: &str) -> Result<Connection> {
        if let Some(found) = self.store().find_connection(name).await? {
            return Ok(found);
        }
        let id: ConnectionId = name.parse().map_err(|_| Error::NotFound("connection"))?;
        self.store().connection(id).await?.ok_or(Error::NotFound("connection"))
    }

    /// Reads one connection, and shows what came of it. Stops when `cancel` is set; what was committed stays, and the next sync goes on there.
    pub async fn sync_connection(
        &self,
        run: RunId,
        payload: &SyncPayload,
        cancel: CancellationToken,
        on_progress: impl Fn(&Progress) + Send + Sync + 'static,
    ) -> Result<SyncReport> {
        let connection = self.named_connection(&payload.connection).await?;
        if connection.paused.is_some() {
            return Err(Error::Paused { name: connection.name });
        }
        if connection.safe_mode_at.is_some() {
            return Err(Error::SafeMode { name: connection.name });
        }
        self.store().close_abandoned_runs().await?;
        let vocabulary = self.vocabulary().await?;
        let request = SyncRequest {
            mode: payload.mode,
            streams: payload.streams.clone(),
            columns: payload.columns.clone(),
            accept_loss: payload.accept_loss,
            requests_max: self.requests_max(&connection),
        };
        let (events, mut told) = mpsc::channel::<(Topic, serde_json::Value)>(EVENTS_WAITING_MAX);
        let publisher = self.clone();
        let publishing = tokio::spawn(async move {
            while let Some((topic, payload)) = told.recv().await {
                publisher.tell(topic, payload).await;
            }
        });
        let teller = Arc::new(Teller { run, events, tenant: self.clone() });
        let noted = teller.clone();
        let name = connection.name.clone();
        let notes = Notes::to(move |line| noted.narrate(&name, line, "info"));
        let told = teller.clone();
        let progress = move |progress: Progress| {
            told.progress(&progress);
            on_progress(&progress);
        };
        let report = self.sync_opened(&connection, &vocabulary, &request, cancel, notes, &progress).await;
        drop((progress, teller));
        let _ = publishing.await;
        let report = report?;
        self.refresh_engine().await?;
        self.touch().await?;
        let counts = self.with_engine(TenantEngine::counts).await?;
        let mut sum = Tally::default();
        report.streams.iter().for_each(|stream| sum.add(&stream.tally));
        Ok(SyncReport {
            connection: report.source,
            outcome: report.outcome,
            streams: report.streams.iter().map(SyncedStream::of).collect(),
            ledger: (&sum).into(),
            entities: counts
                .into_iter()
                .filter(|(_, counts)| counts.rows > 0)
                .map(|(name, counts)| (name, EntityReport { records: counts.records, rows: counts.rows }))
                .collect(),
            error: report.error,
            code: report.code,
            resume_at: report.resume_at,
        })
    }

    /// Returns how many requests one read of a connection may spend without asking; none for as many as it takes.
    pub(crate) fn requests_max(&self, connection: &Connection) -> Option<u64> {
        connection.requests_max.or(self.inner.sources.operator.requests_max).filter(|requests| *requests > 0)
    }

    /// Returns after how many seconds without a complete read a stream of a connection is stale.
    pub(crate) fn stale_after_s(&self, connection: &Connection) -> u64 {
        let own = connection.stale_after_us.map(|micros| micros.unsigned_abs() / 1_000_000);
        own.unwrap_or(self.inner.sources.operator.stale_after_s)
    }

    /// Looks whether the source can be read at all, as whom, and how fast it answers; and writes that down.
    pub async fn check_connection(&self, id: ConnectionId) -> Result<CheckInfo> {
        let connection = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let begun = Instant::now();
        let sources = &self.inner.sources;
        let looked = async {
            let open = sources.open(&self.scope, &connection, Notes::unheard(), CancellationToken::new()).await?;
            let report = open.connector.check(&open.context).await?;
            Ok((report, open.connector.budget()))
        };
        let looked: Result<_, aos_mesh::Error> = looked.await;
        let latency = begun.elapsed();
        let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        let info = match looked {
            Ok((report, budget)) => {
                if let (Some(allowance), Some(budget)) = (report.allowance, budget) {
                    let (left, max) = (allowance.requests_left, allowance.requests_max);
                    self.store().save_allowance(&budget.account, left, max).await?;
                }
                let problems: Vec<String> =
                    report.problems.iter().map(|(name, error)| format!("{name}: {error}")).collect();
                let skipped =
                    report.skipped.iter().map(|skipped| format!("{}: {}", skipped.path.display(), skipped.reason));
                let message = match report.size_bytes {
                    0 => format!("{} streams", report.streams),
                    bytes => format!("{} tables, {bytes} bytes", report.streams),
                };
                CheckInfo {
                    ok: problems.is_empty(),
                    message,
                    next_step: (!problems.is_empty()).then(|| problems.join("; ")),
                    code: report.problems.first().map(|(_, error)| error.code()),
                    streams: report.streams,
                    skipped: skipped.collect(),
                    identity: report.identity,
                    allowance: report.allowance.map(|allowance| AllowanceInfo {
                        requests_left: allowance.requests_left,
                        requests_max: allowance.requests_max,
                        per_s: allowance.per.as_secs(),
                    }),
                    latency_ms,
                }
            }
            Err(error @ (aos_mesh::Error::Store(_) | aos_mesh::Error::Stopped)) => return Err(error.into()),
            Err(error) => unchecked(&error, latency_ms),
        };
        let code = info.code.or((!info.ok).then_some("problem"));
        self.store().save_check(id, &NewCheck { latency, code, message: info.message.clone() }).await?;
        if info.ok {
            self.store().clear_alert(id, "", AlertKind::NeedsAttention).await?;
        }
        Ok(info)
    }

    /// Lists what the source declares, and what reading it whole would cost. Nothing of its records is read, except of files, which declare
    /// nothing.
    pub async fn discover_connection(&self, id: ConnectionId) -> Result<Discovery> {
        let connection = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let cancel = CancellationToken::new();
        let open = self.inner.sources.open(&self.scope, &connection, Notes::unheard(), cancel).await?;
        let streams = open.connector.discover(&open.context).await?;
        let left = match open.connector.budget() {
            Some(budget) => self.store().source_account(&budget.account).await?.and_then(|known| known.requests_left),
            None => None,
        };
        let forecast = Forecast::of(&streams, left, self.requests_max(&connection));
        Ok(Discovery { streams: streams.into_iter().map(StreamDeclaration::of).collect(), forecast })
    }
}

/// Tells the tenant's live events what a sync does.
struct Teller {
    run: RunId,
    events: mpsc::Sender<(Topic, serde_json::Value)>,
    tenant: TenantDcl,
}

impl Teller {
    fn progress(&self, progress: &Progress) {
        let told = json!({
            "run_id": self.run, "source": progress.source, "stage": progress.stage, "table": progress.table,
            "tables_done": progress.tables_done, "tables": progress.tables, "records_read": progress.records_read,
            "message": progress.message, "percent": progress.percent(),
        });
        // A step that finds no room is left out: the next one says more.
        let _ = self.events.try_send((Topic::MappingProgress, told));
        if progress.narrate {
            let level = if progress.stage == Stage::Failed { "error" } else { "info" };
            self.narrate(&progress.source, &progress.message, level);
        }
    }

    fn narrate(&self, source: &str, line: &str, level: &str) {
        let at = self.tenant.inner.clock.now();
        let told = json!({ "run_id": self.run, "at": at, "message": format!("{source}: {line}"), "level": level });
        let _ = self.events.try_send((Topic::Narration, told));
    }
}

impl SyncedStream {
    fn of(report: &sync::StreamReport) -> Self {
        Self {
            stream: report.stream.clone(),
            outcome: report.outcome,
            ledger: (&report.tally).into(),
            deleted: report.deleted,
            problem: report.problem.clone(),
            code: report.code,
        }
    }
}

/// Says why a source could not be looked at; the second half of a message is what to do.
fn unchecked(error: &aos_mesh::Error, latency_ms: u64) -> CheckInfo {
    let text = error.to_string();
    let (message, next_step) = aos_connectors::with_next_step(&text);
    let next_step = next_step.unwrap_or("correct the settings and check again").to_owned();
    let message = message.to_owned();
    let code = match error {
        aos_mesh::Error::Source(error) => error.code(),
        _ => "config",
    };
    CheckInfo {
        ok: false,
        message,
        next_step: Some(next_step),
        code: Some(code),
        streams: 0,
        skipped: Vec::new(),
        identity: None,
        allowance: None,
        latency_ms,
    }
}

impl StreamDeclaration {
    fn of(stream: Stream) -> Self {
        let sampled = || {
            stream.shape.columns.iter().map(|column| FieldDeclaration {
                name: column.path.clone(),
                label: column.label.clone(),
                kind: column.kind.as_str(),
                declared: String::new(),
                nullable: column.nulls > 0 || column.absent > 0,
                custom: false,
            })
        };
        let declared = stream.fields.iter().map(|field| FieldDeclaration {
            name: field.name.clone(),
            label: field.label.clone(),
            kind: field.kind.as_str(),
            declared: field.declared.clone(),
            nullable: field.nullable,
            custom: field.custom,
        });
        Self {
            fields: if stream.fields.is_empty() { sampled().collect() } else { declared.collect() },
            key: stream.key,
            cursor_field: stream.cursor_field,
            deletes: stream.deletes.as_str(),
            records: stream.count.map(|count| count.records()),
            columns_alone: stream.columns_alone,
            notes: stream.assumed,
            problem: stream.problem.map(|problem| problem.to_string()),
            label: stream.label,
            name: stream.name,
        }
    }
}

/// Says of which streams a backfill of single columns reads whole records.
fn whole_for_columns(streams: &[Stream]) -> Option<String> {
    const NAMED_MAX: usize = 8;
    let whole: Vec<&str> = streams
        .iter()
        .filter(|stream| stream.problem.is_none() && !stream.columns_alone)
        .map(|stream| stream.name.as_str())
        .collect();
    let further = whole.len().saturating_sub(NAMED_MAX);
    let which = match (whole.len() == streams.len(), further) {
        (true, _) => "any stream".to_owned(),
        (false, 0) => whole.join(", "),
        (false, _) => format!("{} and {further} more", whole[..NAMED_MAX].join(", ")),
    };
    let said =
        format!("a backfill of single columns of {which} transfers whole records, as many bytes as a whole read");
    (!whole.is_empty()).then_some(said)
}

impl Forecast {
    fn of(streams: &[Stream], requests_left: Option<u64>, requests_max: Option<u64>) -> Self {
        let counts: Option<Vec<u64>> = streams.iter().map(|stream| stream.count.map(|count| count.records())).collect();
        let requests: Option<u64> = streams
            .iter()
            .map(|stream| {
                let (count, at_once) = (stream.count?.records(), u64::from(stream.records_per_request?));
                Some(count.div_ceil(at_once.max(1)).max(1))
            })
            .sum();
        let asks = requests.zip(requests_max).filter(|(requests, max)| requests > max).map(|(requests, max)| {
            format!("a whole read takes about {requests} requests and may spend {max} without asking; it will wait to be confirmed")
        });
        let warning = requests.zip(requests_left).and_then(|(requests, left)| {
            let share = requests as f64 / left.max(1) as f64;
            (share > QUOTA_SHARE_WARNED).then(|| {
                format!("a whole read takes about {requests} requests of the {left} that the source says are left")
            })
        });
        let warning = asks.or(warning);
        let records = counts.map(|counts| counts.iter().sum());
        Self { records, requests, requests_left, requests_max, columns: whole_for_columns(streams), warning }
    }
}

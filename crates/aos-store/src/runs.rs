//! Runs of connections and their ledger. The tally of each stream is written by `ingest`, with the data it counts.

use crate::convert::{count, from_json, from_word, outcome_word, time, to_json, uncount};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::ledger::{Outcome, Tally};
use aos_core::{ConnectionId, RunId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    pub id: RunId,
    pub connection_id: ConnectionId,
    pub started_at: DateTime<Utc>,
    /// `None` while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    pub outcome: Option<Outcome>,
    pub error: Option<String>,
    pub trace_id: String,
    /// Over all its streams, so far.
    pub tally: Tally,
    /// Stream by stream, by name.
    pub streams: Vec<RunStream>,
}

/// What a run did with one stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunStream {
    pub stream: String,
    pub tally: Tally,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunFilter {
    pub connection: Option<ConnectionId>,
}

/// Sums over all runs of a tenant.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RunTotals {
    pub runs: u64,
    /// How many finished runs had which outcome.
    pub outcomes: BTreeMap<String, u64>,
    pub tally: Tally,
}

type Row = (Uuid, Uuid, i64, Option<i64>, Option<String>, Option<String>, String);
impl Run {
    fn add(&mut self, streams: Vec<RunStream>) {
        for stream in &streams {
            self.tally.add(&stream.tally);
        }
        self.streams.extend(streams);
    }
}

macro_rules! close_abandoned {
    ($table:literal, $end:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET finished_at = $2, ",
            $end,
            ", error = 'interrupted: the attempt at its task ended'
              WHERE tenant_id = $1 AND finished_at IS NULL AND task_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM task_queue q
                                 WHERE q.tenant_id = $1 AND q.id = ",
            $table,
            ".task_id AND q.attempt = ",
            $table,
            ".attempt
                                   AND q.worker_id IS NOT NULL)"
        )
    };
}

/// Ends what attempts have left open that are not running any more.
pub(crate) async fn close_abandoned(tx: &mut Tx, tenant: Uuid, now: i64) -> Result<u64> {
    let mut closed = 0;
    for statement in
        [close_abandoned!("runs", "outcome = 'failed'"), close_abandoned!("connect_runs", "status = 'failed'")]
    {
        closed += query(statement).bind(tenant).bind(now).execute(&mut *tx).await?;
    }
    Ok(closed)
}

type TallyRow = (Uuid, String, i64, i64, i64, i64, i64, String);

impl TenantStore<'_> {
    pub async fn start_run(&self, connection: ConnectionId, trace_id: &str) -> Result<Run> {
        let (id, now) = (RunId::new(), self.now());
        let mut tx = self.begin().await?;
        let inserted = query(
            "INSERT INTO runs (tenant_id, id, connection_id, started_at, trace_id, task_id, attempt)
             SELECT tenant_id, $2, id, $4, $5, $6, $7 FROM connections
              WHERE tenant_id = $1 AND id = $3 AND deleted_at IS NULL",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(connection.0)
        .bind(now)
        .bind(trace_id)
        .bind(self.scope.fence().map(|fence| fence.task.0))
        .bind(self.scope.fence().map(|fence| i64::from(fence.attempt)))
        .execute(&mut tx)
        .await?;
        if inserted == 0 {
            return Err(Error::NotFound(Resource::Connection(connection.to_string())));
        }
        tx.commit().await?;
        Ok(Run {
            id,
            connection_id: connection,
            started_at: time(now),
            finished_at: None,
            outcome: None,
            error: None,
            trace_id: trace_id.to_owned(),
            tally: Tally::default(),
            streams: Vec::new(),
        })
    }

    /// Ends a run. A run that has ended keeps its first end.
    pub async fn finish_run(&self, run: RunId, outcome: Outcome, error: Option<&str>) -> Result<()> {
        let mut tx = self.begin().await?;
        let updated = query(
            "UPDATE runs
                SET finished_at = COALESCE(finished_at, $3),
                    error = CASE WHEN outcome IS NULL THEN $5 ELSE error END,
                    outcome = COALESCE(outcome, $4)
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(run.0)
        .bind(self.now())
        .bind(outcome_word(outcome))
        .bind(error)
        .execute(&mut tx)
        .await?;
        if updated == 0 {
            return Err(Error::NotFound(Resource::Run(run.to_string())));
        }
        self.audit(&mut tx, "run.finish", &run.to_string(), json!({ "outcome": outcome })).await?;
        tx.commit().await
    }

    /// Ends the runs and connects that attempts at tasks have left open, and returns how many there were: those whose attempt was lost,
    /// canceled or given up. Called by whoever begins the next connect, and when an attempt is lost.
    pub async fn close_abandoned_runs(&self) -> Result<u64> {
        let mut tx = self.begin().await?;
        let closed = close_abandoned(&mut tx, self.id(), self.now()).await?;
        tx.commit().await?;
        Ok(closed)
    }

    pub async fn run(&self, id: RunId) -> Result<Option<Run>> {
        let found = query_as::<Row>(
            "SELECT id, connection_id, started_at, finished_at, outcome, error, trace_id
               FROM runs
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id.0)
        .fetch_optional(self.reader())
        .await?;
        let Some(row) = found else { return Ok(None) };
        let mut run = run_without_tally(row)?;
        run.add(self.run_streams(id).await?);
        Ok(Some(run))
    }

    /// Returns the ledger of a run, stream by stream.
    pub async fn run_streams(&self, run: RunId) -> Result<Vec<RunStream>> {
        let rows = self.tallies(run.0, run.0).await?;
        rows.into_iter().map(|row| tally(row).map(|(_, stream, tally)| RunStream { stream, tally })).collect()
    }

    /// Lists runs, newest first.
    pub async fn list_runs(&self, filter: RunFilter, page: Page) -> Result<PageOf<Run>> {
        let rows = query_as::<Row>(
            "SELECT id, connection_id, started_at, finished_at, outcome, error, trace_id
               FROM runs
              WHERE tenant_id = $1 AND ($2 IS NULL OR connection_id = $2) AND ($3 IS NULL OR id < $3)
              ORDER BY id DESC LIMIT $4",
        )
        .bind(self.id())
        .bind(filter.connection.map(|id| id.0))
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let runs = rows.into_iter().map(run_without_tally).collect::<Result<_>>()?;
        let mut page = page.of(runs, |run: &Run| run.id);
        if let (Some(newest), Some(oldest)) = (page.items.first(), page.items.last()) {
            let mut streams: HashMap<Uuid, Vec<RunStream>> = HashMap::new();
            for row in self.tallies(oldest.id.0, newest.id.0).await? {
                let (run, stream, tally) = tally(row)?;
                streams.entry(run).or_default().push(RunStream { stream, tally });
            }
            for run in &mut page.items {
                run.add(streams.remove(&run.id.0).unwrap_or_default());
            }
        }
        Ok(page)
    }

    /// Returns the newest run of each connection.
    pub async fn last_runs(&self) -> Result<Vec<Run>> {
        let rows = query_as::<Row>(
            "SELECT id, connection_id, started_at, finished_at, outcome, error, trace_id
               FROM runs
              WHERE tenant_id = $1
                AND NOT EXISTS (SELECT 1 FROM runs AS newer
                                 WHERE newer.tenant_id = runs.tenant_id AND newer.connection_id = runs.connection_id
                                   AND newer.id > runs.id)",
        )
        .bind(self.id())
        .fetch_all(self.reader())
        .await?;
        let mut runs: Vec<Run> = rows.into_iter().map(run_without_tally).collect::<Result<_>>()?;
        let tallies = query_as::<TallyRow>(
            "SELECT run_id, stream, read, landed, duplicate, filtered, rejected, warnings
               FROM run_streams
              WHERE tenant_id = $1
                AND run_id IN (SELECT id FROM runs
                                WHERE tenant_id = $1
                                  AND NOT EXISTS (SELECT 1 FROM runs AS newer
                                                   WHERE newer.tenant_id = runs.tenant_id
                                                     AND newer.connection_id = runs.connection_id AND newer.id > runs.id))
              ORDER BY run_id, stream",
        )
        .bind(self.id())
        .fetch_all(self.reader())
        .await?;
        for row in tallies {
            let (id, stream, tally) = tally(row)?;
            if let Some(run) = runs.iter_mut().find(|run| run.id.0 == id) {
                run.add(vec![RunStream { stream, tally }]);
            }
        }
        Ok(runs)
    }

    pub async fn run_totals(&self) -> Result<RunTotals> {
        let mut totals = RunTotals::default();
        let outcomes = query_as::<(Option<String>, i64)>(
            "SELECT outcome, COUNT(*) FROM runs WHERE tenant_id = $1 GROUP BY outcome",
        )
        .bind(self.id())
        .fetch_all(self.reader())
        .await?;
        for (outcome, runs) in outcomes {
            totals.runs += uncount(runs);
            if let Some(outcome) = outcome {
                totals.outcomes.insert(outcome, uncount(runs));
            }
        }
        // Grouped by the warnings' text, of which there are few, since two databases add up JSON in two ways.
        let sums = query_as::<(String, i64, i64, i64, i64, i64, i64)>(
            "SELECT warnings, COUNT(*), CAST(SUM(read) AS BIGINT), CAST(SUM(landed) AS BIGINT),
                    CAST(SUM(duplicate) AS BIGINT), CAST(SUM(filtered) AS BIGINT), CAST(SUM(rejected) AS BIGINT)
               FROM run_streams
              WHERE tenant_id = $1
              GROUP BY warnings",
        )
        .bind(self.id())
        .fetch_all(self.reader())
        .await?;
        for (warnings, times, read, landed, duplicate, filtered, rejected) in sums {
            let row = (Uuid::nil(), String::new(), read, landed, duplicate, filtered, rejected, warnings);
            let (_, _, mut tally) = tally(row)?;
            for count in tally.warnings.values_mut() {
                *count *= uncount(times);
            }
            totals.tally.add(&tally);
        }
        Ok(totals)
    }

    /// Reads the tallies of runs in a range of their ids, which is the order of their start.
    async fn tallies(&self, from: Uuid, to: Uuid) -> Result<Vec<TallyRow>> {
        query_as(
            "SELECT run_id, stream, read, landed, duplicate, filtered, rejected, warnings
               FROM run_streams
              WHERE tenant_id = $1 AND run_id >= $2 AND run_id <= $3
              ORDER BY run_id, stream",
        )
        .bind(self.id())
        .bind(from)
        .bind(to)
        .fetch_all(self.reader())
        .await
    }

    /// Adds a page's tally to its run and stream.
    pub(crate) async fn add_tally(&self, tx: &mut Tx, run: RunId, stream: &str, page: &Tally) -> Result<()> {
        let mut warnings = page.warnings.clone();
        if !warnings.is_empty() {
            let known = query_scalar::<String>(
                "SELECT warnings FROM run_streams WHERE tenant_id = $1 AND run_id = $2 AND stream = $3",
            )
            .bind(self.id())
            .bind(run.0)
            .bind(stream)
            .fetch_optional(&mut *tx)
            .await?;
            let known: BTreeMap<String, u64> = match known {
                Some(text) => from_json(&text, "run_streams", "warnings", run)?,
                None => BTreeMap::new(),
            };
            for (code, times) in known {
                *warnings.entry(code).or_default() += times;
            }
        }
        // A page without warnings binds `{}` and keeps those there are.
        query(
            "INSERT INTO run_streams
                (tenant_id, run_id, stream, read, landed, duplicate, filtered, rejected, warnings)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (tenant_id, run_id, stream) DO UPDATE
                SET read = run_streams.read + excluded.read,
                    landed = run_streams.landed + excluded.landed,
                    duplicate = run_streams.duplicate + excluded.duplicate,
                    filtered = run_streams.filtered + excluded.filtered,
                    rejected = run_streams.rejected + excluded.rejected,
                    warnings = CASE WHEN excluded.warnings = '{}' THEN run_streams.warnings ELSE excluded.warnings END",
        )
        .bind(self.id())
        .bind(run.0)
        .bind(stream)
        .bind(count(page.read))
        .bind(count(page.landed))
        .bind(count(page.duplicate))
        .bind(count(page.filtered))
        .bind(count(page.rejected))
        .bind(to_json(&warnings))
        .execute(&mut *tx)
        .await?;
        Ok(())
    }
}

fn run_without_tally((id, connection, started_at, finished_at, outcome, error, trace_id): Row) -> Result<Run> {
    let outcome = outcome.map(|word| from_word(word, "runs", "outcome", id)).transpose()?;
    Ok(Run {
        id: RunId(id),
        connection_id: ConnectionId(connection),
        started_at: time(started_at),
        finished_at: finished_at.map(time),
        outcome,
        error,
        trace_id,
        tally: Tally::default(),
        streams: Vec::new(),
    })
}

fn tally(row: TallyRow) -> Result<(Uuid, String, Tally)> {
    let (run, stream, read, landed, duplicate, filtered, rejected, warnings) = row;
    let tally = Tally {
        read: uncount(read),
        landed: uncount(landed),
        duplicate: uncount(duplicate),
        filtered: uncount(filtered),
        rejected: uncount(rejected),
        warnings: from_json(&warnings, "run_streams", "warnings", run)?,
    };
    Ok((run, stream, tally))
}

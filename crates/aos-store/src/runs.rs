//! Runs of connections and their ledger. The tally of each stream is written by `ingest`, with the data it counts.

use crate::convert::{count, from_json, from_word, micros, outcome_word, time, to_json, uncount};
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
    /// What was to be read: `incremental`, `full`, `backfill` or `keys`.
    pub mode: String,
    /// For a throttled run: when the source takes requests again.
    pub resume_at: Option<DateTime<Utc>>,
    /// Over all its streams, so far.
    pub tally: Tally,
    /// Stream by stream, by name.
    pub streams: Vec<RunStream>,
}

/// What a run did with one stream.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RunStream {
    pub stream: String,
    pub tally: Tally,
    pub facts: PageFacts,
    /// What came of it; none while it is read.
    pub end: Option<RunStreamEnd>,
}

/// What is counted of a page beside its records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PageFacts {
    pub requests: u64,
    /// Records found gone.
    pub deleted: u64,
    /// Records that changed before others that had been read already, and by how many microseconds the latest was late.
    pub late: u64,
    pub lateness_us: i64,
}

/// How the read of one stream ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunStreamEnd {
    pub outcome: Outcome,
    pub problem: Option<String>,
    /// The kind of problem, for programs.
    pub problem_code: Option<String>,
    /// How many records it should have been by the source's word: `exactly`, `at_least` or `about` so many.
    pub source_count: Option<(String, u64)>,
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

type Row = (Uuid, Uuid, i64, Option<i64>, Option<String>, Option<String>, String, String, Option<i64>);

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

#[derive(sqlx::FromRow)]
struct TallyRow {
    run_id: Uuid,
    stream: String,
    read: i64,
    landed: i64,
    duplicate: i64,
    filtered: i64,
    rejected: i64,
    warnings: String,
    requests: i64,
    deleted: i64,
    late: i64,
    lateness_us: i64,
    source_count: Option<i64>,
    source_bound: Option<String>,
    outcome: Option<String>,
    problem: Option<String>,
    problem_code: Option<String>,
}

impl TenantStore<'_> {
    pub async fn start_run(&self, connection: ConnectionId, trace_id: &str) -> Result<Run> {
        self.start_run_of(connection, trace_id, "incremental").await
    }

    /// Begins a run of a mode, e.g. `full`. What is in Safe Mode is read by no run.
    ///
    /// # Errors
    /// [`Error::SafeMode`], [`Error::NotFound`].
    pub async fn start_run_of(&self, connection: ConnectionId, trace_id: &str, mode: &str) -> Result<Run> {
        let (id, now) = (RunId::new(), self.now());
        let mut tx = self.begin().await?;
        let inserted = query(
            "INSERT INTO runs (tenant_id, id, connection_id, started_at, trace_id, task_id, attempt, mode)
             SELECT tenant_id, $2, id, $4, $5, $6, $7, $8 FROM connections
              WHERE tenant_id = $1 AND id = $3 AND deleted_at IS NULL AND safe_mode_at IS NULL",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(connection.0)
        .bind(now)
        .bind(trace_id)
        .bind(self.scope.fence().map(|fence| fence.task.0))
        .bind(self.scope.fence().map(|fence| i64::from(fence.attempt)))
        .bind(mode)
        .execute(&mut tx)
        .await?;
        if inserted == 0 {
            return Err(match self.connection(connection).await? {
                Some(found) => Error::SafeMode { name: found.name },
                None => Error::NotFound(Resource::Connection(connection.to_string())),
            });
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
            mode: mode.to_owned(),
            resume_at: None,
            tally: Tally::default(),
            streams: Vec::new(),
        })
    }

    /// Ends a run. A run that has ended keeps its first end.
    pub async fn finish_run(&self, run: RunId, outcome: Outcome, error: Option<&str>) -> Result<()> {
        self.finish_run_until(run, outcome, error, None).await
    }

    /// Ends a run that is to go on at a time, since its source takes no more requests before.
    pub async fn finish_run_until(
        &self,
        run: RunId,
        outcome: Outcome,
        error: Option<&str>,
        resume_at: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let updated = query(
            "UPDATE runs
                SET finished_at = COALESCE(finished_at, $3),
                    error = CASE WHEN outcome IS NULL THEN $5 ELSE error END,
                    resume_at = CASE WHEN outcome IS NULL THEN $6 ELSE resume_at END,
                    outcome = COALESCE(outcome, $4)
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(run.0)
        .bind(self.now())
        .bind(outcome_word(outcome))
        .bind(error)
        .bind(resume_at.map(micros))
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
            "SELECT id, connection_id, started_at, finished_at, outcome, error, trace_id, mode, resume_at
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
        rows.into_iter().map(|row| run_stream(row).map(|(_, stream)| stream)).collect()
    }

    /// Writes down how the read of one stream ended.
    pub async fn end_run_stream(&self, run: RunId, stream: &str, end: &RunStreamEnd) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO run_streams
                (tenant_id, run_id, stream, read, landed, duplicate, filtered, rejected, warnings,
                 outcome, problem, problem_code, source_count, source_bound)
             VALUES ($1, $2, $3, 0, 0, 0, 0, 0, '{}', $4, $5, $6, $7, $8)
             ON CONFLICT (tenant_id, run_id, stream) DO UPDATE
                SET outcome = excluded.outcome, problem = excluded.problem, problem_code = excluded.problem_code,
                    source_count = excluded.source_count, source_bound = excluded.source_bound",
        )
        .bind(self.id())
        .bind(run.0)
        .bind(stream)
        .bind(outcome_word(end.outcome))
        .bind(end.problem.as_deref())
        .bind(end.problem_code.as_deref())
        .bind(end.source_count.as_ref().map(|(_, records)| count(*records)))
        .bind(end.source_count.as_ref().map(|(bound, _)| bound.as_str()))
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Returns by how much records of a stream were late at most, in microseconds, in the runs since a time: what the overlap of two reads
    /// is sized by. Zero when none was.
    pub async fn worst_lateness(&self, connection: ConnectionId, stream: &str, since: DateTime<Utc>) -> Result<i64> {
        let worst = query_scalar::<Option<i64>>(
            "SELECT MAX(s.lateness_us)
               FROM runs r
               JOIN run_streams s ON s.tenant_id = r.tenant_id AND s.run_id = r.id AND s.stream = $3
              WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.started_at >= $4",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(micros(since))
        .fetch_one(self.reader())
        .await?;
        Ok(worst.unwrap_or_default())
    }

    /// Lists runs, newest first.
    pub async fn list_runs(&self, filter: RunFilter, page: Page) -> Result<PageOf<Run>> {
        let rows = query_as::<Row>(
            "SELECT id, connection_id, started_at, finished_at, outcome, error, trace_id, mode, resume_at
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
                let (run, stream) = run_stream(row)?;
                streams.entry(run).or_default().push(stream);
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
            "SELECT id, connection_id, started_at, finished_at, outcome, error, trace_id, mode, resume_at
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
            "SELECT run_id, stream, read, landed, duplicate, filtered, rejected, warnings, requests, deleted, late,
                    lateness_us, source_count, source_bound, outcome, problem, problem_code
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
            let (id, stream) = run_stream(row)?;
            if let Some(run) = runs.iter_mut().find(|run| run.id.0 == id) {
                run.add(vec![stream]);
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
            let mut tally = Tally {
                read: uncount(read),
                landed: uncount(landed),
                duplicate: uncount(duplicate),
                filtered: uncount(filtered),
                rejected: uncount(rejected),
                warnings: from_json(&warnings, "run_streams", "warnings", "the sum of all runs")?,
            };
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
            "SELECT run_id, stream, read, landed, duplicate, filtered, rejected, warnings, requests, deleted, late,
                    lateness_us, source_count, source_bound, outcome, problem, problem_code
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
    pub(crate) async fn add_tally(
        &self,
        tx: &mut Tx,
        run: RunId,
        stream: &str,
        page: &Tally,
        facts: PageFacts,
    ) -> Result<()> {
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
                (tenant_id, run_id, stream, read, landed, duplicate, filtered, rejected, warnings,
                 requests, deleted, late, lateness_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             ON CONFLICT (tenant_id, run_id, stream) DO UPDATE
                SET read = run_streams.read + excluded.read,
                    landed = run_streams.landed + excluded.landed,
                    duplicate = run_streams.duplicate + excluded.duplicate,
                    filtered = run_streams.filtered + excluded.filtered,
                    rejected = run_streams.rejected + excluded.rejected,
                    requests = run_streams.requests + excluded.requests,
                    deleted = run_streams.deleted + excluded.deleted,
                    late = run_streams.late + excluded.late,
                    lateness_us = CASE WHEN run_streams.lateness_us > excluded.lateness_us
                                       THEN run_streams.lateness_us ELSE excluded.lateness_us END,
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
        .bind(count(facts.requests))
        .bind(count(facts.deleted))
        .bind(count(facts.late))
        .bind(facts.lateness_us)
        .execute(&mut *tx)
        .await?;
        Ok(())
    }
}

fn run_without_tally(row: Row) -> Result<Run> {
    let (id, connection, started_at, finished_at, outcome, error, trace_id, mode, resume_at) = row;
    let outcome = outcome.map(|word| from_word(word, "runs", "outcome", id)).transpose()?;
    Ok(Run {
        id: RunId(id),
        connection_id: ConnectionId(connection),
        started_at: time(started_at),
        finished_at: finished_at.map(time),
        outcome,
        error,
        trace_id,
        mode,
        resume_at: resume_at.map(time),
        tally: Tally::default(),
        streams: Vec::new(),
    })
}

fn run_stream(row: TallyRow) -> Result<(Uuid, RunStream)> {
    let run = row.run_id;
    let tally = Tally {
        read: uncount(row.read),
        landed: uncount(row.landed),
        duplicate: uncount(row.duplicate),
        filtered: uncount(row.filtered),
        rejected: uncount(row.rejected),
        warnings: from_json(&row.warnings, "run_streams", "warnings", run)?,
    };
    let facts = PageFacts {
        requests: uncount(row.requests),
        deleted: uncount(row.deleted),
        late: uncount(row.late),
        lateness_us: row.lateness_us,
    };
    let end = match row.outcome {
        None => None,
        Some(word) => Some(RunStreamEnd {
            outcome: from_word(word, "run_streams", "outcome", run)?,
            problem: row.problem,
            problem_code: row.problem_code,
            source_count: row.source_bound.zip(row.source_count.map(uncount)),
        }),
    };
    Ok((run, RunStream { stream: row.stream, tally, facts, end }))
}

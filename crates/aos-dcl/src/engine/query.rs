//! Runs a caller's SQL: guarded, on a connection of its own, with limits on time, memory, rows and bytes.

use super::instance::TenantEngine;
use super::{Error, Result, guard, schema, value};
use duckdb::arrow::array::RecordBatch;
use duckdb::{Connection, InterruptHandle};
use serde::Serialize;
use serde_json::Value;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

pub const ROWS_MAX: usize = 100_000;
/// Text that one result may hold, roughly.
const RESULT_BYTES_MAX: usize = 64 << 20;
/// How often a running query is looked at.
const WATCH_INTERVAL: Duration = Duration::from_millis(10);
/// How much the process may grow during one query beyond the database's own limit.
const GROWTH_MARGIN_MB: u64 = 256;

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct QueryColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueryResult {
    pub columns: Vec<QueryColumn>,
    pub rows: Vec<Vec<Value>>,
    /// There are more rows than these.
    pub truncated: bool,
    #[serde(skip)]
    pub elapsed: Duration,
}

impl TenantEngine {
    /// Runs one SELECT over the unified views and returns at most `limit` rows. `timeout` is capped by the engine's own.
    pub fn query(&self, sql: &str, limit: usize, timeout: Option<Duration>) -> Result<QueryResult> {
        let started = Instant::now();
        let options = &self.instance.options;
        let limits = Limits {
            rows: limit.clamp(1, ROWS_MAX),
            time: timeout.unwrap_or(options.query_timeout).min(options.query_timeout),
            growth_mb: u64::from(options.memory_limit_mb) + GROWTH_MARGIN_MB,
        };
        let connection = self.instance.new_connection()?;
        // Entities are then named as they are seen; this much may be set although the configuration is locked.
        connection.execute_batch(&format!("SET schema = '{}'", schema::views(self.lens)))?;
        guard::check(&connection, &self.instance.ontology(), self.lens, sql).map_err(|error| self.shown(error))?;
        let mut result =
            watched(&connection, &limits, || read(&connection, sql, limits.rows)).map_err(|error| self.shown(error))?;
        result.elapsed = started.elapsed();
        Ok(result)
    }

    /// Checks a statement as [`TenantEngine::query`] does and lets DuckDB plan it, without running it.
    pub fn dry_run(&self, sql: &str) -> Result<()> {
        let connection = self.instance.new_connection()?;
        connection.execute_batch(&format!("SET schema = '{}'", schema::views(self.lens)))?;
        guard::check(&connection, &self.instance.ontology(), self.lens, sql).map_err(|error| self.shown(error))?;
        let planned = connection.prepare(&format!("EXPLAIN {sql}")).and_then(|mut plan| plan.query([]).map(|_| ()));
        planned.map_err(|error| self.shown(error.into()))
    }

    /// Turns DuckDB's own words into an error for the caller, without the place of the files.
    fn shown(&self, error: Error) -> Error {
        let message = match error {
            Error::Database(duckdb::Error::DuckDBFailure(_, Some(message))) => message,
            Error::Database(error) => error.to_string(),
            Error::Failed { message } => message,
            other => return other,
        };
        if message.starts_with("Out of Memory") {
            return Error::TooBig;
        }
        let folder = self.instance.path.parent().unwrap_or(&self.instance.path).display().to_string();
        Error::Failed { message: outside(&message.replace(&folder, "…")) }
    }
}

/// Leaves out of DuckDB's words what lies behind the views. It suggests names from the whole catalogue, and whoever asks is to know of the
/// views only.
fn outside(message: &str) -> String {
    let inside = |line: &&str| schema::HIDDEN.iter().any(|name| line.contains(name));
    let own = |line: &&str| line.starts_with("LINE ");
    let kept: Vec<&str> = message.lines().filter(|line| !line.starts_with("Did you mean")).collect();
    if kept.iter().any(|line| inside(line) && !own(line)) {
        return "the query cannot be run; check the names and types in it".to_owned();
    }
    kept.join("\n")
}

struct Limits {
    rows: usize,
    time: Duration,
    growth_mb: u64,
}

fn read(connection: &Connection, sql: &str, limit: usize) -> Result<QueryResult> {
    let mut statement = connection.prepare(sql)?;
    // The iterator over a stream panics when the query is interrupted; `step` returns the error.
    drop(statement.stream_arrow([])?);
    let columns = statement
        .schema()
        .fields()
        .iter()
        .map(|field| QueryColumn { name: field.name().clone(), kind: value::type_name(field.data_type()) })
        .collect::<Vec<_>>();
    let mut rows = Vec::new();
    let mut bytes = 0;
    let mut truncated = false;
    while let Some(chunk) = statement.step()? {
        let batch = RecordBatch::from(&chunk);
        for row in 0..batch.num_rows() {
            if rows.len() == limit || bytes > RESULT_BYTES_MAX {
                truncated = true;
                break;
            }
            let cells: Vec<Value> = (0..columns.len()).map(|column| value::cell(&batch, column, row)).collect();
            bytes += cells.iter().map(size).sum::<usize>();
            rows.push(cells);
        }
        if truncated {
            break;
        }
    }
    Ok(QueryResult { columns, rows, truncated, elapsed: Duration::ZERO })
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => 32 + text.len(),
        Value::Array(items) => 32 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 64 + members.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>(),
        _ => 32,
    }
}

const RUNNING: u8 = 0;
const OUT_OF_TIME: u8 = 1;
const OUT_OF_MEMORY: u8 = 2;

/// Runs `work` while a second thread watches the clock and the process's memory, and interrupts the connection when it must.
fn watched<T>(connection: &Connection, limits: &Limits, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let verdict = AtomicU8::new(RUNNING);
    let interrupt = connection.interrupt_handle();
    let (done, ended) = channel::<()>();
    let result = std::thread::scope(|scope| {
        scope.spawn({
            let (interrupt, verdict) = (&interrupt, &verdict);
            move || watch(&ended, interrupt, limits, verdict)
        });
        let result = work();
        drop(done);
        result
    });
    match verdict.load(Ordering::Acquire) {
        OUT_OF_TIME if result.is_err() => Err(Error::TimedOut { limit: limits.time }),
        OUT_OF_MEMORY if result.is_err() => Err(Error::TooBig),
        _ => result,
    }
}

fn watch(ended: &Receiver<()>, interrupt: &InterruptHandle, limits: &Limits, verdict: &AtomicU8) {
    let started = Instant::now();
    let resident_before = resident_mb();
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(WATCH_INTERVAL) {
        if started.elapsed() >= limits.time {
            verdict.store(OUT_OF_TIME, Ordering::Release);
        } else if resident_mb().saturating_sub(resident_before) > limits.growth_mb {
            verdict.store(OUT_OF_MEMORY, Ordering::Release);
        }
        // Again at every look: an interrupt between two stages of a query is forgotten by the next.
        if verdict.load(Ordering::Acquire) != RUNNING {
            interrupt.interrupt();
        }
    }
}

/// Returns the memory that the process holds, or 0 where the system does not say.
fn resident_mb() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|statm| statm.split_ascii_whitespace().nth(1)?.parse::<u64>().ok())
        .unwrap_or(0);
    pages * 4096 / (1024 * 1024)
}

//! What tasks tell about themselves: progress, which is replaced, and log lines, which are kept up to a limit.

use super::task::kept_text;
use crate::convert::{from_word, micros, time};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::task::{Fence, LogLevel, LogLine, TaskId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

const MESSAGE_BYTES_MAX: usize = 4 * 1024;
/// The last of them says that there was more.
const LINES_MAX: i64 = 1000;

/// A line of a task's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskLog {
    /// Counts from 1.
    pub seq: i64,
    pub at: DateTime<Utc>,
    /// The attempt that wrote it.
    pub attempt: u32,
    pub level: LogLevel,
    pub message: String,
}

impl TenantStore<'_> {
    /// Replaces what a running attempt tells about how far it is.
    ///
    /// # Errors
    /// [`crate::Error::StaleAttempt`] when the attempt no longer counts.
    pub async fn set_task_progress(&self, fence: Fence, fraction: f64, message: &str) -> Result<()> {
        let mut tx = self.begin_alone_for(fence).await?;
        query("UPDATE task_queue SET progress = $3, progress_message = $4 WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(fence.task.0)
            .bind(if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 })
            .bind(kept_text(message, MESSAGE_BYTES_MAX))
            .execute(&mut tx)
            .await?;
        tx.commit().await
    }

    /// Adds lines to the log of a running task. Beyond 1,000 lines only the fact that there were more is kept; messages are cut at 4 KiB.
    ///
    /// # Errors
    /// [`crate::Error::StaleAttempt`] when the attempt no longer counts.
    pub async fn append_task_logs(&self, fence: Fence, lines: &[LogLine]) -> Result<()> {
        let mut tx = self.begin_alone_for(fence).await?;
        let task = (self.id(), fence.task.0, i64::from(fence.attempt));
        for line in lines {
            note(&mut tx, task, micros(line.at), line.level, &line.message).await?;
        }
        tx.commit().await
    }

    /// Lists the log of a task from its beginning.
    pub async fn task_logs(&self, task: TaskId, page: Page) -> Result<PageOf<TaskLog>> {
        let after =
            page.after_text()?.map(|seq| seq.parse::<i64>().map_err(|_| crate::Error::BadCursor)).transpose()?;
        let rows = query_as::<(i64, i64, i64, String, String)>(
            "SELECT seq, at, attempt, level, message
               FROM task_logs
              WHERE tenant_id = $1 AND task_id = $2 AND seq > $3
              ORDER BY seq LIMIT $4",
        )
        .bind(self.id())
        .bind(task.0)
        .bind(after.unwrap_or_default())
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let lines = rows.into_iter().map(|(seq, at, attempt, level, message)| {
            let level = from_word(level, "task_logs", "level", task)?;
            Ok(TaskLog { seq, at: time(at), attempt: super::task::number(attempt), level, message })
        });
        Ok(page.of(lines.collect::<Result<_>>()?, |line| line.seq))
    }
}

/// Adds a line to the log of a task: tenant, task and attempt.
///
/// Whoever calls it holds the attempt, or has just ended it, so that numbers are not given twice.
pub(super) async fn note(
    tx: &mut Tx,
    (tenant, task, attempt): (Uuid, Uuid, i64),
    at: i64,
    level: LogLevel,
    message: &str,
) -> Result<()> {
    let last = query_scalar::<Option<i64>>("SELECT MAX(seq) FROM task_logs WHERE tenant_id = $1 AND task_id = $2");
    let last = last.bind(tenant).bind(task).fetch_one(&mut *tx).await?.unwrap_or_default();
    let (level, message) = match last + 1 {
        seq if seq > LINES_MAX => return Ok(()),
        LINES_MAX => (LogLevel::Warn, "the log is full; further lines of this task are not kept".to_owned()),
        _ => (level, kept_text(message, MESSAGE_BYTES_MAX)),
    };
    query(
        "INSERT INTO task_logs (tenant_id, task_id, seq, at, attempt, level, message) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tenant)
    .bind(task)
    .bind(last + 1)
    .bind(at)
    .bind(attempt)
    .bind(level.as_str())
    .bind(message)
    .execute(tx)
    .await?;
    Ok(())
}

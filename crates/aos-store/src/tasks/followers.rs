//! What follows an end, in its transaction: the next task of a chain, the callback, the message to Slack.

use super::enqueue::{self, Placed};
use super::rows::{Ended, Entry};
use super::{logs, moment};
use crate::convert::from_json;
use crate::db::{Tx, query};
use crate::error::Result;
use aos_core::Clock;
use aos_core::kind;
use aos_core::task::{LogLevel, NewTask, TaskId, TaskState};
use serde_json::json;

/// Deliveries are tried as often as their schedule says; this only bounds what is lost on the way, too.
const DELIVERY_ATTEMPTS: u32 = 12;

/// Why an entry follows an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Chain,
    Notice,
}

/// Enqueues what follows the ends and returns how many tasks that are. One that cannot be enqueued is told in the log of its cause.
pub(super) async fn enqueue(tx: &mut Tx, clock: &Clock, ended: &[Ended]) -> Result<u64> {
    let mut causes = Vec::new();
    let mut entries = Vec::new();
    for end in ended {
        for (reason, task) in followers(end)? {
            let by = (end.principal.clone(), end.role.clone());
            match Entry::new(end.tenant_id, by, task) {
                Ok(mut entry) => {
                    entry.parent = Some(TaskId(end.id));
                    causes.push((end, reason));
                    entries.push(entry);
                }
                Err(error) => complain(tx, clock, end, &error).await?,
            }
        }
    }
    if entries.is_empty() {
        return Ok(0);
    }
    let mut enqueued = 0;
    for ((end, reason), placed) in causes.into_iter().zip(enqueue::place_all(tx, clock, &entries).await?) {
        match placed {
            Ok(placed) => {
                enqueued += u64::from(matches!(placed, Placed::New { .. }));
                if reason == Reason::Chain {
                    name_next(tx, end, placed.id()).await?;
                }
            }
            Err(error) => complain(tx, clock, end, &error).await?,
        }
    }
    Ok(enqueued)
}

fn followers(end: &Ended) -> Result<Vec<(Reason, NewTask)>> {
    let mut followers = Vec::new();
    // Not inherited by what is told about an end, which would never end otherwise.
    let is_notice = matches!(end.kind.as_str(), kind::CALLBACK | kind::SLACK);
    if end.state == TaskState::Success.as_str()
        && let Some(next) = &end.next_task
    {
        let next: NewTask = from_json(next, "tasks", "next_task", end.id)?;
        let trace_id = next.trace_id.clone().or_else(|| Some(end.trace_id.clone()));
        followers.push((Reason::Chain, NewTask { trace_id, ..next }));
    }
    if end.callback_url.is_some() && !is_notice {
        let payload = json!({ "task_id": TaskId(end.id), "attempt": end.attempt });
        followers.push((Reason::Notice, delivery(end, kind::CALLBACK, payload)));
    }
    if !is_notice && wants_slack(end)? {
        followers.push((Reason::Notice, delivery(end, kind::SLACK, json!({ "text": message(end) }))));
    }
    Ok(followers)
}

fn delivery(end: &Ended, kind: &str, payload: serde_json::Value) -> NewTask {
    let trace_id = Some(end.trace_id.clone());
    NewTask { max_attempts: DELIVERY_ATTEMPTS, trace_id, ..NewTask::new(kind, payload) }
}

fn wants_slack(end: &Ended) -> Result<bool> {
    let Some(slack_on) = &end.slack_on else { return Ok(false) };
    let states: Vec<TaskState> = from_json(slack_on, "task_settings", "slack_on", end.tenant_id)?;
    Ok(states.iter().any(|state| state.as_str() == end.state))
}

fn message(end: &Ended) -> String {
    let what = format!("Task {} ({})", end.kind, end.id);
    match &end.error {
        Some(error) => format!("{what} failed: {error}"),
        None if end.state == TaskState::Success.as_str() => format!("{what} succeeded"),
        None => format!("{what} was canceled"),
    }
}

async fn name_next(tx: &mut Tx, end: &Ended, next: TaskId) -> Result<()> {
    query("UPDATE tasks SET next_task_id = $3 WHERE tenant_id = $1 AND id = $2")
        .bind(end.tenant_id)
        .bind(end.id)
        .bind(next.0)
        .execute(tx)
        .await?;
    Ok(())
}

async fn complain(tx: &mut Tx, clock: &Clock, end: &Ended, error: &crate::Error) -> Result<()> {
    let now = moment::now(tx, clock).await?;
    let line = format!("what follows this task could not be enqueued: {error}");
    logs::note(tx, (end.tenant_id, end.id, end.attempt), now, LogLevel::Warn, &line).await
}

//! Schedules that are due. One process at a time looks for them, and the task is enqueued in the transaction that moves the schedule on:
//! each time of a schedule has one task, whoever looks and however often.

use super::super::cron::Cron;
use super::super::enqueue::{self, Placed};
use super::super::moment;
use super::super::rows::Entry;
use crate::convert::{from_json, micros, time};
use crate::db::{Tx, query, query_as};
use crate::error::Result;
use crate::system::SystemStore;
use aos_core::task::{NewTask, ScheduleId};
use uuid::Uuid;

/// Schedules of one transaction.
const DUE_MAX: i64 = 100;

#[derive(sqlx::FromRow)]
struct Due {
    tenant_id: Uuid,
    id: Uuid,
    cron: String,
    zone: String,
    task: String,
    principal: String,
    role: String,
    next_at: i64,
}

impl SystemStore<'_> {
    /// Enqueues the tasks of schedules that are due and returns how many that were. Of times that were missed, one is made up for. A task
    /// that cannot be enqueued, because its exclusive right is taken, is left out, and the schedule says so.
    pub async fn run_due_schedules(&self) -> Result<u64> {
        let mut tx = self.begin_schedules().await?;
        let now = moment::now(&mut tx, &self.store.clock).await?;
        let due = query_as::<Due>(
            "SELECT tenant_id, id, cron, zone, task, principal, role, next_at
               FROM task_schedules
              WHERE enabled AND next_at <= $1
              ORDER BY next_at, id LIMIT $2",
        );
        let due = due.bind(now).bind(DUE_MAX).fetch_all(&mut tx).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut enqueued = 0;
        for schedule in &due {
            enqueued += u64::from(self.run(&mut tx, schedule, now).await?);
        }
        tx.commit().await?;
        Ok(enqueued)
    }

    /// Returns whether a task was enqueued.
    async fn run(&self, tx: &mut Tx, due: &Due, now: i64) -> Result<bool> {
        let placed = match entry(due) {
            Ok(entry) => enqueue::place_all(tx, &self.store.clock, &[entry]).await?.pop(),
            Err(error) => Some(Err(error)),
        };
        let (task, error) = match placed {
            Some(Ok(placed)) => (Some(placed), None),
            Some(Err(error)) => (None, Some(error.to_string())),
            None => (None, None),
        };
        let next = Cron::parse(&due.cron, &due.zone)?.next_after(time(now));
        query(
            "UPDATE task_schedules
                SET next_at = $3, last_at = $4, last_task_id = COALESCE($5, last_task_id), last_error = $6
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(due.tenant_id)
        .bind(due.id)
        .bind(next.map(micros))
        .bind(due.next_at)
        .bind(task.map(|placed| placed.id().0))
        .bind(error)
        .execute(tx)
        .await?;
        Ok(matches!(task, Some(Placed::New { .. })))
    }
}

fn entry(due: &Due) -> Result<Entry> {
    let mut task: NewTask = from_json(&due.task, "task_schedules", "task", due.id)?;
    task.key = Some(format!("schedule:{}:{}", ScheduleId(due.id), due.next_at));
    let mut entry = Entry::new(due.tenant_id, (due.principal.clone(), due.role.clone()), task)?;
    entry.schedule = Some(ScheduleId(due.id));
    Ok(entry)
}

//! Schedules that are due. One process at a time looks for them, and the task is enqueued in the transaction that moves the schedule on:
//! each time of a schedule has one task, whoever looks and however often.

use super::super::cron::Cron;
use super::super::enqueue::{self, Placed};
use super::super::moment;
use super::super::rights::with_right;
use super::super::rows::Entry;
use super::super::schedules::switched_off;
use crate::audit::Draft;
use crate::convert::{from_json, micros, time};
use crate::db::{Actor, Reader, Tx, query, query_as, query_scalar};
use crate::error::Result;
use crate::system::SystemStore;
use aos_core::task::{NewTask, ScheduleId};
use aos_core::tenant::Principal;
use aos_core::{ApiKeyId, TenantId};
use serde_json::json;
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
        if let Ok(Principal::ApiKey(key)) = due.principal.parse()
            && !self.is_good(TenantId(due.tenant_id), key).await?
        {
            self.switch_off(tx, due, now, "the API key that saved it is over").await?;
            return Ok(false);
        }
        let reader = Reader { pool: &self.store.pool, actor: Actor::Tenant(due.tenant_id) };
        let placed = match entry(due, reader).await {
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

impl SystemStore<'_> {
    /// Whether a key lets anybody act. Keys end by themselves, so that nothing else tells their schedules.
    async fn is_good(&self, tenant: TenantId, key: ApiKeyId) -> Result<bool> {
        let good = query_scalar::<bool>(
            "SELECT TRUE FROM api_keys
              WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)",
        );
        let good = good.bind(tenant.0).bind(key.0).bind(micros(self.store.clock.now()));
        Ok(good.fetch_optional(Reader { pool: &self.store.pool, actor: Actor::Tenant(tenant.0) }).await?.is_some())
    }

    async fn switch_off(&self, tx: &mut Tx, due: &Due, now: i64, why: &str) -> Result<()> {
        query("UPDATE task_schedules SET enabled = FALSE, last_error = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(due.tenant_id)
            .bind(due.id)
            .bind(switched_off(why))
            .execute(&mut *tx)
            .await?;
        let (by, id) = (("system".to_owned(), None), ScheduleId(due.id).to_string());
        tx.trail().push(Draft::new(due.tenant_id, now, by, "schedule.disable", &id, json!({ "why": why }))?);
        Ok(())
    }
}

async fn entry(due: &Due, reader: Reader<'_>) -> Result<Entry> {
    let task: NewTask = from_json(&due.task, "task_schedules", "task", due.id)?;
    let mut task = with_right(reader, due.tenant_id, task).await?;
    task.key = Some(format!("schedule:{}:{}", ScheduleId(due.id), due.next_at));
    let mut entry = Entry::new(due.tenant_id, (due.principal.clone(), due.role.clone()), task)?;
    entry.schedule = Some(ScheduleId(due.id));
    Ok(entry)
}

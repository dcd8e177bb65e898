//! Schedules: tasks that are enqueued again and again. The cross-tenant part, which enqueues them, is in `system`.

use super::cron::Cron;
use super::enqueue::PAYLOAD_BYTES_MAX;
use super::moment;
use crate::convert::{from_json, micros, time, to_json};
use crate::db::{Tx, query, query_as};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::task::{NewTask, ScheduleId, Start, TaskId};
use aos_core::tenant::Principal;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

const NAME_BYTES_MAX: usize = 200;

/// A schedule as it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSchedule {
    /// One of a tenant's schedules has this name.
    pub name: String,
    /// Minute, hour, day of month, month and day of week.
    pub cron: String,
    /// An IANA time zone.
    pub zone: String,
    /// What is enqueued each time; it may have neither a key nor a start of its own.
    pub task: NewTask,
    pub enabled: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Schedule {
    pub id: ScheduleId,
    pub name: String,
    pub cron: String,
    pub zone: String,
    pub task: NewTask,
    pub enabled: bool,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    /// When it is due next; of times that were missed, one is made up for. `None` when the pattern has no further time.
    pub next_at: Option<DateTime<Utc>>,
    pub last_at: Option<DateTime<Utc>>,
    pub last_task_id: Option<TaskId>,
    /// Why nothing was enqueued the last time.
    pub last_error: Option<String>,
}

type Row =
    (Uuid, String, String, String, String, bool, String, i64, Option<i64>, Option<i64>, Option<Uuid>, Option<String>);

macro_rules! select_schedules {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, cron, zone, task, enabled, principal, created_at, next_at, last_at, last_task_id, last_error
               FROM task_schedules ",
            $rest
        )
    };
}

impl TenantStore<'_> {
    /// Creates a schedule; its tasks run on behalf of whoever creates it.
    ///
    /// # Errors
    /// [`Error::BadSchedule`] for a pattern, zone or name that cannot be, [`Error::InvalidTask`] for such a task, [`Error::Conflict`] when the name
    /// is taken.
    pub async fn create_schedule(&self, new: NewSchedule) -> Result<Schedule> {
        let (cron, task) = self.checked(&new)?;
        let id = ScheduleId::new();
        let mut tx = self.begin().await?;
        let now = time(moment::now(&mut tx, &self.store.clock).await?);
        let inserted = query(
            "INSERT INTO task_schedules
                (tenant_id, id, name, cron, zone, task, enabled, principal, role, created_at, next_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (tenant_id, name) DO NOTHING",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(&new.name)
        .bind(&new.cron)
        .bind(&new.zone)
        .bind(task)
        .bind(new.enabled)
        .bind(self.scope.principal().to_string())
        .bind(self.scope.role().as_str())
        .bind(micros(now))
        .bind(cron.next_after(now).map(micros))
        .execute(&mut tx)
        .await?;
        if inserted == 0 {
            return Err(Error::Conflict { kind: "schedule", name: new.name });
        }
        self.audit(&mut tx, "schedule.create", &id.to_string(), json!({ "name": new.name })).await?;
        let created = self.schedule_in(&mut tx, id).await?;
        tx.commit().await?;
        created.ok_or_else(|| missing(id))
    }

    /// Replaces a schedule. It is due at the next time of its new pattern.
    ///
    /// # Errors
    /// Those of [`TenantStore::create_schedule`], and [`Error::NotFound`].
    pub async fn update_schedule(&self, id: ScheduleId, new: NewSchedule) -> Result<Schedule> {
        let (cron, task) = self.checked(&new)?;
        let mut tx = self.begin().await?;
        let other = query_as::<Row>(select_schedules!("WHERE tenant_id = $1 AND name = $2"));
        let other = other.bind(self.id()).bind(&new.name).fetch_optional(&mut tx).await?;
        if other.is_some_and(|row| row.0 != id.0) {
            return Err(Error::Conflict { kind: "schedule", name: new.name });
        }
        let now = time(moment::now(&mut tx, &self.store.clock).await?);
        let updated = query(
            "UPDATE task_schedules
                SET name = $3, cron = $4, zone = $5, task = $6, enabled = $7, principal = $8, role = $9, next_at = $10,
                    last_error = NULL
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(&new.name)
        .bind(&new.cron)
        .bind(&new.zone)
        .bind(task)
        .bind(new.enabled)
        .bind(self.scope.principal().to_string())
        .bind(self.scope.role().as_str())
        .bind(cron.next_after(now).map(micros))
        .execute(&mut tx)
        .await?;
        if updated == 0 {
            return Err(missing(id));
        }
        self.audit(&mut tx, "schedule.update", &id.to_string(), json!({ "name": new.name })).await?;
        let updated = self.schedule_in(&mut tx, id).await?;
        tx.commit().await?;
        updated.ok_or_else(|| missing(id))
    }

    /// Deletes a schedule. Tasks that it has enqueued stay.
    pub async fn delete_schedule(&self, id: ScheduleId) -> Result<()> {
        let mut tx = self.begin().await?;
        let deleted = query("DELETE FROM task_schedules WHERE tenant_id = $1 AND id = $2");
        if deleted.bind(self.id()).bind(id.0).execute(&mut tx).await? == 0 {
            return Err(missing(id));
        }
        self.audit(&mut tx, "schedule.delete", &id.to_string(), json!({})).await?;
        tx.commit().await
    }

    pub async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>> {
        let found = query_as::<Row>(select_schedules!("WHERE tenant_id = $1 AND id = $2"));
        found.bind(self.id()).bind(id.0).fetch_optional(self.reader()).await?.map(schedule).transpose()
    }

    /// Lists schedules, oldest first.
    pub async fn list_schedules(&self, page: Page) -> Result<PageOf<Schedule>> {
        let rows =
            query_as::<Row>(select_schedules!("WHERE tenant_id = $1 AND ($2 IS NULL OR id > $2) ORDER BY id LIMIT $3"))
                .bind(self.id())
                .bind(page.after_id()?)
                .bind(page.fetch())
                .fetch_all(self.reader())
                .await?;
        let schedules = rows.into_iter().map(schedule).collect::<Result<_>>()?;
        Ok(page.of(schedules, |schedule: &Schedule| schedule.id))
    }

    /// Switches off the schedules that run on behalf of someone who may not act any more, and says so in them and in the trail. Whoever
    /// saves one again takes it over.
    pub(crate) async fn stop_schedules_of(&self, tx: &mut Tx, principal: Principal, why: &str) -> Result<()> {
        let stopped = query_as::<(Uuid, String)>(
            "UPDATE task_schedules SET enabled = FALSE, last_error = $3
              WHERE tenant_id = $1 AND principal = $2 AND enabled
             RETURNING id, name",
        )
        .bind(self.id())
        .bind(principal.to_string())
        .bind(switched_off(why))
        .fetch_all(&mut *tx)
        .await?;
        for (id, name) in stopped {
            let detail = json!({ "name": name, "why": why });
            self.audit(tx, "schedule.disable", &ScheduleId(id).to_string(), detail).await?;
        }
        Ok(())
    }

    async fn schedule_in(&self, tx: &mut Tx, id: ScheduleId) -> Result<Option<Schedule>> {
        let found = query_as::<Row>(select_schedules!("WHERE tenant_id = $1 AND id = $2"));
        found.bind(self.id()).bind(id.0).fetch_optional(tx).await?.map(schedule).transpose()
    }

    /// Checks what can be checked before it is due, and returns the pattern and the task as it is kept.
    fn checked(&self, new: &NewSchedule) -> Result<(Cron, String)> {
        if new.name.is_empty() || new.name.len() > NAME_BYTES_MAX || new.name.chars().any(char::is_control) {
            let why = format!("the name of a schedule has 1 to {NAME_BYTES_MAX} bytes and no control characters");
            return Err(Error::BadSchedule(why));
        }
        if new.task.key.is_some() || new.task.start != Start::Now {
            let why = "the task of a schedule has neither a key nor a start of its own; leave them out";
            return Err(Error::BadSchedule(why.to_owned()));
        }
        new.task.check(self.store.clock.now())?;
        let task = to_json(&new.task);
        if task.len() > PAYLOAD_BYTES_MAX {
            return Err(Error::TooLarge {
                what: "the task of the schedule",
                size: task.len(),
                limit: PAYLOAD_BYTES_MAX,
            });
        }
        Ok((Cron::parse(&new.cron, &new.zone)?, task))
    }
}

/// Says in a schedule why it runs no more.
pub(super) fn switched_off(why: &str) -> String {
    format!("switched off: {why}; save it again to take it over")
}

fn missing(id: ScheduleId) -> Error {
    Error::NotFound(Resource::Schedule(id.to_string()))
}

fn schedule(row: Row) -> Result<Schedule> {
    let (id, name, cron, zone, task, enabled, created_by, created_at, next_at, last_at, last_task_id, last_error) = row;
    Ok(Schedule {
        id: ScheduleId(id),
        name,
        cron,
        zone,
        task: from_json(&task, "task_schedules", "task", id)?,
        enabled,
        created_by,
        created_at: time(created_at),
        next_at: next_at.map(time),
        last_at: last_at.map(time),
        last_task_id: last_task_id.map(TaskId),
        last_error,
    })
}

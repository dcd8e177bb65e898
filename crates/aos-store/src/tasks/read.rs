//! Tasks, read and listed.

use super::task::{Row, Task, select_tasks};
use crate::convert::micros;
use crate::db::{Argument, Tx, query_as};
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::task::{ScheduleId, TaskId, TaskState};
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use std::fmt::Write;

/// Which tasks are meant. What is left empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    pub states: Vec<TaskState>,
    pub kinds: Vec<String>,
    /// Enqueued at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Asked for this exclusive right.
    pub exclusive: Option<String>,
    pub schedule: Option<ScheduleId>,
}

impl TenantStore<'_> {
    pub async fn task(&self, id: TaskId) -> Result<Option<Task>> {
        let found = query_as::<Row>(select_tasks!("WHERE t.tenant_id = $1 AND t.id = $2"))
            .bind(self.id())
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        found.map(Row::into_task).transpose()
    }

    pub(super) async fn task_in(&self, tx: &mut Tx, id: TaskId) -> Result<Option<Task>> {
        let found = query_as::<Row>(select_tasks!("WHERE t.tenant_id = $1 AND t.id = $2"))
            .bind(self.id())
            .bind(id.0)
            .fetch_optional(tx)
            .await?;
        found.map(Row::into_task).transpose()
    }

    /// Lists tasks, newest first.
    pub async fn list_tasks(&self, filter: &TaskFilter, page: Page) -> Result<PageOf<Task>> {
        let mut conditions = Conditions::of(self.id().into(), filter);
        if let Some(after) = page.after_id()? {
            conditions.add("t.id < $", [after.into()]);
        }
        let limit = conditions.place(page.fetch().into());
        let sql = format!("{}WHERE {} ORDER BY t.id DESC LIMIT {limit}", select_tasks!(""), conditions.sql);
        let mut query = query_as::<Row>(AssertSqlSafe(sql));
        for argument in conditions.arguments {
            query = query.bind(argument);
        }
        let rows = query.fetch_all(self.reader()).await?;
        let tasks = rows.into_iter().map(Row::into_task).collect::<Result<_>>()?;
        Ok(page.of(tasks, |task: &Task| task.id))
    }
}

/// The conditions of a filter as SQL. Only placeholders are written into it; what callers give is bound.
pub(super) struct Conditions {
    pub sql: String,
    pub arguments: Vec<Argument>,
}

impl Conditions {
    pub(super) fn of(tenant: Argument, filter: &TaskFilter) -> Self {
        let mut conditions = Self { sql: "t.tenant_id = $1".to_owned(), arguments: vec![tenant] };
        conditions.add_states(&filter.states);
        if !filter.kinds.is_empty() {
            let kinds = filter.kinds.iter().map(|kind| conditions.place(kind.into())).collect::<Vec<_>>().join(", ");
            conditions.and(&format!("t.kind IN ({kinds})"));
        }
        if let Some(since) = filter.since {
            conditions.add("t.created_at >= $", [micros(since).into()]);
        }
        if let Some(exclusive) = &filter.exclusive {
            conditions.add("t.exclusive = $", [exclusive.into()]);
        }
        if let Some(schedule) = filter.schedule {
            conditions.add("t.schedule_id = $", [schedule.0.into()]);
        }
        conditions
    }

    /// States are looked up where those tasks are, not where they all are: few of very many wait, fail or are canceled.
    fn add_states(&mut self, states: &[TaskState]) {
        if states.is_empty() {
            return;
        }
        let mut any = Vec::new();
        for state in states {
            any.push(match state {
                TaskState::Queued => {
                    "t.id IN (SELECT w.id FROM task_queue w WHERE w.tenant_id = $1 AND w.worker_id IS NULL)".to_owned()
                }
                TaskState::InProgress => {
                    "t.id IN (SELECT w.id FROM task_queue w WHERE w.tenant_id = $1 AND w.worker_id IS NOT NULL)"
                        .to_owned()
                }
                TaskState::Success => "t.state = 'success'".to_owned(),
                TaskState::Failed | TaskState::Canceled => format!(
                    "t.id IN (SELECT u.task_id FROM unsuccessful_tasks u WHERE u.tenant_id = $1 AND u.state = '{}')",
                    state.as_str()
                ),
            });
        }
        self.and(&format!("({})", any.join(" OR ")));
    }

    /// Adds a condition whose `$` at its end stands for the argument.
    pub(super) fn add<const N: usize>(&mut self, condition: &str, arguments: [Argument; N]) {
        let condition = condition.trim_end_matches('$');
        for argument in arguments {
            let place = self.place(argument);
            self.and(&format!("{condition}{place}"));
        }
    }

    /// Keeps an argument and returns its placeholder.
    pub(super) fn place(&mut self, argument: Argument) -> String {
        self.arguments.push(argument);
        format!("${}", self.arguments.len())
    }

    fn and(&mut self, condition: &str) {
        // Writing to a String does not fail.
        let _ = write!(self.sql, " AND {condition}");
    }
}

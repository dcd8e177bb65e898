//! Claiming: who gets the next tasks, fairly between tenants. One claim is served at a time, so that the counts it decides by are true;
//! it is short, and takes many tasks.

use super::super::rows::{self, Claimed, Wanted};
use super::super::{moment, task};
use crate::convert::{from_json, from_word, time};
use crate::db::{Tx, query, query_scalar};
use crate::error::{Error, Result};
use crate::system::SystemStore;
use aos_core::task::{Fence, TaskId, WorkerId};
use aos_core::tenant::{Principal, UnknownPrincipal};
use aos_core::{Role, TenantId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// Tasks of one claim; more would hold up the others who claim.
const CLAIM_MAX: usize = 1024;
/// Delayed tasks that become ready with one claim.
const DUE_MAX: i64 = 2000;

/// An attempt that a worker has to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub tenant: TenantId,
    pub fence: Fence,
    /// No attempt follows the one with this number.
    pub max_attempts: u32,
    pub kind: String,
    pub payload: Value,
    pub timeout: Option<Duration>,
    pub trace_id: String,
    /// On whose behalf it runs, and with which role.
    pub principal: Principal,
    pub role: Role,
    /// Since when it could have begun.
    pub run_at: DateTime<Utc>,
}

/// How tasks are shared out between tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimOptions {
    /// Tasks of one tenant that run at a time, over all workers; a tenant's own setting goes before it.
    pub max_running: Option<u32>,
    /// Whether tenants that run least come first. Otherwise the most urgent and oldest tasks do, whosever they are.
    pub fair: bool,
}

impl Default for ClaimOptions {
    fn default() -> Self {
        Self { max_running: None, fair: true }
    }
}

impl SystemStore<'_> {
    /// Gives a worker the next tasks, up to so many. An attempt counts from here. A worker whose lease does not hold gets none.
    pub async fn claim_tasks(&self, worker: WorkerId, tasks: usize) -> Result<Vec<Claim>> {
        self.claim_tasks_with(worker, tasks, ClaimOptions::default()).await
    }

    /// The same, sharing out in another way.
    pub async fn claim_tasks_with(&self, worker: WorkerId, tasks: usize, options: ClaimOptions) -> Result<Vec<Claim>> {
        let wanted = Wanted {
            worker: worker.0,
            tasks: i64::try_from(tasks.min(CLAIM_MAX)).unwrap_or_default(),
            start: Uuid::new_v4(),
            max_running: options.max_running.map_or(i64::from(u32::MAX), i64::from),
            fair: options.fair,
        };
        let mut tx = self.begin_claim().await?;
        let now = moment::given(&tx, &self.store.clock);
        promote(&mut tx, now).await?;
        let claimed = rows::claim(&mut tx, &self.store.clock, wanted).await?;
        let claims = claimed.into_iter().map(claim).collect::<Result<Vec<_>>>()?;
        tx.commit().await?;
        Ok(claims)
    }

    /// Returns when the next delayed task or schedule is due, if there is one.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        let due = query_scalar::<Option<i64>>(
            "SELECT MIN(due) FROM (
                SELECT MIN(run_at) AS due FROM task_queue WHERE NOT ready AND worker_id IS NULL
                UNION ALL
                SELECT MIN(next_at) AS due FROM task_schedules WHERE enabled) moments",
        );
        Ok(due.fetch_one(self.reader()).await?.map(time))
    }
}

/// Makes delayed tasks ready whose time has come, so that a claim never steps over those that wait.
async fn promote(tx: &mut Tx, now: Option<i64>) -> Result<()> {
    let sql = match tx {
        Tx::Sqlite(_) => {
            "UPDATE task_queue SET ready = TRUE
              WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM task_queue
                                         WHERE NOT ready AND worker_id IS NULL AND run_at <= $1
                                         ORDER BY run_at LIMIT $2)"
        }
        Tx::Postgres(..) => {
            "UPDATE task_queue q SET ready = TRUE, generation = (SELECT last_value FROM task_generation)
               FROM (SELECT tenant_id, id FROM task_queue
                      WHERE generation = 3 AND run_at <= COALESCE($1, autonomos_now())
                      ORDER BY run_at LIMIT $2) due
              WHERE q.generation = 3 AND q.tenant_id = due.tenant_id AND q.id = due.id"
        }
    };
    query(sql).bind(now).bind(DUE_MAX).execute(tx).await?;
    Ok(())
}

fn claim(row: Claimed) -> Result<Claim> {
    let id = row.id;
    Ok(Claim {
        tenant: TenantId(row.tenant_id),
        fence: Fence { task: TaskId(id), attempt: task::number(row.attempt) },
        max_attempts: task::number(row.last_attempt),
        kind: row.kind,
        payload: from_json(&row.payload, "tasks", "payload", id)?,
        timeout: row.timeout_ms.map(|timeout| Duration::from_millis(u64::try_from(timeout).unwrap_or_default())),
        trace_id: row.trace_id,
        principal: principal(&row.principal, id)?,
        role: from_word(row.role, "tasks", "role", id)?,
        run_at: time(row.run_at),
    })
}

fn principal(word: &str, task: Uuid) -> Result<Principal> {
    word.parse().map_err(|error: UnknownPrincipal| Error::Corrupt {
        table: "tasks",
        column: "principal",
        id: task.to_string(),
        source: error.into(),
    })
}

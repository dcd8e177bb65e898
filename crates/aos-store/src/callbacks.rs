//! Endpoints that are told about the end of tasks: how they took what was sent, and the secrets that deliveries are signed with.

use crate::convert::{from_json, time, to_json, uncount};
use crate::db::{Tx, query, query_as};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::task::TaskId;
use aos_core::vault::Secret;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// An endpoint that took nothing for this long, and refused at least so many attempts, is sent nothing more.
const FAILING_FOR: Duration = Duration::days(3);
const FAILURES_MIN: u64 = 10;
/// How long a secret stays valid beside the one that replaced it.
const EXCHANGE: Duration = Duration::hours(24);
/// Purpose and name under which the vault keeps the secrets.
pub(crate) const SECRETS: (&str, &str) = ("callback", "signing");
const ERROR_CHARS_MAX: usize = 1000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallbackEndpoint {
    pub id: Uuid,
    pub url: String,
    pub created_at: DateTime<Utc>,
    pub last_at: Option<DateTime<Utc>>,
    pub last_task_id: Option<TaskId>,
    /// What was wrong with the latest attempt; none when it was taken.
    pub last_error: Option<String>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub failing_since: Option<DateTime<Utc>>,
    /// Attempts in a row that were not taken.
    pub failures: u64,
    pub disabled_at: Option<DateTime<Utc>>,
    pub disabled_reason: Option<String>,
}

/// How an endpoint took an attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackResult<'a> {
    Delivered,
    Failed(&'a str),
    /// The endpoint says that it is no more.
    Gone(&'a str),
}

/// The secrets that sign deliveries, the newest first. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackSecrets {
    pub current: String,
    pub created_at: DateTime<Utc>,
    pub previous: Option<PreviousSecret>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    pub secret: String,
    pub valid_until: DateTime<Utc>,
}

type Row = (
    Uuid,
    String,
    i64,
    Option<i64>,
    Option<Uuid>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    i64,
    Option<i64>,
    Option<String>,
);

impl TenantStore<'_> {
    /// Returns the endpoint of a URL, which is made when it is new.
    pub async fn ensure_callback_endpoint(&self, url: &str) -> Result<CallbackEndpoint> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO callback_endpoints (tenant_id, id, url, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant_id, url) DO NOTHING",
        )
        .bind(self.id())
        .bind(Uuid::now_v7())
        .bind(url)
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        let row = query_as::<Row>(
            "SELECT id, url, created_at, last_at, last_task_id, last_error, delivered_at, failing_since, failures,
                    disabled_at, disabled_reason
               FROM callback_endpoints
              WHERE tenant_id = $1 AND url = $2",
        )
        .bind(self.id())
        .bind(url)
        .fetch_one(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(endpoint(row))
    }

    pub async fn callback_endpoint(&self, id: Uuid) -> Result<Option<CallbackEndpoint>> {
        let found = query_as::<Row>(
            "SELECT id, url, created_at, last_at, last_task_id, last_error, delivered_at, failing_since, failures,
                    disabled_at, disabled_reason
               FROM callback_endpoints
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id)
        .fetch_optional(self.reader())
        .await?;
        Ok(found.map(endpoint))
    }

    /// Lists endpoints, newest first.
    pub async fn list_callback_endpoints(&self, page: Page) -> Result<PageOf<CallbackEndpoint>> {
        let rows = query_as::<Row>(
            "SELECT id, url, created_at, last_at, last_task_id, last_error, delivered_at, failing_since, failures,
                    disabled_at, disabled_reason
               FROM callback_endpoints
              WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2)
              ORDER BY id DESC LIMIT $3",
        )
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        Ok(page.of(rows.into_iter().map(endpoint).collect(), |endpoint| endpoint.id))
    }

    /// Writes down how an endpoint took an attempt, and disables it when it is no more or has taken nothing for days. Returns whether this
    /// attempt disabled it.
    pub async fn record_callback(&self, id: Uuid, task: TaskId, result: CallbackResult<'_>) -> Result<bool> {
        let mut tx = self.begin().await?;
        let disabled = match result {
            CallbackResult::Delivered => {
                self.record_delivered(&mut tx, id, task).await?;
                None
            }
            CallbackResult::Failed(error) => self.record_failed(&mut tx, id, task, error).await?,
            CallbackResult::Gone(error) => {
                self.record_failed(&mut tx, id, task, error).await?;
                Some("it answered that it is gone for good".to_owned())
            }
        };
        let disabled_now = match disabled {
            Some(reason) => self.disable(&mut tx, id, &reason).await?,
            None => false,
        };
        tx.commit().await?;
        Ok(disabled_now)
    }

    async fn record_delivered(&self, tx: &mut Tx, id: Uuid, task: TaskId) -> Result<()> {
        query(
            "UPDATE callback_endpoints
                SET last_at = $3, last_task_id = $4, last_error = NULL, delivered_at = $3, failing_since = NULL, failures = 0
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id)
        .bind(self.now())
        .bind(task.0)
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Returns why the endpoint is to be disabled, if it is.
    async fn record_failed(&self, tx: &mut Tx, id: Uuid, task: TaskId, error: &str) -> Result<Option<String>> {
        let error: String = error.chars().take(ERROR_CHARS_MAX).collect();
        let row = query_as::<(i64, i64)>(
            "UPDATE callback_endpoints
                SET last_at = $3, last_task_id = $4, last_error = $5, failing_since = COALESCE(failing_since, $3),
                    failures = failures + 1
              WHERE tenant_id = $1 AND id = $2
             RETURNING failing_since, failures",
        )
        .bind(self.id())
        .bind(id)
        .bind(self.now())
        .bind(task.0)
        .bind(error)
        .fetch_optional(tx)
        .await?;
        let Some((since, failures)) = row else { return Err(unknown(id)) };
        let failing_for = self.store.clock.now() - time(since);
        let sustained = failing_for >= FAILING_FOR && uncount(failures) >= FAILURES_MIN;
        Ok(sustained.then(|| format!("it took nothing for {} days, in {failures} attempts", failing_for.num_days())))
    }

    async fn disable(&self, tx: &mut Tx, id: Uuid, reason: &str) -> Result<bool> {
        let changed = query(
            "UPDATE callback_endpoints SET disabled_at = $3, disabled_reason = $4
              WHERE tenant_id = $1 AND id = $2 AND disabled_at IS NULL",
        )
        .bind(self.id())
        .bind(id)
        .bind(self.now())
        .bind(reason)
        .execute(tx)
        .await?;
        if changed > 0 {
            self.audit(tx, "callback_endpoint.disable", &id.to_string(), json!({ "reason": reason })).await?;
        }
        Ok(changed > 0)
    }

    /// Lets deliveries go to an endpoint again, as if it had never failed.
    pub async fn enable_callback_endpoint(&self, id: Uuid) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = query(
            "UPDATE callback_endpoints
                SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL, failures = 0
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id)
        .execute(&mut tx)
        .await?;
        if changed == 0 {
            return Err(unknown(id));
        }
        self.audit(&mut tx, "callback_endpoint.enable", &id.to_string(), json!({})).await?;
        tx.commit().await
    }

    /// Returns the tenant's secrets, of which the first becomes `new` when there is none yet.
    pub async fn ensure_callback_secrets(&self, new: impl FnOnce() -> String) -> Result<CallbackSecrets> {
        let (purpose, name) = SECRETS;
        if let Some(secrets) = self.reveal(purpose, name).await? {
            return read(&secrets);
        }
        let secrets = CallbackSecrets { current: new(), created_at: self.store.clock.now(), previous: None };
        self.ensure_secret(purpose, name, &write(&secrets)).await.and_then(|kept| read(&kept))
    }

    /// Puts a new secret before the present one, which stays valid for a day, so that receivers can be changed meanwhile.
    pub async fn rotate_callback_secret(&self, new: String) -> Result<CallbackSecrets> {
        let (purpose, name) = SECRETS;
        let now = self.store.clock.now();
        let mut tx = self.begin().await?;
        let present = self.hold_secret(&mut tx, purpose, name).await?.map(|secret| read(&secret)).transpose()?;
        let previous = present.map(|old| PreviousSecret { secret: old.current, valid_until: now + EXCHANGE });
        let secrets = CallbackSecrets { current: new, created_at: now, previous };
        self.put_secret_in(&mut tx, purpose, name, &write(&secrets)).await?;
        self.audit(&mut tx, "callback_secret.rotate", "callback_secrets", json!({})).await?;
        tx.commit().await?;
        Ok(secrets)
    }
}

impl CallbackSecrets {
    /// Returns the secrets that are valid at a moment, the newest first.
    pub fn valid_at(&self, now: DateTime<Utc>) -> Vec<&str> {
        let previous = self.previous.as_ref().filter(|previous| previous.valid_until > now);
        std::iter::once(self.current.as_str()).chain(previous.map(|previous| previous.secret.as_str())).collect()
    }
}

// Secrets stay out of logs.
impl std::fmt::Debug for CallbackSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallbackSecrets").field("created_at", &self.created_at).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PreviousSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreviousSecret").field("valid_until", &self.valid_until).finish_non_exhaustive()
    }
}

fn write(secrets: &CallbackSecrets) -> Secret {
    Secret::new(to_json(secrets))
}

fn read(secret: &Secret) -> Result<CallbackSecrets> {
    from_json(secret.expose_text().unwrap_or_default(), "secrets", "sealed", "callback/signing")
}

fn unknown(id: Uuid) -> Error {
    Error::NotFound(Resource::CallbackEndpoint(id.to_string()))
}

fn endpoint(
    (
        id,
        url,
        created_at,
        last_at,
        last_task_id,
        last_error,
        delivered_at,
        failing_since,
        failures,
        disabled_at,
        disabled_reason,
    ): Row,
) -> CallbackEndpoint {
    CallbackEndpoint {
        id,
        url,
        created_at: time(created_at),
        last_at: last_at.map(time),
        last_task_id: last_task_id.map(TaskId),
        last_error,
        delivered_at: delivered_at.map(time),
        failing_since: failing_since.map(time),
        failures: uncount(failures),
        disabled_at: disabled_at.map(time),
        disabled_reason,
    }
}

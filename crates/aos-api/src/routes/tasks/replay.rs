//! Dead letters: tasks that failed for good, or were canceled, run again with all their attempts.

use super::{Accepted, TaskOut, located};
use crate::extract::{Json, Path};
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::kind::{self, WAKE};
use aos_core::policy::{Lens, Resource, may};
use aos_core::task::{TaskId, TaskState};
use aos_store::{Error, TaskFilter, TenantStore};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const AT_ONCE_MAX: u32 = 1000;

/// Which dead letters: those named, or all that the other members leave.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": ["slack"], "since": "2026-11-01T00:00:00Z" }))]
pub struct ReplayRequest {
    /// These tasks; the other members are left out then.
    #[serde(default)]
    #[schema(max_items = 1000)]
    ids: Option<Vec<Uuid>>,
    /// Only failed tasks of these kinds.
    #[serde(default)]
    kind: Vec<String>,
    /// Only failed tasks enqueued at this time or later.
    #[serde(default)]
    since: Option<DateTime<Utc>>,
    /// How many at most; 1000 when left out, and larger numbers are taken as 1000.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Replayed {
    /// The tasks that wait again, under their own ids.
    ids: Vec<Uuid>,
    /// There may be more: ask again.
    more: bool,
}

/// Runs a failed or canceled task again, under its own id and with all its attempts.
#[utoipa::path(post, path = "/tasks/{id}/replay", tag = "tasks", params(("id" = Uuid, Path)),
    responses((status = 202, body = super::TaskOut, headers(("Location" = String))), Problem))]
pub async fn one(
    tenant: Allowed<may::RunTasks>,
    State(app): State<App>,
    Path(id): Path<TaskId>,
) -> Result<Accepted, Problem> {
    let store = app.store.tenant(&tenant);
    let task = store.task(id).await?.ok_or_else(|| Problem::missing("task"))?;
    tenant.on(Resource::Task { kind: &task.kind })?;
    task.on_success_next_task.as_ref().map_or(Ok(()), |next| super::permit(&tenant, next))?;
    store.replay_task(id).await?;
    app.wake(WAKE).await;
    let task = store.task(id).await?.ok_or_else(|| Problem::missing("task"))?;
    Ok(located(StatusCode::ACCEPTED, TaskOut::seen(task, Lens::of(&tenant))))
}

/// Runs failed tasks again, under their own ids and with all their attempts. Those whose exclusive right is taken stay as they are.
#[utoipa::path(post, path = "/tasks/replay", tag = "tasks", request_body = ReplayRequest,
    responses((status = 202, body = Replayed), Problem))]
pub async fn many(
    tenant: Allowed<may::RunTasks>,
    State(app): State<App>,
    Json(request): Json<ReplayRequest>,
) -> Result<(StatusCode, axum::Json<Replayed>), Problem> {
    // Without kinds named, any may be among them; and any may follow, which matters to a key that was made for less than its role.
    let named = request.kind.iter().map(String::as_str);
    let kinds: Vec<&str> =
        if request.kind.is_empty() || tenant.scopes().is_some() { kind::OPEN.to_vec() } else { named.collect() };
    kinds.into_iter().try_for_each(|kind| tenant.on(Resource::Task { kind }))?;
    let store = app.store.tenant(&tenant);
    let limit = request.limit.unwrap_or(AT_ONCE_MAX).clamp(1, AT_ONCE_MAX);
    let replayed = match request.ids {
        Some(ids) if ids.len() > AT_ONCE_MAX as usize || !request.kind.is_empty() || request.since.is_some() => {
            let detail = format!("at most {AT_ONCE_MAX} ids, and no filter beside them");
            return Err(Problem::unprocessable(
                "invalid_body",
                detail,
                "name fewer ids, or leave `ids` out and filter",
            ));
        }
        Some(ids) => Replayed { ids: replay_those(&store, ids.into_iter().map(TaskId)).await?, more: false },
        None => {
            let states = vec![TaskState::Failed];
            let filter = TaskFilter { states, kinds: request.kind, since: request.since, ..TaskFilter::default() };
            let ids = store.replay_tasks(&filter, limit).await?;
            Replayed { more: ids.len() >= limit as usize, ids: ids.into_iter().map(|TaskId(id)| id).collect() }
        }
    };
    app.wake(WAKE).await;
    Ok((StatusCode::ACCEPTED, axum::Json(replayed)))
}

/// Runs those of the tasks again that can be, and returns which they were.
pub async fn replay_those(store: &TenantStore<'_>, ids: impl Iterator<Item = TaskId>) -> Result<Vec<Uuid>, Problem> {
    let mut replayed = Vec::new();
    for id in ids {
        match store.replay_task(id).await {
            Ok(()) => replayed.push(id.0),
            Err(Error::NotFound(_) | Error::NotReplayable { .. } | Error::TaskActive { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(replayed)
}

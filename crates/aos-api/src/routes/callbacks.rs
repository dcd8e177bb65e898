//! Callback endpoints: the addresses that tasks' ends are told to, how they take it, and the secret that deliveries are signed with.
//!
//! An endpoint is there once something was sent to it. Deliveries are tasks of kind `callback`.

use crate::extract::{Path, Query};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::routes::tasks::replay::replay_those;
use crate::state::App;
use aos_core::kind::{self, WAKE};
use aos_core::policy::{Lens, may};
use aos_core::task::{TaskId, TaskState};
use aos_net::webhook::Secret;
use aos_store::{CallbackEndpoint, Page, Task, TaskFilter, TenantStore};
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, StatusCode};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How many dead deliveries of the tenant are looked through at a time.
const LOOKED_THROUGH: u32 = 1000;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackEndpoint)]
pub struct EndpointOut {
    id: Uuid,
    /// For those who may not see personal data without its path and query, which may hold what lets one in.
    url: String,
    state: EndpointState,
    created_at: DateTime<Utc>,
    /// When something was sent last, and the task that sent it.
    #[schema(required)]
    last_at: Option<DateTime<Utc>>,
    #[schema(required)]
    last_task_id: Option<Uuid>,
    /// What was wrong with the latest attempt; null when it was taken.
    #[schema(required)]
    last_error: Option<String>,
    #[schema(required)]
    delivered_at: Option<DateTime<Utc>>,
    /// Attempts in a row that were not taken.
    failures: u64,
    #[schema(required)]
    failing_since: Option<DateTime<Utc>>,
    #[schema(required)]
    disabled_at: Option<DateTime<Utc>>,
    #[schema(required)]
    disabled_reason: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    Working,
    /// The latest attempts were not taken; they are repeated.
    Failing,
    /// Nothing is sent any more until it is enabled.
    Disabled,
}

/// The secret that signs deliveries from now on. It is shown this once.
#[derive(Serialize, ToSchema)]
pub struct CallbackSecret {
    /// As Standard Webhooks writes it: `whsec_` and base64.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: String,
    created_at: DateTime<Utc>,
    /// Until then deliveries are signed with the one before, too.
    #[schema(required)]
    previous_valid_until: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RedeliveredCallbacks {
    /// The delivery tasks that wait again.
    ids: Vec<Uuid>,
    /// There may be more: ask again.
    more: bool,
}

/// Lists the endpoints, newest first, each with how it took what was sent.
#[utoipa::path(get, path = "/callbacks", tag = "notifications", params(PageQuery),
    responses((status = 200, body = PageOut<EndpointOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadNotifications>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<EndpointOut>>, Problem> {
    let found = app.store.tenant(&tenant).list_callback_endpoints(page.into()).await?;
    let lens = Lens::of(&tenant);
    let items = found.items.into_iter().map(|endpoint| EndpointOut::seen(endpoint, lens)).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Makes a new signing secret and shows it, once. The one before stays valid beside it for a day.
#[utoipa::path(post, path = "/callbacks/secret", tag = "notifications", responses((status = 201, body = CallbackSecret), Problem))]
pub async fn rotate_secret(
    tenant: Allowed<may::ManageNotifications>,
    State(app): State<App>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], axum::Json<CallbackSecret>), Problem> {
    let secrets = app.store.tenant(&tenant).rotate_callback_secret(Secret::generate().reveal()).await?;
    let shown = CallbackSecret {
        secret: secrets.current,
        created_at: secrets.created_at,
        previous_valid_until: secrets.previous.map(|previous| previous.valid_until),
    };
    // Nobody keeps it, not even under an Idempotency-Key.
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], axum::Json(shown)))
}

/// Lets deliveries go to an endpoint again that was disabled.
#[utoipa::path(post, path = "/callbacks/{id}/enable", tag = "notifications", params(("id" = Uuid, Path)),
    responses((status = 200, body = EndpointOut), Problem))]
pub async fn enable(
    tenant: Allowed<may::SendNotifications>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<EndpointOut>, Problem> {
    let store = app.store.tenant(&tenant);
    store.enable_callback_endpoint(id).await?;
    let endpoint = store.callback_endpoint(id).await?.ok_or_else(|| Problem::missing("callback_endpoint"))?;
    Ok(axum::Json(EndpointOut::seen(endpoint, Lens::of(&tenant))))
}

/// Sends again what the endpoint did not take in the end.
#[utoipa::path(post, path = "/callbacks/{id}/replay", tag = "notifications", params(("id" = Uuid, Path)),
    responses((status = 202, body = RedeliveredCallbacks), Problem))]
pub async fn replay(
    tenant: Allowed<may::SendNotifications>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, axum::Json<RedeliveredCallbacks>), Problem> {
    let store = app.store.tenant(&tenant);
    let endpoint = store.callback_endpoint(id).await?.ok_or_else(|| Problem::missing("callback_endpoint"))?;
    if endpoint.disabled_at.is_some() {
        let next_step = format!("enable it first with POST /api/v1/callbacks/{id}/enable");
        return Err(Problem::conflict("callback_disabled", "nothing is sent to this endpoint at present", next_step));
    }
    let dead =
        TaskFilter { states: vec![TaskState::Failed], kinds: vec![kind::CALLBACK.to_owned()], ..TaskFilter::default() };
    let dead = store.list_tasks(&dead, Page::first(LOOKED_THROUGH)).await?;
    let mut of_endpoint = Vec::new();
    for delivery in &dead.items {
        if tells_to(&store, delivery, &endpoint).await? {
            of_endpoint.push(delivery.id);
        }
    }
    let ids = replay_those(&store, of_endpoint.into_iter()).await?;
    app.wake(WAKE).await;
    let more = dead.next_cursor.is_some();
    Ok((StatusCode::ACCEPTED, axum::Json(RedeliveredCallbacks { ids, more })))
}

/// Says whether a delivery tells about a task whose end is told to this endpoint.
async fn tells_to(store: &TenantStore<'_>, delivery: &Task, endpoint: &CallbackEndpoint) -> Result<bool, Problem> {
    let Some(told) = delivery.parent_id else { return Ok(false) };
    let told = store.task(told).await?;
    Ok(told.is_some_and(|told| told.callback_url.as_ref() == Some(&endpoint.url)))
}

impl EndpointOut {
    fn seen(endpoint: CallbackEndpoint, lens: Lens) -> Self {
        let state = match (endpoint.disabled_at, endpoint.failing_since) {
            (Some(_), _) => EndpointState::Disabled,
            (None, Some(_)) => EndpointState::Failing,
            (None, None) => EndpointState::Working,
        };
        Self {
            id: endpoint.id,
            url: lens.address(endpoint.url),
            state,
            created_at: endpoint.created_at,
            last_at: endpoint.last_at,
            last_task_id: endpoint.last_task_id.map(|TaskId(id)| id),
            last_error: endpoint.last_error,
            delivered_at: endpoint.delivered_at,
            failures: endpoint.failures,
            failing_since: endpoint.failing_since,
            disabled_at: endpoint.disabled_at,
            disabled_reason: endpoint.disabled_reason,
        }
    }
}

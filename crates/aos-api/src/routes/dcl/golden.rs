//! Golden records: finding records that are one thing, explaining what is then true of it, and ruling where people know better.

use crate::extract::{Json, JsonOrNothing, Path, Query};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::routes::tasks::{Accepted, accepted, enqueue};
use crate::state::App;
use aos_core::kind::{self, UNIFY, Unify};
use aos_core::policy::may;
use aos_core::task::NewTask;
use aos_dcl::golden::{GoldenDetail, GoldenSummary, PairExplanation, RecordName, RuleRequest, RuledPair};
use aos_store::{GoldenRuling, Resolution, RulingVerdict};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A resolution that meets another one begins again.
pub const ATTEMPTS: u32 = 3;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PairQuery {
    #[param(example = "contact")]
    entity: String,
    /// The names of the connections, and the ids of the records there.
    #[param(example = "salesforce")]
    left_source: String,
    left_record: String,
    #[param(example = "hubspot")]
    right_source: String,
    right_record: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RulingQuery {
    #[param(example = "contact")]
    entity: String,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

/// What someone said about two records.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GoldenRuling)]
pub struct RulingOut {
    id: Uuid,
    entity: String,
    left: PlaceOut,
    right: PlaceOut,
    /// `same` or `different`.
    #[schema(value_type = String, example = "same")]
    verdict: RulingVerdict,
    #[schema(required)]
    reason: Option<String>,
    /// `user:<id>`, `key:<id>` or `local`.
    ruled_by: String,
    ruled_at: DateTime<Utc>,
    /// When it was taken back; null while it holds.
    #[schema(required)]
    undone_at: Option<DateTime<Utc>>,
    #[schema(required)]
    undone_by: Option<String>,
}

/// A record of a connection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordPlace)]
pub struct PlaceOut {
    connection_id: Uuid,
    record_id: String,
}

/// A page of things, and the comparison that they come from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GoldenPage)]
pub struct GoldenPageOut {
    items: Vec<GoldenSummary>,
    /// Pass as `cursor` for the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<String>,
    /// The latest comparison of the entity's records; null when there was none.
    #[schema(required)]
    unified: Option<UnifiedOut>,
}

/// What a comparison of all records of an entity came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnifiedState)]
pub struct UnifiedOut {
    at: DateTime<Utc>,
    /// How many records were compared.
    records: u64,
    /// Records that are the same thing as another one, less one for each thing; null when that was not noted.
    #[schema(required)]
    links: Option<u64>,
    /// Things that may be one; the surest of them wait for review.
    #[schema(required)]
    uncertain: Option<u64>,
}

/// A ruling, and the task that brings the golden records in line with it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuledPair)]
pub struct RuledOut {
    ruling: RulingOut,
    /// Wait for it at `/api/v1/tasks/{task_id}`.
    #[schema(required)]
    task_id: Option<Uuid>,
}

/// Finds the records of all connections that are one thing, as a task whose result says how many were found.
///
/// Without a body it takes all entities that have names, addresses or the like to tell things by. Only what changed since the last time is changed; pairs
/// that are uncertain go to the review queue as items of kind `entity_pair`.
#[utoipa::path(post, path = "/unify/run", tag = "dcl", request_body = Option<Unify>,
    responses((status = 202, body = crate::routes::tasks::TaskOut, headers(("Location" = String))), Problem))]
pub async fn unify(
    tenant: Allowed<may::RunOrchestration>,
    State(app): State<App>,
    JsonOrNothing(request): JsonOrNothing<Unify>,
) -> Result<Accepted, Problem> {
    let payload = kind::checked(UNIFY, json!(request))?;
    app.dcl.tenant(&tenant).check_unify(&request).await?;
    let task = NewTask { max_attempts: ATTEMPTS, ..NewTask::new(UNIFY, payload) };
    Ok(accepted(StatusCode::ACCEPTED, enqueue(&app, &tenant, task).await?.task))
}

/// Lists things that stand in several records, each with the values that survive, and says what the latest comparison came to. A record that is
/// not among them is a thing of its own.
#[utoipa::path(get, path = "/golden/{entity}", tag = "dcl", params(("entity" = String, Path), PageQuery),
    responses((status = 200, body = GoldenPageOut), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Path(entity): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<GoldenPageOut>, Problem> {
    let dcl = app.dcl.tenant(&tenant);
    let found = dcl.golden_records(&entity, page.into()).await?;
    let unified = dcl.unified(&entity).await?.map(UnifiedOut::from);
    Ok(axum::Json(GoldenPageOut { items: found.items, next_cursor: found.next_cursor, unified }))
}

/// Explains a thing: for each field the value that survives, by which rule, and the values that do not; the records behind it and what
/// binds each of them, field by field, in bits of evidence; what became of it, and what people ruled about its records. An id that was merged leads to the one that it is now.
#[utoipa::path(get, path = "/golden/{entity}/{id}", tag = "dcl", params(("entity" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = GoldenDetail), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Path((entity, id)): Path<(String, Uuid)>,
) -> Result<axum::Json<GoldenDetail>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).golden_record(&entity, id).await?))
}

/// Explains the thing that a record of a connection is.
#[utoipa::path(get, path = "/golden/{entity}/of/{source}/{record_id}", tag = "dcl",
    params(("entity" = String, Path), ("source" = String, Path), ("record_id" = String, Path)),
    responses((status = 200, body = GoldenDetail), Problem))]
pub async fn of_record(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Path((entity, source, record_id)): Path<(String, String, String)>,
) -> Result<axum::Json<GoldenDetail>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).golden_of_record(&entity, &source, &record_id).await?))
}

/// Tells how probable it is that two records are one thing, and what each field says about it, under the model of the latest resolution.
#[utoipa::path(get, path = "/unify/explain", tag = "dcl", params(PairQuery),
    responses((status = 200, body = PairExplanation), Problem))]
pub async fn explain(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Query(pair): Query<PairQuery>,
) -> Result<axum::Json<PairExplanation>, Problem> {
    let left = RecordName { source: pair.left_source, record_id: pair.left_record };
    let right = RecordName { source: pair.right_source, record_id: pair.right_record };
    Ok(axum::Json(app.dcl.tenant(&tenant).explain_pair(&pair.entity, &left, &right).await?))
}

/// Lists what people ruled about records of an entity, the newest first; what was taken back is among it.
#[utoipa::path(get, path = "/unify/rulings", tag = "dcl", params(RulingQuery),
    responses((status = 200, body = PageOut<RulingOut>), Problem))]
pub async fn rulings(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Query(query): Query<RulingQuery>,
) -> Result<axum::Json<PageOut<RulingOut>>, Problem> {
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let found = app.dcl.tenant(&tenant).rulings(&query.entity, page.into()).await?;
    let items = found.items.into_iter().map(RulingOut::from).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Rules that two records are the same thing, or different ones. It holds against all evidence until it is taken back or ruled otherwise, and teaches
/// how sure the model may be.
#[utoipa::path(post, path = "/unify/rulings", tag = "dcl", request_body = RuleRequest,
    responses((status = 201, body = RuledOut), Problem))]
pub async fn rule(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Json(request): Json<RuleRequest>,
) -> Result<(StatusCode, axum::Json<RuledOut>), Problem> {
    Ok((StatusCode::CREATED, axum::Json(app.dcl.tenant(&tenant).rule(&request).await?.into())))
}

/// Takes a ruling back: what it put together or kept apart is again as the evidence says.
#[utoipa::path(delete, path = "/unify/rulings/{id}", tag = "dcl", params(("id" = Uuid, Path)),
    responses((status = 200, body = RuledOut), Problem))]
pub async fn undo(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<RuledOut>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).undo_ruling(id).await?.into()))
}

impl From<Resolution> for UnifiedOut {
    fn from(resolution: Resolution) -> Self {
        Self {
            at: resolution.ended_at,
            records: resolution.records,
            links: resolution.pairs.map(|pairs| pairs.links),
            uncertain: resolution.pairs.map(|pairs| pairs.uncertain),
        }
    }
}

impl From<GoldenRuling> for RulingOut {
    fn from(ruling: GoldenRuling) -> Self {
        let place = |place: aos_store::RecordPlace| PlaceOut {
            connection_id: place.connection_id.0,
            record_id: place.record_id,
        };
        Self {
            id: ruling.id,
            entity: ruling.entity,
            left: place(ruling.left),
            right: place(ruling.right),
            verdict: ruling.verdict,
            reason: ruling.reason,
            ruled_by: ruling.ruled_by,
            ruled_at: ruling.ruled_at,
            undone_at: ruling.undone_at,
            undone_by: ruling.undone_by,
        }
    }
}

impl From<RuledPair> for RuledOut {
    fn from(ruled: RuledPair) -> Self {
        Self { ruling: ruled.ruling.into(), task_id: ruled.task_id }
    }
}

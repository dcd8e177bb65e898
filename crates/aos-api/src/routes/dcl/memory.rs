//! The mapping memory: what was decided about columns of sources, how much of a source is known by it, and whether a model is asked about the
//! rest.

use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::page::PageOut;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::memory::{MappingAccuracy, MappingCheckReport, MemoryCoverage, MemorySearch, RememberedMapping};
use aos_store::{MemoryOutcome, NextStep, Page};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

const LIMIT_DEFAULT: u32 = 50;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MemoryQuery {
    /// Name or id of a connection.
    #[serde(default)]
    #[param(example = "salesforce")]
    source: Option<String>,
    #[serde(default)]
    #[param(example = "account")]
    entity: Option<String>,
    /// `applied`, `approved` or `rejected`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "approved")]
    outcome: Option<MemoryOutcome>,
    /// A part of the column's or the field's name.
    #[serde(default)]
    #[param(example = "industry")]
    search: Option<String>,
    /// Where the page before ended: its `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChecksQuery {
    /// Only those that somebody may still choose about.
    #[serde(default)]
    #[param(default = false)]
    pending: bool,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

/// Whether a model is asked about the columns that are uncertain.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MappingCheckChoice, example = json!({ "choice": "skip" }))]
pub struct ChoiceIn {
    /// `proceed` or `skip`.
    #[schema(value_type = String, example = "skip")]
    choice: NextStep,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ForgottenMappings, example = json!({ "forgotten": 12 }))]
pub struct ForgottenOut {
    forgotten: u64,
}

/// Lists what was decided about columns: which field each is, or is not, by whom, and what it rested on. It holds names and no values.
#[utoipa::path(get, path = "/memory", tag = "dcl", params(MemoryQuery),
    responses((status = 200, body = PageOut<RememberedMapping>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadGraph>,
    State(app): State<App>,
    Query(query): Query<MemoryQuery>,
) -> Result<axum::Json<PageOut<RememberedMapping>>, Problem> {
    let search =
        MemorySearch { source: query.source, entity: query.entity, outcome: query.outcome, words: query.search };
    let found = app.dcl.tenant(&tenant).memories(&search, page(query.cursor, query.limit)).await?;
    Ok(axum::Json(found.into()))
}

/// Forgets one decision, so that it speaks for nothing any more. Mappings that are in force stay as they are.
#[utoipa::path(delete, path = "/memory/{id}", tag = "dcl", params(("id" = Uuid, Path)),
    responses((status = 204), Problem))]
pub async fn forget(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    app.dcl.tenant(&tenant).forget_memory(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says how much of a source is known from earlier decisions: the share of its columns that a remembered one is like, by name, with a
/// similarity above 0.8.
#[utoipa::path(get, path = "/memory/sources/{source}", tag = "dcl", params(("source" = String, Path, example = "salesforce")),
    responses((status = 200, body = MemoryCoverage), Problem))]
pub async fn coverage(
    tenant: Allowed<may::ReadGraph>,
    State(app): State<App>,
    Path(source): Path<String>,
) -> Result<axum::Json<MemoryCoverage>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).memory_coverage(&source).await?))
}

/// Forgets everything that was decided about the columns of a source.
#[utoipa::path(delete, path = "/memory/sources/{source}", tag = "dcl", params(("source" = String, Path, example = "salesforce")),
    responses((status = 200, body = ForgottenOut), Problem))]
pub async fn forget_source(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Path(source): Path<String>,
) -> Result<axum::Json<ForgottenOut>, Problem> {
    let forgotten = app.dcl.tenant(&tenant).forget_memories_of(&source).await?;
    Ok(axum::Json(ForgottenOut { forgotten }))
}

/// Lists the looks at what is remembered that were taken before sources were mapped: what was known, whether a model was asked, and what that took.
#[utoipa::path(get, path = "/memory/checks", tag = "dcl", params(ChecksQuery),
    responses((status = 200, body = PageOut<MappingCheckReport>), Problem))]
pub async fn checks(
    tenant: Allowed<may::ReadGraph>,
    State(app): State<App>,
    Query(query): Query<ChecksQuery>,
) -> Result<axum::Json<PageOut<MappingCheckReport>>, Problem> {
    let found = app.dcl.tenant(&tenant).mapping_checks(query.pending, page(query.cursor, query.limit)).await?;
    Ok(axum::Json(found.into()))
}

/// Chooses whether a model is asked about what a run leaves uncertain. After `decide_until` the run has followed the recommendation.
#[utoipa::path(post, path = "/memory/checks/{id}", tag = "dcl", params(("id" = Uuid, Path)), request_body = ChoiceIn,
    responses((status = 204), Problem))]
pub async fn choose(
    tenant: Allowed<may::RunOrchestration>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(body): Json<ChoiceIn>,
) -> Result<StatusCode, Problem> {
    app.dcl.tenant(&tenant).choose_mapping_check(id, body.choice).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns how often the matcher's decisions were right with a model's answers and without, as far as people have looked, and what models took.
#[utoipa::path(get, path = "/memory/accuracy", tag = "dcl", responses((status = 200, body = MappingAccuracy), Problem))]
pub async fn accuracy(
    tenant: Allowed<may::ReadGraph>,
    State(app): State<App>,
) -> Result<axum::Json<MappingAccuracy>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).mapping_accuracy().await?))
}

fn page(cursor: Option<String>, limit: Option<u32>) -> Page {
    let limit = limit.unwrap_or(LIMIT_DEFAULT).clamp(1, aos_store::MAX_LIMIT);
    Page { cursor: cursor.filter(|cursor| !cursor.is_empty()), limit }
}

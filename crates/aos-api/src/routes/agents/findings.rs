//! What pilots found, and what people say of it.

use super::body::FindingOut;
use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::{Lens, may};
use aos_store::{FindingFeedback, FindingFilter, FindingState, FindingVerdict};
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingQuery {
    #[serde(default)]
    #[param(example = "revops_pilot")]
    agent: Option<String>,
    #[serde(default)]
    #[param(example = "stalled_deal")]
    kind: Option<String>,
    /// `open` or `resolved`; both when left out.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "open")]
    state: Option<FindingState>,
    /// Whether those are listed, too, that somebody wants ignored for now.
    #[serde(default)]
    ignored: Option<bool>,
    /// Where the page before ended: its `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

/// What somebody says of a finding. What is left out is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FindingVerdict, example = json!({ "feedback": "useful", "note": "Talked to the owner." }))]
pub struct VerdictIn {
    /// `useful` or `not_useful`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "useful")]
    feedback: Option<FindingFeedback>,
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: Option<String>,
    /// Until when it is left out of lists.
    #[serde(default)]
    ignored_until: Option<DateTime<Utc>>,
}

/// Lists findings, those with the most money at stake first, whatever its currency. What is to be ignored for now is left out unless it is
/// asked for.
#[utoipa::path(get, path = "/agents/findings", tag = "agents", params(FindingQuery),
    responses((status = 200, body = PageOut<FindingOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadAgents>,
    State(app): State<App>,
    Query(query): Query<FindingQuery>,
) -> Result<axum::Json<PageOut<FindingOut>>, Problem> {
    let FindingQuery { agent, kind, state, ignored, cursor, limit } = query;
    let not_ignored_at = (ignored != Some(true)).then(|| app.clock.now());
    let filter = FindingFilter { agent, kind, state, not_ignored_at };
    let found = app.store.tenant(&tenant).list_findings(&filter, PageQuery { cursor, limit }.into()).await?;
    let lens = Lens::of(&tenant);
    let items = found.items.into_iter().map(|finding| FindingOut::seen_through(lens, finding)).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Returns one finding.
#[utoipa::path(get, path = "/agents/findings/{id}", tag = "agents", params(("id" = Uuid, Path)),
    responses((status = 200, body = FindingOut), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadAgents>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<FindingOut>, Problem> {
    let found = app.store.tenant(&tenant).finding(id).await?.ok_or_else(|| Problem::missing("finding"))?;
    Ok(axum::Json(FindingOut::seen_through(Lens::of(&tenant), found)))
}

/// Says whether a finding was of use, or until when it is to be ignored.
#[utoipa::path(put, path = "/agents/findings/{id}/feedback", tag = "agents", params(("id" = Uuid, Path)), request_body = VerdictIn,
    responses((status = 200, body = FindingOut), Problem))]
pub async fn judge(
    tenant: Allowed<may::RunAgents>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(VerdictIn { feedback, note, ignored_until }): Json<VerdictIn>,
) -> Result<axum::Json<FindingOut>, Problem> {
    let verdict = FindingVerdict { feedback, note, ignored_until };
    let judged = app.store.tenant(&tenant).judge_finding(id, &verdict).await?;
    Ok(axum::Json(FindingOut::seen_through(Lens::of(&tenant), judged)))
}

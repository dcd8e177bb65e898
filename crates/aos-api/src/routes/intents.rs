//! Proposals to connect sources: made one by one or many at once, looked into by themselves in Safe Mode, promoted or turned down by people.

use crate::extract::{Json, JsonOrNothing, Path, Query};
use crate::guard::Allowed;
use crate::page::{ListOut, PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::IntentId;
use aos_core::onboarding::{Funnel, IntentState};
use aos_core::policy::may;
use aos_dcl::onboarding::{Assets, IntentDetail, IntentInfo, IntentRequest, Namespace, OnboardingPolicy, SampleInfo};
use aos_store::{IntentFilter, Page};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

const BATCH_MAX: usize = 500;
const WHY_LENGTH_MAX: usize = 500;
const COVERAGE: HeaderName = HeaderName::from_static("x-slo-coverage");

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "intents": [{ "source_type": "filesource", "config": { "path": "/srv/exports/salesforce" } }] }))]
pub struct IntentBatch {
    /// All of them are taken, or none.
    #[schema(min_items = 1, max_items = 500)]
    intents: Vec<IntentRequest>,
}

/// Why somebody decides.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IntentDecision {
    /// For those who wonder later.
    #[serde(default)]
    #[schema(max_length = 500, example = "the account is ours, and the sample looks right")]
    reason: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IntentQuery {
    /// Only those in this state.
    #[serde(default)]
    state: Option<IntentState>,
    /// Only those of this namespace.
    #[serde(default)]
    namespace: Option<Namespace>,
    #[serde(default)]
    cursor: Option<String>,
    /// How many at most; larger numbers are taken as the maximum.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FunnelQuery {
    /// Only those of this namespace; all when left out.
    #[serde(default)]
    namespace: Option<Namespace>,
}

/// Proposes a source. A task looks into it: is it allowed, does it answer, which streams are there, what do their first records look like. Then
/// somebody promotes it, or the tenant's policy does; until then nothing else is read of it.
#[utoipa::path(post, path = "/aam/intents", tag = "onboarding", request_body = IntentRequest,
    responses((status = 202, body = IntentInfo), Problem))]
pub async fn propose(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Json(request): Json<IntentRequest>,
) -> Result<(StatusCode, axum::Json<IntentInfo>), Problem> {
    let proposed = app.dcl.tenant(&tenant).propose_intents(vec![request]).await?;
    let first = proposed.into_iter().next().ok_or_else(|| Problem::missing("intent"))?;
    Ok((StatusCode::ACCEPTED, axum::Json(first)))
}

/// Proposes many sources at once, all or none. Each is looked into by a task of its own.
#[utoipa::path(post, path = "/aam/intents/batch", tag = "onboarding", request_body = IntentBatch,
    responses((status = 202, body = ListOut<IntentInfo>), Problem))]
pub async fn propose_many(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Json(batch): Json<IntentBatch>,
) -> Result<(StatusCode, axum::Json<ListOut<IntentInfo>>), Problem> {
    if !(1..=BATCH_MAX).contains(&batch.intents.len()) {
        let detail = format!("a batch has 1 to {BATCH_MAX} intents, this one has {}", batch.intents.len());
        return Err(Problem::unprocessable("invalid_intent", detail, "send them in several batches"));
    }
    let items = app.dcl.tenant(&tenant).propose_intents(batch.intents).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(ListOut { items })))
}

/// Lists intents, newest first.
#[utoipa::path(get, path = "/aam/intents", tag = "onboarding", params(IntentQuery),
    responses((status = 200, body = PageOut<IntentInfo>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
    Query(query): Query<IntentQuery>,
) -> Result<axum::Json<PageOut<IntentInfo>>, Problem> {
    let IntentQuery { state, namespace, cursor, limit } = query;
    let filter = IntentFilter { state, namespace: namespace.map(Namespace::word) };
    let page: Page = PageQuery { cursor, limit }.into();
    Ok(axum::Json(app.dcl.tenant(&tenant).intents(&filter, page).await?.into()))
}

/// Returns an intent with everything that became of it.
#[utoipa::path(get, path = "/aam/intents/{id}", tag = "onboarding", params(("id" = Uuid, Path)),
    responses((status = 200, body = IntentDetail), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
    Path(id): Path<IntentId>,
) -> Result<axum::Json<IntentDetail>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).intent(id).await?))
}

/// Returns the first records of each stream, at most 20, and what they would be mapped to. They are kept until somebody decides.
#[utoipa::path(get, path = "/aam/intents/{id}/samples", tag = "onboarding", params(("id" = Uuid, Path)),
    responses((status = 200, body = ListOut<SampleInfo>), Problem))]
pub async fn samples(
    tenant: Allowed<may::ReadPersonal>,
    State(app): State<App>,
    Path(id): Path<IntentId>,
) -> Result<axum::Json<ListOut<SampleInfo>>, Problem> {
    Ok(axum::Json(ListOut { items: app.dcl.tenant(&tenant).intent_samples(id).await? }))
}

/// Promotes a sampled intent: its connection is read from now on, and a first read is enqueued.
#[utoipa::path(post, path = "/aam/intents/{id}/promote", tag = "onboarding", params(("id" = Uuid, Path)),
    request_body = IntentDecision, responses((status = 200, body = IntentDetail), Problem))]
pub async fn promote(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<IntentId>,
    JsonOrNothing(decision): JsonOrNothing<IntentDecision>,
) -> Result<axum::Json<IntentDetail>, Problem> {
    let why = decision.why("it is promoted")?;
    Ok(axum::Json(app.dcl.tenant(&tenant).promote_intent(id, &why).await?))
}

/// Turns an intent down. Its connection goes, with its secrets and what was sampled; the intent and what became of it stay.
#[utoipa::path(post, path = "/aam/intents/{id}/reject", tag = "onboarding", params(("id" = Uuid, Path)),
    request_body = IntentDecision, responses((status = 200, body = IntentDetail), Problem))]
pub async fn reject(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<IntentId>,
    JsonOrNothing(decision): JsonOrNothing<IntentDecision>,
) -> Result<axum::Json<IntentDetail>, Problem> {
    let why = decision.why("it is turned down")?;
    Ok(axum::Json(app.dcl.tenant(&tenant).reject_intent(id, &why).await?))
}

/// Looks into an intent again that failed.
#[utoipa::path(post, path = "/aam/intents/{id}/retry", tag = "onboarding", params(("id" = Uuid, Path)),
    responses((status = 202, body = IntentDetail), Problem))]
pub async fn retry(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<IntentId>,
) -> Result<(StatusCode, axum::Json<IntentDetail>), Problem> {
    Ok((StatusCode::ACCEPTED, axum::Json(app.dcl.tenant(&tenant).retry_intent(id).await?)))
}

/// Counts how many of the proposed sources have come how far, and whether enough of them are active. The header `X-SLO-Coverage` has the share.
#[utoipa::path(get, path = "/aam/metrics/funnel", tag = "onboarding", params(FunnelQuery),
    responses((status = 200, body = Funnel), Problem))]
pub async fn funnel(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
    Query(query): Query<FunnelQuery>,
) -> Result<([(HeaderName, HeaderValue); 1], axum::Json<Funnel>), Problem> {
    let funnel = app.dcl.tenant(&tenant).onboarding_funnel(query.namespace).await?;
    let share = funnel.coverage.map_or_else(|| "unknown".to_owned(), |coverage| format!("{coverage:.4}"));
    let share = HeaderValue::from_str(&share).unwrap_or(HeaderValue::from_static("unknown"));
    Ok(([(COVERAGE, share)], axum::Json(funnel)))
}

/// Returns what the discovery service (AOD) found, by its newest answer, with the proposals that were made of it. `POST /aoa/discover` asks it
/// again; a proposal says which asset it comes from with `aod/` and the asset's id in `evidence.source`.
#[utoipa::path(get, path = "/aam/assets", tag = "onboarding", responses((status = 200, body = Assets), Problem))]
pub async fn assets(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
) -> Result<axum::Json<Assets>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).assets(app.settings.aod_configured).await?))
}

/// Returns which sampled intents are promoted without a person.
#[utoipa::path(get, path = "/aam/onboarding/policy", tag = "onboarding",
    responses((status = 200, body = OnboardingPolicy), Problem))]
pub async fn get_policy(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
) -> Result<axum::Json<OnboardingPolicy>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).onboarding_policy().await?))
}

/// Says which sampled intents are promoted without a person, from now on.
#[utoipa::path(put, path = "/aam/onboarding/policy", tag = "onboarding", request_body = OnboardingPolicy,
    responses((status = 200, body = OnboardingPolicy), Problem))]
pub async fn put_policy(
    tenant: Allowed<may::ManageOnboarding>,
    State(app): State<App>,
    Json(policy): Json<OnboardingPolicy>,
) -> Result<axum::Json<OnboardingPolicy>, Problem> {
    Ok(axum::Json(app.dcl.tenant(&tenant).put_onboarding_policy(policy).await?))
}

impl IntentDecision {
    fn why(self, unsaid: &str) -> Result<String, Problem> {
        if self.reason.chars().count() > WHY_LENGTH_MAX || self.reason.contains('\0') {
            let detail = format!("a reason has at most {WHY_LENGTH_MAX} characters");
            return Err(Problem::unprocessable("invalid_reason", detail, "shorten it and try again"));
        }
        Ok(if self.reason.is_empty() { unsaid.to_owned() } else { self.reason })
    }
}

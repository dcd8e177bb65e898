//! What models were asked and what that used: by day, feature and model, call by call, and since somebody set the counters back.

use crate::extract::Query;
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_ai::models::Dollars;
use aos_core::policy::may;
use aos_store::{ModelCall, ModelTotals, ModelUsage};
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

const DAYS_DEFAULT: u32 = 30;
const DAYS_MAX: u32 = 400;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    /// How many days back, today included.
    #[serde(default)]
    #[param(minimum = 1, maximum = 400, default = 30)]
    days: Option<u32>,
}

/// What a feature used of a model on one day (UTC).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelUsage, example = json!({ "day": "2026-11-21", "feature": "questions", "model": "open_ai/gpt-4.1-mini", "calls": 12,
    "failed": 1, "uncounted": 0, "tokens_in": 9000, "tokens_out": 800, "dollars": "0.00488", "unpriced": 0 }))]
pub struct UsageOut {
    day: NaiveDate,
    feature: String,
    /// Provider and model.
    model: String,
    calls: u64,
    failed: u64,
    /// Calls of which the provider did not say what they used.
    uncounted: u64,
    tokens_in: u64,
    tokens_out: u64,
    /// Of the calls whose price is known; null when it is of none.
    #[schema(required)]
    dollars: Option<Dollars>,
    /// Calls whose price is not known.
    unpriced: u64,
}

/// How much of today (UTC) is spent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelDay)]
pub struct DayOut {
    tokens_used: u64,
    /// What calls under way may use at most.
    tokens_held: u64,
    /// The lower of the operator's and the tenant's limit; null without one.
    #[schema(required)]
    tokens_max: Option<u64>,
    dollars_used: Dollars,
    dollars_held: Dollars,
    #[schema(required)]
    dollars_max: Option<Dollars>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelCounters, example = json!({ "calls": 12, "tokens": 9800, "calls_saved": 0, "since": "2026-11-21T14:00:00Z" }))]
pub struct CountersOut {
    calls: u64,
    tokens: u64,
    /// Calls that were not needed, because what is known already was enough.
    calls_saved: u64,
    /// When they were last set back, or the first call was counted; null before it.
    #[schema(required)]
    since: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelUsageReport)]
pub struct ReportOut {
    today: DayOut,
    counters: CountersOut,
    items: Vec<UsageOut>,
}

/// One call. What was said is not kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelCall, example = json!({ "id": "0199c0de-0000-7000-8000-000000000000", "at": "2026-11-21T14:00:00Z", "feature": "test",
    "model": "open_ai/gpt-4.1-mini", "outcome": "ok", "attempts": 1, "duration_ms": 640, "tokens_in": 31, "tokens_out": 2, "dollars": "0.000016" }))]
pub struct CallOut {
    id: Uuid,
    at: DateTime<Utc>,
    feature: String,
    model: String,
    /// `ok`, or a word for what went wrong, such as `rate_limited`, `refused`, `unreachable`, `declined`.
    outcome: String,
    attempts: u64,
    duration_ms: u64,
    #[schema(required)]
    tokens_in: Option<u64>,
    #[schema(required)]
    tokens_out: Option<u64>,
    #[schema(required)]
    dollars: Option<Dollars>,
}

/// What the counters are after they were set back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelCountersReset, example = json!({ "ok": true, "calls": 0, "tokens": 0, "calls_saved": 0 }))]
pub struct ResetOut {
    ok: bool,
    calls: u64,
    tokens: u64,
    calls_saved: u64,
}

/// Returns what was used by day, feature and model, and how much of today's budget is spent.
#[utoipa::path(get, path = "/models/usage", tag = "models", params(UsageQuery),
    responses((status = 200, body = ReportOut), Problem))]
pub async fn usage(
    tenant: Allowed<may::ReadModels>,
    State(app): State<App>,
    Query(query): Query<UsageQuery>,
) -> Result<axum::Json<ReportOut>, Problem> {
    let store = app.store.tenant(&tenant);
    let days = query.days.unwrap_or(DAYS_DEFAULT).clamp(1, DAYS_MAX);
    let (day, budget) = (store.model_day().await?, app.models.tenant(&tenant).budget().await?);
    Ok(axum::Json(ReportOut {
        today: DayOut {
            tokens_used: day.tokens_used,
            tokens_held: day.tokens_held,
            tokens_max: budget.tokens,
            dollars_used: Dollars { micros: day.micros_used },
            dollars_held: Dollars { micros: day.micros_held },
            dollars_max: budget.micros.map(|micros| Dollars { micros }),
        },
        counters: store.model_totals().await?.into(),
        items: store.model_usage(days).await?.into_iter().map(UsageOut::from).collect(),
    }))
}

/// Lists single calls of the last 30 days, the newest first.
#[utoipa::path(get, path = "/models/calls", tag = "models", params(PageQuery),
    responses((status = 200, body = PageOut<CallOut>), Problem))]
pub async fn calls(
    tenant: Allowed<may::ReadModels>,
    State(app): State<App>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<PageOut<CallOut>>, Problem> {
    let found = app.store.tenant(&tenant).list_model_calls(query.into()).await?;
    let items = found.items.into_iter().map(CallOut::from).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Sets the counters of calls, tokens and saved calls back to zero. What was used by day stays.
#[utoipa::path(post, path = "/reset_llm_stats", tag = "dcl", responses((status = 200, body = ResetOut), Problem))]
pub async fn reset(
    tenant: Allowed<may::ManageModels>,
    State(app): State<App>,
) -> Result<axum::Json<ResetOut>, Problem> {
    let store = app.store.tenant(&tenant);
    store.reset_model_totals().await?;
    let ModelTotals { calls, tokens, calls_saved, .. } = store.model_totals().await?;
    Ok(axum::Json(ResetOut { ok: true, calls, tokens, calls_saved }))
}

impl From<ModelUsage> for UsageOut {
    fn from(usage: ModelUsage) -> Self {
        let priced = usage.unpriced < usage.calls || usage.micros > 0;
        Self {
            day: usage.day.date_naive(),
            feature: usage.feature,
            model: usage.model,
            calls: usage.calls,
            failed: usage.failed,
            uncounted: usage.uncounted,
            tokens_in: usage.tokens_in,
            tokens_out: usage.tokens_out,
            dollars: priced.then_some(Dollars { micros: usage.micros }),
            unpriced: usage.unpriced,
        }
    }
}

impl From<ModelTotals> for CountersOut {
    fn from(totals: ModelTotals) -> Self {
        let ModelTotals { calls, tokens, calls_saved, since } = totals;
        Self { calls, tokens, calls_saved, since }
    }
}

impl From<ModelCall> for CallOut {
    fn from(call: ModelCall) -> Self {
        Self {
            id: call.id,
            at: call.at,
            feature: call.feature,
            model: call.model,
            outcome: call.outcome,
            attempts: call.attempts,
            duration_ms: call.duration_ms,
            tokens_in: call.tokens_in,
            tokens_out: call.tokens_out,
            dollars: call.micros.map(|micros| Dollars { micros }),
        }
    }
}

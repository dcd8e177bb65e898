//! Safe SQL for people and agents: one SELECT over the tenant's views, masked as its caller may see, within limits. A statement that goes
//! against a rule is refused by its kind, counted, and written into the audit trail.

use crate::extract::Json;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::engine::{Error, Rule};
use aos_dcl::views::QueryAnswer;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

const ROWS_DEFAULT: usize = 1_000;
const ROWS_MAX: usize = 10_000;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SqlRequest, example = json!({ "sql": "SELECT status, count(*) FROM ticket GROUP BY status", "limit": 100 }))]
pub struct SqlIn {
    #[schema(min_length = 1, max_length = 65536)]
    sql: String,
    /// How many rows at most; `truncated` says whether there were more.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10000, default = 1000)]
    limit: Option<usize>,
}

/// Runs one SELECT over the tenant's unified views. Anything else is refused, counted, and written into the audit trail.
#[utoipa::path(post, path = "/sql", tag = "questions", request_body = SqlIn,
    responses((status = 200, body = QueryAnswer), Problem))]
pub async fn run(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Json(request): Json<SqlIn>,
) -> Result<axum::Json<QueryAnswer>, Problem> {
    let limit = request.limit.unwrap_or(ROWS_DEFAULT).clamp(1, ROWS_MAX);
    app.dcl.tenant(&tenant).query(&request.sql, limit).await.map(axum::Json).map_err(problem)
}

/// Says what is wrong with a statement, by the rule that it goes against.
pub(crate) fn problem(error: aos_dcl::Error) -> Problem {
    match error {
        aos_dcl::Error::Engine(Error::Refused { rule, reason }) => refused(rule, reason),
        error => error.into(),
    }
}

fn refused(rule: Rule, reason: String) -> Problem {
    metrics::counter!("autonomos_sql_refused_total", "rule" => rule.as_str()).increment(1);
    let (code, next_step) = match rule {
        Rule::OneSelect => ("sql_not_one_select", "write one SELECT and nothing else"),
        Rule::Views => ("sql_unknown_view", "name the tenant's views only, without a schema; the reason lists them"),
        Rule::Functions => ("sql_function_refused", "use functions that compute; files and settings are out of reach"),
        Rule::Size => ("sql_too_large", "shorten the statement"),
    };
    Problem::bad_request(code, reason, next_step)
}

//! Read-only SQL over the tenant's unified views.

use crate::extract::Json;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::views::QueryAnswer;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

const SQL_BYTES_MAX: usize = 64 * 1024;
const ROWS_DEFAULT: usize = 1000;
const ROWS_MAX: usize = 10_000;

#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "sql": "SELECT stage, sum(amount) FROM opportunity GROUP BY stage", "limit": 100 }))]
pub struct QueryRequest {
    /// One SELECT over the tenant's entities, e.g. `SELECT stage, sum(amount) FROM opportunity GROUP BY 1`.
    #[schema(min_length = 1, max_length = 65536)]
    sql: String,
    /// How many rows at most; `truncated` says whether there were more.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10000, default = 1000)]
    limit: Option<usize>,
}

/// Runs a read-only query over the tenant's unified views. It sees nothing else: no files, no network, no other tenant.
#[utoipa::path(post, path = "/query", tag = "dcl", request_body = QueryRequest,
    responses((status = 200, body = QueryAnswer), Problem))]
pub async fn run(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Json(request): Json<QueryRequest>,
) -> Result<axum::Json<QueryAnswer>, Problem> {
    if request.sql.len() > SQL_BYTES_MAX {
        let detail = format!("the query is longer than {SQL_BYTES_MAX} bytes");
        return Err(Problem::bad_request("query_refused", detail, "shorten the query"));
    }
    let limit = request.limit.unwrap_or(ROWS_DEFAULT).clamp(1, ROWS_MAX);
    Ok(axum::Json(app.dcl.tenant(&tenant).query(&request.sql, limit).await?))
}

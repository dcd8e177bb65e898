//! The agents that consume the picture.

use crate::guard::Allowed;
use crate::page::ListOut;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::agents::AgentInfo;
use axum::Json;
use axum::extract::State;

/// Lists the agents, with those chosen at the last connect marked.
#[utoipa::path(get, path = "/agents", tag = "dcl", responses((status = 200, body = ListOut<AgentInfo>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadGraph>,
    State(app): State<App>,
) -> Result<Json<ListOut<AgentInfo>>, Problem> {
    Ok(Json(ListOut { items: app.dcl.tenant(&tenant).agents().await? }))
}

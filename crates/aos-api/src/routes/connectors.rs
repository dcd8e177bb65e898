//! The connectors there are: what can be connected, and with which settings.

use crate::guard::Allowed;
use crate::page::ListOut;
use aos_core::policy::may;
use aos_dcl::connectors::{self, ConnectorInfo};

/// Lists the connectors, each with its settings and how it proves who it is.
#[utoipa::path(get, path = "/connectors", tag = "connections",
    responses((status = 200, body = ListOut<ConnectorInfo>), crate::problem::Problem))]
pub async fn list(_tenant: Allowed<may::ReadConnections>) -> axum::Json<ListOut<ConnectorInfo>> {
    axum::Json(ListOut { items: connectors::list() })
}

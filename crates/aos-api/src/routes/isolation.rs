//! How a tenant is kept apart on this installation: what the database enforces and how secrets are sealed, looked at when it is asked.

use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// What keeps a tenant apart, as it stands now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "database": "postgresql", "row_security": { "tables": 68, "forced": 68, "passed_by": false }, "secrets_sealed": true }))]
pub struct Isolation {
    database: Database,
    /// Null where the database is a file, which has no such thing: there the program alone keeps tenants apart.
    #[schema(required)]
    row_security: Option<RowSecurity>,
    /// Whether secrets are sealed with a key of the tenant's own, under the operator's master key.
    secrets_sealed: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Database {
    Sqlite,
    Postgresql,
}

/// Row security of the database.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowSecurity {
    /// Tables that hold rows of tenants.
    tables: u64,
    /// Those of them on which it is on, and forced, so that it holds for their owner as well.
    forced: u64,
    /// Whether the program's own role could pass it by.
    passed_by: bool,
}

impl From<aos_store::RowSecurity> for RowSecurity {
    fn from(aos_store::RowSecurity { tables, forced, passed_by }: aos_store::RowSecurity) -> Self {
        Self { tables, forced, passed_by }
    }
}

/// Says what keeps the tenant apart on this installation, as the database says it now. `autonomos probe isolation` proves it from outside.
#[utoipa::path(get, path = "/isolation", tag = "health", responses((status = 200, body = Isolation), Problem))]
pub async fn get(tenant: Allowed<may::UseAccount>, State(app): State<App>) -> Result<Json<Isolation>, Problem> {
    let row_security = app.store.tenant(&tenant).row_security().await?.map(RowSecurity::from);
    let database = if row_security.is_some() { Database::Postgresql } else { Database::Sqlite };
    Ok(Json(Isolation { database, row_security, secrets_sealed: app.store.master_key_id().is_some() }))
}

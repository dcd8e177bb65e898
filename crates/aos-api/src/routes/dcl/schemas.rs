//! The tables behind the picture: the ontology with its mappings, and the sources column by column.

use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_dcl::schemas::{OntologySchema, SourceSchemas};
use axum::Json;
use axum::extract::State;

/// Describes the ontology with every mapping onto it.
#[utoipa::path(get, path = "/ontology_schema", tag = "dcl", responses((status = 200, body = OntologySchema), Problem))]
pub async fn ontology(
    tenant: Allowed<may::ReadGraph>,
    State(app): State<App>,
) -> Result<Json<OntologySchema>, Problem> {
    Ok(Json(app.dcl.tenant(&tenant).ontology_schema().await?))
}

/// Describes every table of every source, with what each column became and why.
#[utoipa::path(get, path = "/source_schemas", tag = "dcl", responses((status = 200, body = SourceSchemas), Problem))]
pub async fn sources(tenant: Allowed<may::ReadGraph>, State(app): State<App>) -> Result<Json<SourceSchemas>, Problem> {
    Ok(Json(app.dcl.tenant(&tenant).source_schemas().await?))
}

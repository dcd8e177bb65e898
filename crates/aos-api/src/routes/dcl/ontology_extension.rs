//! What a tenant adds to the shipped ontology: fields and entities of its own, checked as a whole before anything is kept.

use crate::extract::Json;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::ontology::Extension;
use aos_core::policy::may;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct OntologyExtension {
    /// Version of the tenant's ontology as a whole; grows with every change.
    pub ontology_version: u32,
    /// `{entities: {name: definition}, fields: {entity: {name: definition}}}`, written as in the shipped ontology.
    pub extension: serde_json::Value,
}

/// Returns what this tenant adds to the shipped ontology.
#[utoipa::path(get, path = "/ontology_extension", tag = "dcl", responses((status = 200, body = OntologyExtension), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadGraph>,
    State(app): State<App>,
) -> Result<axum::Json<OntologyExtension>, Problem> {
    let dcl = app.dcl.tenant(&tenant);
    let extension = dcl.ontology_extension().await?;
    Ok(axum::Json(OntologyExtension { ontology_version: dcl.ontology().await?.version, extension }))
}

/// Replaces what this tenant adds to the shipped ontology; earlier versions are kept. The next connect maps with it.
///
/// What is shipped cannot be redefined. An extension that is not sound is refused with every problem it has.
#[utoipa::path(put, path = "/ontology_extension", tag = "dcl", request_body(content = serde_json::Value,
        example = json!({ "fields": { "account": { "tier": { "type": "string", "aliases": ["customer tier"] } } } })),
    responses((status = 200, body = OntologyExtension), Problem))]
pub async fn put(
    tenant: Allowed<may::WriteOntology>,
    State(app): State<App>,
    Json(body): Json<serde_json::Value>,
) -> Result<axum::Json<OntologyExtension>, Problem> {
    let extension: Extension = serde_json::from_value(body.clone()).map_err(|error| {
        let next_step =
            "write it as {\"entities\": {...}, \"fields\": {\"account\": {\"tier\": {\"type\": \"string\"}}}}";
        Problem::unprocessable("ontology_unsound", error.to_string(), next_step)
    })?;
    let ontology = app.dcl.tenant(&tenant).extend_ontology(&extension).await?;
    Ok(axum::Json(OntologyExtension { ontology_version: ontology.version, extension: body }))
}

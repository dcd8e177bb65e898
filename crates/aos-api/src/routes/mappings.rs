//! Mappings of a connection as files: out for people to correct, in as what they decided.

use crate::extract::{Path, Query};
use crate::guard::Allowed;
use crate::page::ListOut;
use crate::problem::Problem;
use crate::state::App;
use aos_core::ConnectionId;
use aos_core::policy::may;
use aos_dcl::mappings::{ImportedMapping, MappingFormat};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use serde::Deserialize;
use utoipa::IntoParams;

const CSV: &str = "text/csv";
const YAML: &str = "application/yaml";

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FormatQuery {
    /// `yaml` or `csv`.
    #[serde(default)]
    #[param(default = "yaml", example = "csv")]
    format: Option<String>,
}

/// Writes the connection's active mappings as YAML, or as CSV with one line per field.
#[utoipa::path(get, path = "/connections/{id}/mappings", tag = "connections", params(("id" = Uuid, Path), FormatQuery),
    responses((status = 200, content((String = "application/yaml"), (String = "text/csv"))), Problem))]
pub async fn export(
    tenant: Allowed<may::ReadConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
    Query(query): Query<FormatQuery>,
) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let (format, content_type) = match query.format.as_deref() {
        None | Some("yaml") => (MappingFormat::Yaml, YAML),
        Some("csv") => (MappingFormat::Csv, CSV),
        Some(other) => return Err(unknown_format(other)),
    };
    let file = app.dcl.tenant(&tenant).export_mappings(id, format).await?;
    Ok(([(header::CONTENT_TYPE, content_type)], file))
}

/// Takes mappings from a file of that form, all or none of them. Each rule counts as decided by a person from then on; the next sync reads the
/// streams whose mapping changed whole.
#[utoipa::path(put, path = "/connections/{id}/mappings", tag = "connections", params(("id" = Uuid, Path)),
    request_body(content(
        (String = "application/yaml", example = json!("streams:\n- stream: Account\n  entities:\n  - entity: account\n    fields: {account_id: Id, name: Name}\n")),
        (String = "text/csv", example = json!("stream,entity,field,sources\nAccount,account,account_id,Id\nAccount,account,name,Name\n")),
    )),
    responses((status = 200, body = ListOut<ImportedMapping>), Problem))]
pub async fn import(
    tenant: Allowed<may::WriteConnections>,
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
    headers: HeaderMap,
    body: String,
) -> Result<axum::Json<ListOut<ImportedMapping>>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let format = match kind {
        CSV => MappingFormat::Csv,
        YAML | "application/x-yaml" | "text/yaml" | "application/json" => MappingFormat::Yaml,
        other => return Err(unknown_format(other)),
    };
    Ok(axum::Json(ListOut { items: app.dcl.tenant(&tenant).import_mappings(id, format, &body).await? }))
}

fn unknown_format(format: &str) -> Problem {
    Problem::unprocessable(
        "unknown_format",
        format!("`{format}` is no form that mappings are written in"),
        "use YAML (application/yaml) or CSV (text/csv)",
    )
}

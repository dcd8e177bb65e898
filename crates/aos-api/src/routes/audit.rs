//! The audit trail: who did what, searched, and taken out as a chain that anyone can check without this server.

use crate::extract::Query;
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::TenantScope;
use aos_core::policy::may;
use aos_store::{AuditEntry, AuditFilter};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use futures_util::stream::unfold;
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Pieces of an export that wait for a slow reader.
const PIECES_WAITING_MAX: usize = 4;
/// What a browser does every few minutes while somebody has it open. It is news to nobody, and would hide what is.
const RENEWAL: &str = "session.renew";

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// An action such as `connection.create`; with a dot at its end, all of a kind: `connection.`.
    #[serde(default)]
    #[param(example = "connection.")]
    action: Option<String>,
    /// `user:<id>`, `key:<id>`, `local`, or `system`.
    #[serde(default)]
    principal: Option<String>,
    #[serde(default)]
    resource: Option<String>,
    #[serde(default)]
    trace_id: Option<String>,
    /// Whether `session.renew` is listed, which a browser does every few minutes. Left out, it is listed only where `action`, `resource` or
    /// `trace_id` asks for it. An export always holds it.
    #[serde(default)]
    renewals: Option<bool>,
    /// Only entries of this time or later.
    #[serde(default)]
    since: Option<DateTime<Utc>>,
    /// Only entries before this time.
    #[serde(default)]
    until: Option<DateTime<Utc>>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

/// Who did what to which thing, and when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry, example = json!({ "seq": 7, "id": "0199c0de-0000-7000-8000-000000000000", "at": "2026-11-21T14:00:00Z",
    "principal": "user:0199c0de-0000-7000-8000-000000000001", "action": "connection.create",
    "resource": "0199c0de-0000-7000-8000-000000000002", "detail": { "name": "crm" }, "trace_id": "0af7651916cd43dd8448eb211c80319c" }))]
pub struct EntryOut {
    /// Its place in the tenant's chain; none for entries from before there was one.
    #[schema(required)]
    seq: Option<u64>,
    id: Uuid,
    at: DateTime<Utc>,
    principal: String,
    action: String,
    resource: String,
    #[schema(value_type = Object)]
    detail: Value,
    /// Names the request or task in the logs.
    #[schema(required)]
    trace_id: Option<String>,
}

/// What the installation signs heads with, for whoever wants to check them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "algorithm": "Ed25519", "public_key": "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29" }))]
pub struct AuditKey {
    algorithm: &'static str,
    /// 64 hexadecimal digits.
    public_key: String,
}

/// Lists the audit trail, newest first. Renewals of sessions are left out unless they are asked for.
#[utoipa::path(get, path = "/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = PageOut<EntryOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadAudit>,
    State(app): State<App>,
    Query(query): Query<AuditQuery>,
) -> Result<axum::Json<PageOut<EntryOut>>, Problem> {
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let is_asked_for = query.action.is_some() || query.resource.is_some() || query.trace_id.is_some();
    let filter = AuditFilter {
        without: (!query.renewals.unwrap_or(is_asked_for)).then(|| RENEWAL.to_owned()),
        action: query.action,
        principal: query.principal,
        resource: query.resource,
        trace_id: query.trace_id,
        since: query.since,
        until: query.until,
    };
    let found = app.store.tenant(&tenant).find_audit(&filter, page.into()).await?;
    let items = found.items.into_iter().map(EntryOut::from).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Exports the chain as NDJSON: every entry in its order, ended by a signed head.
///
/// `autonomos audit verify FILE --key KEY` checks it without this server. Entries from before there was a chain are not in it.
#[utoipa::path(get, path = "/audit/export", tag = "audit",
    responses((status = 200, content_type = "application/x-ndjson", body = String), Problem))]
pub async fn export(tenant: Allowed<may::ReadAudit>, State(app): State<App>) -> Result<Response, Problem> {
    let name = format!("attachment; filename=\"audit-{}.ndjson\"", tenant.tenant_id());
    let headers = [(CONTENT_TYPE, "application/x-ndjson".to_owned()), (CONTENT_DISPOSITION, name)];
    let (pieces, waiting) = mpsc::channel(PIECES_WAITING_MAX);
    let scope = TenantScope::clone(&tenant);
    // Ends with the export, or with whoever reads it.
    let writing = tokio::spawn(async move {
        let written = app.store.tenant(&scope).export_audit(&app.signer, pieces).await;
        written.inspect_err(|error| tracing::error!(%error, "an export of the audit trail broke off: {error}")).is_ok()
    });
    Ok((headers, Body::from_stream(pieces_of(waiting, writing))).into_response())
}

/// Returns the public key that exports are signed with.
#[utoipa::path(get, path = "/audit/key", tag = "audit", security(()), responses((status = 200, body = AuditKey), Problem))]
pub async fn key(State(app): State<App>) -> axum::Json<AuditKey> {
    axum::Json(AuditKey { algorithm: "Ed25519", public_key: app.signer.verifier().to_string() })
}

/// Hands on what is written. When that breaks off, the body ends with an error and not as if it were whole.
fn pieces_of(waiting: mpsc::Receiver<String>, writing: JoinHandle<bool>) -> impl Stream<Item = std::io::Result<Bytes>> {
    // Compression asks once more after the end, which an unfold does not take.
    unfold((waiting, Some(writing)), |(mut waiting, writing)| async move {
        if let Some(piece) = waiting.recv().await {
            return Some((Ok(Bytes::from(piece)), (waiting, writing)));
        }
        let whole = writing?.await.unwrap_or(false);
        (!whole).then(|| (Err(std::io::Error::other("the export broke off")), (waiting, None)))
    })
    .fuse()
}

impl From<AuditEntry> for EntryOut {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { seq, id, at, principal, action, resource, detail, trace_id } = entry;
        Self { seq, id, at, principal, action, resource, detail, trace_id }
    }
}

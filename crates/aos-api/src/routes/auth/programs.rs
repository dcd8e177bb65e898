//! Programs that act for people over the Model Context Protocol: what one asks for, the person's answer, and the list of those that were
//! allowed. What programs themselves speak with is in `oauth/`.

use crate::auth::opaque::Kind;
use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::oauth::{Asking, CODE_TTL, Considered, consider, sent_back};
use crate::page::ListOut;
use crate::problem::Problem;
use crate::state::App;
use aos_core::SessionId;
use aos_core::policy::{Permission, Resource, decide, may};
use aos_core::tenant::Scopes;
use aos_store::{NewProgramCode, ProgramGrant};
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// A request of a program, as a person is asked about it.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgramQuestion)]
pub struct QuestionOut {
    /// What the person is asked; null when the request cannot be allowed at all.
    #[schema(required)]
    asked: Option<AskedOut>,
    /// Where the person goes when the request cannot be allowed: the program is told there what is wrong with it.
    #[schema(
        required,
        example = "http://127.0.0.1:33418/?error=invalid_request&iss=https%3A%2F%2Fautonomos.example.com"
    )]
    send_back: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ProgramAsked)]
pub struct AskedOut {
    /// What the program calls itself.
    #[schema(example = "Claude")]
    program: String,
    /// The host whose owner vouches for the name; null when the program is known by its own word only.
    #[schema(required, example = "claude.ai")]
    vouched_by: Option<String>,
    /// Where the answer goes: a host, or the scheme of an application.
    #[schema(example = "127.0.0.1")]
    leads_to: String,
    /// The tenant whose data it is about.
    #[schema(example = "Acme")]
    tenant: String,
    /// The address that its tokens are good for.
    #[schema(example = "https://autonomos.example.com/mcp")]
    resource: String,
    /// How long it may act before it asks again, in seconds.
    #[schema(example = 2592000)]
    lasts_s: u64,
    scopes: Vec<ScopeOut>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ProgramScope)]
pub struct ScopeOut {
    #[schema(example = "records:read")]
    scope: &'static str,
    /// As words that follow "may".
    #[schema(example = "read unified records and ask them with SQL")]
    what: &'static str,
    /// Whether the person may do so themselves; what they may not, nobody does for them.
    yours: bool,
}

/// A person's answer to a program.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProgramDecision, example = json!({ "request": { "client_id": "https://app.example.com/client.json", "response_type": "code",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256" }, "allow": true, "scopes": ["records:read"] }))]
pub struct DecisionRequest {
    /// The parameters with which the program sent the person here.
    request: Asking,
    allow: bool,
    /// What is allowed, out of what was asked for.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Permission>,
}

/// Where the person goes now.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgramAnswer)]
pub struct AnswerOut {
    /// The program's own address, with the code, or with the refusal.
    #[schema(example = "http://127.0.0.1:33418/?code=aosg_0199c0de…&state=x&iss=https%3A%2F%2Fautonomos.example.com")]
    send_back: String,
}

/// A program that acts for the user.
#[derive(Serialize, ToSchema)]
#[schema(as = Program)]
pub struct ProgramOut {
    id: Uuid,
    /// What the program calls itself.
    #[schema(example = "Claude")]
    name: String,
    /// Where its codes go.
    #[schema(example = "http://127.0.0.1:33418/")]
    redirect_uri: String,
    #[schema(example = json!(["graph:read", "records:read"]))]
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    renewed_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// Says what a program asks for that has sent someone here, so that they can be asked.
#[utoipa::path(get, path = "/auth/programs/request", tag = "auth", params(Asking), responses((status = 200, body = QuestionOut), Problem))]
pub async fn look(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
    headers: HeaderMap,
    Query(asking): Query<Asking>,
) -> Result<axum::Json<QuestionOut>, Problem> {
    tenant.user_id()?;
    let request = match consider(&app, &headers, &asking).await? {
        Considered::SendBack(address) => {
            return Ok(axum::Json(QuestionOut { asked: None, send_back: Some(address) }));
        }
        Considered::Ask(request) => request,
    };
    let scope = |permission: &Permission| ScopeOut {
        scope: permission.as_str(),
        what: permission.what(),
        yours: decide(&tenant, *permission, Resource::Any).allowed,
    };
    let asked = AskedOut {
        scopes: request.scopes.iter().map(scope).collect(),
        program: request.client.name,
        vouched_by: request.client.vouched_by,
        leads_to: request.leads_to,
        tenant: app.store.tenant(&tenant).tenant().await?.name,
        resource: request.resource,
        lasts_s: app.settings.program_ttl.as_secs(),
    };
    Ok(axum::Json(QuestionOut { asked: Some(asked), send_back: None }))
}

/// Allows a program to act for the user, or refuses it. Allowed, it is given a code that it exchanges for tokens within a minute.
#[utoipa::path(post, path = "/auth/programs", tag = "auth", request_body = DecisionRequest,
    responses((status = 200, body = AnswerOut), Problem))]
pub async fn answer(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
    headers: HeaderMap,
    Json(decision): Json<DecisionRequest>,
) -> Result<([(HeaderName, &'static str); 1], axum::Json<AnswerOut>), Problem> {
    let user = tenant.user_id()?;
    let no_store = [(CACHE_CONTROL, "no-store")];
    let request = match consider(&app, &headers, &decision.request).await? {
        Considered::SendBack(send_back) => return Ok((no_store, axum::Json(AnswerOut { send_back }))),
        Considered::Ask(request) => request,
    };
    let store = app.store.tenant(&tenant);
    if !decision.allow {
        let detail = json!({ "program": request.client.name, "redirect_uri": request.redirect_uri });
        store.record_audit("program.refuse", &format!("user:{user}"), detail).await?;
        let told = [("error", "access_denied"), ("error_description", "the person does not allow it")];
        return Ok((no_store, axum::Json(AnswerOut { send_back: sent_back(&request, &told)? })));
    }
    let asked_for = |scope: &&Permission| request.scopes.contains(scope);
    let held = |scope: &&Permission| decide(&tenant, **scope, Resource::Any).allowed;
    if decision.scopes.is_empty() || !decision.scopes.iter().all(|scope| asked_for(&scope) && held(&scope)) {
        let detail = "what is allowed is at least one thing that was asked for, and that you may do yourself";
        return Err(Problem::unprocessable("invalid_scopes", detail, "choose among what was asked for, or refuse"));
    }
    let code = Kind::ProgramCode.issue(tenant.tenant_id());
    let scopes: Scopes = decision.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    let new = NewProgramCode {
        user,
        digest: &code.digest,
        client_digest: &request.client.digest,
        client_name: &request.client.name,
        redirect_uri: &request.redirect_uri,
        challenge: &request.challenge,
        scopes: &scopes,
        resource: &request.resource,
        expires_at: app.clock.now() + CODE_TTL,
    };
    store.allow_program(new).await?;
    Ok((no_store, axum::Json(AnswerOut { send_back: sent_back(&request, &[("code", &code.text)])? })))
}

/// Lists the programs that act for the user, newest first.
#[utoipa::path(get, path = "/auth/programs", tag = "auth", responses((status = 200, body = ListOut<ProgramOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
) -> Result<axum::Json<ListOut<ProgramOut>>, Problem> {
    let grants = app.store.tenant(&tenant).list_program_grants(tenant.user_id()?).await?;
    Ok(axum::Json(ListOut { items: grants.into_iter().map(ProgramOut::from).collect() }))
}

/// Stops a program from acting for the user, at once: its tokens are good no more.
#[utoipa::path(delete, path = "/auth/programs/{id}", tag = "auth", params(("id" = Uuid, Path)),
    responses((status = 204, description = "The program was stopped"), Problem))]
pub async fn delete(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    app.store.tenant(&tenant).end_program(tenant.user_id()?, SessionId(id)).await?;
    app.access_changed(&tenant).await;
    Ok(StatusCode::NO_CONTENT)
}

impl From<ProgramGrant> for ProgramOut {
    fn from(grant: ProgramGrant) -> Self {
        let ProgramGrant { session, client_name, redirect_uri, scopes, created_at, renewed_at, expires_at, .. } = grant;
        Self { id: session.0, name: client_name, redirect_uri, scopes, created_at, renewed_at, expires_at }
    }
}

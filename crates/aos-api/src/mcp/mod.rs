//! The Model Context Protocol: the same data, policy, masks, limits and audit trail as the HTTP API, as tools that agents call.
//!
//! Over HTTP it is one address, `/mcp`, behind the layers of every protected route; who asks comes from the token in each request, and nothing
//! is kept between two of them, so that any process answers any request. `autonomos mcp serve` speaks the same over standard input and output.

mod arguments;
mod card;
mod catalogue;
mod desk;
mod handler;
mod metadata;
mod proposing;
mod reading;
mod refusal;

pub(crate) use card::agent_card;
pub(crate) use desk::Desk;
pub(crate) use metadata::{base, challenge, protected_resource, resource};
pub(crate) use proposing::{ProposedTask, propose_task};

use self::handler::Handler;
use crate::extract::is_json;
use crate::middleware::idempotency::IDEMPOTENCY_KEY;
use crate::middleware::tracing::RequestContext;
use crate::problem::Problem;
use crate::state::App;
use aos_agents::questions::Questions;
use aos_broker::Broker;
use aos_core::{Clock, TenantScope};
use aos_dcl::Dcl;
use aos_store::Store;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rmcp::ServiceExt;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use std::sync::Arc;

/// Names by which this machine calls itself, which are always taken.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Names the request for what is done away from its task.
#[derive(Debug, Clone)]
pub(crate) struct Trace(pub Option<String>);

/// Answers the Model Context Protocol over HTTP.
pub(crate) type McpService = StreamableHttpService<Handler, NeverSessionManager>;

/// Builds the service that answers over HTTP.
pub(crate) fn service(app: &App) -> McpService {
    let desk = app.desk();
    let named = app.settings.mcp_hosts.iter().cloned();
    let public = app.settings.public_url.as_deref().and_then(host_of).map(str::to_owned);
    let hosts = OWN_NAMES.into_iter().map(str::to_owned).chain(named).chain(public);
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(app.settings.body_bytes_max)
        .with_allowed_hosts(hosts);
    let handler = move || Ok(Handler::of_requests(desk.clone()));
    StreamableHttpService::new(handler, Arc::new(NeverSessionManager::default()), config)
}

/// Hands the trace of a request on, since tools are called on a task of their own. Keys are not taken here: a message has an id of its own, and
/// to take a key and not obey it would be a promise that is not kept.
pub(crate) async fn carry(mut request: Request, next: Next) -> Response {
    if request.headers().contains_key(IDEMPOTENCY_KEY) {
        return Problem::bad_request(
            "idempotency_key_not_taken",
            "messages of the Model Context Protocol are not carried out under a key",
            "leave the header Idempotency-Key out; what is proposed twice is one proposal for review",
        )
        .into_response();
    }
    request.extensions_mut().insert(Trace(RequestContext::trace_id()));
    let is_json = is_json(request.headers().get(CONTENT_TYPE));
    refusal::said(next.run(request).await, is_json)
}

/// Answers over standard input and output for one tenant, until the other side closes them.
///
/// # Errors
/// When the other side does not speak the protocol.
pub async fn serve_stdio(
    store: Store,
    dcl: Dcl,
    broker: Broker,
    clock: Clock,
    questions: Questions,
    scope: TenantScope,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let desk = Desk { store, dcl, broker, clock, questions };
    let running = Handler::for_one(desk, scope).serve(rmcp::transport::stdio()).await?;
    running.waiting().await?;
    Ok(())
}

/// Returns the host of a URL, with its port where it has one.
fn host_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())
}

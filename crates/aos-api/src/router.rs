//! Every route, one line each, and the order of what surrounds them.

use crate::guard::{Protected, guarded};
use crate::mcp;
use crate::middleware::{address, audit, auth, denied, headers, idempotency, limits, panics, rate, timing, tracing};
use crate::oauth;
use crate::openapi::{ApiDoc, complete, name_operations};
use crate::realtime::{socket, stream};
use crate::routes::agents;
use crate::routes::auth::{account, invitations, keys, members, oidc, password_resets, programs, sessions};
use crate::routes::dcl::{
    agents as dcl_agents, connect, golden, lineage, memory, ontology_extension, preview, query, schemas, state, views,
};
use crate::routes::{
    self, aam, aoa, callbacks, connections, connectors, consents, debug, drift, filesource, flags, health, intents,
    isolation, knowledge, ledger, mappings, models, nlp, notifications, personas, pii, policy, questions, redoc,
    reviews, samples, schedules, service_principals, sql, syncs, tasks, ui,
};
use crate::state::{ApiState, App};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

const V1: &str = "/api/v1";
const DCL: &str = "/dcl";
const EVENTS: &str = "/events";
const NLP: &str = "/nlp";
/// Where what is asked in words is served, too.
const NLP_V1: &str = "/nlp/v1";
/// Where the Model Context Protocol is spoken.
pub(crate) const MCP: &str = "/mcp";
/// Smaller bodies are not worth the work of compressing them.
const COMPRESS_BYTES_MIN: u64 = 1024;

/// Routes that anyone may call.
fn public() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(account::register))
        .routes(routes!(account::login))
        .routes(routes!(sessions::refresh))
        .routes(routes!(invitations::look))
        .routes(routes!(invitations::accept))
        .routes(routes!(password_resets::look))
        .routes(routes!(password_resets::redeem))
        .routes(routes!(oidc::providers))
        .routes(routes!(oidc::start))
        .routes(routes!(oidc::callback))
        .routes(routes!(consents::callback))
        .routes(routes!(routes::audit::key))
        .routes(routes!(routes::tenants::deletion))
}

/// Whether the server is well, which whoever looks after it may ask as often as they like.
fn wellbeing() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::version))
}

/// Routes for those who are signed in and hold what each asks for.
fn protected() -> Protected {
    Protected::default()
        .merge(identity())
        .merge(sources())
        .merge(onboarding())
        .merge(changes())
        .merge(intelligence())
        .merge(answers())
        .merge(documents())
        .routes(guarded!(policy::explain))
        .routes(guarded!(pii::scan))
        .routes(guarded!(pii::reveal))
        .routes(guarded!(routes::audit::list))
        .routes(guarded!(routes::audit::export))
        .routes(guarded!(isolation::get))
        .routes(guarded!(flags::list))
        .routes(guarded!(flags::put, flags::delete))
        .routes(guarded!(routes::tenants::delete))
        .routes(guarded!(ledger::list))
        .routes(guarded!(ledger::rejections))
        .merge(orchestration())
        .merge(acting())
}

/// One's own account, and who else belongs to the tenant.
fn identity() -> Protected {
    Protected::default()
        .routes(guarded!(account::me))
        .routes(guarded!(account::change_password))
        .routes(guarded!(account::ws_ticket))
        .routes(guarded!(sessions::logout))
        .routes(guarded!(sessions::list))
        .routes(guarded!(sessions::delete))
        .routes(guarded!(programs::list, programs::answer))
        .routes(guarded!(programs::look))
        .routes(guarded!(programs::delete))
        .routes(guarded!(oidc::link))
        .routes(guarded!(members::list))
        .routes(guarded!(members::put, members::delete))
        .routes(guarded!(password_resets::create))
        .routes(guarded!(invitations::list, invitations::create))
        .routes(guarded!(invitations::delete))
        .routes(guarded!(keys::list, keys::create))
        .routes(guarded!(keys::delete))
}

/// The systems that are read, and how that goes.
fn sources() -> Protected {
    Protected::default()
        .routes(guarded!(connectors::list))
        .routes(guarded!(samples::get, samples::add, samples::remove))
        .routes(guarded!(connections::list, connections::create))
        .routes(guarded!(connections::get, connections::patch, connections::delete))
        .routes(guarded!(connections::pause))
        .routes(guarded!(connections::resume))
        .routes(guarded!(connections::confirm))
        .routes(guarded!(connections::runs))
        .routes(guarded!(syncs::check))
        .routes(guarded!(syncs::discover))
        .routes(guarded!(syncs::sync))
        .routes(guarded!(syncs::health))
        .routes(guarded!(syncs::events))
        .routes(guarded!(mappings::export, mappings::import))
        .routes(guarded!(filesource::sources))
        .routes(guarded!(filesource::replay))
        .routes(guarded!(aam::metrics))
        .routes(guarded!(aam::events))
        .routes(guarded!(aam::connectors))
        .routes(guarded!(aam::accounts))
        .routes(guarded!(aam::airbyte))
}

/// How sources have changed, and what waits for a person.
fn changes() -> Protected {
    Protected::default()
        .routes(guarded!(drift::list))
        .routes(guarded!(drift::get))
        .routes(guarded!(drift::observations))
        .routes(guarded!(drift::get_contract, drift::put_contract))
        .routes(guarded!(drift::get_policy, drift::put_policy))
        .routes(guarded!(reviews::list))
        .routes(guarded!(reviews::decide))
        .routes(guarded!(reviews::waiting))
        .routes(guarded!(reviews::get))
        .routes(guarded!(reviews::assign))
        .routes(guarded!(reviews::comment))
        .routes(guarded!(reviews::rehearse))
        .routes(guarded!(reviews::approve))
        .routes(guarded!(reviews::reject))
        .routes(guarded!(reviews::undo))
}

/// How sources come to be connected: what lets us in, what is proposed, and what developers look at.
fn onboarding() -> Protected {
    Protected::default()
        .routes(guarded!(consents::start))
        .routes(guarded!(consents::forget))
        .routes(guarded!(service_principals::list))
        .routes(guarded!(service_principals::put, service_principals::delete))
        .routes(guarded!(intents::list, intents::propose))
        .routes(guarded!(intents::propose_many))
        .routes(guarded!(intents::get))
        .routes(guarded!(intents::samples))
        .routes(guarded!(intents::promote))
        .routes(guarded!(intents::reject))
        .routes(guarded!(intents::retry))
        .routes(guarded!(intents::funnel))
        .routes(guarded!(intents::assets))
        .routes(guarded!(intents::get_policy, intents::put_policy))
        .routes(guarded!(debug::source_status))
        .routes(guarded!(debug::last_canonical))
        .routes(guarded!(debug::agent_proof))
}

/// The models that may be asked, and what they used.
fn intelligence() -> Protected {
    Protected::default()
        .routes(guarded!(models::list))
        .routes(guarded!(models::get_settings, models::put_settings))
        .routes(guarded!(models::usage))
        .routes(guarded!(models::calls))
        .routes(guarded!(models::test))
}

/// What was asked and answered, and SQL.
fn answers() -> Protected {
    Protected::default()
        .routes(guarded!(questions::list))
        .routes(guarded!(questions::feedback))
        .routes(guarded!(questions::gap))
        .routes(guarded!(questions::verify))
        .routes(guarded!(questions::rerun))
        .routes(guarded!(sql::run))
}

/// Documents, and what is found in them.
fn documents() -> Protected {
    Protected::default()
        .routes(guarded!(knowledge::list, knowledge::create))
        .routes(guarded!(knowledge::upload))
        .routes(guarded!(knowledge::get, knowledge::delete))
        .routes(guarded!(knowledge::search))
        .routes(guarded!(knowledge::list_feedback, knowledge::feedback))
}

/// Tasks, schedules, the orchestration and who is told about it, for those who are signed in.
fn orchestration() -> Protected {
    Protected::default()
        .routes(guarded!(tasks::list, tasks::create))
        .routes(guarded!(tasks::get, tasks::cancel))
        .routes(guarded!(tasks::logs))
        .routes(guarded!(tasks::replay::one))
        .routes(guarded!(tasks::replay::many))
        .routes(guarded!(tasks::queue::stats))
        .routes(guarded!(tasks::queue::put_settings))
        .routes(guarded!(schedules::list, schedules::create))
        .routes(guarded!(schedules::get, schedules::put, schedules::delete))
        .routes(guarded!(aoa::run))
        .routes(guarded!(aoa::reset))
        .routes(guarded!(aoa::prod_mode))
        .routes(guarded!(aoa::discover))
        .routes(guarded!(aoa::picture))
        .routes(guarded!(aoa::status))
        .routes(guarded!(aoa::functions))
        .routes(guarded!(notifications::get_slack, notifications::put_slack, notifications::delete_slack))
        .routes(guarded!(notifications::test_slack))
        .routes(guarded!(callbacks::list))
        .routes(guarded!(callbacks::rotate_secret))
        .routes(guarded!(callbacks::enable))
        .routes(guarded!(callbacks::replay))
}

/// Agents: which there are, what they found, what they propose.
fn acting() -> Protected {
    Protected::default()
        .routes(guarded!(agents::list))
        .routes(guarded!(agents::findings::list))
        .routes(guarded!(agents::finding_groups::groups))
        .routes(guarded!(agents::findings::get))
        .routes(guarded!(agents::findings::judge))
        .routes(guarded!(agents::proposals::list, agents::proposals::create))
        .routes(guarded!(agents::proposals::approve))
        .routes(guarded!(agents::proposals::reject))
        .routes(guarded!(agents::get, agents::put, agents::delete))
        .routes(guarded!(agents::run))
        .routes(guarded!(agents::runs))
}

/// What is asked in words; served twice.
fn nlp() -> Protected {
    Protected::default()
        .routes(guarded!(nlp::ask))
        .routes(guarded!(knowledge::ingest::ingest))
        .routes(guarded!(knowledge::search))
        .routes(guarded!(personas::list))
        .routes(guarded!(personas::classify))
        .routes(guarded!(personas::summary))
        .routes(guarded!(personas::get, personas::put))
}

/// The data connection layer, for those who are signed in; served twice.
fn dcl() -> Protected {
    Protected::default()
        .routes(guarded!(connect::start))
        .routes(guarded!(connect::get))
        .routes(guarded!(state::get))
        .routes(guarded!(schemas::ontology))
        .routes(guarded!(schemas::sources))
        .routes(guarded!(ontology_extension::get, ontology_extension::put))
        .routes(guarded!(preview::get))
        .routes(guarded!(views::list))
        .routes(guarded!(views::as_of))
        .routes(guarded!(views::record))
        .routes(guarded!(golden::unify))
        .routes(guarded!(golden::list))
        .routes(guarded!(golden::get))
        .routes(guarded!(golden::of_record))
        .routes(guarded!(golden::explain))
        .routes(guarded!(golden::rulings, golden::rule))
        .routes(guarded!(golden::undo))
        .routes(guarded!(query::run))
        .routes(guarded!(lineage::search))
        .routes(guarded!(lineage::field))
        .routes(guarded!(memory::list))
        .routes(guarded!(memory::checks))
        .routes(guarded!(memory::choose))
        .routes(guarded!(memory::accuracy))
        .routes(guarded!(memory::coverage, memory::forget_source))
        .routes(guarded!(memory::forget))
        .routes(guarded!(dcl_agents::list))
        .routes(guarded!(models::reset))
}

/// The WebSocket, which a ticket opens instead of a token.
fn live() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(socket::open))
}

/// Live events as lines, for a ticket or a token.
fn events() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream::open))
}

/// Describes the API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let dcl = OpenApiRouter::from(dcl()).merge(live());
    let v1 = public().merge(wellbeing()).merge(protected().into()).nest(DCL, dcl).nest(EVENTS, events());
    let v1 = v1.nest(NLP, nlp().into());
    let mut described = OpenApiRouter::with_openapi(ApiDoc::openapi()).nest(V1, v1).into_openapi();
    name_operations(&mut described);
    complete(&mut described);
    described
}

/// Builds the whole server: API, documentation and web interface.
pub fn router(state: ApiState) -> Router {
    let app = App::new(state);
    // From the outside in: who is it, how much do they ask for, did they ask for it before, and what is written down of it.
    let known = || {
        ServiceBuilder::new()
            .layer(from_fn_with_state(app.clone(), rate::of_address))
            .layer(from_fn_with_state(app.clone(), auth::require))
            .layer(from_fn_with_state(app.clone(), denied::note_known))
            .layer(from_fn_with_state(app.clone(), timing::say))
            .layer(from_fn_with_state(app.clone(), rate::of_tenant))
            .layer(from_fn_with_state(app.clone(), idempotency::once))
            .layer(from_fn_with_state(app.clone(), audit::trail))
    };
    let locked = |routes: Protected| OpenApiRouter::from(routes).route_layer(known());
    let unknown = || {
        ServiceBuilder::new().layer(from_fn_with_state(app.clone(), rate::of_anyone)).layer(from_fn(idempotency::none))
    };
    let open = |routes: OpenApiRouter<App>| routes.route_layer(unknown());
    // The same layers as for every protected route. A message has an id of its own in the place of a key.
    let tools = ServiceBuilder::new()
        .layer(from_fn_with_state(app.clone(), mcp::challenge))
        .layer(from_fn_with_state(app.clone(), rate::of_address))
        .layer(from_fn_with_state(app.clone(), auth::require_agent))
        .layer(from_fn_with_state(app.clone(), denied::note_known))
        .layer(from_fn_with_state(app.clone(), timing::say))
        .layer(from_fn_with_state(app.clone(), rate::of_tenant))
        .layer(from_fn(mcp::carry))
        .layer(from_fn_with_state(app.clone(), audit::trail));
    let tools = Router::new().route_service(MCP, mcp::service(&app)).route_layer(tools);
    let known_of_all = Router::new()
        .route("/.well-known/oauth-protected-resource", get(mcp::protected_resource))
        .route("/.well-known/oauth-protected-resource/mcp", get(mcp::protected_resource))
        .route("/.well-known/oauth-authorization-server", get(oauth::authorization_server))
        .route("/.well-known/agent-card.json", get(mcp::agent_card))
        .route(oauth::AUTHORIZE, get(oauth::authorize))
        .route(oauth::REGISTER, post(oauth::register))
        .route(oauth::TOKEN, post(oauth::token))
        .route(oauth::REVOKE, post(oauth::revoke))
        .route_layer(unknown());
    let ticketed = |routes: OpenApiRouter<App>| routes.route_layer(from_fn_with_state(app.clone(), rate::of_address));
    let dcl = || Router::from(locked(dcl()).merge(ticketed(live())));
    let v1 = open(public()).merge(wellbeing()).merge(locked(protected())).nest(EVENTS, ticketed(events()));
    let nlp = || Router::from(locked(nlp()));
    let v1 = Router::from(v1).nest(DCL, dcl()).nest(NLP, nlp());
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(DefaultPredicate::new().and(SizeAbove::new(COMPRESS_BYTES_MIN)));
    // From the outside in.
    let around = ServiceBuilder::new()
        .layer(from_fn(tracing::trace))
        .layer(from_fn_with_state(app.clone(), address::locate))
        .layer(from_fn_with_state(app.clone(), headers::secure))
        .layer(headers::cors(&app.settings.cors_origins))
        .layer(compression)
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(from_fn_with_state(app.clone(), denied::note))
        .layer(from_fn(limits::head))
        .layer(from_fn_with_state(app.settings.request_timeout, limits::time))
        .layer(from_fn_with_state(app.settings.body_limits(app.knowledge.document_bytes_max()), limits::body));
    Router::new()
        .nest(V1, v1)
        .nest(DCL, dcl())
        .nest(NLP_V1, nlp())
        .merge(Router::from(wellbeing()))
        .merge(tools)
        .merge(known_of_all)
        .route("/redoc", get(redoc::page))
        .route("/redoc/redoc.standalone.js", get(redoc::bundle))
        .merge(SwaggerUi::new("/docs").url("/openapi.json", openapi()))
        .method_not_allowed_fallback(ui::wrong_method)
        .fallback(ui::serve)
        .layer(around)
        .with_state(app.clone())
}

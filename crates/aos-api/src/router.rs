//! Every route, one line each, and the order of what surrounds them.

use crate::middleware::{auth, headers, limits, panics, tracing};
use crate::openapi::{ApiDoc, name_operations};
use crate::realtime::socket;
use crate::routes::dcl::{agents, connect, lineage, ontology_extension, preview, query, schemas, state, views};
use crate::routes::{self, aoa, callbacks, connections, health, ledger, notifications, schedules, tasks, ui};
use crate::state::{ApiState, App};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
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
/// Smaller bodies are not worth the work of compressing them.
const COMPRESS_BYTES_MIN: u64 = 1024;

/// Routes that anyone may call.
fn public() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(routes::auth::register))
        .routes(routes!(routes::auth::login))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
}

/// Routes for those who are signed in.
fn protected() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(routes::auth::me))
        .routes(routes!(routes::auth::logout))
        .routes(routes!(routes::auth::ws_ticket))
        .routes(routes!(connections::list, connections::create))
        .routes(routes!(connections::get, connections::delete))
        .routes(routes!(connections::check))
        .routes(routes!(connections::runs))
        .routes(routes!(ledger::list))
        .routes(routes!(ledger::rejections))
        .merge(orchestration())
}

/// Tasks, schedules, the orchestration and who is told about it, for those who are signed in.
fn orchestration() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(tasks::list, tasks::create))
        .routes(routes!(tasks::get, tasks::cancel))
        .routes(routes!(tasks::logs))
        .routes(routes!(tasks::replay::one))
        .routes(routes!(tasks::replay::many))
        .routes(routes!(tasks::queue::stats))
        .routes(routes!(tasks::queue::put_settings))
        .routes(routes!(schedules::list, schedules::create))
        .routes(routes!(schedules::get, schedules::put, schedules::delete))
        .routes(routes!(aoa::run))
        .routes(routes!(aoa::reset))
        .routes(routes!(aoa::prod_mode))
        .routes(routes!(aoa::discover))
        .routes(routes!(aoa::picture))
        .routes(routes!(aoa::status))
        .routes(routes!(notifications::get_slack, notifications::put_slack, notifications::delete_slack))
        .routes(routes!(notifications::test_slack))
        .routes(routes!(callbacks::list))
        .routes(routes!(callbacks::rotate_secret))
        .routes(routes!(callbacks::enable))
        .routes(routes!(callbacks::replay))
}

/// The data connection layer, for those who are signed in; served twice.
fn dcl() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(connect::start))
        .routes(routes!(connect::get))
        .routes(routes!(state::get))
        .routes(routes!(schemas::ontology))
        .routes(routes!(schemas::sources))
        .routes(routes!(ontology_extension::get, ontology_extension::put))
        .routes(routes!(preview::get))
        .routes(routes!(views::list))
        .routes(routes!(views::record))
        .routes(routes!(query::run))
        .routes(routes!(lineage::search))
        .routes(routes!(lineage::field))
        .routes(routes!(agents::list))
}

/// The WebSocket, which a ticket opens instead of a token.
fn live() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(socket::open))
}

/// Describes the API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let v1 = public().merge(protected()).nest(DCL, dcl().merge(live()));
    let mut described = OpenApiRouter::with_openapi(ApiDoc::openapi()).nest(V1, v1).into_openapi();
    name_operations(&mut described);
    described
}

/// Builds the whole server: API, documentation and web interface.
pub fn router(state: ApiState) -> Router {
    let app = App::new(state);
    let signed_in = || from_fn_with_state(app.clone(), auth::require);
    let dcl = || Router::from(dcl().route_layer(signed_in()).merge(live()));
    let v1 = Router::from(public().merge(protected().route_layer(signed_in()))).nest(DCL, dcl());
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(DefaultPredicate::new().and(SizeAbove::new(COMPRESS_BYTES_MIN)));
    // From the outside in.
    let around = ServiceBuilder::new()
        .layer(from_fn(tracing::trace))
        .layer(from_fn(headers::secure))
        .layer(compression)
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(from_fn_with_state(app.settings.request_timeout, limits::time))
        .layer(from_fn_with_state(app.settings.body_bytes_max as u64, limits::body))
        .layer(DefaultBodyLimit::max(app.settings.body_bytes_max));
    Router::new()
        .nest(V1, v1)
        .nest(DCL, dcl())
        .merge(Router::from(OpenApiRouter::new().routes(routes!(health::live)).routes(routes!(health::ready))))
        .merge(SwaggerUi::new("/docs").url("/openapi.json", openapi()))
        .method_not_allowed_fallback(ui::wrong_method)
        .fallback(ui::serve)
        .layer(around)
        .with_state(app.clone())
}

//! AOD (AOS Discover): an inventory of an organisation's systems that answers questions in words.
//!
//! The contract is in `docs/guides/aod.md`. Each tenant has an estate of its own, drawn from the seed and the tenant's id.

mod contract;
mod estate;
mod search;

pub use contract::{DiscoveryType, Found, Request, Response};

use crate::Chaos;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use contract::{Discovery, Failure, Provenance};
use estate::Estate;
use std::sync::Arc;

/// Longer requests are refused.
const BODY_BYTES_MAX: usize = 256 * 1024;

#[derive(Debug, Clone)]
pub struct Options {
    pub seed: u64,
    /// How many systems the estate of each tenant has.
    pub systems: u32,
    /// The bearer token that callers must send; none asks for none.
    pub token: Option<String>,
    pub chaos: Chaos,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, systems: 60, token: None, chaos: Chaos::default() }
    }
}

/// Builds the service.
pub fn router(options: Options) -> Router {
    let (seed, chaos) = (options.seed, options.chaos);
    let service = Router::new()
        .route("/api/discover", post(discover))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::new(options));
    chaos.around(seed, service).route("/health", get(|| async { "ok" }))
}

async fn discover(
    State(options): State<Arc<Options>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<axum::Json<Response>, Failure> {
    if let Some(token) = &options.token {
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        if sent != Some(token) {
            return Err(Failure::new(StatusCode::UNAUTHORIZED, "", "the bearer token is missing or wrong"));
        }
    }
    let request: Request = serde_json::from_slice(&body).map_err(|error| {
        Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "", format!("the request cannot be read: {error}"))
    })?;
    request.check()?;
    let estate = Estate::of(options.seed, &request.tenant_id, options.systems);
    let entities = search::answer(&estate, &request);
    let message = format!("{} found among {} systems", entities.len(), estate.systems.len());
    Ok(axum::Json(Response {
        success: true,
        request_id: request.request_id,
        message,
        discovery: Discovery {
            entities,
            provenance: Provenance {
                service: "aos-discover simulator".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                systems_scanned: estate.systems.len(),
                as_of: estate.as_of,
            },
        },
    }))
}

//! How badly a simulated service behaves: slow answers and failures, drawn from the seed in the order of the requests.

use crate::random::Random;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const RETRY_AFTER_S: u32 = 1;

/// The dial. Its default is a service that always answers at once.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Chaos {
    /// Added to every answer.
    pub latency: Duration,
    /// Share of requests, from 0 to 1, that are answered with 429 and `Retry-After`, 500 or 503 instead.
    pub failure_share: f64,
}

#[derive(Clone)]
struct Dice {
    chaos: Chaos,
    random: Arc<Mutex<Random>>,
}

impl Chaos {
    /// Puts the dial before every route of a service.
    pub fn around(self, seed: u64, service: Router) -> Router {
        let random = Arc::new(Mutex::new(Random::new(seed, "chaos")));
        service.layer(middleware::from_fn_with_state(Dice { chaos: self, random }, disturb))
    }
}

impl Dice {
    fn failure(&self) -> Option<StatusCode> {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let fails = random.unit() < self.chaos.failure_share;
        let statuses =
            [StatusCode::TOO_MANY_REQUESTS, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE];
        fails.then(|| *random.pick(&statuses))
    }
}

async fn disturb(State(dice): State<Dice>, request: Request, next: Next) -> Response {
    if !dice.chaos.latency.is_zero() {
        tokio::time::sleep(dice.chaos.latency).await;
    }
    match dice.failure() {
        Some(StatusCode::TOO_MANY_REQUESTS) => {
            let body = axum::Json(json!({ "success": false, "message": "too many requests" }));
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, RETRY_AFTER_S.to_string())], body).into_response()
        }
        Some(status) => (status, axum::Json(json!({ "success": false, "message": "the simulator was told to fail" })))
            .into_response(),
        None => next.run(request).await,
    }
}

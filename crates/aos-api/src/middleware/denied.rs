//! Those who were not let in: counted by address and minute, and written into the installation's audit trail, where a flood of them is
//! one entry a minute for each address.

use crate::middleware::address::ClientAddress;
use crate::state::App;
use aos_core::Clock;
use aos_store::Store;
use axum::extract::{Extension, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const MINUTE_S: i64 = 60;
/// Addresses told apart within a minute; the rest are counted together.
const ADDRESSES_MAX: usize = 1000;
const ROUTES_MAX: usize = 8;
const OTHERS: &str = "others";

/// Who was not let in and is not yet written down.
#[derive(Clone)]
pub struct Denials {
    store: Store,
    clock: Clock,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    /// By minute and address.
    counts: BTreeMap<(i64, String), Count>,
    /// Whether somebody is going to write them down.
    awaited: bool,
}

#[derive(Default)]
struct Count {
    times: u64,
    routes: BTreeMap<String, u64>,
}

/// Counts what is answered 401.
pub async fn note(
    State(app): State<App>,
    Extension(address): Extension<ClientAddress>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        app.denials.count(address.name(), route);
    }
    response
}

impl Denials {
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, waiting: Arc::default() }
    }

    /// Counts one who was not let in, by address and by what they wanted.
    pub(crate) fn count(&self, address: String, route: String) {
        let minute = self.clock.now().timestamp().div_euclid(MINUTE_S);
        let mut waiting = self.lock();
        let known = waiting.counts.len() < ADDRESSES_MAX || waiting.counts.contains_key(&(minute, address.clone()));
        let address = if known { address } else { OTHERS.to_owned() };
        let count = waiting.counts.entry((minute, address)).or_default();
        count.times += 1;
        if count.routes.len() < ROUTES_MAX || count.routes.contains_key(&route) {
            *count.routes.entry(route).or_default() += 1;
        }
        if !std::mem::replace(&mut waiting.awaited, true) {
            let denials = self.clone();
            // Ends by itself; what it would have written is written by `write_down` when the server stops first.
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(MINUTE_S.unsigned_abs())).await;
                denials.write_down().await;
            });
        }
    }

    /// Writes down everyone who is not yet. To be called when the server stops; otherwise it happens every minute.
    pub async fn write_down(&self) {
        let counts = {
            let mut waiting = self.lock();
            waiting.awaited = false;
            std::mem::take(&mut waiting.counts)
        };
        for ((minute, address), Count { times, routes }) in counts {
            let said = json!({ "times": times, "minute": minute * MINUTE_S, "routes": routes });
            let written = self.store.system().record_audit("access.denied", &format!("address:{address}"), said).await;
            if let Err(error) = written {
                tracing::error!(%error, address, times, "refused accesses could not be written into the audit trail: {error}");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Those who were not let in or not any further, and those who sent what cannot be taken: counted by who they are and by minute, and then
//! written down, where a flood of them is one entry a minute for each. Nobody in particular is an address, in the installation's audit
//! trail; whoever is known is in the trail of their tenant.
//!
//! Refusals by the policy are written down one by one, in `audit.rs`.

use crate::auth::session::Session;
use crate::middleware::address::ClientAddress;
use crate::middleware::tracing::RequestContext;
use crate::problem::Code;
use crate::state::App;
use aos_core::{Clock, TenantScope};
use aos_store::Store;
use axum::extract::{Extension, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const ACTION: &str = "access.denied";
/// What an entry is about that sums up the requests of somebody who is known.
const REQUESTS: &str = "requests";
const MINUTE_S: i64 = 60;
/// Callers told apart within a minute; the rest are counted together.
const CALLERS_MAX: usize = 1000;
/// Routes, and reasons, told apart of one caller.
const NAMES_MAX: usize = 8;
const OTHERS: &str = "others";
/// How long it is tried to write something down. A tenant that was deleted meanwhile has no trail any more.
const TRIED_MINUTES_MAX: i64 = 60;
/// Input that nobody sends by accident: codes of problems that are written down although they let nobody in and keep nobody out.
const HOSTILE: [&str; 14] = [
    "address_too_long",
    "ambiguous_header",
    "body_not_utf8",
    "body_too_deep",
    "body_too_large",
    "body_too_slow",
    "duplicate_key",
    "headers_too_large",
    "idempotency_key_reused",
    "reserved_name",
    "sql_function_refused",
    "sql_not_one_select",
    "sql_too_large",
    "sql_unknown_view",
];

/// Whether a code is one of input that nobody sends by accident.
pub(crate) fn is_hostile(code: &str) -> bool {
    HOSTILE.contains(&code)
}

/// Who was not let in and is not yet written down.
#[derive(Clone)]
pub struct Denials {
    store: Store,
    clock: Clock,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    /// By minute and caller.
    counts: HashMap<(i64, Who), Count>,
    /// Whether somebody is going to write them down.
    awaited: bool,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Who {
    Address(String),
    Known(TenantScope),
}

#[derive(Default)]
struct Count {
    times: u64,
    routes: BTreeMap<String, u64>,
    reasons: BTreeMap<String, u64>,
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.times += other.times;
        for (own, counts) in [(&mut self.routes, &other.routes), (&mut self.reasons, &other.reasons)] {
            counts.iter().for_each(|(name, times)| *own.entry(name.clone()).or_default() += times);
        }
    }
}

/// Counts what is refused to nobody in particular.
pub async fn note(
    State(app): State<App>,
    Extension(address): Extension<ClientAddress>,
    request: Request,
    next: Next,
) -> Response {
    let route = route(&request);
    let response = next.run(request).await;
    if let Some(reason) = refusal(&response)
        && !RequestContext::is_refusal_kept()
    {
        app.denials.count(address.name(), &route, &reason);
    }
    response
}

/// Counts what is refused to somebody who is known, but for what the policy refuses.
pub async fn note_known(
    State(app): State<App>,
    Extension(session): Extension<Arc<Session>>,
    request: Request,
    next: Next,
) -> Response {
    let route = route(&request);
    let response = next.run(request).await;
    if let Some(reason) = refusal(&response)
        && !RequestContext::is_refusal_kept()
    {
        app.denials.count_known(&session.scope, &route, &reason);
        RequestContext::refusal_is_kept();
    }
    response
}

fn route(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned()
}

/// Returns why a request was refused, where that is to be written down.
fn refusal(response: &Response) -> Option<String> {
    let code = response.extensions().get::<Code>().map(|Code(code)| code.as_ref());
    let denied =
        matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS);
    match code {
        Some(code) if denied || is_hostile(code) => Some(code.to_owned()),
        None if denied => Some(response.status().as_str().to_owned()),
        _ => None,
    }
}

impl Denials {
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, waiting: Arc::default() }
    }

    /// Counts one who was not let in, by address, by what they wanted and by why not.
    pub(crate) fn count(&self, address: String, route: &str, reason: &str) {
        self.add(Who::Address(address), route, reason);
    }

    /// Counts one who is known and was refused all the same.
    pub(crate) fn count_known(&self, scope: &TenantScope, route: &str, reason: &str) {
        self.add(Who::Known(scope.clone()), route, reason);
    }

    fn add(&self, who: Who, route: &str, reason: &str) {
        let minute = self.minute();
        let mut waiting = self.lock();
        let known = waiting.counts.len() < CALLERS_MAX || waiting.counts.contains_key(&(minute, who.clone()));
        let who = if known { who } else { Who::Address(OTHERS.to_owned()) };
        let count = waiting.counts.entry((minute, who)).or_default();
        count.times += 1;
        for (counts, name) in [(&mut count.routes, route), (&mut count.reasons, reason)] {
            if counts.len() < NAMES_MAX || counts.contains_key(name) {
                *counts.entry(name.to_owned()).or_default() += 1;
            }
        }
        self.write_down_later(&mut waiting);
    }

    fn write_down_later(&self, waiting: &mut Waiting) {
        if !std::mem::replace(&mut waiting.awaited, true) {
            let denials = self.clone();
            // Ends by itself; what it would have written is written by `write_down` when the server stops first.
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(MINUTE_S.unsigned_abs())).await;
                denials.write_down().await;
            });
        }
    }

    /// Writes down everyone who is not yet. To be called when the server stops; otherwise it happens every minute. What cannot be written
    /// is tried again with the next.
    pub async fn write_down(&self) {
        let counts = {
            let mut waiting = self.lock();
            waiting.awaited = false;
            std::mem::take(&mut waiting.counts)
        };
        for ((minute, who), count) in counts {
            let Count { times, routes, reasons } = &count;
            let said = json!({ "times": times, "minute": minute * MINUTE_S, "routes": routes, "reasons": reasons });
            let written = match &who {
                Who::Known(scope) => self.store.tenant(scope).record_audit(ACTION, REQUESTS, said).await,
                Who::Address(name) => self.store.system().record_audit(ACTION, &format!("address:{name}"), said).await,
            };
            if let Err(error) = written {
                tracing::error!(%error, times, "refused accesses could not be written into the audit trail: {error}");
                let mut waiting = self.lock();
                if waiting.counts.len() < CALLERS_MAX && self.minute() - minute < TRIED_MINUTES_MAX {
                    waiting.counts.entry((minute, who)).or_default().add(&count);
                    self.write_down_later(&mut waiting);
                }
            }
        }
    }

    fn minute(&self) -> i64 {
        self.clock.now().timestamp().div_euclid(MINUTE_S)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! How much may be asked for: of a tenant's reads and writes, each from a bucket of its own, and of addresses that nobody is known at.
//!
//! A bucket fills evenly and holds a burst, so that within any minute no more than the rate and the burst go through. The fields of the
//! answer are those of the IETF's draft-ietf-httpapi-ratelimit-headers. While Redis is away each process counts by itself.

use crate::auth::session::Session;
use crate::middleware::address::ClientAddress;
use crate::problem::Problem;
use crate::router::MCP;
use crate::state::App;
use aos_broker::{Quota, Verdict};
use aos_core::TenantScope;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const MINUTE: Duration = Duration::from_secs(60);
/// Addresses that are kept in mind as having used up their bucket.
const BLOCKED_MAX: u64 = 100_000;

/// What may be asked for in a minute, and what of it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub per_minute: u32,
    pub burst: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateSettings {
    pub reads: Rate,
    pub writes: Rate,
    /// Of one address: requests to public routes, and those that turned out to be nobody's.
    pub anonymous: Rate,
}

impl Default for RateSettings {
    fn default() -> Self {
        Self {
            reads: Rate { per_minute: 300, burst: 60 },
            writes: Rate { per_minute: 100, burst: 30 },
            anonymous: Rate { per_minute: 60, burst: 60 },
        }
    }
}

impl Rate {
    /// A bucket that holds the burst and fills at the rate.
    fn quota(self) -> Quota {
        let (rate, burst) = (self.per_minute.max(1), self.burst.max(1));
        Quota { limit: burst, period: MINUTE * burst / rate }
    }
}

/// Addresses whose bucket is empty, as this process has seen it, and until when.
pub struct Blocked(Cache<String, DateTime<Utc>>);

impl Default for Blocked {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(BLOCKED_MAX).time_to_live(MINUTE).build())
    }
}

/// Takes one out of the tenant's bucket for this class of routes, or refuses. Stands behind authentication.
pub async fn of_tenant(
    State(app): State<App>,
    Extension(session): Extension<Arc<Session>>,
    request: Request,
    next: Next,
) -> Response {
    // Messages to tools are all posted, and most of them read; what they write is counted by the agents' own budgets, too.
    let reads = request.method().is_safe() || request.uri().path() == MCP;
    let (class, rate) = match reads {
        true => ("reads", app.settings.rate.reads),
        false => ("writes", app.settings.rate.writes),
    };
    let verdict = app.broker.tenant(&session.scope).take_rate(class, rate.quota(), 1).await;
    let mut response = match verdict.allowed {
        true => next.run(request).await,
        false => too_many(&verdict).into_response(),
    };
    say(&mut response, class, rate, &verdict);
    response
}

/// Takes one read out of the tenant's bucket, for those who are let in by other ways than a token in a header.
pub(crate) async fn take_read(app: &App, scope: &TenantScope) -> Result<(), Problem> {
    let verdict = app.broker.tenant(scope).take_rate("reads", app.settings.rate.reads.quota(), 1).await;
    if verdict.allowed { Ok(()) } else { Err(too_many(&verdict)) }
}

/// Lets an address through that has not been nobody too often. Stands before authentication, so that guessing costs the guesser only.
pub async fn of_address(
    State(app): State<App>,
    Extension(address): Extension<ClientAddress>,
    request: Request,
    next: Next,
) -> Response {
    let name = address.name();
    if let Some(until) = app.blocked.0.get(&name)
        && let Ok(wait) = (until - app.clock.now()).to_std()
        && !wait.is_zero()
    {
        return refused_address(wait).into_response();
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        take_from_address(&app, name).await;
    }
    response
}

/// Takes one out of the address's bucket, or refuses. Stands before public routes.
pub async fn of_anyone(
    State(app): State<App>,
    Extension(address): Extension<ClientAddress>,
    request: Request,
    next: Next,
) -> Response {
    let rate = app.settings.rate.anonymous;
    let verdict = take_from_address(&app, address.name()).await;
    let mut response = match verdict.allowed {
        true => next.run(request).await,
        false => refused_address(verdict.retry_after.unwrap_or(MINUTE)).into_response(),
    };
    say(&mut response, "anonymous", rate, &verdict);
    response
}

async fn take_from_address(app: &App, name: String) -> Verdict {
    let rate = app.settings.rate.anonymous;
    let verdict = app.broker.system().take_rate(&format!("address:{name}"), rate.quota(), 1).await;
    if verdict.remaining == 0 {
        // Until there is one again.
        let wait = verdict.retry_after.unwrap_or(MINUTE / rate.per_minute.max(1));
        app.blocked.0.insert(name, app.clock.now() + wait);
    }
    verdict
}

fn too_many(verdict: &Verdict) -> Problem {
    let wait = seconds(verdict.retry_after.unwrap_or(MINUTE));
    Problem::too_many("rate_limited", "this tenant has sent too many requests of this kind", wait)
}

fn refused_address(wait: Duration) -> Problem {
    Problem::too_many("address_rate_limited", "too many requests of nobody came from this address", seconds(wait))
}

/// Writes the fields: the policy, and what is left of it.
fn say(response: &mut Response, class: &str, rate: Rate, verdict: &Verdict) {
    let policy = format!("\"{class}\";q={};w=60;burst={}", rate.per_minute, rate.burst);
    let left = format!("\"{class}\";r={};t={}", verdict.remaining, seconds(verdict.reset_after));
    for (name, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// Rounds up: whoever comes back then is not a moment too early.
fn seconds(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_the_burst_and_fills_at_the_rate() {
        let quota = Rate { per_minute: 300, burst: 60 }.quota();
        assert_eq!((quota.limit, quota.period), (60, Duration::from_secs(12)));
        assert_eq!(seconds(Duration::from_millis(1001)), 2);
    }
}

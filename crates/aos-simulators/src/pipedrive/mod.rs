//! Pipedrive: API v1 with `start` and `limit` and API v2 with cursors, fields of both, recents; API token and OAuth; token budgets.
//!
//! After the API reference on developers.pipedrive.com and the guides on pipedrive.readme.io (pagination, rate limiting, custom
//! fields, API v2 overview). Writing, search, filters and mailboxes are left out.

mod access;
mod fields;
mod pages;
mod record;
mod schema;

use crate::account::{Account, Meta, Table};
use crate::auth::Refusal;
use crate::gate::{self, Call, Headers, Manners};
use crate::limits::Limit;
use crate::query::json as json_answer;
use crate::world::World;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use record::Version;
use serde_json::json;
use std::sync::Arc;

/// 30,000 tokens, times five for the plan, for one seat.
const DAILY: Limit = Limit { name: "tokens", units: 150_000, window_ms: 86_400_000 };
const BURST: Limit = Limit { name: "burst", units: 40, window_ms: 2_000 };

pub fn account(seed: u64, size: u64) -> Account {
    Account::new(seed, 1000, schema::streams(size))
}

/// Writes a record as v2 gives it; users, whom only v1 knows, as v1 does.
pub fn record(table: &Table<'_>, row: u64, meta: &Meta) -> String {
    let mut out = String::new();
    let version = if table.stream.name == "users" { Version::V1 } else { Version::V2 };
    record::write(&mut out, table, row, meta, version);
    out
}

pub fn router(world: Arc<World>) -> Router {
    let mut service = Router::new()
        .route("/oauth/token", post(access::token))
        .route("/oauth/revoke", post(access::revoke))
        .route("/oauth/authorize", get(access::authorize));
    // A company's own address has `/api` before the version, the common one has not.
    for base in ["", "/api"] {
        service = service
            .route(&format!("{base}/v1/users/me"), get(access::me))
            .route(&format!("{base}/v1/recents"), get(pages::recents))
            .route(&format!("{base}/v1/{{segment}}"), get(pages::v1))
            .route(&format!("{base}/v1/leads/archived"), get(pages::archived_leads))
            .route(&format!("{base}/v1/{{segment}}/{{id}}"), get(pages::v1_one))
            .route(&format!("{base}/v2/deals/archived"), get(pages::archived_deals))
            .route(&format!("{base}/v2/{{segment}}"), get(pages::v2))
            .route(&format!("{base}/v2/{{segment}}/{{id}}"), get(pages::v2_one));
    }
    let service =
        service.fallback(|| async { failure(StatusCode::NOT_FOUND, "Unknown method .") }).with_state(world.clone());
    gate::around(world, Pipedrive, service)
}

struct Pipedrive;

impl Manners for Pipedrive {
    fn is_open(&self, path: &str) -> bool {
        path.starts_with("/oauth/")
    }

    fn check(&self, world: &World, call: &Call) -> Result<(), Refusal> {
        match call.header("x-api-token").or_else(|| call.query.get("api_token")) {
            Some(token) if world.auth.is_static(token) => Ok(()),
            Some(_) => Err(Refusal::Unknown),
            None => world.auth.check(call.bearer(), world.clock.now_ms()),
        }
    }

    fn refused(&self, _: &World, _: Refusal) -> Response {
        let body = json!({
            "success": false, "error": "unauthorized access", "errorCode": 401, "error_info": "Please check developers.pipedrive.com",
        });
        json_answer(StatusCode::UNAUTHORIZED, &body)
    }

    fn rate_limited(&self, _: &World, retry_after_s: u32) -> Response {
        let body = json!({ "success": false, "error": "request over limit", "errorCode": 429 });
        ([(header::RETRY_AFTER, retry_after_s.to_string())], json_answer(StatusCode::TOO_MANY_REQUESTS, &body))
            .into_response()
    }

    fn outage(&self, status: StatusCode) -> Response {
        failure(status, "Internal server error")
    }

    fn admit(&self, world: &World, call: &Call) -> Result<Headers, Box<Response>> {
        let now_ms = world.clock.now_ms();
        let burst = world.limits.spend(BURST, 1, now_ms);
        if burst.exceeded {
            return Err(self.rate_limited(world, u32::try_from(burst.resets_in_s()).unwrap_or(1)).into());
        }
        let daily = world.limits.spend(DAILY, cost(&call.path), now_ms);
        if daily.exceeded {
            return Err(self.rate_limited(world, u32::try_from(daily.resets_in_s()).unwrap_or(1)).into());
        }
        Ok(vec![
            ("x-correlation-id", format!("b02e2290-0000-4000-8000-{:012x}", world.serial())),
            ("x-ratelimit-limit", burst.limit.to_string()),
            ("x-ratelimit-remaining", burst.remaining.to_string()),
            ("x-ratelimit-reset", burst.resets_in_s().to_string()),
            ("x-daily-ratelimit-token-limit", daily.limit.to_string()),
            ("x-daily-ratelimit-token-remaining", daily.remaining.to_string()),
        ])
    }
}

/// What a call costs of the daily budget: a list 20, one record 2; half of that in v2.
fn cost(path: &str) -> u64 {
    let is_v2 = path.contains("/v2/");
    let is_one = path.rsplit('/').next().is_some_and(|last| last.parse::<u64>().is_ok());
    (if is_one { 2 } else { 20 }) / if is_v2 { 2 } else { 1 }
}

fn failure(status: StatusCode, error: &str) -> Response {
    json_answer(status, &json!({ "success": false, "error": error, "errorCode": status.as_u16(), "data": null }))
}

/// Opens a stream, when the consent covers it.
fn open<'a>(world: &World, account: &'a Account, stream: &str) -> Result<Table<'a>, Box<Response>> {
    let table = account.table(stream).ok_or_else(|| Box::new(failure(StatusCode::NOT_FOUND, "Unknown method .")))?;
    if world.is_forbidden(stream) {
        return Err(failure(StatusCode::FORBIDDEN, "Scope and URL mismatch").into());
    }
    Ok(table)
}

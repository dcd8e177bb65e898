//! Zendesk Support: incremental exports by cursor and by time, lists by cursor and by offset, fields, custom objects; API token and
//! OAuth.
//!
//! After the Ticketing API reference and "Using the Incremental Exports API" on developer.zendesk.com. Side-loading, search, audits,
//! comments and writing are left out.

mod failure;
mod few;
mod fields;
mod incremental;
mod list;
mod record;
mod schema;

use crate::account::{Account, Meta, Table};
use crate::auth::{Denied, Refusal, basic};
use crate::gate::{self, Call, Headers, Manners};
use crate::limits::Limit;
use crate::query::{Query, form, json as json_answer, redirect};
use crate::world::World;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use failure::Failure;
use schema::resource;
use serde_json::json;
use std::sync::Arc;

const REQUESTS: Limit = Limit { name: "requests", units: 400, window_ms: 60_000 };
const EXPORTS: Limit = Limit { name: "exports", units: 10, window_ms: 60_000 };

#[derive(Clone)]
struct HelpDesk {
    world: Arc<World>,
}

pub fn account(seed: u64, size: u64) -> Account {
    Account::new(seed, 1000, schema::streams(size))
}

pub fn record(table: &Table<'_>, row: u64, meta: &Meta) -> String {
    let mut out = String::new();
    record::write(&mut out, table, row, meta);
    out
}

pub fn router(world: Arc<World>) -> Router {
    let service = Router::new()
        .route("/oauth/tokens", post(token))
        .route("/api/v2/oauth/tokens/current.json", delete(give_back))
        .route("/oauth/authorizations/new", get(authorize))
        .route("/api/v2/incremental/{stream}/cursor", get(incremental::by_cursor))
        .route("/api/v2/incremental/{stream}/cursor.json", get(incremental::by_cursor))
        .route("/api/v2/incremental/{stream}", get(incremental::by_time))
        .route("/api/v2/users/me", get(me))
        .route("/api/v2/users/me.json", get(me))
        .route("/api/v2/deleted_tickets", get(list::deleted_tickets))
        .route("/api/v2/deleted_tickets.json", get(list::deleted_tickets))
        .route("/api/v2/custom_objects/{key}/fields", get(object_fields))
        .route("/api/v2/custom_objects/{key}/fields.json", get(object_fields))
        .route("/api/v2/custom_objects/{key}/records", get(object_records))
        .route("/api/v2/custom_objects/{key}/records.json", get(object_records))
        .route("/api/v2/{segment}", get(segment))
        .route("/api/v2/{segment}/count", get(list::count))
        .route("/api/v2/{segment}/count.json", get(list::count))
        .route("/api/v2/{segment}/{id}", get(one))
        .fallback(|| async { Failure::no_resource() })
        .with_state(HelpDesk { world: world.clone() });
    gate::around(world, Zendesk, service)
}

struct Zendesk;

impl Manners for Zendesk {
    fn is_open(&self, path: &str) -> bool {
        path.starts_with("/oauth/")
    }

    fn check(&self, world: &World, call: &Call) -> Result<(), Refusal> {
        let header = call.header("authorization").unwrap_or_default();
        if let Some((name, token)) = basic(header) {
            let user = name.strip_suffix("/token").unwrap_or_default();
            let is_known = user == world.auth.credentials.username && world.auth.is_static(&token);
            return if is_known { Ok(()) } else { Err(Refusal::Missing) };
        }
        world.auth.check(call.bearer(), world.clock.now_ms())
    }

    fn refused(&self, _: &World, refusal: Refusal) -> Response {
        let body = match refusal {
            Refusal::Missing => json!({ "error": "Couldn't authenticate you" }),
            _ => json!({
                "error": "invalid_token",
                "error_description": "The access token provided is expired, revoked, malformed or invalid for other reasons.",
            }),
        };
        json_answer(StatusCode::UNAUTHORIZED, &body)
    }

    fn rate_limited(&self, _: &World, retry_after_s: u32) -> Response {
        let text = "Number of allowed API requests per minute exceeded";
        (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, retry_after_s.to_string())], text).into_response()
    }

    fn outage(&self, status: StatusCode) -> Response {
        if status == StatusCode::SERVICE_UNAVAILABLE {
            return (status, [(header::RETRY_AFTER, "0")], "Service Unavailable").into_response();
        }
        json_answer(status, &json!({ "error": "InternalError", "description": "We encountered an error" }))
    }

    fn admit(&self, world: &World, call: &Call) -> Result<Headers, Box<Response>> {
        let now_ms = world.clock.now_ms();
        let refused = |resets_in_s: i64| self.rate_limited(world, u32::try_from(resets_in_s).unwrap_or(1));
        if call.path.starts_with("/api/v2/incremental/") {
            let exports = world.limits.spend(EXPORTS, 1, now_ms);
            if exports.exceeded {
                return Err(refused(exports.resets_in_s()).into());
            }
        }
        let left = world.limits.spend(REQUESTS, 1, now_ms);
        if left.exceeded {
            return Err(refused(left.resets_in_s()).into());
        }
        Ok(vec![
            ("x-zendesk-api-version", "v2".to_owned()),
            ("x-rate-limit", left.limit.to_string()),
            ("x-rate-limit-remaining", left.remaining.to_string()),
            ("ratelimit-limit", left.limit.to_string()),
            ("ratelimit-remaining", left.remaining.to_string()),
            ("ratelimit-reset", left.resets_in_s().to_string()),
            ("x-request-id", format!("{:016x}-SIM", world.serial())),
        ])
    }
}

/// A stream must be there, and the consent must cover it.
fn known(world: &World, stream: &str) -> Result<(), Failure> {
    if world.account().table(stream).is_none() {
        return Err(Failure::no_resource());
    }
    if world.is_forbidden(stream) { Err(Failure::forbidden()) } else { Ok(()) }
}

async fn segment(
    State(desk): State<HelpDesk>,
    Path(segment): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let world = &desk.world;
    let segment = segment.trim_end_matches(".json");
    if let Some(stream) = fields::stream(segment) {
        known(world, stream)?;
        let account = world.account();
        let table = account.table(stream).ok_or_else(Failure::no_resource)?;
        return Ok(json_answer(StatusCode::OK, &fields::all(segment, &table)));
    }
    if segment == "custom_objects" {
        known(world, "assets")?;
        let account = world.account();
        let table = account.table("assets").ok_or_else(Failure::no_resource)?;
        return Ok(json_answer(StatusCode::OK, &fields::objects(&table)));
    }
    if let Some(few) = few::of(segment, world.clock.now_ms()) {
        return Ok(few::answer(segment, few, &Query::of(query.as_deref())));
    }
    if segment == few::METRICS {
        let place = (few::METRICS, few::METRICS);
        return list::answer(world, "tickets", place, &Query::of(query.as_deref()), &headers);
    }
    let stream =
        resource(segment).filter(|resource| resource.stream != "assets").ok_or_else(Failure::no_resource)?.stream;
    list::answer(world, stream, (stream, stream), &Query::of(query.as_deref()), &headers)
}

async fn one(State(desk): State<HelpDesk>, Path((segment, id)): Path<(String, String)>) -> Result<Response, Failure> {
    let resource =
        resource(&segment).filter(|resource| resource.stream != "assets").ok_or_else(Failure::no_resource)?;
    list::one(&desk.world, resource, &id)
}

async fn object_fields(State(desk): State<HelpDesk>, Path(key): Path<String>) -> Result<Response, Failure> {
    known(&desk.world, "assets")?;
    let account = desk.world.account();
    let table = account.table("assets").filter(|_| key == "asset").ok_or_else(Failure::not_found)?;
    Ok(json_answer(StatusCode::OK, &fields::object_fields(&table)))
}

async fn object_records(
    State(desk): State<HelpDesk>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if key != "asset" {
        return Err(Failure::not_found());
    }
    let place = ("custom_objects/asset/records", "custom_object_records");
    list::answer(&desk.world, "assets", place, &Query::of(query.as_deref()), &headers)
}

async fn me(State(desk): State<HelpDesk>) -> Response {
    let credentials = &desk.world.auth.credentials;
    json_answer(
        StatusCode::OK,
        &json!({ "user": {
        "id": 46_406_145_565_041_u64, "name": "Simulator API", "email": credentials.username, "role": "admin", "active": true, "verified": true,
        "time_zone": "Africa/Nairobi", "locale": "en-US",
    } }),
    )
}

async fn token(State(desk): State<HelpDesk>, headers: HeaderMap, body: Bytes) -> Response {
    let world = &desk.world;
    let refused = |status, error: &str, description: &str| {
        json_answer(status, &json!({ "error": error, "error_description": description }))
    };
    match world.auth.grant(&form(&headers, &body), world.clock.now_ms()) {
        Ok(granted) => json_answer(
            StatusCode::OK,
            &json!({
                "access_token": granted.access_token, "token_type": "bearer", "scope": "read", "expires_in": granted.expires_in_s,
                "refresh_token": granted.refresh_token, "refresh_token_expires_in": 7_776_000,
            }),
        ),
        Err(Denied::Client) => {
            refused(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed due to unknown client")
        }
        Err(Denied::Unsupported) => {
            refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", "The authorization grant type is not supported")
        }
        Err(Denied::Grant) => refused(
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            "The provided authorization grant is invalid, expired or revoked",
        ),
    }
}

async fn give_back(State(desk): State<HelpDesk>, headers: HeaderMap) -> StatusCode {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    desk.world.auth.give_back(header.strip_prefix("Bearer ").unwrap_or_default());
    StatusCode::NO_CONTENT
}

async fn authorize(State(desk): State<HelpDesk>, RawQuery(query): RawQuery) -> Response {
    let query = Query::of(query.as_deref());
    let code = desk.world.auth.consent(query.get("code_challenge").map(str::to_owned));
    redirect(
        query.get("redirect_uri").unwrap_or("/"),
        &[("code", &code), ("state", query.get("state").unwrap_or_default())],
    )
}

//! HubSpot: CRM objects v3 (lists, batches, search), properties, schemas, owners, pipelines, associations v4; OAuth and private apps.
//!
//! After the CRM API reference on developers.hubspot.com and its usage guidelines. History of properties and writing are left out.

mod access;
mod associations;
mod failure;
mod objects;
mod properties;
mod record;
mod schema;
mod search;

use crate::account::{Account, Meta, Table};
use crate::auth::Refusal;
use crate::gate::{self, Call, Headers, Manners};
use crate::limits::Limit;
use crate::query::json as json_answer;
use crate::world::World;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use failure::{Failure, correlation_id};
use schema::{OWNERS, ObjectType, PORTAL, TYPES, object_type};
use serde_json::{Value, json};
use std::sync::Arc;

const BURST: Limit = Limit { name: "ten_secondly_rolling", units: 110, window_ms: 10_000 };
const DAILY: Limit = Limit { name: "daily", units: 250_000, window_ms: 86_400_000 };
const SEARCH: Limit = Limit { name: "secondly", units: 5, window_ms: 1_000 };

#[derive(Clone)]
struct Portal {
    world: Arc<World>,
}

pub fn account(seed: u64, size: u64) -> Account {
    Account::new(seed, 1, schema::streams(size))
}

/// Writes a record with all its properties and associations.
pub fn record(table: &Table<'_>, row: u64, meta: &Meta) -> String {
    let mut out = String::new();
    if table.stream.name == OWNERS {
        record::write_owner(&mut out, table, row, meta);
    } else {
        let account = table.account();
        let to = TYPES
            .iter()
            .filter_map(|kind| record::associated(account, table, row, meta, kind.stream))
            .collect::<Vec<_>>();
        record::write(&mut out, table, row, meta, &objects::in_order(properties::fields(table).collect()), &to);
    }
    out
}

pub fn router(world: Arc<World>) -> Router {
    let service = Router::new()
        .route("/oauth/v1/token", post(access::token))
        .route("/oauth/v1/refresh-tokens/{token}", delete(access::give_back))
        .route("/oauth/authorize", get(access::authorize))
        .route("/oauth/v1/access-tokens/{token}", get(access::token_details))
        .route("/account-info/v3/details", get(details))
        .route("/crm/v3/objects/{kind}", get(objects::list))
        .route("/crm/v3/objects/{kind}/search", post(objects::searched))
        .route("/crm/v3/objects/{kind}/batch/read", post(objects::batch))
        .route("/crm/v3/objects/{kind}/{id}", get(objects::one))
        .route("/crm/v3/properties/{kind}", get(all_properties))
        .route("/crm/v3/schemas", get(schemas))
        .route("/crm/v3/pipelines/{kind}", get(pipelines))
        .route("/crm/v3/owners", get(objects::owners))
        .route("/crm/v3/owners/", get(objects::owners))
        .route("/crm/v4/associations/{from}/{to}/batch/read", post(associations::read))
        .route("/crm/v4/associations/{from}/{to}/labels", get(associations::labels))
        .fallback(elsewhere)
        .with_state(Portal { world: world.clone() });
    gate::around(world, Hubspot, service)
}

struct Hubspot;

impl Manners for Hubspot {
    fn is_open(&self, path: &str) -> bool {
        path.starts_with("/oauth/")
    }

    fn check(&self, world: &World, call: &Call) -> Result<(), Refusal> {
        match call.bearer() {
            Some(token) if world.auth.is_static(token) => Ok(()),
            token => world.auth.check(token, world.clock.now_ms()),
        }
    }

    fn refused(&self, world: &World, refusal: Refusal) -> Response {
        let (category, message) = match refusal {
            Refusal::Expired => ("EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired."),
            _ => (
                "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at \
                 https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            ),
        };
        Failure::new(world, StatusCode::UNAUTHORIZED, category, message).into_response()
    }

    fn rate_limited(&self, world: &World, _: u32) -> Response {
        Failure::too_many(world, "TEN_SECONDLY_ROLLING").into_response()
    }

    fn outage(&self, status: StatusCode) -> Response {
        if status == StatusCode::BAD_GATEWAY {
            return (status, "<html><head><title>502 Bad Gateway</title></head></html>").into_response();
        }
        json_answer(status, &json!({ "status": "error", "message": "internal error", "correlationId": "0" }))
    }

    fn admit(&self, world: &World, call: &Call) -> Result<Headers, Box<Response>> {
        let now_ms = world.clock.now_ms();
        let id = ("x-hubspot-correlation-id", correlation_id(world));
        if call.path.ends_with("/search") {
            // Search has a limit of its own and tells nothing of it.
            let left = world.limits.spend(SEARCH, 1, now_ms);
            return if left.exceeded {
                Err(Failure::too_many(world, "SECONDLY").into_response().into())
            } else {
                Ok(vec![id])
            };
        }
        let (daily, burst) = (world.limits.spend(DAILY, 1, now_ms), world.limits.spend(BURST, 1, now_ms));
        if daily.exceeded {
            return Err(Failure::too_many(world, "DAILY").into_response().into());
        }
        if burst.exceeded {
            return Err(Failure::too_many(world, "TEN_SECONDLY_ROLLING").into_response().into());
        }
        let mut headers = vec![
            id,
            ("x-hubspot-ratelimit-interval-milliseconds", BURST.window_ms.to_string()),
            ("x-hubspot-ratelimit-max", burst.limit.to_string()),
            ("x-hubspot-ratelimit-remaining", burst.remaining.to_string()),
            ("x-hubspot-ratelimit-secondly", (burst.limit / 10).to_string()),
            ("x-hubspot-ratelimit-secondly-remaining", (burst.limit / 10).saturating_sub(1).to_string()),
        ];
        if call.bearer().is_some_and(|token| world.auth.is_static(token)) {
            headers.push(("x-hubspot-ratelimit-daily", daily.limit.to_string()));
            headers.push(("x-hubspot-ratelimit-daily-remaining", daily.remaining.to_string()));
        }
        Ok(headers)
    }
}

async fn elsewhere(State(portal): State<Portal>) -> Failure {
    Failure::new(&portal.world, StatusCode::NOT_FOUND, "OBJECT_NOT_FOUND", "resource not found")
}

/// The type of a name in an address, when the consent covers it.
fn known_type(world: &World, name: &str) -> Result<&'static ObjectType, Failure> {
    let kind = object_type(name).filter(|kind| world.account().table(kind.stream).is_some());
    let kind = kind.ok_or_else(|| Failure::no_type(world, name))?;
    if world.is_forbidden(kind.stream) {
        let scope = if kind.number.starts_with("2-") { "custom" } else { kind.stream };
        return Err(Failure::missing_scope(world, &format!("crm.objects.{scope}.read")));
    }
    Ok(kind)
}

async fn all_properties(State(portal): State<Portal>, Path(kind): Path<String>) -> Result<Json<Value>, Failure> {
    let world = &portal.world;
    let kind = known_type(world, &kind)?;
    let account = world.account();
    let table = account.table(kind.stream).ok_or_else(|| Failure::no_type(world, kind.stream))?;
    Ok(Json(json!({ "results": properties::all(&table) })))
}

async fn schemas(State(portal): State<Portal>) -> Json<Value> {
    let account = portal.world.account();
    let own = TYPES
        .iter()
        .filter(|kind| !portal.world.is_forbidden(kind.stream))
        .filter_map(|kind| account.table(kind.stream));
    let schemas: Vec<Value> = own.filter(|table| table.stream.custom).map(|table| properties::schema(&table)).collect();
    Json(json!({ "results": schemas }))
}

async fn pipelines(State(portal): State<Portal>, Path(kind): Path<String>) -> Result<Json<Value>, Failure> {
    let kind = known_type(&portal.world, &kind)?;
    properties::pipelines(kind.stream).map(Json).ok_or_else(|| Failure::no_type(&portal.world, kind.stream))
}

async fn details() -> Json<Value> {
    Json(json!({
        "portalId": PORTAL, "accountType": "STANDARD", "timeZone": "US/Eastern", "companyCurrency": "USD", "additionalCurrencies": [],
        "utcOffset": "-04:00", "utcOffsetMilliseconds": -14_400_000, "uiDomain": "app-eu1.hubspot.com", "dataHostingLocation": "eu1",
    }))
}

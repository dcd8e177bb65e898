//! Dynamics 365 on Dataverse: Web API 9.2 with OData paging, labels of options, change tracking by delta links, table definitions;
//! client credentials and refresh at Entra ID.
//!
//! After "Use the Microsoft Dataverse Web API", "Service protection API limits" and the identity platform's pages on
//! learn.microsoft.com. `$filter` knows comparisons joined by `and`; `$expand`, `$apply`, `$batch` and writing are left out.

mod failure;
mod filter;
mod list;
mod metadata;
mod record;
mod schema;

use crate::account::{Account, Meta, Table, time};
use crate::auth::{Denied, Refusal};
use crate::gate::{self, Call, Headers, Manners};
use crate::limits::Limit;
use crate::query::{Query, form, json as json_answer, json_text, redirect};
use crate::world::World;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use failure::Failure;
use record::Annotations;
use schema::{Names, TABLES, names};
use serde_json::{Value, json};
use std::sync::Arc;

/// Service protection: what one user may ask of one server in five minutes.
const REQUESTS: Limit = Limit { name: "requests", units: 6_000, window_ms: 300_000 };

pub fn account(seed: u64, size: u64) -> Account {
    Account::new(seed, 1000, schema::streams(size))
}

/// Writes a record with all its columns and no annotations.
pub fn record(table: &Table<'_>, row: u64, meta: &Meta) -> String {
    let fields: Vec<_> = table.stream.fields.iter().collect();
    let mut out = String::new();
    record::write(&mut out, table, row, meta, &fields, Annotations { version: true, ..Annotations::default() });
    out
}

pub fn router(world: Arc<World>) -> Router {
    let service = Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize))
        .route("/api/data/{version}/$metadata", get(document))
        .route("/api/data/{version}/WhoAmI", get(who_am_i))
        .route("/api/data/{version}/WhoAmI()", get(who_am_i))
        .route("/api/data/{version}/EntityDefinitions", get(definitions))
        .route("/api/data/{version}/{set}", get(set))
        .route("/api/data/{version}/{set}/Attributes", get(attributes))
        .route("/api/data/{version}/{set}/Attributes/{kind}", get(attributes_of_kind))
        .fallback(|| async { Failure::no_set("the address") })
        .with_state(world.clone());
    gate::around(world, Dynamics, service)
}

struct Dynamics;

impl Manners for Dynamics {
    fn is_open(&self, path: &str) -> bool {
        path.contains("/oauth2/v2.0/")
    }

    fn check(&self, world: &World, call: &Call) -> Result<(), Refusal> {
        world.auth.check(call.bearer(), world.clock.now_ms())
    }

    fn refused(&self, _: &World, refusal: Refusal) -> Response {
        let error = if refusal == Refusal::Missing {
            ""
        } else {
            ", error=invalid_token, error_description=Error during token validation!"
        };
        let challenge = format!(
            "Bearer authorization_uri=https://login.microsoftonline.com/simulator/oauth2/authorize, resource_id=https://simulator.crm.dynamics.com/{error}"
        );
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
    }

    fn rate_limited(&self, _: &World, retry_after_s: u32) -> Response {
        let message = "Number of requests exceeded the limit of 6000 over time window of 300 seconds.";
        let answer = Failure::new(StatusCode::TOO_MANY_REQUESTS, "0x80072322", message);
        ([(header::RETRY_AFTER, retry_after_s.to_string())], answer).into_response()
    }

    fn outage(&self, status: StatusCode) -> Response {
        Failure::new(status, "0x80040216", "An unexpected error occurred.").into_response()
    }

    fn admit(&self, world: &World, _: &Call) -> Result<Headers, Box<Response>> {
        let left = world.limits.spend(REQUESTS, 1, world.clock.now_ms());
        if left.exceeded {
            return Err(self.rate_limited(world, u32::try_from(left.resets_in_s()).unwrap_or(1)).into());
        }
        Ok(vec![
            ("x-ms-ratelimit-burst-remaining-xrm-requests", left.remaining.to_string()),
            ("x-ms-ratelimit-time-remaining-xrm-requests", "1,200.00".to_owned()),
            ("x-ms-service-request-id", format!("b3a2c1d0-0000-4000-8000-{:012x}", world.serial())),
        ])
    }
}

/// The table of an entity set, when the consent covers it.
fn known(world: &World, set: &str) -> Result<&'static Names, Failure> {
    let names = names(set).filter(|names| world.account().table(names.set).is_some());
    let names = names.ok_or_else(|| Failure::no_set(set))?;
    if world.is_forbidden(names.set) { Err(Failure::no_privilege(names.schema)) } else { Ok(names) }
}

/// `accounts`, `accounts(60c4e201-…)` or `EntityDefinitions(LogicalName='account')`.
async fn set(
    State(world): State<Arc<World>>,
    Path((_, segment)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let query = Query::of(query.as_deref());
    let Some((set, key)) = segment.strip_suffix(')').and_then(|segment| segment.split_once('(')) else {
        return list::answer(&world, known(&world, &segment)?, &query, &headers);
    };
    let account = world.account();
    if set == "EntityDefinitions" {
        let names = defined(key)?;
        let table = account.table(names.set).ok_or_else(|| Failure::no_set(names.set))?;
        return Ok(json_answer(StatusCode::OK, &defined_whole(&query, names, &table)));
    }
    let names = known(&world, set)?;
    let table = account.table(names.set).ok_or_else(|| Failure::no_set(set))?;
    let found =
        record::row(names.number, key).and_then(|row| Some((row, table.meta(row).filter(|meta| !meta.deleted)?)));
    let (row, meta) = found.ok_or_else(|| {
        Failure::new(StatusCode::NOT_FOUND, "0x80040217", format!("{} With Id = {key} Does Not Exist", names.logical))
    })?;
    let (fields, version) = list::selected(&table, &query)?;
    let mut out = String::new();
    record::write(&mut out, &table, row, &meta, &fields, Annotations { version, ..Annotations::default() });
    Ok(json_text(StatusCode::OK, out))
}

/// The table of `LogicalName='account'`.
fn defined(key: &str) -> Result<&'static Names, Failure> {
    let logical = key.strip_prefix("LogicalName=").map(|name| name.trim_matches('\'')).unwrap_or_default();
    let message = || format!("Could not find an entity with name {logical}.");
    TABLES
        .iter()
        .find(|names| names.logical == logical)
        .ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "0x80060888", message()))
}

/// A definition as `$select` and `$expand=Attributes` ask for it.
fn defined_whole(query: &Query, names: &Names, table: &Table<'_>) -> Value {
    let mut definition = metadata::select(query, metadata::definition(names, table));
    if query.get("$expand").is_some_and(|expanded| expanded.starts_with("Attributes")) {
        definition["Attributes"] = json!(metadata::attributes(names, table, None));
    }
    definition
}

async fn definitions(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Json<Value> {
    let query = Query::of(query.as_deref());
    let account = world.account();
    let allowed = TABLES.iter().filter(|names| !world.is_forbidden(names.set));
    let known = allowed.filter_map(|names| Some((names, account.table(names.set)?)));
    let only = query.get("$filter").and_then(|filter| filter.split('\'').nth(1));
    let wanted = known.filter(|(names, _)| only.is_none_or(|only| names.logical == only));
    Json(json!({ "value": wanted.map(|(names, table)| defined_whole(&query, names, &table)).collect::<Vec<_>>() }))
}

async fn attributes(
    world: State<Arc<World>>,
    Path((_, segment)): Path<(String, String)>,
    query: RawQuery,
) -> Result<Json<Value>, Failure> {
    columns(&world, &segment, None, query.0.as_deref())
}

async fn attributes_of_kind(
    world: State<Arc<World>>,
    Path((_, segment, kind)): Path<(String, String, String)>,
    query: RawQuery,
) -> Result<Json<Value>, Failure> {
    columns(&world, &segment, Some(&kind), query.0.as_deref())
}

fn columns(world: &World, segment: &str, kind: Option<&str>, query: Option<&str>) -> Result<Json<Value>, Failure> {
    let key = segment.strip_prefix("EntityDefinitions(").and_then(|rest| rest.strip_suffix(')'));
    let names = defined(key.ok_or_else(|| Failure::no_set(segment))?)?;
    let account = world.account();
    let table = account.table(names.set).ok_or_else(|| Failure::no_set(names.set))?;
    let query = Query::of(query);
    let found =
        metadata::attributes(names, &table, kind).into_iter().map(|attribute| metadata::select(&query, attribute));
    Ok(Json(json!({ "value": found.collect::<Vec<_>>() })))
}

async fn document(State(world): State<Arc<World>>) -> Response {
    let account = world.account();
    let tables = TABLES.iter().filter_map(|names| Some((names, account.table(names.set)?)));
    ([(header::CONTENT_TYPE, "application/xml")], metadata::document(tables)).into_response()
}

async fn who_am_i() -> Json<Value> {
    Json(json!({
        "BusinessUnitId": "60c4e2ff-0d87-e711-80e5-000000000001", "UserId": record::id(6, 0),
        "OrganizationId": "60c4e2ff-0d87-e711-80e5-000000000002",
    }))
}

async fn token(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let now_ms = world.clock.now_ms();
    let form = form(&headers, &body);
    let (status, error, number, description) = match world.auth.grant(&form, now_ms) {
        Ok(granted) => {
            let mut answer = json!({
                "token_type": "Bearer", "expires_in": granted.expires_in_s, "ext_expires_in": granted.expires_in_s, "access_token": granted.access_token,
            });
            // An application of its own is granted no refresh token: it has its secret.
            if form.get("grant_type").is_some_and(|kind| kind != "client_credentials") {
                answer["refresh_token"] = json!(granted.refresh_token);
                answer["scope"] = json!(form.get("scope").cloned().unwrap_or_default());
            }
            return json_answer(StatusCode::OK, &answer);
        }
        Err(Denied::Client) => {
            (StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, "Invalid client secret provided.")
        }
        Err(Denied::Unsupported) => {
            (StatusCode::BAD_REQUEST, "unsupported_grant_type", 70_003, "The app requested an unsupported grant type.")
        }
        Err(Denied::Grant) => (
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            700_082,
            "The refresh token has expired due to inactivity or was revoked.",
        ),
    };
    json_answer(
        status,
        &json!({
            "error": error, "error_description": format!("AADSTS{number}: {description}"), "error_codes": [number],
            "timestamp": time::zulu(now_ms), "trace_id": format!("{:08x}-0000-4000-8000-000000000000", world.serial()),
        }),
    )
}

async fn authorize(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let query = Query::of(query.as_deref());
    let code = world.auth.consent(query.get("code_challenge").map(str::to_owned));
    redirect(
        query.get("redirect_uri").unwrap_or("/"),
        &[("code", &code), ("state", query.get("state").unwrap_or_default())],
    )
}

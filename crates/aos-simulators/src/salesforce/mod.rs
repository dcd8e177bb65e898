//! Salesforce: REST API (`query`, `queryAll`, `describe`, `limits`) and Bulk API 2.0 query jobs, with OAuth refresh and JWT bearer.
//!
//! After the REST API Developer Guide, the Bulk API 2.0 and Bulk API Developer Guide, the SOQL and SOSL Reference, and the help pages
//! on OAuth flows. Relationship fields, aggregates but `COUNT()`, and writing are left out.

mod bulk;
mod describe;
mod failure;
mod query;
mod record;
mod schema;
mod select;
mod soql;

use crate::account::{Account, Meta, Table};
use crate::auth::{Denied, Refusal};
use crate::gate::{self, Call, Headers, Manners};
use crate::limits::Limit;
use crate::query::{Query, form, json as json_answer, json_text, redirect};
use crate::world::World;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use failure::Failure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const VERSIONS: std::ops::RangeInclusive<u32> = 58..=66;
/// What an organisation may call in a day (Developer Edition).
const DAILY: Limit = Limit { name: "api", units: 15_000, window_ms: 86_400_000 };

pub struct Org {
    world: Arc<World>,
    locators: Mutex<BTreeMap<String, Arc<select::Found>>>,
    jobs: Mutex<bulk::Jobs>,
}

pub fn account(seed: u64, size: u64) -> Account {
    Account::new(seed, 1000, schema::streams(size))
}

/// Writes a record with all its fields.
pub fn record(table: &Table<'_>, row: u64, meta: &Meta) -> String {
    let fields: Vec<_> = table.stream.fields.iter().collect();
    let mut out = String::new();
    record::write(&mut out, table, row, meta, &fields, &format!("v{}.0", VERSIONS.end()));
    out
}

pub fn router(world: Arc<World>) -> Router {
    let org = Arc::new(Org { world: world.clone(), locators: Mutex::default(), jobs: Mutex::default() });
    let jobs = "/services/data/{version}/jobs/query";
    let service = Router::new()
        .route("/services/oauth2/token", post(token))
        .route("/services/oauth2/revoke", post(revoke))
        .route("/services/oauth2/authorize", get(authorize))
        .route("/services/oauth2/userinfo", get(userinfo))
        .route("/services/data", get(versions))
        .route("/services/data/", get(versions))
        .route("/services/data/{version}/limits", get(limits))
        .route("/services/data/{version}/sobjects", get(objects))
        .route("/services/data/{version}/sobjects/", get(objects))
        .route("/services/data/{version}/sobjects/{object}/describe", get(described))
        .route("/services/data/{version}/sobjects/{object}/{id}", get(one))
        .route("/services/data/{version}/query", get(query::first))
        .route("/services/data/{version}/query/", get(query::first))
        .route("/services/data/{version}/query/{locator}", get(query::more))
        .route("/services/data/{version}/queryAll", get(query::first_of_all))
        .route("/services/data/{version}/queryAll/", get(query::first_of_all))
        .route(jobs, get(bulk::list).post(bulk::create))
        .route(&format!("{jobs}/{{id}}"), get(bulk::state).patch(bulk::abort).delete(bulk::delete))
        .route(&format!("{jobs}/{{id}}/results"), get(bulk::results))
        .fallback(|| async { Failure::not_found() })
        .with_state(org);
    gate::around(world, Salesforce, service)
}

struct Salesforce;

impl Manners for Salesforce {
    fn is_open(&self, path: &str) -> bool {
        path == "/services/oauth2/token"
            || path == "/services/oauth2/authorize"
            || path == "/services/oauth2/revoke"
            || path.trim_end_matches('/') == "/services/data"
    }

    fn check(&self, world: &World, call: &Call) -> Result<(), Refusal> {
        world.auth.check(call.bearer(), world.clock.now_ms())
    }

    fn refused(&self, _: &World, _: Refusal) -> Response {
        let body = json!([{ "message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID" }]);
        json_answer(StatusCode::UNAUTHORIZED, &body)
    }

    fn rate_limited(&self, _: &World, _: u32) -> Response {
        let body = json!([{ "message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED" }]);
        json_answer(StatusCode::FORBIDDEN, &body)
    }

    fn outage(&self, status: StatusCode) -> Response {
        let body = json!([{ "message": "An unexpected error occurred. Please include this ErrorId if you contact support", "errorCode": if status == StatusCode::SERVICE_UNAVAILABLE { "SERVER_UNAVAILABLE" } else { "UNKNOWN_EXCEPTION" } }]);
        json_answer(status, &body)
    }

    fn admit(&self, world: &World, _: &Call) -> Result<Headers, Box<Response>> {
        let left = world.limits.spend(DAILY, 1, world.clock.now_ms());
        let usage = ("sforce-limit-info", format!("api-usage={}/{}", left.limit - left.remaining, left.limit));
        if left.exceeded {
            let mut refused = self.rate_limited(world, 0);
            if let Ok(value) = usage.1.parse() {
                refused.headers_mut().insert(usage.0, value);
            }
            return Err(Box::new(refused));
        }
        Ok(vec![usage])
    }
}

impl Org {
    /// An object that the consent does not cover is as good as none.
    fn allow(&self, object: &str) -> Result<(), Failure> {
        if self.world.is_forbidden(object) { Err(Failure::no_object(object)) } else { Ok(()) }
    }
}

async fn token(State(org): State<Arc<Org>>, headers: HeaderMap, body: Bytes) -> Response {
    let now_ms = org.world.clock.now_ms();
    let form = form(&headers, &body);
    let (error, description) = match org.world.auth.grant(&form, now_ms) {
        Ok(granted) => {
            let origin = org.world.origin(&headers);
            let mut answer = json!({
                "access_token": granted.access_token, "instance_url": origin, "token_type": "Bearer", "issued_at": now_ms.to_string(),
                "id": format!("{origin}/id/00DdM00000simUAA/{}", record::id("User", 0)), "signature": "c2ltdWxhdGVk", "scope": "api refresh_token",
            });
            if form.get("grant_type").is_some_and(|kind| kind == "authorization_code") {
                answer["refresh_token"] = json!(granted.refresh_token);
            }
            return json_answer(StatusCode::OK, &answer);
        }
        Err(Denied::Client) => ("invalid_client_id", "client identifier invalid"),
        Err(Denied::Unsupported) => ("unsupported_grant_type", "grant type not supported"),
        Err(Denied::Grant) => match form.get("grant_type").map(String::as_str) {
            Some("refresh_token") => ("invalid_grant", "expired access/refresh token"),
            Some("authorization_code") => ("invalid_grant", "expired authorization code"),
            Some("password") => ("invalid_grant", "authentication failure"),
            _ => ("invalid_grant", "invalid assertion"),
        },
    };
    json_answer(StatusCode::BAD_REQUEST, &json!({ "error": error, "error_description": description }))
}

async fn revoke(State(org): State<Arc<Org>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form(&headers, &body);
    if org.world.auth.give_back(form.get("token").map_or("", String::as_str)) {
        return StatusCode::OK.into_response();
    }
    let refused = json!({ "error": "invalid_token", "error_description": "token provided is not valid" });
    json_answer(StatusCode::BAD_REQUEST, &refused)
}

async fn authorize(State(org): State<Arc<Org>>, RawQuery(query): RawQuery) -> Response {
    let query = Query::of(query.as_deref());
    let code = org.world.auth.consent(query.get("code_challenge").map(str::to_owned));
    redirect(
        query.get("redirect_uri").unwrap_or("/"),
        &[("code", &code), ("state", query.get("state").unwrap_or_default())],
    )
}

async fn userinfo(State(org): State<Arc<Org>>, headers: HeaderMap) -> Json<Value> {
    Json(describe::userinfo(&org.world.origin(&headers), &org.world.auth.credentials.username))
}

async fn versions() -> Json<Value> {
    let version = |number: u32| json!({ "label": format!("Release {number}"), "url": format!("/services/data/v{number}.0"), "version": format!("{number}.0") });
    Json(VERSIONS.map(version).collect())
}

async fn limits(State(org): State<Arc<Org>>) -> Json<Value> {
    // Asking for the limits costs nothing of them beyond the call itself.
    let left = org.world.limits.spend(DAILY, 0, org.world.clock.now_ms());
    Json(json!({
        "DailyApiRequests": { "Max": left.limit, "Remaining": left.remaining },
        "DailyBulkV2QueryJobs": { "Max": 10_000, "Remaining": 10_000 },
        "DailyBulkV2QueryFileStorageMB": { "Max": 976_562, "Remaining": 976_562 },
        "DailyBulkApiBatches": { "Max": 15_000, "Remaining": 15_000 },
        "DataStorageMB": { "Max": 1_024, "Remaining": 512 },
    }))
}

async fn objects(State(org): State<Arc<Org>>, Path(version): Path<String>) -> Json<Value> {
    let account = org.world.account();
    let tables = account.tables().filter(|table| !org.world.is_forbidden(&table.stream.name));
    let objects: Vec<Value> = tables.map(|table| describe::brief(&table, &version)).collect();
    Json(json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects }))
}

async fn described(
    State(org): State<Arc<Org>>,
    Path((version, object)): Path<(String, String)>,
) -> Result<Json<Value>, Failure> {
    org.allow(&object).map_err(|_| Failure::not_found())?;
    let account = org.world.account();
    let table = account.table(&object).ok_or_else(Failure::not_found)?;
    Ok(Json(describe::full(&table, &version)))
}

async fn one(
    State(org): State<Arc<Org>>,
    Path((version, object, id)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    org.allow(&object).map_err(|_| Failure::not_found())?;
    let account = org.world.account();
    let table = account.table(&object).ok_or_else(Failure::not_found)?;
    let row = record::row(&object, &id);
    let found = row.and_then(|row| Some((row, table.meta(row)?))).filter(|(_, meta)| !meta.deleted);
    let (row, meta) = found.ok_or_else(|| {
        Failure::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            format!("Provided external ID field does not exist or is not accessible: {id}"),
        )
    })?;
    let query = Query::of(query.as_deref());
    let wanted = query.list("fields");
    let fields: Vec<_> =
        table.stream.fields.iter().filter(|field| wanted.is_empty() || wanted.contains(&field.name.as_str())).collect();
    let mut out = String::new();
    record::write(&mut out, &table, row, &meta, &fields, &version);
    Ok(json_text(StatusCode::OK, out))
}

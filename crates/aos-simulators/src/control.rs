//! `/_simulator`: what no vendor has, and a test or a person at play needs. Served only where it is asked for.

use crate::account::Change;
use crate::chaos::Chaos;
use crate::drift::Drift;
use crate::query::{json, json_text};
use crate::simulator::{Which, truth};
use crate::vendor::Vendor;
use crate::world::World;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A change may set a field to megabytes.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

#[derive(Clone)]
struct Controlled {
    vendor: Vendor,
    world: Arc<World>,
}

pub fn router(vendor: Vendor, world: Arc<World>) -> Router {
    Router::new()
        .route("/_simulator/requests", get(requests).delete(forget))
        .route("/_simulator/streams", get(streams))
        .route("/_simulator/truth/{stream}", get(all))
        .route("/_simulator/changes", post(change))
        .route("/_simulator/drift", post(drift))
        .route("/_simulator/chaos", post(chaos))
        .route("/_simulator/clock", post(clock))
        .route("/_simulator/tokens", axum::routing::delete(expire))
        .route("/_simulator/allowance", axum::routing::delete(exhaust))
        .route("/_simulator/grant", axum::routing::delete(revoke))
        .route("/_simulator/scopes/{stream}", axum::routing::delete(forbid))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Controlled { vendor, world })
}

/// A change, and when.
#[derive(Debug, Deserialize)]
struct Scripted {
    #[serde(flatten)]
    change: Change,
    /// Stamps it so many milliseconds before it becomes visible.
    #[serde(default)]
    ago_ms: i64,
    /// Applies it once so many requests were answered, counted from the start.
    after_requests: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Move {
    advance_ms: i64,
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    deleted: bool,
}

async fn requests(State(controlled): State<Controlled>) -> Response {
    json(StatusCode::OK, &json!(controlled.world.requests()))
}

async fn forget(State(controlled): State<Controlled>) -> StatusCode {
    controlled.world.forget_requests();
    StatusCode::NO_CONTENT
}

async fn streams(State(controlled): State<Controlled>) -> Response {
    let account = controlled.world.account();
    let streams = account.tables().map(|table| (table.stream.name.clone(), json!(table.living())));
    json(StatusCode::OK, &streams.collect::<serde_json::Map<_, _>>().into())
}

/// One record a line, in the order of ids.
async fn all(State(controlled): State<Controlled>, Path(stream): Path<String>, Query(asked): Query<Asked>) -> Response {
    let which = if asked.deleted { Which::Deleted } else { Which::Living };
    let lines = truth(controlled.vendor, &controlled.world, &stream, which).map(|record| record + "\n");
    json_text(StatusCode::OK, lines.collect())
}

async fn change(State(controlled): State<Controlled>, Json(changes): Json<Vec<Scripted>>) -> Response {
    let mut met = Vec::new();
    for scripted in changes {
        if let Some(requests) = scripted.after_requests {
            controlled.world.change_after(requests, scripted.change);
            continue;
        }
        match controlled.world.change(&scripted.change, scripted.ago_ms) {
            Ok(rows) => met.push(json!(rows)),
            Err(error) => return refused(&error),
        }
    }
    json(StatusCode::OK, &json!({ "rows": met }))
}

async fn drift(State(controlled): State<Controlled>, Json(drifts): Json<Vec<Drift>>) -> Response {
    match drifts.iter().try_for_each(|drift| controlled.world.drift(drift)) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(&error),
    }
}

fn refused(error: &dyn std::error::Error) -> Response {
    json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "error": error.to_string() }))
}

async fn chaos(State(controlled): State<Controlled>, Json(dials): Json<BTreeMap<String, f64>>) -> Response {
    match Chaos::of(&dials) {
        Ok(chaos) => {
            controlled.world.set_chaos(chaos);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => refused(&error),
    }
}

async fn clock(State(controlled): State<Controlled>, Json(moved): Json<Move>) -> Response {
    controlled.world.clock.advance_ms(moved.advance_ms);
    json(StatusCode::OK, &json!({ "now_ms": controlled.world.clock.now_ms() }))
}

async fn expire(State(controlled): State<Controlled>) -> StatusCode {
    controlled.world.auth.expire_all();
    StatusCode::NO_CONTENT
}

async fn exhaust(State(controlled): State<Controlled>) -> StatusCode {
    controlled.world.limits.exhaust(controlled.world.clock.now_ms());
    StatusCode::NO_CONTENT
}

async fn revoke(State(controlled): State<Controlled>) -> StatusCode {
    controlled.world.auth.revoke();
    StatusCode::NO_CONTENT
}

async fn forbid(State(controlled): State<Controlled>, Path(stream): Path<String>) -> StatusCode {
    controlled.world.forbid(&stream);
    StatusCode::NO_CONTENT
}

//! Sign-in: consent, tokens, and what a token is good for.

use super::Portal;
use super::failure::{Failure, correlation_id};
use super::schema::{PORTAL, TYPES};
use crate::auth::Denied;
use crate::query::{Query, form, json as json_answer, redirect};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

pub async fn token(State(portal): State<Portal>, headers: HeaderMap, body: Bytes) -> Response {
    let world = &portal.world;
    let form = form(&headers, &body);
    let refused = |status: &str, message: &str| {
        json_answer(
            StatusCode::BAD_REQUEST,
            &json!({ "status": status, "message": message, "correlationId": correlation_id(world) }),
        )
    };
    match world.auth.grant(&form, world.clock.now_ms()) {
        Ok(granted) => json_answer(
            StatusCode::OK,
            &json!({
                "token_type": "bearer", "refresh_token": granted.refresh_token, "access_token": granted.access_token,
                "expires_in": granted.expires_in_s, "hub_id": PORTAL,
            }),
        ),
        Err(Denied::Client) => refused("BAD_CLIENT_ID", "missing or unknown client id"),
        Err(Denied::Unsupported) => refused("BAD_GRANT_TYPE", "missing or unknown grant type"),
        Err(Denied::Grant) if form.contains_key("code") => refused("BAD_AUTH_CODE", "missing or unknown auth code"),
        Err(Denied::Grant) => refused("BAD_REFRESH_TOKEN", "missing or invalid refresh token"),
    }
}

pub async fn authorize(State(portal): State<Portal>, RawQuery(query): RawQuery) -> Response {
    let query = Query::of(query.as_deref());
    let code = portal.world.auth.consent(query.get("code_challenge").map(str::to_owned));
    redirect(
        query.get("redirect_uri").unwrap_or("/"),
        &[("code", &code), ("state", query.get("state").unwrap_or_default())],
    )
}

pub async fn give_back(State(portal): State<Portal>, Path(token): Path<String>) -> Response {
    if portal.world.auth.give_back(&token) {
        return StatusCode::NO_CONTENT.into_response();
    }
    Failure::new(&portal.world, StatusCode::NOT_FOUND, "OBJECT_NOT_FOUND", "the refresh token is unknown")
        .into_response()
}

pub async fn token_details(State(portal): State<Portal>, Path(token): Path<String>) -> Response {
    let world = &portal.world;
    if world.auth.check(Some(&token), world.clock.now_ms()).is_err() {
        return Failure::new(world, StatusCode::NOT_FOUND, "OBJECT_NOT_FOUND", "the token is unknown or expired")
            .into_response();
    }
    let scopes: Vec<String> = TYPES
        .iter()
        .filter(|kind| !world.is_forbidden(kind.stream))
        .map(|kind| format!("crm.objects.{}.read", if kind.number.starts_with("2-") { "custom" } else { kind.stream }))
        .collect();
    json_answer(
        StatusCode::OK,
        &json!({
            "token": token, "user": world.auth.credentials.username, "hub_domain": "simulator.example.com", "scopes": scopes, "token_type": "access",
            "user_id": 88_842_095, "hub_id": PORTAL, "app_id": 18_221_010, "expires_in": 1_800,
        }),
    )
}

//! Sign-in: consent, tokens, and who the caller is.

use super::failure;
use super::record::{self, Version};
use super::schema::COMPANY;
use crate::auth::Denied;
use crate::query::{Query, form, json as json_answer, json_text, redirect};
use crate::world::World;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;

pub async fn me(State(world): State<Arc<World>>) -> Response {
    let account = world.account();
    let Some((table, meta)) = account.table("users").and_then(|table| Some((table, table.meta(0)?))) else {
        return failure(StatusCode::NOT_FOUND, "User not found");
    };
    let mut data = String::new();
    record::write(&mut data, &table, 0, &meta, Version::V1);
    json_text(
        StatusCode::OK,
        format!("{{\"success\":true,\"data\":{data},\"additional_data\":{{\"company_id\":{COMPANY}}}}}"),
    )
}

pub async fn token(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form(&headers, &body);
    let refused = |status, error: &str, message: &str| {
        json_answer(
            status,
            &json!({ "success": false, "error": error, "error_description": message, "message": message }),
        )
    };
    match world.auth.grant(&form, world.clock.now_ms()) {
        Ok(granted) => json_answer(
            StatusCode::OK,
            &json!({
                "access_token": granted.access_token, "token_type": "Bearer", "refresh_token": granted.refresh_token,
                "scope": "base,deals:read,contacts:read,activities:read,products:read,users:read", "expires_in": granted.expires_in_s,
                "api_domain": world.origin(&headers),
            }),
        ),
        Err(Denied::Client) => refused(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed"),
        Err(Denied::Unsupported) => {
            refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Grant type is not supported")
        }
        Err(Denied::Grant) => {
            refused(StatusCode::BAD_REQUEST, "invalid_grant", "Invalid grant: refresh token is invalid")
        }
    }
}

pub async fn revoke(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form(&headers, &body);
    let known = world.auth.give_back(form.get("token").map_or("", String::as_str));
    json_answer(if known { StatusCode::OK } else { StatusCode::BAD_REQUEST }, &json!({ "success": known }))
}

pub async fn authorize(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let query = Query::of(query.as_deref());
    let code = world.auth.consent(query.get("code_challenge").map(str::to_owned));
    redirect(
        query.get("redirect_uri").unwrap_or("/"),
        &[("code", &code), ("state", query.get("state").unwrap_or_default())],
    )
}

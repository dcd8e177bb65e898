//! Three cookies: the refresh token of a browser, which its scripts cannot read, and the marks of the browser that went to a provider to
//! sign in, and to a vendor to give leave. Access tokens are never in a cookie.

use crate::problem::Problem;
use crate::state::App;
use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use std::time::Duration;

const REFRESH: &str = "autonomos_refresh";
/// The one path that the refresh token is sent to.
const REFRESH_PATH: &str = "/api/v1/auth/refresh";
const PROVIDER: &str = "autonomos_oidc";
const PROVIDER_PATH: &str = "/api/v1/auth/oidc";
const CONSENT: &str = "autonomos_consent";
const CONSENT_PATH: &str = "/api/v1/oauth";

pub fn refresh(app: &App, headers: &HeaderMap, token: &str, lasts: Duration) -> HeaderValue {
    cookie(REFRESH, token, REFRESH_PATH, "Strict", lasts, is_encrypted(app, headers))
}

/// Takes the refresh token away from the browser.
pub fn no_refresh(app: &App, headers: &HeaderMap) -> HeaderValue {
    refresh(app, headers, "", Duration::ZERO)
}

/// Marks the browser that goes to a provider. It comes back by a link on the provider's page, so the mark cannot be `Strict`.
pub fn provider_mark(app: &App, headers: &HeaderMap, mark: &str, lasts: Duration) -> HeaderValue {
    cookie(PROVIDER, mark, PROVIDER_PATH, "Lax", lasts, is_encrypted(app, headers))
}

/// Marks the browser that goes to a vendor whose account's owner is to give leave.
pub fn consent_mark(app: &App, headers: &HeaderMap, mark: &str, lasts: Duration) -> HeaderValue {
    cookie(CONSENT, mark, CONSENT_PATH, "Lax", lasts, is_encrypted(app, headers))
}

pub fn consent_mark_of(headers: &HeaderMap) -> Option<&str> {
    find(headers, CONSENT)
}

pub fn refresh_of(headers: &HeaderMap) -> Option<&str> {
    find(headers, REFRESH)
}

pub fn provider_mark_of(headers: &HeaderMap) -> Option<&str> {
    find(headers, PROVIDER)
}

/// Refuses a request that a page of another site had sent by someone's browser, which adds the cookie unasked.
///
/// `SameSite=Strict` holds that already; this holds it for sites that share a registered domain with this one, and for browsers that do not
/// know the attribute. Browsers name the page's origin in every POST.
///
/// Where no public address is set, the server does not know whether it is reached over TLS. Browsers that reach it so say `Sec-Fetch-Site`
/// (Fetch Metadata, W3C), in whose `same-origin` the scheme counts; without it the page must be a plain one, as a server is reached that
/// says nothing else of itself. What a proxy says of the scheme can only make this stricter, so it need not be believed.
pub fn check_origin(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site");
    let from_here = site.is_none_or(|site| site == "same-origin");
    let own = match &app.settings.public_url {
        Some(url) => text(ORIGIN.as_str()).is_some_and(|origin| origin == url.trim_end_matches('/')),
        None => text(ORIGIN.as_str()).and_then(|origin| origin.split_once("://")).is_some_and(|(scheme, authority)| {
            let reached_by = text("x-forwarded-proto").unwrap_or("http");
            text(HOST.as_str()) == Some(authority) && (site.is_some() || scheme == reached_by)
        }),
    };
    if from_here && own {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "cross_site",
        "the refresh cookie is taken from this server's own pages only",
        "send the refresh token in the body, or set server.public_url to the address that browsers see",
    ))
}

/// Tells whether the browser speaks to us over TLS, which ends before us.
fn is_encrypted(app: &App, headers: &HeaderMap) -> bool {
    let https = |url: &str| url.starts_with("https://");
    app.settings.public_url.as_deref().is_some_and(https)
        || headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()).is_some_and(https)
}

fn cookie(name: &str, value: &str, path: &str, same_site: &str, lasts: Duration, encrypted: bool) -> HeaderValue {
    let secure = if encrypted { "; Secure" } else { "" };
    let text =
        format!("{name}={value}; Path={path}; Max-Age={}; HttpOnly; SameSite={same_site}{secure}", lasts.as_secs());
    HeaderValue::from_str(&text).expect("values of cookies are hexadecimal digits and underscores")
}

fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let pairs = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(found, _)| *found == name).map(|(_, value)| value)
}

//! The token endpoint (RFC 6749, sections 4 to 6): what is asked, what is answered, and what a refusal means for the grant.

use super::provider::{Application, ClientProof, Provider};
use super::refusal::{Refusal, refusal};
use crate::context::Secret;
use crate::grant::{Grant, GrantState};
use aos_core::Clock;
use aos_net::{Client, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::time::Duration;

/// How long the endpoint may take; shorter than the right to renew is held, so that no two processes renew at once.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
const ANSWER_BYTES_MAX: u64 = 64 << 10;

/// What is handed in for an access token.
#[derive(Debug, Clone)]
pub enum Exchange {
    /// The code the vendor sent the owner back with.
    Code {
        code: Secret,
        redirect_uri: String,
        verifier: Option<Secret>,
    },
    RefreshToken(Secret),
    /// The application itself is the user (RFC 6749, section 4.4).
    ClientCredentials {
        scope: String,
    },
    /// A signed assertion (RFC 7523).
    Assertion(Secret),
}

/// What a token endpoint gave.
#[derive(Debug, Clone)]
pub struct Tokens {
    access: Secret,
    refresh: Option<Secret>,
    expires_at: Option<DateTime<Utc>>,
    scopes: Vec<String>,
    api_base: Option<String>,
}

impl Tokens {
    /// Returns the grant with these tokens; what the vendor did not repeat stays as it was before.
    pub fn into_grant(self, before: Option<Grant>, now: DateTime<Utc>) -> Grant {
        let (version, refresh, scopes, base) = match before {
            Some(before) => (before.version, before.refresh_token, before.scopes, before.api_base),
            None => (0, None, Vec::new(), None),
        };
        Grant {
            version,
            state: GrantState::Valid,
            access_token: Some(self.access),
            refresh_token: self.refresh.or(refresh),
            expires_at: self.expires_at,
            scopes: if self.scopes.is_empty() { scopes } else { self.scopes },
            api_base: self.api_base.or(base),
            message: String::new(),
            changed_at: now,
        }
    }
}

/// Asks for a token, once.
///
/// # Errors
/// A [`Refusal`], by what it means for the grant.
pub async fn request(
    client: &Client,
    clock: &Clock,
    provider: &Provider,
    application: &Application,
    exchange: &Exchange,
) -> Result<Tokens, Refusal> {
    let vendor = provider.vendor;
    let form = form(provider, application, exchange);
    let request =
        prepared(provider, application, form).map_err(|error| Refusal::Permanent { vendor, why: error.to_string() })?;
    let transient = |error: &aos_net::Error| Refusal::Transient { vendor, why: error.story(), retry_after: None };
    let response = client.send(request).await.map_err(|error| match error {
        aos_net::Error::Blocked { .. } | aos_net::Error::Url(_) | aos_net::Error::Request(_) => {
            Refusal::Permanent { vendor, why: error.to_string() }
        }
        error => transient(&error),
    })?;
    let (status, retry_after) = (response.status(), response.retry_after());
    let body = response.bytes().await.map_err(|error| transient(&error))?;
    if status.is_success() {
        let answer: Answer = serde_json::from_slice(&body).map_err(|_| Refusal::Transient {
            vendor,
            why: "the token endpoint answers with something that is no token".into(),
            retry_after: None,
        })?;
        return Ok(answer.tokens(clock.now()));
    }
    Err(refusal(vendor, status, retry_after, &String::from_utf8_lossy(&body), &secrets(application, exchange)))
}

fn form(provider: &Provider, application: &Application, exchange: &Exchange) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    match exchange {
        Exchange::Code { code, redirect_uri, verifier } => {
            form.append_pair("grant_type", "authorization_code");
            form.append_pair("code", code.expose()).append_pair("redirect_uri", redirect_uri);
            if let Some(verifier) = verifier {
                form.append_pair("code_verifier", verifier.expose());
            }
        }
        Exchange::RefreshToken(token) => {
            form.append_pair("grant_type", "refresh_token").append_pair("refresh_token", token.expose());
        }
        Exchange::ClientCredentials { scope } => {
            form.append_pair("grant_type", "client_credentials");
            if !scope.is_empty() {
                form.append_pair("scope", scope);
            }
        }
        Exchange::Assertion(assertion) => {
            form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
            form.append_pair("assertion", assertion.expose());
            // The assertion names the application; a second name would have to be the same.
            return form.finish();
        }
    }
    if provider.client_proof == ClientProof::Form {
        form.append_pair("client_id", &application.client_id);
        if let Some(secret) = &application.client_secret {
            form.append_pair("client_secret", secret.expose());
        }
    }
    form.finish()
}

fn prepared(provider: &Provider, application: &Application, form: String) -> Result<Request, aos_net::Error> {
    let mut request = Request::post(&provider.token_url)?
        .header("accept", "application/json")?
        .body("application/x-www-form-urlencoded", form.into_bytes().into())?;
    if provider.client_proof == ClientProof::Basic {
        request = request.secret_header("authorization", &basic_proof(application))?;
    }
    Ok(request.total_timeout(ANSWER_TIMEOUT).body_bytes_max(ANSWER_BYTES_MAX))
}

/// The application's id and secret as a header has them.
pub(super) fn basic_proof(application: &Application) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let secret = application.client_secret.as_ref().map_or("", Secret::expose);
    format!("Basic {}", BASE64.encode(format!("{}:{}", encoded(&application.client_id), encoded(secret))))
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    refresh_token: Option<String>,
    /// Seconds; some endpoints write the number as text.
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<i64>,
    scope: Option<String>,
    /// Salesforce.
    instance_url: Option<String>,
    /// Pipedrive.
    api_domain: Option<String>,
}

impl Answer {
    fn tokens(self, now: DateTime<Utc>) -> Tokens {
        let scopes = self.scope.as_deref().unwrap_or_default().split([' ', ',']).filter(|scope| !scope.is_empty());
        let ends = |seconds| now.checked_add_signed(chrono::Duration::try_seconds(seconds)?);
        Tokens {
            scopes: scopes.map(str::to_owned).collect(),
            access: Secret::new(self.access_token),
            refresh: self.refresh_token.filter(|token| !token.is_empty()).map(Secret::new),
            expires_at: self.expires_in.and_then(ends),
            api_base: self.instance_url.or(self.api_domain),
        }
    }
}

fn seconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(i64),
        Text(String),
    }
    Ok(match Option::<Written>::deserialize(deserializer)? {
        Some(Written::Number(seconds)) => Some(seconds),
        Some(Written::Text(text)) => text.trim().parse().ok(),
        None => None,
    })
}

fn secrets<'s>(application: &'s Application, exchange: &'s Exchange) -> Vec<&'s str> {
    let handed_in = match exchange {
        Exchange::Code { code, verifier, .. } => vec![Some(code), verifier.as_ref()],
        Exchange::RefreshToken(token) | Exchange::Assertion(token) => vec![Some(token)],
        Exchange::ClientCredentials { .. } => Vec::new(),
    };
    let all = handed_in.into_iter().chain([application.client_secret.as_ref()]).flatten();
    all.map(Secret::expose).filter(|secret| !secret.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_s_end_is_read_from_numbers_and_from_text() {
        let now = DateTime::UNIX_EPOCH;
        for written in ["3600", r#""3600""#] {
            let answer: Answer =
                serde_json::from_str(&format!(r#"{{"access_token":"a","expires_in":{written}}}"#)).unwrap();
            assert_eq!(answer.tokens(now).expires_at, Some(now + Duration::from_secs(3600)));
        }
        let answer: Answer = serde_json::from_str(r#"{"access_token":"a","scope":"api refresh_token"}"#).unwrap();
        assert_eq!(answer.tokens(now).expires_at, None);
    }
}

//! Giving a grant back: the vendor is told that nobody will use it any more. RFC 7009 where the vendor keeps to it, its own way otherwise.

use super::provider::{Application, ClientProof, Provider};
use super::refusal::Refusal;
use super::token::{ANSWER_TIMEOUT, basic_proof};
use crate::grant::Grant;
use aos_net::{Client, Method, Request};

const ANSWER_BYTES_MAX: u64 = 64 << 10;

/// How a vendor is told that a grant is given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// RFC 7009: the token is posted to this address.
    Post(String),
    /// HubSpot: the refresh token is deleted below this address.
    DeleteRefreshToken(String),
    /// Zendesk: this address is deleted with the access token that is to go.
    DeleteAsBearer(String),
    /// Microsoft has no way for one application's grant: its owner takes it back under "my apps".
    Nowhere,
}

/// Tells the vendor that a grant is given back, once. Returns whether there was anybody to tell and anything to give back.
///
/// # Errors
/// A [`Refusal`]: the grant may still be good at the vendor, and its owner takes it back there.
pub async fn revoke(
    client: &Client,
    provider: &Provider,
    application: &Application,
    grant: &Grant,
) -> Result<bool, Refusal> {
    let vendor = provider.vendor;
    let refused = |error: aos_net::Error| Refusal::Permanent { vendor, why: error.story() };
    let Some(request) = prepared(provider, application, grant).map_err(refused)? else { return Ok(false) };
    let request = request.total_timeout(ANSWER_TIMEOUT).body_bytes_max(ANSWER_BYTES_MAX);
    let failed = |error: aos_net::Error| Refusal::Transient { vendor, why: error.story(), retry_after: None };
    let status = client.send(request).await.map_err(failed)?.status();
    match status.as_u16() {
        // What is not known there any more is given back already.
        200..=299 | 400 | 401 | 404 => Ok(true),
        429 | 500..=599 => Err(Refusal::Transient { vendor, why: format!("it answers {status}"), retry_after: None }),
        _ => Err(Refusal::Permanent { vendor, why: format!("it answers {status}") }),
    }
}

fn prepared(provider: &Provider, application: &Application, grant: &Grant) -> Result<Option<Request>, aos_net::Error> {
    let (access, refresh) = (grant.access_token.as_ref(), grant.refresh_token.as_ref());
    Ok(match &provider.revocation {
        Revocation::Post(url) => {
            // With the refresh token go the access tokens that were made of it.
            let (token, kind) = match (refresh, access) {
                (Some(token), _) => (token, "refresh_token"),
                (None, Some(token)) => (token, "access_token"),
                (None, None) => return Ok(None),
            };
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("token", token.expose()).append_pair("token_type_hint", kind);
            if provider.client_proof == ClientProof::Form {
                form.append_pair("client_id", &application.client_id);
            }
            let request = Request::post(url)?
                .header("accept", "application/json")?
                .body("application/x-www-form-urlencoded", form.finish().into_bytes().into())?;
            Some(match provider.client_proof {
                ClientProof::Basic => request.secret_header("authorization", &basic_proof(application))?,
                ClientProof::Form => request,
            })
        }
        Revocation::DeleteRefreshToken(url) => match refresh {
            Some(token) => {
                let token: String = form_urlencoded::byte_serialize(token.expose().as_bytes()).collect();
                Some(Request::new(Method::DELETE, &format!("{url}/{token}"))?.header("accept", "application/json")?)
            }
            None => None,
        },
        Revocation::DeleteAsBearer(url) => match access {
            Some(token) => {
                Some(Request::new(Method::DELETE, url)?.header("accept", "application/json")?.bearer(token.expose())?)
            }
            None => None,
        },
        Revocation::Nowhere => None,
    })
}

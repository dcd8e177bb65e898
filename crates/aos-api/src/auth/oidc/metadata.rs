//! What a provider says of itself (OpenID Connect Discovery 1.0) and the keys it signs with, both kept for a while.

use super::OidcError;
use aos_net::{Client, Url};
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

const KEPT: Duration = Duration::from_secs(60 * 60);
/// A token of an unknown key asks for the keys again, but not more often than this.
const KEYS_PAUSE: Duration = Duration::from_secs(10);
const BYTES_MAX: u64 = 512 * 1024;
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Deserialize)]
pub struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Whether the answer names the issuer, as RFC 9207 has it.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// What is known of a provider.
#[derive(Default)]
pub struct Known {
    metadata: Mutex<Option<(Instant, Arc<Metadata>)>>,
    keys: Mutex<Option<(Instant, Arc<JwkSet>)>>,
}

impl Known {
    pub async fn metadata(&self, net: &Client, issuer: &str) -> Result<Arc<Metadata>, OidcError> {
        let mut kept = self.metadata.lock().await;
        if let Some((at, metadata)) = &*kept
            && at.elapsed() < KEPT
        {
            return Ok(metadata.clone());
        }
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let found: Metadata = read(net, &url).await?;
        check(&found, issuer)?;
        let found = Arc::new(found);
        *kept = Some((Instant::now(), found.clone()));
        Ok(found)
    }

    /// Returns the keys; new ones when those that are known do not have the one that is wanted.
    pub async fn keys(&self, net: &Client, url: &str, wanted: Option<&str>) -> Result<Arc<JwkSet>, OidcError> {
        let mut kept = self.keys.lock().await;
        if let Some((at, keys)) = &*kept {
            let has = wanted.is_none_or(|kid| keys.find(kid).is_some());
            if (has && at.elapsed() < KEPT) || at.elapsed() < KEYS_PAUSE {
                return Ok(keys.clone());
            }
        }
        let found: Arc<JwkSet> = Arc::new(read(net, url).await?);
        *kept = Some((Instant::now(), found.clone()));
        Ok(found)
    }
}

async fn read<T: serde::de::DeserializeOwned>(net: &Client, url: &str) -> Result<T, OidcError> {
    let request = aos_net::Request::get(url)?.total_timeout(TIMEOUT).body_bytes_max(BYTES_MAX);
    Ok(net.send_json(request).await?)
}

/// Refuses metadata of another issuer, and addresses that are less protected than the issuer's.
fn check(found: &Metadata, issuer: &str) -> Result<(), OidcError> {
    if found.issuer != issuer {
        return Err(OidcError::Metadata("it names another issuer than the settings do"));
    }
    let endpoints = [Some(&found.authorization_endpoint), Some(&found.token_endpoint), Some(&found.jwks_uri)];
    for endpoint in endpoints.into_iter().chain([found.userinfo_endpoint.as_ref()]).flatten() {
        let url = Url::parse(endpoint).map_err(|_| OidcError::Metadata("an endpoint is no address"))?;
        if url.scheme() != "https" && issuer.starts_with("https://") {
            return Err(OidcError::Metadata("an endpoint is not encrypted"));
        }
    }
    Ok(())
}

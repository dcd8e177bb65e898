//! One provider: where someone is sent to sign in, and what is made of their coming back.

use super::id_token::{self, Expected, IdClaims, Profile};
use super::metadata::{Known, Metadata};
use super::{OidcError, OidcSettings};
use aos_core::Clock;
use aos_net::{Client, Request, Url};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(15);
const BYTES_MAX: u64 = 256 * 1024;

pub struct Provider {
    settings: OidcSettings,
    net: Client,
    clock: Clock,
    known: Known,
}

/// What was drawn for one sign-in, and where it comes back to.
pub struct Return<'a> {
    pub nonce: &'a str,
    pub verifier: &'a str,
    pub redirect_uri: &'a str,
}

/// Someone, by the word of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    pub issuer: String,
    pub subject: String,
    /// The address, if the provider has seen that it is theirs.
    pub verified_email: Option<String>,
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    #[serde(default)]
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    profile: Profile,
}

impl Provider {
    pub(super) fn new(net: Client, clock: Clock, settings: OidcSettings) -> Result<Self, OidcError> {
        let name = settings.name.clone();
        let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
        if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
            return Err(OidcError::Name(name));
        }
        for (field, value) in [("issuer", &settings.issuer), ("client_id", &settings.client_id)] {
            if value.is_empty() {
                return Err(OidcError::Missing { name, field });
            }
        }
        let issuer = Url::parse(&settings.issuer).map_err(|_| OidcError::Issuer(name.clone()))?;
        let here = matches!(issuer.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if issuer.scheme() != "https" && !(issuer.scheme() == "http" && here) {
            return Err(OidcError::Issuer(name));
        }
        Ok(Self { settings, net, clock, known: Known::default() })
    }

    pub fn name(&self) -> &str {
        &self.settings.name
    }

    pub fn label(&self) -> &str {
        if self.settings.label.is_empty() { self.name() } else { &self.settings.label }
    }

    /// Returns the address to send someone to, who comes back with this state.
    pub async fn authorization_url(&self, state: &str, back: &Return<'_>) -> Result<String, OidcError> {
        let metadata = self.metadata().await?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(back.verifier.as_bytes()));
        let scopes = ["openid", "email", "profile"].into_iter();
        let scope: Vec<&str> = scopes.chain(self.settings.scopes.iter().map(String::as_str)).collect();
        let mut url = Url::parse(&metadata.authorization_endpoint)
            .map_err(|_| OidcError::Metadata("the authorization endpoint is no address"))?;
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", back.redirect_uri),
            ("scope", &scope.join(" ")),
            ("state", state),
            ("nonce", back.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Ok(url.into())
    }

    /// Refuses an answer that another provider gave (RFC 9207), where this one says that it names itself.
    pub async fn check_issuer(&self, named: Option<&str>) -> Result<(), OidcError> {
        let metadata = self.metadata().await?;
        let required = metadata.authorization_response_iss_parameter_supported;
        match named {
            None if required => Err(OidcError::IdToken("the answer does not name its provider")),
            Some(named) if named != metadata.issuer => Err(OidcError::IdToken("another provider answered")),
            _ => Ok(()),
        }
    }

    /// Exchanges the code that someone came back with for who they are.
    pub async fn redeem(&self, code: &str, back: &Return<'_>) -> Result<Vouched, OidcError> {
        let metadata = self.metadata().await?;
        let tokens: Tokens = self.net.send_json(self.exchange(&metadata, code, back)?).await?;
        let header = id_token::key_id(&tokens.id_token)?;
        let keys = self.known.keys(&self.net, &metadata.jwks_uri, header.kid.as_deref()).await?;
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &self.settings.client_id,
            nonce: back.nonce,
            now: self.clock.now(),
        };
        let IdClaims { sub, profile, .. } = id_token::verify(&tokens.id_token, &header, &keys, &expected)?;
        let profile = match (&profile.email, &metadata.userinfo_endpoint, &tokens.access_token) {
            (None, Some(endpoint), Some(token)) => self.ask(endpoint, token, &sub).await?,
            _ => profile,
        };
        Ok(Vouched {
            issuer: metadata.issuer.clone(),
            subject: sub,
            verified_email: profile.email.filter(|_| profile.email_verified),
            name: profile.name,
        })
    }

    async fn metadata(&self) -> Result<std::sync::Arc<Metadata>, OidcError> {
        self.known.metadata(&self.net, &self.settings.issuer).await
    }

    fn exchange(&self, metadata: &Metadata, code: &str, back: &Return<'_>) -> Result<Request, OidcError> {
        let OidcSettings { client_id, client_secret, .. } = &self.settings;
        let methods = &metadata.token_endpoint_auth_methods_supported;
        let has = |method: &str| methods.iter().any(|known| known == method);
        // Where nothing is said, `client_secret_basic` is what a provider takes.
        let in_body = !client_secret.is_empty() && has("client_secret_post") && !has("client_secret_basic");
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back.redirect_uri),
            ("code_verifier", back.verifier),
            ("client_id", client_id),
        ];
        if in_body {
            pairs.push(("client_secret", client_secret));
        }
        let request = Request::post(&metadata.token_endpoint)?
            .body("application/x-www-form-urlencoded", form(&pairs)?.into())?
            .total_timeout(TIMEOUT)
            .body_bytes_max(BYTES_MAX);
        if client_secret.is_empty() || in_body {
            return Ok(request);
        }
        let pair = format!("{}:{}", encoded(client_id)?, encoded(client_secret)?);
        Ok(request.secret_header("authorization", &format!("Basic {}", STANDARD.encode(pair)))?)
    }

    /// Asks for the profile of someone whose ID token does not tell it.
    async fn ask(&self, endpoint: &str, access_token: &str, subject: &str) -> Result<Profile, OidcError> {
        let request = Request::get(endpoint)?.bearer(access_token)?.total_timeout(TIMEOUT).body_bytes_max(BYTES_MAX);
        let found: UserInfo = self.net.send_json(request).await?;
        if found.sub == subject { Ok(found.profile) } else { Err(OidcError::IdToken("its user is another one")) }
    }
}

/// Writes pairs as a form.
fn form(pairs: &[(&str, &str)]) -> Result<String, OidcError> {
    let mut url = Url::parse("http://form.invalid").map_err(|_| OidcError::Metadata("a form cannot be written"))?;
    url.query_pairs_mut().extend_pairs(pairs);
    Ok(url.query().unwrap_or_default().to_owned())
}

fn encoded(text: &str) -> Result<String, OidcError> {
    Ok(form(&[("", text)])?.split_off(1))
}

//! Signing in through another provider: OpenID Connect Core 1.0, by discovery, with the authorization code flow, PKCE (RFC 7636), state and
//! nonce. Which providers there are, the operator says; every call goes through the guarded client of `aos-net`.

mod id_token;
mod metadata;
mod provider;

pub use provider::{Provider, Return, Vouched};

use aos_core::Clock;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The providers that people may sign in through, by name. Cloning gives the same ones.
#[derive(Clone, Default)]
pub struct Oidc(Arc<BTreeMap<String, Provider>>);

/// What the operator says of a provider.
#[derive(Clone)]
pub struct OidcSettings {
    /// Stands in addresses: small letters, digits and `-`.
    pub name: String,
    /// What the button says.
    pub label: String,
    /// Where its metadata is found, and whom its tokens must name.
    pub issuer: String,
    pub client_id: String,
    /// Empty for a client without a secret, which PKCE alone protects.
    pub client_secret: String,
    /// Asked for beside `openid`, `email` and `profile`.
    pub scopes: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    #[error("auth.oidc.{0} is no name of a provider; use small letters, digits and `-`")]
    Name(String),
    #[error("auth.oidc.{name}.{field} is empty; the provider says it when it registers this application")]
    Missing { name: String, field: &'static str },
    #[error("auth.oidc.{0}.issuer is not an https address; only a provider on this machine may go without TLS")]
    Issuer(String),
    #[error(transparent)]
    Unreachable(#[from] aos_net::Error),
    #[error("the provider's metadata cannot be used: {0}")]
    Metadata(&'static str),
    #[error("the provider's ID token is refused: {0}")]
    IdToken(&'static str),
}

impl Oidc {
    /// Takes the providers; nothing is called yet.
    ///
    /// # Errors
    /// [`OidcError::Name`], [`OidcError::Missing`] and [`OidcError::Issuer`].
    pub fn new(net: &aos_net::Client, clock: &Clock, settings: Vec<OidcSettings>) -> Result<Self, OidcError> {
        let providers = settings.into_iter().map(|settings| {
            let provider = Provider::new(net.clone(), clock.clone(), settings)?;
            Ok((provider.name().to_owned(), provider))
        });
        Ok(Self(Arc::new(providers.collect::<Result<_, OidcError>>()?)))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Provider> {
        self.0.get(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.values()
    }
}

//! How a request proves who sends it: a header that stays the same, or a token that is renewed.

use crate::context::Secret;
use crate::error::Error;
use crate::oauth::{Access, Keeper};
use aos_core::Clock;
use aos_net::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::sync::Mutex;

pub(crate) enum Authorization {
    /// `hidden` is what no answer may make us repeat.
    Header {
        name: &'static str,
        value: Secret,
        hidden: Vec<Secret>,
    },
    Grant {
        keeper: Keeper,
        last: Mutex<Option<Access>>,
    },
}

/// A request that may be sent, and the token it carries, should the source refuse it.
pub(super) struct Signed {
    pub request: Request,
    pub token: Option<Secret>,
    pub hidden: Vec<Secret>,
}

impl Authorization {
    pub fn bearer(token: &Secret) -> Self {
        Self::header("authorization", format!("Bearer {}", token.expose()), token)
    }

    pub fn basic(user: &str, password: &Secret) -> Self {
        let pair = BASE64.encode(format!("{user}:{}", password.expose()));
        Self::header("authorization", format!("Basic {pair}"), password)
    }

    /// Proves it by a header of the vendor's own.
    pub fn header(name: &'static str, value: String, secret: &Secret) -> Self {
        let value = Secret::new(value);
        Self::Header { name, hidden: vec![value.clone(), secret.clone()], value }
    }

    pub fn grant(keeper: Keeper) -> Self {
        Self::Grant { keeper, last: Mutex::new(None) }
    }

    /// Returns where the token endpoint said that the account's API lives.
    pub async fn api_base(&self, clock: &Clock) -> Result<Option<String>, Error> {
        match self {
            Self::Header { .. } => Ok(None),
            Self::Grant { .. } => Ok(self.access(clock, None).await?.and_then(|access| access.api_base)),
        }
    }

    pub(super) async fn sign(
        &self,
        request: Request,
        clock: &Clock,
        refused: Option<&Secret>,
    ) -> Result<Signed, Error> {
        match (self, self.access(clock, refused).await?) {
            (Self::Header { name, value, hidden }, _) => {
                let request = request.secret_header(name, value.expose())?;
                Ok(Signed { request, token: None, hidden: hidden.clone() })
            }
            (Self::Grant { .. }, Some(Access { token, .. })) => {
                let request = request.bearer(token.expose())?;
                Ok(Signed { request, hidden: vec![token.clone()], token: Some(token) })
            }
            (Self::Grant { .. }, None) => Err(Error::Unauthorized { said: "there is no token".to_owned() }),
        }
    }

    /// Returns the token at hand, or a new one when that is about to end or was refused. The store is asked only then.
    async fn access(&self, clock: &Clock, refused: Option<&Secret>) -> Result<Option<Access>, Error> {
        let Self::Grant { keeper, last } = self else { return Ok(None) };
        let mut last = last.lock().await;
        let usable = |access: &&Access| {
            Some(&access.token) != refused && access.renew_at.is_none_or(|renew_at| renew_at > clock.now())
        };
        if let Some(access) = last.as_ref().filter(usable) {
            return Ok(Some(access.clone()));
        }
        let access = keeper.access(refused).await?;
        *last = Some(access.clone());
        Ok(Some(access))
    }
}

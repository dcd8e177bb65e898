//! The token of a Vault, kept alive: a token has a time to live, and is renewed when half of it is over.
//!
//! After <https://developer.hashicorp.com/vault/api-docs/auth/token>: `GET auth/token/lookup-self` tells how long it lives and whether it can be
//! renewed, `POST auth/token/renew-self` renews it. The policy `default`, which tokens have unless somebody left it out, allows both. Processes
//! that have the same token each renew it, which does no harm.

use super::vault::Vault;
use aos_connectors::Error;
use aos_net::Method;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A Vault that cannot be asked now is asked again after this.
const RETRY_AFTER: Duration = Duration::from_secs(30);
/// Not more often than this, however short a token lives, and not more seldom, should somebody have given it another life.
const RENEWAL_MIN: Duration = Duration::from_secs(1);
const RENEWAL_MAX: Duration = Duration::from_secs(60 * 60);

/// How long a token lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenLife {
    /// It has no end, as root tokens have none.
    Endless,
    /// It was renewed, or need not be yet, and lives so long from now.
    Renewed(Duration),
    /// It cannot be renewed, and ends then.
    Ends(Duration),
}

#[derive(Deserialize)]
struct LookedUp {
    data: Token,
}

#[derive(Deserialize)]
struct Token {
    /// Seconds; 0 for a token without an end.
    ttl: u64,
    #[serde(default)]
    renewable: bool,
    expire_time: Option<String>,
}

#[derive(Deserialize)]
struct Renewed {
    auth: Lease,
}

#[derive(Deserialize)]
struct Lease {
    /// Seconds.
    lease_duration: u64,
}

impl Vault {
    /// Renews the token, where it has an end and can be renewed.
    ///
    /// # Errors
    /// [`Error::Credentials`] where the token is not good any more, or may not look at itself; what else the Vault answers.
    pub async fn renew_token(&self) -> Result<TokenLife, Error> {
        let token: LookedUp = self.ask_token(Method::GET, "lookup-self").await?;
        let Token { ttl, renewable, expire_time } = token.data;
        if ttl == 0 && expire_time.is_none() {
            return Ok(TokenLife::Endless);
        }
        if !renewable {
            return Ok(TokenLife::Ends(Duration::from_secs(ttl)));
        }
        let renewed: Renewed = self.ask_token(Method::POST, "renew-self").await?;
        let lives = Duration::from_secs(renewed.auth.lease_duration);
        // A token that has reached its greatest age gets no longer life than it has.
        let is_longer = renewed.auth.lease_duration >= ttl;
        Ok(if is_longer { TokenLife::Renewed(lives) } else { TokenLife::Ends(lives) })
    }

    /// Keeps the token alive until told to stop. What cannot be done is told once, and again when it is something else.
    pub async fn keep_token(&self, stop: CancellationToken) {
        let keep = async {
            let mut told = String::new();
            loop {
                let (wait, trouble) = self.token_wait().await;
                if trouble != told && !trouble.is_empty() {
                    tracing::warn!("the token of the Vault is not kept alive: {trouble}");
                }
                told = trouble;
                tokio::time::sleep(wait.clamp(RENEWAL_MIN, RENEWAL_MAX)).await;
            }
        };
        let _: Option<()> = stop.run_until_cancelled(keep).await;
    }

    /// Renews the token; returns when to do so again, and what is wrong, in words.
    async fn token_wait(&self) -> (Duration, String) {
        match self.renew_token().await {
            Ok(TokenLife::Endless) => (RENEWAL_MAX, String::new()),
            Ok(TokenLife::Renewed(lives)) => (lives / 2, String::new()),
            Ok(TokenLife::Ends(left)) => {
                (left / 2, "it cannot be renewed beyond its end; give another one under [vault] before".to_owned())
            }
            Err(error) => (RETRY_AFTER, error.to_string()),
        }
    }

    async fn ask_token<T: serde::de::DeserializeOwned>(&self, method: Method, what: &str) -> Result<T, Error> {
        let posts = method == Method::POST;
        let request = self.request(method, &format!("auth/token/{what}"))?;
        let request = if posts { request.json(&json!({}))? } else { request };
        let (status, body) = self.answer(request).await?;
        match status {
            200 => serde_json::from_slice(&body)
                .map_err(|_| Error::Contract { what: format!("the Vault's answer to {what} is none of a token") }),
            400 | 403 => Err(Error::Credentials {
                field: "vault.token".to_owned(),
                reason: format!(
                    "the Vault does not let the token do {what} (it answers {status}); give a good one, with the policy `default`"
                ),
            }),
            _ => Err(Error::Transient { said: format!("the Vault answers {status}") }),
        }
    }
}

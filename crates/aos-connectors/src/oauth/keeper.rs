//! An access token that works, whenever one is needed: renewed before it ends or when the vendor refuses it, by one process at a time.
//!
//! Renewing twice at once loses the account with vendors that exchange the refresh token at every use. So who wants to renew asks the
//! store for the right first, and keeps the outcome by compare-and-swap; the others wait for it. A failure changes a grant's state and
//! removes nothing: each state but `Valid` is tried again after a while, should the vendor have erred.

use super::assertion::{Claims, SigningKey};
use super::provider::{Application, Provider};
use super::refusal::Refusal;
use super::token::{self, Exchange};
use crate::context::{Context, Secret};
use crate::error::Error;
use crate::grant::{Grant, GrantState, GrantStore};
use aos_core::Clock;
use aos_net::Client;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Duration;

/// A token is renewed this long before it ends, so that it does not end on the way.
const AHEAD: Duration = Duration::from_secs(60);
/// How often one who waits for another's renewal looks, and how often at most.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS_MAX: u32 = 900;
/// Refusals of the moment that one who needs a token takes.
const FAILURES_MAX: u32 = 8;
/// When a grant in trouble is tried again, nobody having done anything about it.
const TRANSIENT_WAIT: Duration = Duration::from_millis(300);
const PERMANENT_WAIT: Duration = Duration::from_secs(10 * 60);
const REVOKED_WAIT: Duration = Duration::from_secs(60 * 60);

/// How a new access token is come by.
#[derive(Debug, Clone)]
pub enum Source {
    /// By the refresh token of the kept grant.
    Refresh,
    /// By the application alone.
    ClientCredentials { scope: String },
    /// By an assertion signed with the application's key.
    Assertion { key: SigningKey, claims: Claims },
}

/// A token as it is used now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    pub token: Secret,
    /// Where the account's API lives, when the token endpoint told.
    pub api_base: Option<String>,
    /// When it is to be asked for again.
    pub renew_at: Option<DateTime<Utc>>,
}

/// Keeps one connection's grant usable. Cloning it is cheap and gives the same keeper.
#[derive(Clone)]
pub struct Keeper {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    clock: Clock,
    provider: Provider,
    application: Application,
    source: Source,
    store: Arc<dyn GrantStore>,
}

impl Keeper {
    pub fn new(
        context: &Context,
        provider: Provider,
        application: Application,
        source: Source,
        store: Arc<dyn GrantStore>,
    ) -> Self {
        let (client, clock) = (context.net.clone(), context.clock.clone());
        Self { shared: Arc::new(Shared { client, clock, provider, application, source, store }) }
    }

    /// Returns a token that is neither about to end nor `refused`, renewing it when needed.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when the grant is missing, revoked or not for us, [`Error::Transient`] when the vendor cannot renew it now.
    pub async fn access(&self, refused: Option<&Secret>) -> Result<Access, Error> {
        let mut failures = 0;
        for _ in 0..LOOKS_MAX {
            match self.step(refused).await {
                Ok(Some(access)) => return Ok(access),
                Ok(None) => tokio::time::sleep(LOOK_EVERY).await,
                // What a token endpoint cannot do now it can in a moment, as a rule.
                Err(Error::Transient { .. }) if failures < FAILURES_MAX => {
                    failures += 1;
                    tokio::time::sleep(TRANSIENT_WAIT * failures).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(stuck())
    }

    /// Looks at the kept grant, and renews it if that is ours to do; nothing when another process does.
    async fn step(&self, refused: Option<&Secret>) -> Result<Option<Access>, Error> {
        let (grant, access) = self.shared.usable(refused).await?;
        if access.is_some() {
            return Ok(access);
        }
        // Before the right is taken: who has nothing to renew with keeps nobody from renewing.
        if matches!(self.shared.source, Source::Refresh) {
            refresh_token(grant.as_ref())?;
        }
        // Refused also when another process has renewed it between our look and our turn; the next look finds what that one brought.
        if !self.shared.store.may_renew(grant.as_ref().map_or(0, |grant| grant.version)).await? {
            return Ok(None);
        }
        // Goes on when the caller is cancelled: a refresh token that was exchanged and not kept is lost.
        let shared = self.shared.clone();
        let renewing = tokio::spawn(async move { shared.renew(grant).await });
        renewing.await.unwrap_or_else(|_| Err(stuck()))?;
        Ok(self.shared.usable(refused).await?.1)
    }
}

fn stuck() -> Error {
    Error::Transient { said: "the token is not renewed in time".to_owned() }
}

impl Shared {
    /// Looks at the kept grant, and makes an access of it when there is one in it.
    async fn usable(&self, refused: Option<&Secret>) -> Result<(Option<Grant>, Option<Access>), Error> {
        let now = self.clock.now();
        let grant = self.store.load().await?;
        let Some(kept) = &grant else {
            return match self.source {
                Source::Refresh => Err(Error::Unauthorized {
                    said: "the account is not connected yet; let its owner authorise the connection".to_owned(),
                }),
                _ => Ok((None, None)),
            };
        };
        let resting = kept.changed_at + rest(kept.state);
        if kept.state != GrantState::Valid && resting > now {
            return Err(self.known_trouble(kept, resting));
        }
        let ends = kept.expires_at.is_some_and(|at| at <= now + AHEAD);
        let token = kept.access_token.clone().filter(|token| Some(token) != refused && !ends);
        let access = match token {
            Some(token) if kept.state == GrantState::Valid => {
                Some(Access { token, api_base: kept.api_base.clone(), renew_at: kept.expires_at.map(|at| at - AHEAD) })
            }
            _ => None,
        };
        Ok((grant, access))
    }

    fn known_trouble(&self, grant: &Grant, until: DateTime<Utc>) -> Error {
        let (vendor, why) = (self.provider.vendor, grant.message.clone());
        let refusal = match grant.state {
            GrantState::Revoked => Refusal::Revoked { vendor, why },
            GrantState::Permanent => Refusal::Permanent { vendor, why },
            GrantState::Transient | GrantState::Valid => {
                let retry_after = (until - self.clock.now()).to_std().ok();
                Refusal::Transient { vendor, why, retry_after }
            }
        };
        refusal.into()
    }

    /// Asks for a new token and keeps what comes of it. A grant that somebody else has changed meanwhile is left as it is.
    async fn renew(&self, before: Option<Grant>) -> Result<(), Error> {
        let exchange =
            match &self.source {
                Source::Refresh => Exchange::RefreshToken(refresh_token(before.as_ref())?),
                Source::ClientCredentials { scope } => Exchange::ClientCredentials { scope: scope.clone() },
                Source::Assertion { key, claims } => {
                    let signed = key.assertion(claims, self.clock.now());
                    Exchange::Assertion(Secret::new(signed.map_err(|error| Error::Config {
                        field: "private_key".to_owned(),
                        reason: error.to_string(),
                    })?))
                }
            };
        let answer = token::request(&self.client, &self.clock, &self.provider, &self.application, &exchange).await;
        let version = before.as_ref().map_or(0, |grant| grant.version);
        let now = self.clock.now();
        match answer {
            Ok(tokens) => {
                // Somebody faster has brought a token too, and theirs is the one that is kept.
                self.store.replace(version, &tokens.into_grant(before, now)).await?;
                Ok(())
            }
            Err(refusal) => {
                let failed = failed(before, &refusal, now);
                // Nobody else has touched it, so the refusal is about the grant as it is.
                if self.store.replace(version, &failed).await? { Err(refusal.into()) } else { Ok(()) }
            }
        }
    }
}

fn refresh_token(grant: Option<&Grant>) -> Result<Secret, Error> {
    let token = grant.and_then(|grant| grant.refresh_token.clone());
    token.ok_or_else(|| Error::Unauthorized {
        said: "the vendor gave no refresh token; connect the account again and allow offline access".to_owned(),
    })
}

/// The grant with the state that a refusal brings it into, its tokens as they were.
fn failed(before: Option<Grant>, refusal: &Refusal, now: DateTime<Utc>) -> Grant {
    let nothing = || Grant {
        version: 0,
        state: GrantState::Valid,
        access_token: None,
        refresh_token: None,
        expires_at: None,
        scopes: Vec::new(),
        api_base: None,
        message: String::new(),
        changed_at: now,
    };
    let before = before.unwrap_or_else(nothing);
    Grant { state: refusal.state(), message: refusal.why().to_owned(), changed_at: now, ..before }
}

fn rest(state: GrantState) -> Duration {
    match state {
        GrantState::Valid => Duration::ZERO,
        GrantState::Transient => TRANSIENT_WAIT,
        GrantState::Permanent => PERMANENT_WAIT,
        GrantState::Revoked => REVOKED_WAIT,
    }
}

//! Slows down guessing: attempts are counted per account and per address, before anything costly is done for them. The broker
//! counts first, which is cheap; the store counts what is let through, so that an emptied broker forgives nobody.

use crate::auth::opaque;
use crate::middleware::address::ClientAddress;
use crate::problem::Problem;
use crate::state::App;
use aos_core::UserId;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::Duration;
use std::convert::Infallible;

/// Registrations that one of an address that is taken counts as.
const TAKEN_COUNTS_AS: u32 = 4;

/// Where a request comes from, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller(ClientAddress);

/// A sign-in that was let through to the password.
pub struct Attempt {
    account: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<ClientAddress>().copied().unwrap_or(ClientAddress(None))))
    }
}

impl Caller {
    fn name(&self) -> String {
        self.0.name()
    }
}

/// Counts an attempt to sign in, and refuses it when there were too many of them.
pub async fn sign_in(app: &App, caller: &Caller, email: &str) -> Result<Attempt, Problem> {
    let limits = &app.settings.throttle;
    let account = format!("sign_in:account:{}", fingerprint(email));
    count(app, &format!("sign_in:address:{}", caller.name()), limits.attempts_per_address_max).await?;
    count(app, &account, limits.attempts_per_account_max).await?;
    Ok(Attempt { account })
}

/// Counts an attempt of someone who is signed in to prove their password again.
pub async fn password(app: &App, user: UserId) -> Result<Attempt, Problem> {
    let account = format!("password:user:{user}");
    count(app, &account, app.settings.throttle.attempts_per_account_max).await?;
    Ok(Attempt { account })
}

/// Counts what someone who is not signed in asks of an invitation or a provider.
pub async fn joining(app: &App, caller: &Caller) -> Result<(), Problem> {
    count(app, &format!("join:address:{}", caller.name()), app.settings.throttle.attempts_per_address_max).await
}

/// Counts a try to register an address that is taken as several, so that nobody finds out about many of them.
pub async fn taken(app: &App, caller: &Caller) -> Result<(), Problem> {
    for _ in 1..TAKEN_COUNTS_AS {
        registration(app, caller).await?;
    }
    Ok(())
}

/// Counts a registration, and refuses it when there were too many from this address.
pub async fn registration(app: &App, caller: &Caller) -> Result<(), Problem> {
    let max = app.settings.throttle.registrations_per_address_max;
    count(app, &format!("register:address:{}", caller.name()), max).await
}

/// Counts a program that registers itself, and refuses it when there were too many from this address.
pub async fn program(app: &App, caller: &Caller) -> Result<(), Problem> {
    let max = app.settings.throttle.registrations_per_address_max;
    count(app, &format!("program:address:{}", caller.name()), max).await
}

impl Attempt {
    /// Forgets the account's failures; the address's stay, or one known password would open the way to guess others.
    pub async fn succeeded(self, app: &App) -> Result<(), Problem> {
        app.broker.system().reset(&self.account).await;
        let (store, bucket) = (app.store.clone(), opaque::digest(&self.account));
        Ok(aos_store::apart(async move { store.system().forget_attempts(&bucket).await }).await?)
    }
}

async fn count(app: &App, key: &str, max: u64) -> Result<(), Problem> {
    let window = app.settings.throttle.window;
    let refused = |seconds| Err(Problem::too_many("too_many_attempts", "there were too many attempts", seconds));
    if app.broker.system().count(key, window).await > max {
        return refused(window.as_secs());
    }
    let kept = Duration::from_std(window).unwrap_or(Duration::days(1));
    // An attempt counts whatever becomes of the request, and what follows it is slow and must hold no transaction open.
    let (store, bucket) = (app.store.clone(), opaque::digest(key));
    let counted = aos_store::apart(async move { store.system().count_attempt(&bucket, kept).await });
    let (attempts, until) = counted.await?;
    if attempts <= max {
        return Ok(());
    }
    refused((until - app.clock.now()).to_std().unwrap_or_default().as_secs())
}

/// Stands for an e-mail address in counters, which are kept where others may read them, and whatever its length.
fn fingerprint(email: &str) -> String {
    opaque::digest(&email.trim().to_lowercase())
}

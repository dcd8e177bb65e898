//! Slows down guessing: attempts are counted per account and per address, before anything costly is done for them.

use crate::problem::Problem;
use crate::state::App;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Where a request comes from, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller(Option<IpAddr>);

/// A sign-in that was let through to the password.
pub struct Attempt {
    account: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    /// Reads the peer of the connection. Headers that claim another address are not believed.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())))
    }
}

impl Caller {
    /// Names the caller in counters. An IPv6 caller owns a whole /64, so that is what counts.
    fn name(&self) -> String {
        match self.0.map(|address| address.to_canonical()) {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).to_string(),
        }
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

/// Counts a registration, and refuses it when there were too many from this address.
pub async fn registration(app: &App, caller: &Caller) -> Result<(), Problem> {
    let max = app.settings.throttle.registrations_per_address_max;
    count(app, &format!("register:address:{}", caller.name()), max).await
}

impl Attempt {
    /// Forgets the account's failures; the address's stay, or one known password would open the way to guess others.
    pub async fn succeeded(self, app: &App) {
        app.broker.system().reset(&self.account).await;
    }
}

async fn count(app: &App, key: &str, max: u64) -> Result<(), Problem> {
    let window = app.settings.throttle.window;
    if app.broker.system().count(key, window).await <= max {
        return Ok(());
    }
    Err(Problem::too_many("too_many_attempts", "there were too many attempts", window.as_secs()))
}

/// Stands for an e-mail address in counters, which are kept where others may read them, and whatever its length.
fn fingerprint(email: &str) -> String {
    let digest = Sha256::digest(email.trim().to_lowercase().as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(address: &str) -> String {
        Caller(Some(address.parse().unwrap())).name()
    }

    #[test]
    fn callers_are_told_apart_by_what_they_own() {
        assert_eq!(name("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(name("2001:db8:1:2:3:4:5:6"), name("2001:db8:1:2::1"));
        assert_ne!(name("2001:db8:1:2::1"), name("2001:db8:1:3::1"));
    }
}

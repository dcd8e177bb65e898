//! Who may call: OAuth 2.0 grants as RFC 6749, 7523 and 7636 describe them, and tokens that do not expire. Each vendor puts its own
//! paths and words around it.

mod assertion;

use crate::random::Random;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Codes and tokens that are given out are forgotten when there are more, oldest use first.
const GIVEN_MAX: usize = 10_000;

/// What a caller must know. The defaults are no secrets: a simulator holds invented records and listens on this machine only.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: String,
    pub username: String,
    pub password: String,
    /// A refresh token that somebody has got by consenting before.
    pub refresh_token: String,
    /// A token that does not expire, where the vendor has such.
    pub static_token: String,
    /// The public key, as PEM, of who may sign assertions (JWT bearer grant); none lets nobody.
    pub assertion_key: Option<String>,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            client_id: "simulator-client".to_owned(),
            client_secret: "simulator-secret".to_owned(),
            username: "simulator@example.com".to_owned(),
            password: "simulator-password".to_owned(),
            refresh_token: "simulator-refresh".to_owned(),
            static_token: "simulator-token".to_owned(),
            assertion_key: None,
        }
    }
}

/// Why a token does not open the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Missing,
    Unknown,
    Expired,
}

/// Why no token is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    Client,
    /// The refresh token, code, password or assertion is not good, or the grant was revoked.
    Grant,
    Unsupported,
}

#[derive(Debug, Clone)]
pub struct Granted {
    pub access_token: String,
    pub refresh_token: String,
    pub expires_in_s: i64,
}

/// What a token endpoint was sent: form members, or JSON, and the client's name and secret wherever they stand.
pub type Form = HashMap<String, String>;

#[derive(Debug)]
pub struct Auth {
    pub credentials: Credentials,
    /// How long an access token is good for, in milliseconds.
    ttl_ms: i64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: Random,
    /// When each access token that was given out expires.
    tokens: HashMap<String, i64>,
    /// The challenge that each code was asked for with.
    codes: HashMap<String, Option<String>>,
    revoked: bool,
    granted: u64,
}

impl Auth {
    pub fn new(seed: u64, credentials: Credentials, ttl_s: u32) -> Self {
        let random = Random::new(seed, "tokens");
        let state = State { random, tokens: HashMap::new(), codes: HashMap::new(), revoked: false, granted: 0 };
        Self { credentials, ttl_ms: i64::from(ttl_s) * 1000, state: Mutex::new(state) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether an access token of ours is good now.
    pub fn check(&self, token: Option<&str>, now_ms: i64) -> Result<(), Refusal> {
        let token = token.filter(|token| !token.is_empty()).ok_or(Refusal::Missing)?;
        match self.state().tokens.get(token) {
            Some(until) if *until > now_ms => Ok(()),
            Some(_) => Err(Refusal::Expired),
            None => Err(Refusal::Unknown),
        }
    }

    pub fn is_static(&self, token: &str) -> bool {
        token == self.credentials.static_token
    }

    pub fn expire(&self, token: &str) {
        if let Some(until) = self.state().tokens.get_mut(token) {
            *until = i64::MIN;
        }
    }

    pub fn expire_all(&self) {
        self.state().tokens.values_mut().for_each(|until| *until = i64::MIN);
    }

    /// Takes the consent back: no token is good, and no refresh works any more.
    pub fn revoke(&self) {
        self.expire_all();
        self.state().revoked = true;
    }

    /// Gives a grant back by one of its tokens; says whether it was one.
    pub fn give_back(&self, token: &str) -> bool {
        let known = token == self.credentials.refresh_token || self.state().tokens.contains_key(token);
        if known {
            self.revoke();
        }
        known
    }

    /// Whether the consent was taken back, or given back.
    pub fn is_revoked(&self) -> bool {
        self.state().revoked
    }

    /// How many access tokens were granted; who shares one refreshes it once.
    pub fn granted(&self) -> u64 {
        self.state().granted
    }

    /// Gives a code to whoever asked for consent; the simulated person always consents.
    pub fn consent(&self, challenge: Option<String>) -> String {
        let mut state = self.state();
        let code = secret(&mut state.random, "code");
        if state.codes.len() >= GIVEN_MAX {
            state.codes.clear();
        }
        state.codes.insert(code.clone(), challenge);
        code
    }

    /// Answers a token endpoint.
    pub fn grant(&self, form: &Form, now_ms: i64) -> Result<Granted, Denied> {
        let given = |name: &str| form.get(name).map_or("", String::as_str);
        let kind = given("grant_type");
        // An assertion proves the client, and a public client that uses a challenge has no secret.
        let proves_itself = kind == assertion::GRANT_TYPE || !given("code_verifier").is_empty();
        let secret_is_good = given("client_secret") == self.credentials.client_secret
            || (proves_itself && given("client_secret").is_empty());
        if kind != assertion::GRANT_TYPE && (given("client_id") != self.credentials.client_id || !secret_is_good) {
            return Err(Denied::Client);
        }
        let good = match kind {
            "refresh_token" => given("refresh_token") == self.credentials.refresh_token,
            "client_credentials" => true,
            "password" => {
                given("username") == self.credentials.username && given("password") == self.credentials.password
            }
            "authorization_code" => self.take_code(given("code"), given("code_verifier")),
            assertion::GRANT_TYPE => assertion::is_good(given("assertion"), &self.credentials, now_ms),
            _ => return Err(Denied::Unsupported),
        };
        let mut state = self.state();
        if !good || state.revoked {
            return Err(Denied::Grant);
        }
        if state.tokens.len() >= GIVEN_MAX {
            state.tokens.clear();
        }
        let access_token = secret(&mut state.random, "access");
        state.granted += 1;
        state.tokens.insert(access_token.clone(), now_ms + self.ttl_ms);
        let refresh_token = self.credentials.refresh_token.clone();
        Ok(Granted { access_token, refresh_token, expires_in_s: self.ttl_ms / 1000 })
    }

    /// A code is good once, and only together with the verifier of its challenge (RFC 7636, `S256`).
    fn take_code(&self, code: &str, verifier: &str) -> bool {
        match self.state().codes.remove(code) {
            Some(Some(challenge)) => {
                let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
                URL_SAFE_NO_PAD.encode(digest) == challenge
            }
            Some(None) => true,
            None => false,
        }
    }
}

fn secret(random: &mut Random, what: &str) -> String {
    format!("{what}-{:016x}{:016x}", random.next(), random.next())
}

/// Reads `Authorization: Basic`.
pub fn basic(header: &str) -> Option<(String, String)> {
    let decoded = STANDARD.decode(header.strip_prefix("Basic ")?.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (name, secret) = text.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

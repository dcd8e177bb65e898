//! The keys that sign access tokens and tickets: JWTs with HS256 and nothing else. There are several at a time: one signs, and those
//! before it verify what they signed until it has ended.

use crate::auth::token::{Audience, Claims, ISSUER};
use crate::problem::Problem;
use aos_core::vault::Secret;
use aos_store::{Store, TokenKey};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError, RwLock};

pub const SECRET_BYTES_MIN: usize = 32;
/// A new key verifies at once and signs after this time, when every process has read it.
const SETTLES_IN: Duration = Duration::seconds(60);
/// How often processes read the keys.
pub(crate) const RELOAD_EVERY: std::time::Duration = std::time::Duration::from_secs(20);

/// The keys that sign and check tokens. Cloning gives the same keys.
#[derive(Clone)]
pub struct JwtKeys {
    keys: Arc<RwLock<Arc<Vec<Key>>>>,
    /// Where they are kept; none for a key that was given.
    store: Option<Store>,
}

struct Key {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    signs_from: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
}

/// What may be told about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNote {
    /// As it stands in the header of the tokens that it signed.
    pub kid: String,
    pub signs_from: DateTime<Utc>,
    /// When it stops verifying; none for a key that signs or is about to.
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the signing secret has {0} bytes; at least {SECRET_BYTES_MIN} are needed")]
pub struct SecretTooShort(usize);

impl JwtKeys {
    /// Takes a key that is the only one and is never changed.
    pub fn new(secret: &[u8]) -> Result<Self, SecretTooShort> {
        let key = Key::new(secret, DateTime::<Utc>::MIN_UTC, None)?;
        Ok(Self { keys: Arc::new(RwLock::new(Arc::new(vec![key]))), store: None })
    }

    /// Reads the keys of the installation, which all its processes share. Where there are none yet, the first one is made.
    pub async fn stored(store: &Store) -> Result<Self, aos_store::Error> {
        let keys = read(store).await?;
        Ok(Self { keys: Arc::new(RwLock::new(Arc::new(keys))), store: Some(store.clone()) })
    }

    /// Lets a new key sign, from a minute on. The ones before verify what they signed, which ends within `longest_ttl`; with
    /// `forget_old` they stop at once, and so does every access token, at the latest when processes read the keys again.
    pub async fn rotate(
        store: &Store,
        longest_ttl: std::time::Duration,
        forget_old: bool,
    ) -> Result<Vec<KeyNote>, aos_store::Error> {
        let now = store.clock().now();
        let ttl = Duration::from_std(longest_ttl).unwrap_or(Duration::days(1));
        let (signs_from, old_ends) =
            if forget_old { (now, now) } else { (now + SETTLES_IN, now + SETTLES_IN + SETTLES_IN + ttl) };
        let new = TokenKey { secret: random_secret(), signs_from, expires_at: None };
        let keys = store.system().rotate_token_keys(new, old_ends).await?;
        Ok(notes(&parsed(keys)))
    }

    /// Lists the keys of the installation.
    pub async fn list(store: &Store) -> Result<Vec<KeyNote>, aos_store::Error> {
        Ok(notes(&read(store).await?))
    }

    /// Reads the keys again; those in use stay when that fails.
    pub(crate) async fn reload(&self) {
        let Some(store) = &self.store else { return };
        match read(store).await {
            Ok(keys) => *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys),
            Err(error) => tracing::warn!(%error, "the token keys cannot be read, so the ones known go on: {error}"),
        }
    }

    pub(crate) fn sign(&self, claims: &Claims) -> String {
        let keys = self.known();
        // Until the newest is settled, the one before it signs, although its end is set.
        let settled = keys.iter().find(|key| key.signs_from.timestamp() <= claims.iat);
        let key = settled.or(keys.last()).expect("there is always a key: `new` takes one and `read` makes one");
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, claims, &key.encoding).expect("claims are JSON and an HMAC takes any key")
    }

    /// Returns the claims of a token that we signed for this purpose and that has not expired.
    pub(crate) fn verify(&self, token: &str, audience: Audience<'_>, now: DateTime<Utc>) -> Result<Claims, Problem> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid())?;
        let keys = self.known();
        let good = |key: &&Key| key.expires_at.is_none_or(|end| end > now);
        let key = keys.iter().filter(good).find(|key| header.kid.as_deref() == Some(key.kid.as_str()));
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&[audience.as_str()]);
        rules.set_issuer(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Expiry is checked below, against the system's one clock.
        rules.validate_exp = false;
        let key = &key.ok_or_else(invalid)?.decoding;
        let token = jsonwebtoken::decode::<Claims>(token, key, &rules).map_err(|_| invalid())?;
        if token.claims.exp <= now.timestamp() {
            return Err(expired());
        }
        Ok(token.claims)
    }

    fn known(&self) -> Arc<Vec<Key>> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Key {
    fn new(
        secret: &[u8],
        signs_from: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<Self, SecretTooShort> {
        if secret.len() < SECRET_BYTES_MIN {
            return Err(SecretTooShort(secret.len()));
        }
        let digest = Sha256::new().chain_update(b"key id").chain_update(secret).finalize();
        let kid = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let (encoding, decoding) = (EncodingKey::from_secret(secret), DecodingKey::from_secret(secret));
        Ok(Self { kid, encoding, decoding, signs_from, expires_at })
    }
}

async fn read(store: &Store) -> Result<Vec<Key>, aos_store::Error> {
    let first = TokenKey { secret: random_secret(), signs_from: store.clock().now(), expires_at: None };
    Ok(parsed(store.system().token_keys(first).await?))
}

fn parsed(keys: Vec<TokenKey>) -> Vec<Key> {
    let parse = |key: TokenKey| Key::new(key.secret.expose(), key.signs_from, key.expires_at);
    keys.into_iter().filter_map(|key| parse(key).ok()).collect()
}

fn notes(keys: &[Key]) -> Vec<KeyNote> {
    let note = |key: &Key| KeyNote { kid: key.kid.clone(), signs_from: key.signs_from, expires_at: key.expires_at };
    keys.iter().map(note).collect()
}

fn random_secret() -> Secret {
    let mut bytes = [0; SECRET_BYTES_MIN];
    rand::fill(&mut bytes);
    Secret::new(bytes)
}

fn invalid() -> Problem {
    Problem::unauthorized("invalid_token", "the token is not one that this server gave out", "sign in again")
}

fn expired() -> Problem {
    Problem::unauthorized(
        "token_expired",
        "the token has expired",
        "get a new one with POST /api/v1/auth/refresh, or sign in again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_core::tenant::Principal;
    use aos_core::{Role, TenantId, UserId};
    use uuid::Uuid;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn claims(audience: Audience<'_>) -> Claims {
        Claims {
            iss: ISSUER.to_owned(),
            aud: audience.as_str().to_owned(),
            sub: Principal::User(UserId::new()),
            tenant: TenantId::new(),
            role: Role::Member,
            sid: Uuid::new_v4(),
            jti: Uuid::new_v4(),
            once: None,
            iat: now().timestamp(),
            exp: now().timestamp() + 60,
        }
    }

    fn ring(keys: Vec<Key>) -> JwtKeys {
        JwtKeys { keys: Arc::new(RwLock::new(Arc::new(keys))), store: None }
    }

    #[test]
    fn claims_come_back_as_they_were_signed() {
        let (keys, claims) = (JwtKeys::new(&[7; 32]).unwrap(), claims(Audience::Api));
        assert_eq!(keys.verify(&keys.sign(&claims), Audience::Api, now()).unwrap(), claims);
    }

    #[test]
    fn a_token_is_good_for_its_purpose_and_its_time_only() {
        let keys = JwtKeys::new(&[7; 32]).unwrap();
        let token = keys.sign(&claims(Audience::WebSocket));
        assert_eq!(keys.verify(&token, Audience::Api, now()).unwrap_err().code(), "invalid_token");
        let late = now() + Duration::seconds(60);
        assert_eq!(keys.verify(&token, Audience::WebSocket, late).unwrap_err().code(), "token_expired");
    }

    #[test]
    fn a_token_of_another_key_is_refused() {
        let token = JwtKeys::new(&[8; 32]).unwrap().sign(&claims(Audience::Api));
        let refused = JwtKeys::new(&[7; 32]).unwrap().verify(&token, Audience::Api, now());
        assert_eq!(refused.unwrap_err().code(), "invalid_token");
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(JwtKeys::new(&[7; 31]).is_err());
    }

    #[test]
    fn a_new_key_verifies_before_it_signs_and_the_old_one_after_it_signed() {
        let (minute, hour) = (Duration::minutes(1), Duration::hours(1));
        let old = || Key::new(&[1; 32], now() - hour, Some(now() + hour)).unwrap();
        let new = || Key::new(&[2; 32], now() + minute, None).unwrap();
        let (both, new_alone) = (ring(vec![new(), old()]), ring(vec![new()]));
        let early = both.sign(&claims(Audience::Api));
        assert!(
            new_alone.verify(&early, Audience::Api, now()).is_err(),
            "the old key signs until the new one is settled"
        );
        assert!(both.verify(&early, Audience::Api, now()).is_ok());
        let mut later = claims(Audience::Api);
        (later.iat, later.exp) = ((now() + minute).timestamp(), (now() + hour * 2).timestamp());
        let late = both.sign(&later);
        assert!(new_alone.verify(&late, Audience::Api, now() + minute).is_ok());
        assert!(both.verify(&early, Audience::Api, now() + hour).is_err(), "the old key's time is over");
    }
}

//! Access tokens and WebSocket tickets: JWTs signed with HS256 and nothing else. Whether the session behind one still stands is
//! asked in `session.rs`.

use crate::problem::Problem;
use aos_core::{Role, TenantId, UserId};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

pub const ISSUER: &str = "autonomos";
pub const SECRET_BYTES_MIN: usize = 32;

/// The keys that sign and check tokens.
#[derive(Clone)]
pub struct JwtKeys {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

#[derive(Debug, thiserror::Error)]
#[error("the signing secret has {0} bytes; at least {SECRET_BYTES_MIN} are needed; delete it to have a new one made")]
pub struct SecretTooShort(usize);

/// What a token is for; a token for one thing is no use for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Api,
    WebSocket,
}

impl Audience {
    fn as_str(self) -> &'static str {
        match self {
            Self::Api => "autonomos-api",
            Self::WebSocket => "autonomos-ws",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: UserId,
    pub tenant: TenantId,
    pub role: Role,
    /// Names the session; a ticket carries the name of the session that asked for it.
    pub jti: Uuid,
    /// What the broker takes, once, for a ticket; access tokens have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<String>,
    pub iat: i64,
    pub exp: i64,
    /// When the session ends; later than `exp` in a ticket.
    pub session_exp: i64,
}

impl JwtKeys {
    pub fn new(secret: &[u8]) -> Result<Self, SecretTooShort> {
        if secret.len() < SECRET_BYTES_MIN {
            return Err(SecretTooShort(secret.len()));
        }
        let digest = Sha256::new().chain_update(b"key id").chain_update(secret).finalize();
        let kid = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { kid, encoding: EncodingKey::from_secret(secret), decoding: DecodingKey::from_secret(secret) })
    }

    pub fn sign(&self, claims: &Claims) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, claims, &self.encoding).expect("claims are JSON and an HMAC takes any key")
    }

    /// Returns the claims of a token that we signed for this purpose and that has not expired.
    pub fn verify(&self, token: &str, audience: Audience, now: DateTime<Utc>) -> Result<Claims, Problem> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&[audience.as_str()]);
        rules.set_issuer(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Expiry is checked below, against the system's one clock.
        rules.validate_exp = false;
        let token = jsonwebtoken::decode::<Claims>(token, &self.decoding, &rules).map_err(|_| invalid())?;
        if token.header.kid.as_deref() != Some(self.kid.as_str()) {
            return Err(invalid());
        }
        if token.claims.exp <= now.timestamp() {
            return Err(expired());
        }
        Ok(token.claims)
    }
}

impl Claims {
    pub fn new(
        audience: Audience,
        user: UserId,
        tenant: TenantId,
        role: Role,
        now: DateTime<Utc>,
        ttl: Duration,
    ) -> Self {
        let iat = now.timestamp();
        let exp = iat.saturating_add_unsigned(ttl.as_secs());
        Self {
            iss: ISSUER.to_owned(),
            aud: audience.as_str().to_owned(),
            sub: user,
            tenant,
            role,
            jti: Uuid::new_v4(),
            once: None,
            iat,
            exp,
            session_exp: exp,
        }
    }

    pub fn session_expires_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.session_exp, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

fn invalid() -> Problem {
    Problem::unauthorized(
        "invalid_token",
        "the token is not one this server gave out for this purpose",
        "sign in again",
    )
}

fn expired() -> Problem {
    Problem::unauthorized("token_expired", "the token has expired", "sign in again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn claims(audience: Audience) -> Claims {
        Claims::new(audience, UserId::new(), TenantId::new(), Role::Owner, now(), Duration::from_secs(60))
    }

    #[test]
    fn a_token_is_good_for_its_purpose_until_it_expires() {
        let keys = JwtKeys::new(&[7; 32]).unwrap();
        let claims = claims(Audience::Api);
        let token = keys.sign(&claims);
        assert_eq!(keys.verify(&token, Audience::Api, now()).unwrap(), claims);
        assert_eq!(keys.verify(&token, Audience::WebSocket, now()).unwrap_err().code(), "invalid_token");
        let later = now() + chrono::Duration::seconds(60);
        assert_eq!(keys.verify(&token, Audience::Api, later).unwrap_err().code(), "token_expired");
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
}

//! What access tokens and tickets say. They are signed in `signing.rs`; whether what they name still stands is asked in
//! `middleware/auth.rs`.

use aos_core::tenant::{Principal, UnknownPrincipal};
use aos_core::{Role, TenantId, TenantScope};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

pub const ISSUER: &str = "autonomos";

/// What a token is for; a token for one thing is no use for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience<'a> {
    Api,
    WebSocket,
    /// A program that acts for somebody, at this one address (RFC 8707).
    Program(&'a str),
}

impl<'a> Audience<'a> {
    pub fn as_str(self) -> &'a str {
        match self {
            Self::Api => "autonomos-api",
            Self::WebSocket => "autonomos-ws",
            Self::Program(resource) => resource,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// Who it is: `user:<id>` or `key:<id>`.
    #[serde(with = "as_text")]
    pub sub: Principal,
    pub tenant: TenantId,
    pub role: Role,
    /// Names the session, or the API key, that the token was given to.
    pub sid: Uuid,
    /// Names the token.
    pub jti: Uuid,
    /// What the broker takes, once, for a ticket; access tokens have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<String>,
    pub iat: i64,
    pub exp: i64,
}

impl Claims {
    /// Says that this is someone, for so long.
    pub fn new(audience: Audience<'_>, who: &TenantScope, sid: Uuid, now: DateTime<Utc>, ttl: Duration) -> Self {
        let iat = now.timestamp();
        Self {
            iss: ISSUER.to_owned(),
            aud: audience.as_str().to_owned(),
            sub: who.principal(),
            tenant: who.tenant_id(),
            role: who.role(),
            sid,
            jti: Uuid::new_v4(),
            once: None,
            iat,
            exp: iat.saturating_add_unsigned(ttl.as_secs()),
        }
    }
}

mod as_text {
    use super::{Principal, UnknownPrincipal};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(who: &Principal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(who)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Principal, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|error: UnknownPrincipal| D::Error::custom(error))
    }
}

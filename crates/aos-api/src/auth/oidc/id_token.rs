//! The ID token: who a provider says someone is. Its signature is checked with the provider's public keys and with algorithms that we
//! name, never with one that the token chooses for itself among secrets.

use super::OidcError;
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::{Deserialize, Deserializer};

const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
/// How far the provider's clock may be off.
const LEEWAY_S: i64 = 60;

/// What a token must say.
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    pub now: DateTime<Utc>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct IdClaims {
    pub sub: String,
    /// How many applications it was made for.
    #[serde(rename = "aud", deserialize_with = "how_many")]
    audiences: usize,
    #[serde(default)]
    azp: Option<String>,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(flatten)]
    pub profile: Profile,
}

/// What a provider tells of someone, in the ID token or when it is asked.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Profile {
    #[serde(default)]
    pub email: Option<String>,
    /// Some providers write it as text.
    #[serde(default, deserialize_with = "boolean")]
    pub email_verified: bool,
    #[serde(default)]
    pub name: Option<String>,
}

/// Returns the key that a token names, before it is looked up.
pub fn key_id(token: &str) -> Result<Header, OidcError> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| OidcError::IdToken("it is no token"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(OidcError::IdToken("its algorithm is not one of RS256, PS256, ES256 and EdDSA"));
    }
    Ok(header)
}

/// Checks a token (OpenID Connect Core 1.0, section 3.1.3.7) and returns what it says.
pub fn verify(token: &str, header: &Header, keys: &JwkSet, expected: &Expected<'_>) -> Result<IdClaims, OidcError> {
    let refused = |why| Err(OidcError::IdToken(why));
    let mut fitting = keys.keys.iter().filter(|key| fits(key, header));
    let (Some(key), None) = (fitting.next(), fitting.next()) else {
        return refused("no single key of the provider fits it");
    };
    let key = DecodingKey::from_jwk(key).map_err(|_| OidcError::IdToken("the provider's key cannot be read"))?;
    let mut rules = Validation::new(header.alg);
    rules.set_audience(&[expected.client_id]);
    rules.set_issuer(&[expected.issuer]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Times are checked below, against the system's one clock.
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<IdClaims>(token, &key, &rules)
        .map_err(|_| OidcError::IdToken("its signature, issuer or audience is not right"))?
        .claims;
    let now = expected.now.timestamp();
    if claims.exp <= now - LEEWAY_S || claims.iat > now + LEEWAY_S {
        return refused("it has expired, or is not good yet");
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return refused("it was made for another sign-in");
    }
    let for_us = claims.azp.as_deref().map_or(claims.audiences == 1, |party| party == expected.client_id);
    if !for_us || claims.sub.is_empty() {
        return refused("it was made for another application");
    }
    Ok(claims)
}

/// Whether a key is for signatures of this kind, and the one that is named, if one is.
fn fits(key: &Jwk, header: &Header) -> bool {
    let kind = match &key.algorithm {
        AlgorithmParameters::RSA(_) => matches!(header.alg, Algorithm::RS256 | Algorithm::PS256),
        AlgorithmParameters::EllipticCurve(_) => header.alg == Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(_) => header.alg == Algorithm::EdDSA,
        _ => false,
    };
    let named = header.kid.is_none() || key.common.key_id == header.kid;
    let signs = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    let algorithm = key.common.key_algorithm.is_none_or(|known| known.to_string() == format!("{:?}", header.alg));
    kind && named && signs && algorithm
}

fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_bool().unwrap_or(value.as_str() == Some("true")))
}

/// Counts the audiences, which are a list or one text.
fn how_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_array().map_or(1, Vec::len))
}

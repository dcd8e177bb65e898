//! Signed callbacks after the Standard Webhooks specification 1.0.0 (<https://www.standardwebhooks.com>), symmetric signatures `v1`:
//! HMAC-SHA256 over `{id}.{timestamp}.{payload}`, with every secret that is valid, so that secrets can be exchanged without a gap.

use crate::client::Client;
use crate::delivery::{self, DeadEnd, Outcome};
use crate::error::Result;
use crate::request::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::time::Duration;

const PREFIX: &str = "whsec_";
const SECRET_BYTES_MIN: usize = 24;
const SECRET_BYTES_MAX: usize = 64;
const NEW_SECRET_BYTES: usize = 32;
const ID_CHARS_MAX: usize = 256;
/// Signatures of one message that are looked at.
const SIGNATURES_MAX: usize = 16;
/// The longest payload that is sent; the specification advises to stay below 20 kB.
pub const PAYLOAD_BYTES_MAX: usize = 256 << 10;
/// How long an endpoint may take, answer included; the specification advises 15 to 30 s.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// How far the clocks of sender and receiver may be apart.
pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SignatureError {
    #[error("the secret is not base64; write it as whsec_ and base64")]
    SecretEncoding,
    #[error("the secret has {0} bytes; take {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} random bytes")]
    SecretLength(usize),
    #[error("there is no secret to sign or verify with; create one for the endpoint")]
    NoSecret,
    #[error("the message id is empty, too long or has a character other than letters, digits, '_' and '-'")]
    Id,
    #[error("the timestamp is not a number of seconds since 1970")]
    Timestamp,
    #[error("the timestamp is older than allowed; check both clocks, or have the message sent again")]
    TooOld,
    #[error("the timestamp lies in the future; check both clocks")]
    TooNew,
    #[error("no signature matches; check the secret, and that the body is verified as it was received")]
    NoMatch,
}

/// A secret that sender and receiver share. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret([hidden])")
    }
}

impl Secret {
    pub fn generate() -> Self {
        let mut secret = vec![0; NEW_SECRET_BYTES];
        rand::fill(&mut secret[..]);
        Self(secret)
    }

    /// Reads `whsec_<base64>`; the prefix may be missing.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let bytes =
            BASE64.decode(text.strip_prefix(PREFIX).unwrap_or(text)).map_err(|_| SignatureError::SecretEncoding)?;
        match bytes.len() {
            SECRET_BYTES_MIN..=SECRET_BYTES_MAX => Ok(Self(bytes)),
            length => Err(SignatureError::SecretLength(length)),
        }
    }

    /// Writes the secret as its receiver needs it. It is shown once, when it is made, and never logged.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", BASE64.encode(&self.0))
    }

    fn mac(&self, id: &str, timestamp: &str, payload: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of every length");
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", payload] {
            mac.update(part);
        }
        mac
    }
}

/// Returns the value of the header `webhook-signature`: one signature for each secret, the newest first by convention.
pub fn sign(secrets: &[Secret], id: &str, at: DateTime<Utc>, payload: &[u8]) -> Result<String, SignatureError> {
    check_id(id)?;
    if secrets.is_empty() {
        return Err(SignatureError::NoSecret);
    }
    let timestamp = at.timestamp().to_string();
    let signature = |secret: &Secret| {
        let tag = secret.mac(id, &timestamp, payload).finalize().into_bytes();
        format!("v1,{}", BASE64.encode(tag))
    };
    Ok(secrets.iter().map(signature).collect::<Vec<_>>().join(" "))
}

/// Verifies a message that was received: `timestamp` and `signatures` as they stood in their headers, the payload byte by byte.
///
/// Compares in constant time. Whether the message was seen before is the caller's to know, by its id.
pub fn verify(
    secrets: &[Secret],
    id: &str,
    timestamp: &str,
    signatures: &str,
    payload: &[u8],
    now: DateTime<Utc>,
) -> Result<(), SignatureError> {
    check_id(id)?;
    if secrets.is_empty() {
        return Err(SignatureError::NoSecret);
    }
    let at = timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let at: DateTime<Utc> = at.ok_or(SignatureError::Timestamp)?;
    if now - TOLERANCE > at {
        return Err(SignatureError::TooOld);
    }
    if now + TOLERANCE < at {
        return Err(SignatureError::TooNew);
    }
    let given = signatures.split(' ').take(SIGNATURES_MAX).filter_map(|signature| signature.strip_prefix("v1,"));
    let tags: Vec<Vec<u8>> = given.filter_map(|tag| BASE64.decode(tag).ok()).collect();
    let matches = |secret: &Secret| {
        let mac = secret.mac(id, timestamp, payload);
        tags.iter().any(|tag| mac.clone().verify_slice(tag).is_ok())
    };
    if secrets.iter().any(matches) { Ok(()) } else { Err(SignatureError::NoMatch) }
}

/// Posts a JSON payload to an endpoint, signed, once. The id stays the same for all attempts of one message, so that the receiver
/// can tell that it has it already; the timestamp is that of the attempt.
pub async fn post(client: &Client, url: &str, secrets: &[Secret], id: &str, payload: Bytes) -> Outcome {
    let dead = |reason| Outcome::Dead { end: DeadEnd::Rejected, reason };
    if payload.len() > PAYLOAD_BYTES_MAX {
        let size = payload.len();
        return dead(format!(
            "the payload has {size} bytes, the limit is {PAYLOAD_BYTES_MAX}; send less and let the receiver fetch the rest"
        ));
    }
    let at = client.clock().now();
    let signatures = match sign(secrets, id, at, &payload) {
        Ok(signatures) => signatures,
        Err(error) => return dead(error.to_string()),
    };
    match request(url, id, at, &signatures, payload) {
        Ok(request) => delivery::conclude(client.send(request).await).await,
        Err(error) => delivery::of_error(&error),
    }
}

fn request(url: &str, id: &str, at: DateTime<Utc>, signatures: &str, payload: Bytes) -> Result<Request> {
    let request = Request::post(url)?
        .header("webhook-id", id)?
        .header("webhook-timestamp", &at.timestamp().to_string())?
        .header("webhook-signature", signatures)?
        .body("application/json", payload)?;
    Ok(request.total_timeout(ANSWER_TIMEOUT))
}

// A full stop in the id could move the border between id, timestamp and payload.
fn check_id(id: &str) -> Result<(), SignatureError> {
    let allowed = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-');
    if id.is_empty() || id.len() > ID_CHARS_MAX || !id.bytes().all(allowed) {
        return Err(SignatureError::Id);
    }
    Ok(())
}

//! The JWT bearer grant (RFC 7523) with RS256: the caller proves itself by a signature, and no secret travels.

use super::Credentials;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;

pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Whether an assertion is signed with the caller's key, is about the known client and user, and has not run out.
pub fn is_good(assertion: &str, credentials: &Credentials, now_ms: i64) -> bool {
    let Some(key) = credentials.assertion_key.as_deref().and_then(rsa_key) else { return false };
    let Some((signed, signature)) = assertion.rsplit_once('.') else { return false };
    let Some((header, claims)) = signed.split_once('.') else { return false };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
    if member(header, "alg").as_str() != Some("RS256") || key.verify(signed.as_bytes(), &signature).is_err() {
        return false;
    }
    let runs_out_s = member(claims, "exp").as_i64().unwrap_or(0);
    member(claims, "iss").as_str() == Some(credentials.client_id.as_str())
        && member(claims, "sub").as_str() == Some(credentials.username.as_str())
        && runs_out_s.saturating_mul(1000) > now_ms
}

fn member(part: &str, name: &str) -> Value {
    let decoded = URL_SAFE_NO_PAD.decode(part).ok();
    let parsed = decoded.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    parsed.and_then(|mut object| object.get_mut(name).map(Value::take)).unwrap_or_default()
}

/// Takes the RSA key out of a PEM of a public key (SubjectPublicKeyInfo, RFC 5280: a sequence of an algorithm and a bit string).
fn rsa_key(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let der = STANDARD.decode(body).ok()?;
    let info = contents(&der, 0x30)?.0;
    let (_, rest) = contents(info, 0x30)?;
    let bits = contents(rest, 0x03)?.0;
    // The first byte of a bit string counts the bits that its last byte does not use.
    Some(bits.get(1..)?.to_vec())
}

/// Reads one DER element of a tag: what it contains, and what follows it.
fn contents(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7F))?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    (*first == tag).then_some((contents, rest))
}

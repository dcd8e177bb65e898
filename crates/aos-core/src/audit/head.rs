//! The head of a chain, signed: with it nobody can cut the chain short, or write it anew, without being found out.

use super::{Link, from_hex};
use chrono::{DateTime, SecondsFormat, Utc};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// Stands before what is signed, so that a signature of this kind counts for nothing else.
const CONTEXT: &str = "autonomos audit head v1\n";

/// How far a chain goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The tenant, or [`super::INSTALLATION`].
    pub chain: Uuid,
    /// How many entries there are.
    pub seq: u64,
    pub link: Link,
    /// When it was signed.
    pub at: DateTime<Utc>,
}

/// A head with the signature of the installation it is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignedHead {
    #[serde(flatten)]
    pub head: Head,
    /// The public key, 64 hexadecimal digits.
    pub key: String,
    /// 128 hexadecimal digits.
    pub signature: String,
}

/// Signs heads. Not printable.
#[derive(Clone)]
pub struct Signer(SigningKey);

/// A public key, with which anyone can check what the installation has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier(VerifyingKey);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no public key of an audit trail; one has 64 hexadecimal digits, as `autonomos audit key` prints them")]
pub struct BadKey;

impl Head {
    fn signed_text(&self) -> String {
        let said = json!({
            "at": self.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            "chain": self.chain,
            "link": self.link,
            "seq": self.seq,
        });
        format!("{CONTEXT}{}", super::canonical::to_string(&said))
    }
}

impl Signer {
    pub fn of_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    pub fn verifier(&self) -> Verifier {
        Verifier(self.0.verifying_key())
    }

    pub fn sign(&self, head: Head) -> SignedHead {
        let signature = hex(&self.0.sign(head.signed_text().as_bytes()).to_bytes());
        SignedHead { head, key: self.verifier().to_string(), signature }
    }

    /// Signs a text of another kind than heads, which stands before it and keeps them apart. Returns 128 hexadecimal digits.
    pub fn sign_text(&self, kind: &str, text: &str) -> String {
        hex(&self.0.sign(of_kind(kind, text).as_bytes()).to_bytes())
    }
}

impl Verifier {
    /// Answers whether the head was signed with the key's other half.
    pub fn signed(&self, signed: &SignedHead) -> bool {
        let Some(signature) = from_hex::<64>(&signed.signature) else { return false };
        let text = signed.head.signed_text();
        self.0.verify_strict(text.as_bytes(), &Signature::from_bytes(&signature)).is_ok()
    }
}

impl Verifier {
    /// Answers whether a text of this kind was signed with the key's other half.
    pub fn signed_text(&self, kind: &str, text: &str, signature: &str) -> bool {
        let Some(signature) = from_hex::<64>(signature) else { return false };
        self.0.verify_strict(of_kind(kind, text).as_bytes(), &Signature::from_bytes(&signature)).is_ok()
    }
}

fn of_kind(kind: &str, text: &str) -> String {
    format!("autonomos {kind} v1\n{text}")
}

impl std::str::FromStr for Verifier {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bytes = from_hex::<32>(text.trim()).ok_or(BadKey)?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| BadKey)
    }
}

/// 64 lower-case hexadecimal digits.
impl std::fmt::Display for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(self.0.as_bytes()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

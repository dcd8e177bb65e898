//! The audit trail as a chain: what an entry says, how each is tied to the one before it, and how a head of the chain is signed.
//!
//! Anyone can check an export with what is in here and the public key: `SHA-256` (FIPS 180-4) over canonical JSON (RFC 8785), and
//! Ed25519 (RFC 8032). docs/decisions/0017-the-audit-chain.md has the form in words.

pub mod canonical;
mod export;
mod head;
mod verify;

pub use export::{Begin, ExportedEntry, FORMAT};
pub use head::{BadKey, Head, SignedHead, Signer, Verifier};
pub use verify::{Broken, Verified, verify};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What stands before the first entry of every chain.
pub const BEGINNING: Link = Link([0; 32]);
/// Names the chain of what concerns no tenant: those who were not let in.
pub const INSTALLATION: Uuid = Uuid::nil();

/// What one entry says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    /// `user:<id>`, `key:<id>`, `local` for a command run on this machine, `system`, or `nobody`.
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub detail: Value,
    /// Names the request or task in the logs.
    pub trace_id: Option<String>,
}

/// Stands for an entry and everything before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Link(pub [u8; 32]);

/// Stands for what one entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryDigest(pub [u8; 32]);

impl Entry {
    /// Digests the entry as one of this chain, so that it cannot be moved to another.
    pub fn digest(&self, chain: Uuid) -> EntryDigest {
        let said = json!({
            "action": self.action,
            "at": self.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            "chain": chain,
            "detail": self.detail,
            "id": self.id,
            "principal": self.principal,
            "resource": self.resource,
            "trace_id": self.trace_id,
        });
        EntryDigest(Sha256::digest(canonical::to_string(&said)).into())
    }
}

impl Link {
    /// Ties an entry to what is before it: `SHA-256(link before ‖ sequence number, 8 bytes, big-endian ‖ digest of the entry)`.
    pub fn next(self, seq: u64, entry: EntryDigest) -> Self {
        Self(Sha256::new().chain_update(self.0).chain_update(seq.to_be_bytes()).chain_update(entry.0).finalize().into())
    }
}

/// 64 lower-case hexadecimal digits.
impl std::fmt::Display for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Serialize for Link {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Link {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_hex(&text).map(Self).ok_or_else(|| serde::de::Error::custom("a link has 64 hexadecimal digits"))
    }
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;

//! What certifies that a tenant is gone: every store that was covered, checked to be empty, and what was not covered.

use aos_core::audit::{Signer, Verifier};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The certificate of a deletion. It names nothing of the tenant but its id.
#[derive(Debug, Clone, Serialize)]
pub struct Certificate {
    pub certificate: &'static str,
    pub deletion: Uuid,
    pub tenant: aos_core::TenantId,
    pub requested_by: String,
    pub begun_at: DateTime<Utc>,
    /// When every store below was looked at and held nothing of the tenant.
    pub checked_at: DateTime<Utc>,
    pub program: &'static str,
    pub stores: Vec<Covered>,
    /// What stays on purpose.
    pub remains: Vec<&'static str>,
    /// Where the tenant's things may still be, which this program does not reach.
    pub not_covered: Vec<&'static str>,
}

/// A store, or a part of one, that holds nothing of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Covered {
    pub store: &'static str,
    pub part: String,
    /// What was removed by the process that finished the deletion; one that was killed before it does not count.
    pub removed: u64,
    /// What was found when it was checked; always 0 in a certificate.
    pub left: u64,
}

/// What stands before a certificate's text when it is signed.
const KIND: &str = "tenant deletion";

const REMAINS: &[&str] = &[
    "database, table tenant_deletions: the id of the tenant, who asked, when, and this certificate. It keeps the tenant shut out and lets caches \
     that were away during the deletion be removed later",
    "database, table audit of the installation: entries of refused requests that belong to no tenant",
];
const NOT_COVERED: &[&str] = &[
    "backups of the database and of the data directory",
    "logs, traces and metrics that were written before; they carry ids, no contents",
    "what was sent to others: callbacks, messages to Slack, archives that were exported",
    "free pages of the database file, and the disk below, until they are used again",
    "caches on machines that cannot reach the database now; a process removes them when it can, and before it answers anything from them",
];

impl Certificate {
    pub(super) fn new(deletion: &aos_store::TenantDeletion, stores: Vec<Covered>, checked_at: DateTime<Utc>) -> Self {
        Self {
            certificate: "autonomos tenant deletion 1",
            deletion: deletion.id,
            tenant: deletion.tenant,
            requested_by: deletion.requested_by.clone(),
            begun_at: deletion.begun_at,
            checked_at,
            program: concat!("autonomos ", env!("CARGO_PKG_VERSION")),
            stores,
            remains: REMAINS.to_vec(),
            not_covered: NOT_COVERED.to_vec(),
        }
    }

    /// Writes the certificate with the SHA-256 of its text, and with a signature where the installation has a key.
    pub fn to_json(&self, signer: Option<&Signer>) -> Value {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        let text = json.to_string();
        let digest: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
        json["sha256"] = digest.into();
        if let Some(signer) = signer {
            json["key"] = signer.verifier().to_string().into();
            json["signature"] = signer.sign_text(KIND, &text).into();
        }
        json
    }
}

/// Answers whether a certificate is as the installation with this key signed it.
pub fn is_genuine(certificate: &Value, key: &Verifier) -> bool {
    let mut said = certificate.clone();
    let Some(fields) = said.as_object_mut() else { return false };
    let signature = fields.shift_remove("signature");
    for added in ["sha256", "key"] {
        fields.shift_remove(added);
    }
    let signature = signature.as_ref().and_then(Value::as_str).unwrap_or_default();
    key.signed_text(KIND, &said.to_string(), signature)
}

//! What certifies that a tenant is gone: every store that was covered, checked to be empty, and what was not covered.

use aos_core::audit::{Signer, Verifier};
use aos_core::json;
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
        json["sha256"] = sha256(&text).into();
        if let Some(signer) = signer {
            json["key"] = signer.verifier().to_string().into();
            json["signature"] = signer.sign_text(KIND, &text).into();
        }
        json
    }
}

/// Answers whether a certificate is as the installation with this key signed it: every line of it, and nothing said twice, of which a reader
/// might see the other.
pub fn is_genuine(certificate: &str, key: &Verifier) -> bool {
    let Ok(Value::Object(mut said)) = json::read(certificate) else { return false };
    let mut taken = |name: &str| said.shift_remove(name).and_then(|value| value.as_str().map(str::to_owned));
    let (digest, signer, signature) = (taken("sha256"), taken("key"), taken("signature").unwrap_or_default());
    let text = Value::Object(said).to_string();
    digest == Some(sha256(&text)) && signer == Some(key.to_string()) && key.signed_text(KIND, &text, &signature)
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certified() -> (String, Verifier) {
        let deletion = aos_store::TenantDeletion {
            id: Uuid::from_u128(1),
            tenant: aos_core::TenantId(Uuid::from_u128(2)),
            requested_by: "local".to_owned(),
            begun_at: DateTime::UNIX_EPOCH,
            finished_at: None,
            certificate: None,
        };
        let covered = Covered { store: "database", part: "table audit".to_owned(), removed: 7, left: 0 };
        let signer = Signer::of_seed(&[5; 32]);
        let json = Certificate::new(&deletion, vec![covered], DateTime::UNIX_EPOCH).to_json(Some(&signer));
        (serde_json::to_string_pretty(&json).unwrap(), signer.verifier())
    }

    #[test]
    fn a_certificate_is_genuine_as_it_was_written_and_for_its_own_installation() {
        let (text, key) = certified();
        assert!(is_genuine(&text, &key));
        assert!(!is_genuine(&text, &Signer::of_seed(&[6; 32]).verifier()));
        assert!(!is_genuine("{}", &key) && !is_genuine("[]", &key) && !is_genuine("nonsense", &key));
    }

    #[test]
    fn a_certificate_with_anything_changed_added_or_said_twice_is_not_genuine() {
        let (text, key) = certified();
        let value: Value = serde_json::from_str(&text).unwrap();
        let digest = value["sha256"].as_str().unwrap();
        let changes: [(&str, &str); 8] = [
            ("\"left\": 0", "\"left\": 1"),
            ("table audit", "table tasks"),
            (digest, &"0".repeat(64)),
            (&key.to_string(), &"1".repeat(64)),
            ("{\n  \"certificate\"", "{\n  \"tenant\": \"another\",\n  \"certificate\""),
            ("{\n  \"certificate\"", "{\n  \"note\": 1,\n  \"certificate\""),
            ("\"left\": 0", "\"left\": 5, \"left\": 0"),
            (&format!("\"sha256\": \"{digest}\",\n"), ""),
        ];
        for (from, to) in changes {
            assert!(text.contains(from), "{from} is not in {text}");
            assert!(!is_genuine(&text.replacen(from, to, 1), &key), "{from} became {to}");
        }
    }
}

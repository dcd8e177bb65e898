//! Receipts: what was asked, what was run and what came of it, signed, so that anyone with the installation's public key can check it, and the
//! installation can run it again.

use super::plan::Plan;
use super::things::Counted;
use aos_core::TenantId;
use aos_core::audit::{Signer, Verifier, canonical};
use aos_dcl::grounds::{Ground, Moment};
use aos_dcl::views::QueryAnswer;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

pub const FORMAT: &str = "autonomos.receipt.v1";
/// Stands before what is signed, so that a signature of this kind counts for nothing else.
const KIND: &str = "answer receipt";

/// What the installation vouches for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub format: String,
    /// The question's id, by which the receipt can be run again.
    pub id: Uuid,
    pub tenant: Uuid,
    pub question: String,
    pub asked_at: DateTime<Utc>,
    pub plan: Plan,
    /// The language model that made the plan, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_by: Option<String>,
    pub sql: String,
    /// SHA-256 of columns and rows as canonical JSON, in hexadecimal digits.
    pub rows_sha256: String,
    pub row_count: usize,
    /// Whether personal data was masked for whoever asked.
    pub masked: bool,
    /// Where the data stood.
    pub moment: Moment,
    /// What fed the fields that were used.
    pub grounds: Vec<Ground>,
    /// What the things are made of, where things were counted and not records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
    /// The public key, 64 hexadecimal digits.
    pub key: String,
    /// 128 hexadecimal digits.
    pub signature: String,
}

/// What a receipt is made of.
pub struct Said {
    pub id: Uuid,
    pub tenant: TenantId,
    pub question: String,
    pub asked_at: DateTime<Utc>,
    pub plan: Plan,
    pub planned_by: Option<String>,
    pub sql: String,
    pub masked: bool,
    pub moment: Moment,
    pub grounds: Vec<Ground>,
    pub counted: Option<Counted>,
}

impl Receipt {
    pub fn sign(said: Said, result: &QueryAnswer, signer: &Signer) -> Self {
        let Said { id, tenant, question, asked_at, plan, planned_by, sql, masked, moment, grounds, counted } = said;
        let mut receipt = Self {
            format: FORMAT.to_owned(),
            id,
            tenant: tenant.0,
            question,
            asked_at,
            plan,
            planned_by,
            sql,
            rows_sha256: digest(result),
            row_count: result.rows.len(),
            masked,
            moment,
            grounds,
            counted,
            key: signer.verifier().to_string(),
            signature: String::new(),
        };
        receipt.signature = signer.sign_text(KIND, &receipt.signed_text());
        receipt
    }

    /// Answers whether the receipt is as this key has signed it.
    pub fn is_signed_by(&self, key: &Verifier) -> bool {
        self.key == key.to_string() && key.signed_text(KIND, &self.signed_text(), &self.signature)
    }

    /// Everything but the signature, as canonical JSON.
    fn signed_text(&self) -> String {
        let mut said = serde_json::to_value(self).unwrap_or_default();
        if let Some(said) = said.as_object_mut() {
            said.remove("signature");
        }
        canonical::to_string(&said)
    }
}

/// Stands for an answer's columns and rows.
pub fn digest(result: &QueryAnswer) -> String {
    let columns: Vec<&str> = result.columns.iter().map(|column| column.name.as_str()).collect();
    let said = canonical::to_string(&json!({ "columns": columns, "rows": result.rows }));
    Sha256::digest(said).iter().map(|byte| format!("{byte:02x}")).collect()
}

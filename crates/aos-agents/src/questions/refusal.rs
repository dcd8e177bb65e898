//! Why a question is not answered, for people and for programs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A refusal: what was not understood or must not be done, and what is near.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{reason}")]
#[schema(as = QuestionRefusal, example = json!({ "code": "not_understood", "reason": "`churned` is not understood",
    "missing": [{ "what": "churned", "near": ["status"] }] }))]
pub struct Refusal {
    pub code: RefusalCode,
    pub reason: String,
    /// What was missing, one by one; what is near may be asked for instead.
    pub missing: Vec<Missing>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Missing {
    pub what: String,
    pub near: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// A word, or the way words are put together.
    NotUnderstood,
    /// It can be meant in several ways.
    Ambiguous,
    /// The plan names what the ontology does not have, or asks for what cannot be computed.
    NotPossible,
    /// Amounts of several currencies, or figures of several units.
    MixedUnits,
    /// No data could answer it.
    NoData,
    /// It would tell about personal data that whoever asks may not see.
    NotAllowed,
}

impl Refusal {
    pub fn new(code: RefusalCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), missing: Vec::new() }
    }

    pub fn missing(mut self, what: impl Into<String>, near: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.missing.push(Missing { what: what.into(), near: near.into_iter().map(Into::into).collect() });
        self
    }

    /// Adds what somebody else found, if they say anything.
    pub fn and(mut self, further: &str) -> Self {
        if !further.is_empty() {
            self.reason = format!("{}; {further}", self.reason);
        }
        self
    }

    pub fn not_possible(reason: impl Into<String>) -> Self {
        Self::new(RefusalCode::NotPossible, reason)
    }
}

//! An item of the review queue that is about drift: what has changed in one path, and the repairs that may be right.

use super::policy::DriftPolicy;
use aos_core::ConnectionId;
use aos_core::drift::{ContractAction, Pair};
use aos_drift::{Candidate, Finding, Fitted, touched};
use aos_store::NewReview;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

/// The kind of such items.
pub const DRIFT: &str = "drift";
/// The kind of items that propose a rule although nothing has drifted; they hold the same.
pub const MAPPING: &str = "mapping";

/// What the item holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DriftItem {
    pub path: String,
    /// The mapping that this was proposed for.
    pub mapping_version: u32,
    /// What has changed: path, where its values are now, kind, severity and evidence of each change.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub changes: Value,
    /// Paths that it touches, with where their values are now.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub touched: Vec<Pair>,
    /// What becomes of the records meanwhile: `freeze`, `discard_row`, `discard_value` or `evolve`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "freeze"))]
    pub action: ContractAction,
    /// The likeliest first; empty when no repair is known.
    pub candidates: Vec<ItemCandidate>,
}

/// A repair with the tenant's own probability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemCandidate {
    /// The probability that it is right, corrected by what was decided so far.
    pub probability: f64,
    /// `auto`, `review` or `rejected`.
    pub tier: String,
    #[serde(flatten)]
    pub candidate: Candidate,
}

impl DriftItem {
    pub(super) fn of(finding: &Finding, mapping_version: u32, fitted: &Fitted, tiers: (f64, f64)) -> Self {
        let candidate = |candidate: &Candidate| {
            let probability = fitted.apply(candidate.confidence);
            let tier = match () {
                () if candidate.repair == "review" => "review",
                () if probability < tiers.0 => "rejected",
                () if candidate.held.is_some() || probability < tiers.1 => "review",
                () => "auto",
            };
            ItemCandidate { probability, tier: tier.to_owned(), candidate: candidate.clone() }
        };
        let change = |change: &aos_core::drift::Change| {
            json!({
                "path": change.path, "to": change.to, "kind": change.kind, "severity": change.severity,
                "confidence": change.confidence, "evidence": change.evidence, "covers": change.covers,
            })
        };
        Self {
            path: finding.path.clone(),
            mapping_version,
            changes: finding.changes.iter().map(change).collect(),
            touched: touched(&finding.changes),
            action: finding.action,
            candidates: finding.candidates.iter().map(candidate).collect(),
        }
    }

    /// Names what the item is about: the same drift of the same stream has the same name.
    pub(super) fn subject(&self, connection: ConnectionId, stream: &str) -> String {
        let kinds: Vec<&Value> = self.changes.as_array().into_iter().flatten().map(|change| &change["kind"]).collect();
        let rules: Vec<_> =
            self.candidates.iter().flat_map(|one| &one.candidate.edits).map(|edit| &edit.before).collect();
        let told = json!([self.touched, kinds, rules]).to_string();
        format!("{connection}/{stream}/{}#{:016x}", self.path, xxh3_64(told.as_bytes()))
    }

    /// Puts it before people.
    pub(super) fn asked(
        &self,
        connection: ConnectionId,
        stream: &str,
        policy: &DriftPolicy,
        now: DateTime<Utc>,
    ) -> NewReview {
        let after = |amount: u32, unit: fn(i64) -> Duration| (amount > 0).then(|| now + unit(i64::from(amount)));
        let mut severities =
            self.changes.as_array().into_iter().flatten().filter_map(|change| change["severity"].as_str());
        let severity = if severities.any(|one| one == "breaking") { "breaking" } else { "risky" };
        NewReview {
            kind: DRIFT.to_owned(),
            subject: self.subject(connection, stream),
            connection: Some(connection),
            stream: Some(stream.to_owned()),
            title: self.title(stream),
            payload: json!(self),
            confidence: self.candidates.first().map(|first| first.probability),
            severity: severity.to_owned(),
            expires_at: after(policy.expire_after_days, Duration::days),
            escalate_at: after(policy.escalate_after_hours, Duration::hours),
        }
    }

    /// Says it in one line.
    pub(super) fn title(&self, stream: &str) -> String {
        let kinds: Vec<&str> =
            self.changes.as_array().into_iter().flatten().filter_map(|change| change["kind"].as_str()).collect();
        let what = kinds.join(", ").replace('_', " ");
        match self.candidates.first() {
            Some(first) => match &first.candidate.to {
                Some(to) if *to != self.path => {
                    format!("{stream}.{} {what}: {} to {to}", self.path, first.candidate.repair)
                }
                _ => format!("{stream}.{} {what}: {}", self.path, first.candidate.repair),
            },
            None => format!("{stream}.{} {what}", self.path),
        }
    }
}

//! A repair worth looking at, with how sure one can be and who may apply it.

use super::finding::{Fix, Proof, Repair};
use aos_core::drift::{Evidence, Pair, Signal};
use aos_core::mapping::{FieldRule, Transform};
use serde::Serialize;

/// From here a repair may be applied without a person, and from here it is worth a person's time.
pub const AUTO_FROM: f64 = 0.85;
pub const REVIEW_FROM: f64 = 0.60;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    pub stream: String,
    /// The path as it was read before.
    pub path: String,
    pub repair: Repair,
    /// Where its values are now; several paths are joined by ` + `. None when nothing holds them.
    pub to: Option<String>,
    /// The probability that this repair is right.
    pub confidence: f64,
    pub tier: Tier,
    pub evidence: Vec<Evidence>,
    /// What the confidence rests on.
    pub proof: Proof,
    /// The paths to read, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The steps from the value after to the value before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
    /// Every path that one rule repairs, when there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Pair>,
    /// The rules of the given mapping as they would read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleEdit>,
}

/// A rule of a mapping as it would read after the repair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleEdit {
    pub entity: String,
    pub rule: FieldRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    Rejected,
    Review,
    Auto,
}

impl Tier {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Review => "review",
            Self::Auto => "auto",
        }
    }
}

impl Proposal {
    /// Proposes to read `sources` in place of `path`.
    pub(crate) fn new(stream: &str, path: &str, fix: Fix, sources: Vec<String>, mut evidence: Vec<Evidence>) -> Self {
        let tier = match fix.repair {
            Repair::Review => Tier::Review,
            _ if fix.confidence < REVIEW_FROM => Tier::Rejected,
            _ if fix.held.is_some() || fix.confidence < AUTO_FROM => Tier::Review,
            _ => Tier::Auto,
        };
        evidence.extend(fix.held.map(|why| Evidence::new(Signal::Held, why)));
        Self {
            stream: stream.to_owned(),
            path: path.to_owned(),
            repair: fix.repair,
            to: (!sources.is_empty()).then(|| sources.join(" + ")),
            confidence: (fix.confidence * 1e4).round() / 1e4,
            tier,
            evidence,
            proof: fix.proof,
            sources,
            transforms: fix.transforms,
            covers: Vec::new(),
            rules: Vec::new(),
        }
    }
}

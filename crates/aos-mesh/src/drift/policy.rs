//! How far repairs of drift may go without a person: the tenant's own words, what its decisions so far prove, and the switch that ends it.

use crate::Result;
use aos_core::flag::Flag;
use aos_drift::{Fitted, Limit, Reliability, Threshold, fitted, reliability, threshold};
use aos_store::{DecidedReview, TenantStore};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The tenant's setting that holds a [`DriftPolicy`].
pub const POLICY_SETTING: &str = "drift";
const URL_BYTES_MAX: usize = 2_000;
/// How many of the latest decisions count.
const DECISIONS_MAX: u32 = 10_000;

/// What may happen without a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Autonomy {
    /// Drift is written down, and nothing is proposed.
    Observe,
    /// Repairs are proposed, and nothing can be applied.
    Recommend,
    /// Repairs are proposed, and applied when a person approves them.
    ApproveToAct,
    /// Repairs that are sure enough are applied at once, while the flag FEATURE_DRIFT_AUTOFIX is on; others are proposed.
    #[default]
    Auto,
}

/// How far repairs may go, as a tenant says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({ "autonomy": "auto", "wrong_max": 0.01 })))]
#[serde(default, deny_unknown_fields)]
pub struct DriftPolicy {
    pub autonomy: Autonomy,
    /// From this probability a repair may be applied by itself, as long as no limit is stated.
    pub auto_from: f64,
    /// Below this probability a repair is not proposed.
    pub review_from: f64,
    /// The share of repairs applied by themselves that may be wrong, e.g. 0.01. While the decisions so far do not prove that it is held,
    /// nothing is applied by itself.
    pub wrong_max: Option<f64>,
    /// How many repairs are applied by themselves within a day at most.
    pub auto_per_day: u32,
    /// After how many hours others are told of what nobody has decided, and after how many days it expires; 0 for never.
    pub escalate_after_hours: u32,
    pub expire_after_days: u32,
    /// Who is told by a signed callback of what nobody has decided; nobody when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalate_url: Option<String>,
}

/// What holds at this moment.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    pub policy: DriftPolicy,
    /// Whether FEATURE_DRIFT_AUTOFIX is on.
    pub autofix: bool,
    /// The correction of stated probabilities that the decisions so far ask for.
    pub fitted: Fitted,
    /// How true corrected probabilities were.
    pub reliability: Reliability,
    /// What the stated limit comes to; none while there is none.
    pub threshold: Option<Threshold>,
    /// From which probability repairs are applied by themselves now; none when nothing is.
    pub auto_from: Option<f64>,
}

impl Default for DriftPolicy {
    fn default() -> Self {
        Self {
            autonomy: Autonomy::Auto,
            auto_from: aos_match::drift::AUTO_FROM,
            review_from: aos_match::drift::REVIEW_FROM,
            wrong_max: None,
            auto_per_day: 50,
            escalate_after_hours: 24,
            expire_after_days: 30,
            escalate_url: None,
        }
    }
}

impl DriftPolicy {
    /// Reads what the tenant said; what it did not say takes its default.
    pub async fn load(store: &TenantStore<'_>) -> Result<Self> {
        let said = store.setting(POLICY_SETTING).await?;
        Ok(said.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
    }

    /// Says what cannot be meant, if anything cannot.
    pub fn problem(&self) -> Option<String> {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        if !share(self.auto_from) || !share(self.review_from) || self.review_from > self.auto_from {
            return Some(
                "auto_from and review_from are from 0 to 1, and review_from is not above auto_from".to_owned(),
            );
        }
        let is_url =
            |url: &String| url.len() <= URL_BYTES_MAX && (url.starts_with("https://") || url.starts_with("http://"));
        if self.escalate_url.as_ref().is_some_and(|url| !is_url(url)) {
            return Some(format!("escalate_url is an http or https URL of at most {URL_BYTES_MAX} bytes, or left out"));
        }
        let outside = self.wrong_max.is_some_and(|limit| !(0.0001..=0.5).contains(&limit));
        outside.then(|| "wrong_max is from 0.0001 to 0.5, or left out".to_owned())
    }

    /// Says what holds for the tenant now. `operator` is the operator's word about the flag.
    pub async fn standing(self, store: &TenantStore<'_>, operator: Option<bool>) -> Result<Standing> {
        let decided = last_words(store.decided_reviews(super::DRIFT, DECISIONS_MAX).await?);
        // The probability as the shipped model said it, before any correction.
        let raw = |one: &DecidedReview| (one.features["confidence"].as_f64().unwrap_or(one.probability), one.was_right);
        let fitted = fitted(&decided.iter().map(raw).collect::<Vec<_>>());
        let corrected = |one: &DecidedReview| {
            let (probability, right) = raw(one);
            (fitted.apply(probability), right)
        };
        // What is held is never applied by itself, so decisions about it say nothing of what is.
        let free = decided.iter().filter(|one| one.features["held"] != true);
        let threshold = self.wrong_max.map(|limit| threshold(&free.map(corrected).collect::<Vec<_>>(), Limit(limit)));
        let corrected: Vec<(f64, bool)> = decided.iter().map(corrected).collect();
        let auto_from = match &threshold {
            None => Some(self.auto_from),
            Some(Threshold::Reached { threshold, .. }) => Some(*threshold),
            Some(Threshold::NotYet { .. }) => None,
        };
        let autofix = autofix_is_on(store, operator).await?;
        let acts = self.autonomy == Autonomy::Auto && autofix;
        Ok(Standing {
            autofix,
            fitted,
            reliability: reliability(&corrected),
            threshold,
            auto_from: auto_from.filter(|_| acts),
            policy: self,
        })
    }
}

/// Keeps the last word about each repair of each thing: what was taken back and then approved after all was right. The latest come first.
fn last_words(mut decided: Vec<DecidedReview>) -> Vec<DecidedReview> {
    let mut known = HashSet::new();
    decided.retain(|one| known.insert((one.subject.clone(), one.features["repair"].to_string())));
    decided
}

/// Asks the store itself, so that a switch that was just turned off is obeyed at once.
pub(super) async fn autofix_is_on(store: &TenantStore<'_>, operator: Option<bool>) -> Result<bool> {
    let flag = Flag::FeatureDriftAutofix;
    let stored = store.stored_flags().await?;
    let said = stored.iter().find(|stored| stored.flag == flag).map(|stored| stored.value);
    Ok(flag.resolve(operator, said).value)
}

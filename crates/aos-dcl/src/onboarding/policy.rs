//! What a tenant promotes without a person.

use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::onboarding::Risk;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

const SETTING: &str = "onboarding_policy";

/// Which sampled intents are promoted by themselves. All of it has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "auto_promote": true, "risk_max": "low", "confidence_min": 0.85 }))]
pub struct OnboardingPolicy {
    /// Off until somebody switches it on: people decide.
    #[serde(default)]
    pub auto_promote: bool,
    /// The greatest risk that is promoted without a person.
    #[serde(default = "low")]
    pub risk_max: Risk,
    /// How sure it has to be for at least one stream which entity it feeds, from 0 to 1.
    #[serde(default = "sure")]
    #[schema(minimum = 0, maximum = 1)]
    pub confidence_min: f64,
}

impl Default for OnboardingPolicy {
    fn default() -> Self {
        Self { auto_promote: false, risk_max: low(), confidence_min: sure() }
    }
}

impl OnboardingPolicy {
    /// Says why an intent of this risk, with this best confidence among its streams, is promoted; none when a person decides.
    pub(super) fn promotes(&self, risk: Risk, confidence: Option<f64>) -> Option<String> {
        let confidence = confidence.filter(|confidence| *confidence >= self.confidence_min)?;
        (self.auto_promote && risk <= self.risk_max).then(|| {
            format!(
                "promoted by the policy: the risk is within its limit, and a stream is recognised with {confidence:.2}"
            )
        })
    }
}

impl TenantDcl {
    pub async fn onboarding_policy(&self) -> Result<OnboardingPolicy> {
        let kept = self.store().setting(SETTING).await?;
        Ok(kept.and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default())
    }

    pub async fn put_onboarding_policy(&self, policy: OnboardingPolicy) -> Result<OnboardingPolicy> {
        if !(0.0..=1.0).contains(&policy.confidence_min) {
            return Err(Error::Intent("confidence_min is 0 to 1".to_owned()));
        }
        self.store().put_setting(SETTING, &json!(policy)).await?;
        Ok(policy)
    }
}

fn low() -> Risk {
    Risk::Low
}

fn sure() -> f64 {
    0.85
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_promoted_by_itself_unless_all_of_it_holds() {
        let on = OnboardingPolicy { auto_promote: true, ..OnboardingPolicy::default() };
        assert!(on.promotes(Risk::Low, Some(0.9)).is_some());
        for (policy, risk, confidence) in [
            (OnboardingPolicy::default(), Risk::Low, Some(0.9)),
            (on, Risk::Med, Some(0.9)),
            (on, Risk::Low, Some(0.8)),
            (on, Risk::Low, None),
        ] {
            assert_eq!(policy.promotes(risk, confidence), None, "{policy:?} {risk:?} {confidence:?}");
        }
    }
}

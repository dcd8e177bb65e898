//! What is agreed about a stream: what becomes of its records when it changes, by path and by kind of change.

use aos_core::drift::{Change, ChangeKind, ContractAction, Severity};
use serde::{Deserialize, Serialize};

/// How many rules one stream may have.
const RULES_MAX: usize = 1_000;

/// The rules of one stream. Of those that speak of a change the one that says most about it holds; without any, a default for its kind and
/// severity does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({ "rules": [{ "path": "properties.amount", "action": "freeze" }] })))]
#[serde(deny_unknown_fields)]
pub struct Contract {
    pub rules: Vec<ContractRule>,
}

/// What becomes of records that a change touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ContractRule {
    /// The path it is about, with everything within it; every path when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "properties.amount"))]
    pub path: Option<String>,
    /// The kind of change it is about, e.g. `retyped`; every kind when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "retyped"))]
    pub change: Option<ChangeKind>,
    /// `evolve`: the new shape is accepted. `freeze`: the stream is not read on before someone decides. `discard_row` and `discard_value`:
    /// records, or values, of the new kind are kept aside.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "freeze"))]
    pub action: ContractAction,
}

impl Contract {
    /// Says what becomes of records that a change touches.
    pub fn action(&self, change: &Change) -> ContractAction {
        let speaks = self.rules.iter().filter(|rule| rule.speaks_of(change));
        speaks.max_by_key(|rule| rule.weight()).map_or_else(|| usual(change), |rule| rule.action)
    }

    /// Says what is wrong with the rules, if anything is.
    pub fn problem(&self) -> Option<String> {
        if self.rules.len() > RULES_MAX {
            return Some(format!("a contract has at most {RULES_MAX} rules"));
        }
        let twice = self.rules.iter().enumerate().find(|(at, rule)| {
            self.rules[..*at].iter().any(|other| (&other.path, other.change) == (&rule.path, rule.change))
        });
        let (_, rule) = twice?;
        let path = rule.path.as_deref().unwrap_or("every path");
        Some(format!("two rules speak of the same changes of {path}; keep one"))
    }
}

/// What happens where no rule speaks. New choices beside those that are known make no value wrong that was right, so they are taken.
fn usual(change: &Change) -> ContractAction {
    match (change.kind, change.severity) {
        (ChangeKind::EnumChanged, Severity::Risky) => ContractAction::Evolve,
        _ => change.contract,
    }
}

impl ContractRule {
    fn speaks_of(&self, change: &Change) -> bool {
        let within = |outer: &String| {
            change.path.strip_prefix(outer.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.path.as_ref().is_none_or(within) && self.change.is_none_or(|kind| kind == change.kind)
    }

    /// A path says more than a kind, a longer path more than a shorter one.
    fn weight(&self) -> (usize, bool) {
        (self.path.as_ref().map_or(0, |path| 1 + path.len()), self.change.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &str, kind: ChangeKind) -> Change {
        Change {
            stream: "deals".into(),
            path: path.into(),
            to: None,
            kind,
            severity: Severity::Breaking,
            contract: ContractAction::Freeze,
            retyping: None,
            confidence: None,
            evidence: Vec::new(),
            covers: Vec::new(),
        }
    }

    fn rule(path: Option<&str>, change: Option<ChangeKind>, action: ContractAction) -> ContractRule {
        ContractRule { path: path.map(str::to_owned), change, action }
    }

    #[test]
    fn the_rule_that_says_most_about_a_change_holds() {
        let contract = Contract {
            rules: vec![
                rule(None, None, ContractAction::Evolve),
                rule(None, Some(ChangeKind::Retyped), ContractAction::DiscardValue),
                rule(Some("deal"), None, ContractAction::DiscardRow),
                rule(Some("deal.amount"), None, ContractAction::Freeze),
            ],
        };
        for (path, kind, expected) in [
            ("name", ChangeKind::Removed, ContractAction::Evolve),
            ("name", ChangeKind::Retyped, ContractAction::DiscardValue),
            ("deal.stage", ChangeKind::Retyped, ContractAction::DiscardRow),
            ("deal.amount", ChangeKind::Retyped, ContractAction::Freeze),
            ("dealer", ChangeKind::Removed, ContractAction::Evolve),
        ] {
            assert_eq!(contract.action(&change(path, kind)), expected, "{path}");
        }
        assert_eq!(Contract::default().action(&change("name", ChangeKind::Removed)), ContractAction::Freeze);
    }

    #[test]
    fn two_rules_about_the_same_changes_are_refused() {
        let twice = vec![rule(Some("a"), None, ContractAction::Evolve), rule(Some("a"), None, ContractAction::Freeze)];
        assert!(Contract { rules: twice }.problem().unwrap().contains("keep one"));
    }
}

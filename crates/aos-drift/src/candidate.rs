//! A repair as it is kept in the review queue and applied: rules of the mapping before and after, so that what has changed meanwhile is
//! noticed.

use aos_core::drift::Signal;
use aos_core::mapping::{FieldRule, Origin, StreamMapping};
use aos_match::drift::{Proposal, Repair};
use serde::{Deserialize, Serialize};

/// One repair that may be right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RepairCandidate))]
pub struct Candidate {
    /// What it does, e.g. `rename`, `rescale`, `value_table`, `none` (the source has dropped it) or `review` (a person has to say).
    #[cfg_attr(feature = "openapi", schema(example = "rename"))]
    pub repair: String,
    /// The path as it was read before.
    pub path: String,
    /// Where its values are now; none where nothing holds them.
    pub to: Option<String>,
    /// The probability that it is right, as the matcher says it.
    pub confidence: f64,
    pub evidence: Vec<String>,
    /// What the probability rests on: `names`, `distribution` or `rows`.
    pub proof: String,
    /// Why a person should look, whatever the probability.
    pub held: Option<String>,
    /// The rules it changes.
    pub edits: Vec<Edit>,
}

/// One rule of a mapping before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RuleEdit))]
#[serde(deny_unknown_fields)]
pub struct Edit {
    pub entity: String,
    /// The rule as it was when this was proposed; none where there was none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub before: Option<FieldRule>,
    /// The rule as it is to be; none where it is to go.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub after: Option<FieldRule>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("the rule of `{entity}.{field}` is not as it was when this was proposed; look at what is proposed now")]
    Stale { entity: String, field: String },
    #[error("an edit of `{entity}` names no rule, before or after; name one")]
    Empty { entity: String },
    #[error("the rules before and after speak of different fields of `{entity}`; make two edits of it")]
    TwoFields { entity: String },
    #[error("the mapping has no entity `{entity}`")]
    NoEntity { entity: String },
}

impl Candidate {
    pub(crate) fn of(proposal: &Proposal, mapping: &StreamMapping) -> Self {
        let rule = |entity: &str, target: &str| {
            let found = mapping.entities.iter().find(|known| known.entity == entity);
            found.and_then(|known| known.rule(target)).cloned()
        };
        let edit = |edit: &aos_match::drift::RuleEdit| Edit {
            entity: edit.entity.clone(),
            before: rule(&edit.entity, &edit.rule.target),
            after: Some(edit.rule.clone()),
        };
        let held = proposal.evidence.iter().find(|evidence| evidence.signal == Signal::Held);
        Self {
            repair: proposal.repair.as_str().to_owned(),
            path: proposal.path.clone(),
            to: proposal.to.clone(),
            confidence: proposal.confidence,
            evidence: proposal.evidence.iter().map(ToString::to_string).collect(),
            proof: proposal.proof.as_str().to_owned(),
            held: held.map(|evidence| evidence.says.clone()),
            edits: proposal.rules.iter().map(edit).collect(),
        }
    }

    /// Whether applying it changes rules, or nothing has to change for what is read to be right.
    pub fn is_applicable(&self) -> bool {
        !self.edits.is_empty() || self.repair == Repair::Keep.as_str()
    }
}

/// Returns the mapping with the edits made, or says which of them does not fit any more.
pub fn edited(mapping: &StreamMapping, edits: &[Edit], origin: Origin) -> Result<StreamMapping, EditError> {
    let mut edited = mapping.clone();
    for edit in edits {
        let entity = || edit.entity.clone();
        let target = match (&edit.before, &edit.after) {
            (Some(before), Some(after)) if before.target != after.target => {
                return Err(EditError::TwoFields { entity: entity() });
            }
            (Some(rule), _) | (None, Some(rule)) => rule.target.clone(),
            (None, None) => return Err(EditError::Empty { entity: entity() }),
        };
        let known = edited.entities.iter_mut().find(|known| known.entity == edit.entity);
        let known = known.ok_or_else(|| EditError::NoEntity { entity: entity() })?;
        let at = known.fields.iter().position(|rule| rule.target == target);
        let present = at.map(|at| &known.fields[at]);
        // The same rule written by both of two edits is no contradiction.
        let done = present.is_some() && present.map(says) == edit.after.as_ref().map(says);
        if !done && present.map(says) != edit.before.as_ref().map(says) {
            return Err(EditError::Stale { entity: entity(), field: target });
        }
        let after = edit.after.clone().map(|rule| FieldRule { origin, ..rule });
        match (at, after) {
            (Some(at), Some(rule)) => known.fields[at] = rule,
            (Some(at), None) => _ = known.fields.remove(at),
            (None, Some(rule)) => known.fields.push(rule),
            (None, None) => {}
        }
    }
    Ok(edited)
}

/// What a rule does, whoever wrote it and however sure they were.
fn says(rule: &FieldRule) -> (&str, &[String], String) {
    (&rule.target, &rule.sources, serde_json::to_string(&rule.transforms).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_core::mapping::EntityMapping;

    fn rule(target: &str, source: &str) -> FieldRule {
        FieldRule {
            target: target.into(),
            sources: vec![source.into()],
            transforms: Vec::new(),
            confidence: 0.9,
            evidence: Vec::new(),
            origin: Origin::Matched,
        }
    }

    fn mapping(rules: Vec<FieldRule>) -> StreamMapping {
        let entities = vec![EntityMapping { entity: "opportunity".into(), fields: rules, pivot: None }];
        StreamMapping { version: 3, stream: "deals".into(), entities }
    }

    fn edit(before: Option<FieldRule>, after: Option<FieldRule>) -> Edit {
        Edit { entity: "opportunity".into(), before, after }
    }

    #[test]
    fn an_edit_of_a_rule_that_was_changed_meanwhile_is_stale() {
        let edits = [edit(Some(rule("amount", "value")), Some(rule("amount", "total")))];
        let changed = edited(&mapping(vec![rule("amount", "value")]), &edits, Origin::Reviewed).unwrap();
        assert_eq!(changed.entities[0].fields[0].sources, ["total"]);
        assert_eq!(changed.entities[0].fields[0].origin, Origin::Reviewed);
        let other = mapping(vec![rule("amount", "elsewhere")]);
        assert!(matches!(edited(&other, &edits, Origin::Reviewed), Err(EditError::Stale { .. })));
        assert_eq!(edited(&changed, &edits, Origin::Reviewed).unwrap(), changed, "what is done already stays done");
    }

    #[test]
    fn rules_come_and_go_by_edits() {
        let come = [edit(None, Some(rule("stage", "status")))];
        let both = edited(&mapping(vec![rule("amount", "value")]), &come, Origin::Matched).unwrap();
        assert_eq!(both.entities[0].fields.len(), 2);
        let go = [edit(Some(rule("stage", "status")), None)];
        assert_eq!(edited(&both, &go, Origin::Matched).unwrap().entities[0].fields.len(), 1);
        let crossed = [edit(Some(rule("stage", "status")), Some(rule("amount", "status")))];
        assert!(matches!(edited(&both, &crossed, Origin::Matched), Err(EditError::TwoFields { .. })));
    }
}

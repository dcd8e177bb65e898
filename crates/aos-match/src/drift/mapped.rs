//! Drift as one mapping sees it: what it reads, and how its rules would read after a repair.

use super::finding::Repair;
use super::proposal::{Proposal, RuleEdit};
use aos_core::mapping::{EntityMapping, FieldRule, StreamMapping, Transform};

/// Tells whether the mapping reads the path, something within it, or something around it.
pub(crate) fn reads(mapping: &StreamMapping, path: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    mapping.entities.iter().flat_map(EntityMapping::sources).any(|source| within(source, path) || within(path, source))
}

/// Writes the rules that read a repaired path anew. A rule that a repair cannot be written into is left out.
pub(crate) fn edits(mapping: &StreamMapping, proposal: &Proposal) -> Vec<RuleEdit> {
    let moved = |path: &str| -> Option<Vec<String>> {
        if let Some(pair) = proposal.covers.iter().find(|pair| pair.path == path) {
            return Some(vec![pair.to.clone()]);
        }
        (proposal.covers.is_empty() && proposal.path == path && !proposal.sources.is_empty())
            .then(|| proposal.sources.clone())
    };
    let changes = !matches!(
        proposal.repair,
        Repair::Review | Repair::None | Repair::Keep | Repair::RetireStream | Repair::RenameStream
    );
    let rules = mapping.entities.iter().flat_map(|entity| entity.fields.iter().map(move |rule| (entity, rule)));
    rules
        .filter(|_| changes)
        .filter_map(|(entity, rule)| {
            let edited = edited(rule, &proposal.transforms, &moved)?;
            (edited != *rule).then(|| RuleEdit { entity: entity.entity.clone(), rule: edited })
        })
        .collect()
}

fn edited(rule: &FieldRule, steps: &[Transform], moved: &impl Fn(&str) -> Option<Vec<String>>) -> Option<FieldRule> {
    let several = rule.sources.len() > 1;
    let mut sources = Vec::with_capacity(rule.sources.len());
    let mut touched = false;
    for source in &rule.sources {
        match moved(source) {
            Some(paths) => {
                // A step holds for one source; in a concatenation there is no place for it.
                if several && (!steps.is_empty() || paths.len() > 1) {
                    return None;
                }
                touched = true;
                sources.extend(paths);
            }
            None => sources.push(source.clone()),
        }
    }
    let replaces_format = steps.iter().any(|step| matches!(step, Transform::DateFormat { .. }));
    let kept = rule.transforms.iter().filter(|step| !(replaces_format && matches!(step, Transform::DateFormat { .. })));
    let transforms = steps.iter().chain(kept).cloned().collect();
    touched.then(|| FieldRule { sources, transforms, ..rule.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_core::mapping::Origin;

    #[test]
    fn a_mapping_reads_what_is_within_and_around_its_paths() {
        let rule = FieldRule {
            target: "amount".into(),
            sources: vec!["deal.value".into()],
            transforms: Vec::new(),
            confidence: 1.0,
            evidence: Vec::new(),
            origin: Origin::Reviewed,
        };
        let entity = EntityMapping { entity: "opportunity".into(), fields: vec![rule], pivot: None };
        let mapping = StreamMapping { version: 1, stream: "deals".into(), entities: vec![entity] };
        assert!(reads(&mapping, "deal") && reads(&mapping, "deal.value"));
        assert!(!reads(&mapping, "deal.name") && !reads(&mapping, "dealer"));
    }
}

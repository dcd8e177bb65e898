//! Which of the values that records of one thing have is taken for true. The others are kept beside it.

use crate::class::Class;
use crate::normal::Normal;
use crate::record::RecordKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By what the surviving value is chosen. What one rule leaves open, the next one in this order decides, and in the end the record's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The value that most sources have.
    MostSources,
    /// The value of the record that changed last.
    Newest,
    /// The value that says most.
    Longest,
}

impl Rule {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MostSources => "most_sources",
            Self::Newest => "newest",
            Self::Longest => "longest",
        }
    }

    /// Returns the rule of a class: what a thing is called is what most say, how it is reached what was said last.
    pub fn of(class: Option<Class>) -> Self {
        match class {
            Some(Class::Person | Class::Organisation | Class::Code | Class::Date | Class::Place | Class::Category) => {
                Self::MostSources
            }
            Some(Class::Text | Class::Address) => Self::Longest,
            Some(Class::Email | Class::Phone | Class::Web | Class::Number) | None => Self::Newest,
        }
    }
}

/// A value that a record has.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<V> {
    pub record: RecordKey,
    /// When the record changed last, by whatever count its source keeps; greater is newer.
    pub version: i64,
    pub value: V,
}

/// The value that survives, with what it won over.
#[derive(Debug, Clone, PartialEq)]
pub struct Survivor<V> {
    pub winner: Candidate<V>,
    pub rule: Rule,
    /// Other values, one for each record that has another one, in the order in which they would have won.
    pub losing: Vec<Candidate<V>>,
}

/// Chooses among the values of one field. Sources that are `trusted` come first, in their order, before any rule. `text` shows a value as it is
/// compared: values that differ in their spelling alone count as one.
pub fn survive<V: Clone>(
    class: Option<Class>,
    rule: Rule,
    trusted: &[String],
    candidates: &[Candidate<V>],
    text: impl Fn(&V) -> String,
) -> Option<Survivor<V>> {
    let form = |value: &V| {
        let text = text(value);
        let normal = class.and_then(|class| Normal::of(class, &text));
        normal.map_or(text, |normal| normal.text.to_string())
    };
    let forms: Vec<String> = candidates.iter().map(|candidate| form(&candidate.value)).collect();
    let mut sources: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (form, candidate) in forms.iter().zip(candidates) {
        let sources = sources.entry(form).or_default();
        if !sources.contains(&candidate.record.source.as_str()) {
            sources.push(&candidate.record.source);
        }
    }
    let trust = |candidate: &Candidate<V>| trusted.iter().position(|source| *source == candidate.record.source);
    // Smaller is better.
    let rank = |at: usize| {
        let candidate = &candidates[at];
        let votes = sources.get(forms[at].as_str()).map_or(0, Vec::len);
        let (votes, age) = (usize::MAX - votes, i64::MAX.wrapping_sub(candidate.version));
        let brevity = usize::MAX - text(&candidate.value).chars().count();
        let by_rule = match rule {
            Rule::MostSources => (votes, age, brevity, 0),
            Rule::Newest => (0, age, usize::MAX - votes, votes),
            Rule::Longest => (brevity, age, votes, 0),
        };
        (trust(candidate).unwrap_or(usize::MAX), by_rule, &candidate.record)
    };
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|a, b| rank(*a).cmp(&rank(*b)));
    let first = *order.first()?;
    let losing = order[1..].iter().filter(|at| forms[**at] != forms[first]).map(|at| candidates[*at].clone());
    Some(Survivor { winner: candidates[first].clone(), rule, losing: losing.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(source: &str, version: i64, value: &str) -> Candidate<String> {
        Candidate { record: RecordKey::new(source, "1"), version, value: value.to_owned() }
    }

    fn winner(rule: Rule, class: Class, trusted: &[String], candidates: &[Candidate<String>]) -> (String, Vec<String>) {
        let survivor = survive(Some(class), rule, trusted, candidates, Clone::clone).unwrap();
        (survivor.winner.value, survivor.losing.into_iter().map(|losing| losing.value).collect())
    }

    #[test]
    fn each_rule_chooses_its_value_and_the_losing_ones_are_kept() {
        let names = [candidate("a", 1, "Acme Inc."), candidate("b", 2, "ACME"), candidate("c", 3, "Acme Holding")];
        let (name, losing) = winner(Rule::MostSources, Class::Organisation, &[], &names);
        assert_eq!(
            (name.as_str(), losing),
            ("ACME", vec!["Acme Holding".to_owned()]),
            "two sources say Acme, b newer than a"
        );
        assert_eq!(winner(Rule::Newest, Class::Organisation, &[], &names).0, "Acme Holding");
        assert_eq!(winner(Rule::Longest, Class::Organisation, &[], &names).0, "Acme Holding");
        assert_eq!(winner(Rule::Newest, Class::Organisation, &["a".to_owned()], &names).0, "Acme Inc.", "a is trusted");
    }

    #[test]
    fn the_order_of_the_records_does_not_matter() {
        let mut names = vec![candidate("a", 1, "x"), candidate("b", 1, "y"), candidate("c", 1, "z")];
        let first = winner(Rule::Newest, Class::Text, &[], &names);
        names.reverse();
        assert_eq!(winner(Rule::Newest, Class::Text, &[], &names), first);
    }
}

//! Which agents a discovery concerns: those that consume what was found, or whose words the question and the findings use.

use super::aod::Found;
use aos_core::graph::Agent;
use serde::Serialize;
use std::collections::BTreeSet;

/// What people say when they mean an agent's field.
const WORDS: [(&str, &[&str]); 2] = [
    ("finops_pilot", &["cost", "costs", "spend", "spending", "aws", "cloud", "infrastructure", "finops"]),
    ("revops_pilot", &["revenue", "sales", "opportunity", "opportunities", "pipeline", "revops"]),
];
/// From this mean confidence on a recommendation is urgent.
const HIGH_FROM: f64 = 0.9;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Recommendation {
    agent: String,
    /// `high` or `normal`.
    priority: &'static str,
    /// Mean confidence of the findings it rests on; none when only the question speaks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    /// The words and entities that speak for it.
    because: Vec<String>,
    /// The ids of the findings it rests on.
    entities: Vec<String>,
}

/// Returns a recommendation for each agent that something speaks for, in the order of the agents.
pub(super) fn agents(agents: &[Agent], query: &str, found: &[Found]) -> Vec<Recommendation> {
    agents.iter().filter_map(|agent| recommendation(agent, query, found)).collect()
}

fn recommendation(agent: &Agent, query: &str, found: &[Found]) -> Option<Recommendation> {
    let listens_to = WORDS.iter().find(|(id, _)| *id == agent.id).map_or(&[][..], |(_, words)| words);
    let speaks = |text: &str| -> BTreeSet<String> {
        let text = text.to_lowercase();
        let words = text.split(|letter: char| !letter.is_alphanumeric());
        let consumed = agent.consumes.iter().filter(|entity| **entity == text).cloned();
        consumed
            .chain(
                listens_to
                    .iter()
                    .filter(|word| words.clone().any(|said| said == **word))
                    .map(|word| (*word).to_owned()),
            )
            .collect()
    };
    let mut because = speaks(query);
    let mut rests_on = Vec::new();
    for finding in found {
        let spoken = speaks(&finding.name);
        if !spoken.is_empty() {
            because.extend(spoken);
            rests_on.push(finding);
        }
    }
    if because.is_empty() {
        return None;
    }
    let sum: f64 = rests_on.iter().map(|finding| finding.confidence).sum();
    let confidence = (!rests_on.is_empty()).then(|| (sum / rests_on.len() as f64 * 1000.0).round() / 1000.0);
    Some(Recommendation {
        agent: agent.id.clone(),
        priority: if confidence.is_some_and(|mean| mean >= HIGH_FROM) { "high" } else { "normal" },
        confidence,
        because: because.into_iter().collect(),
        entities: rests_on.iter().map(|finding| finding.id.clone()).collect(),
    })
}

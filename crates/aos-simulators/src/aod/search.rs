//! Finds what a question is about: the words of the question among the words of each thing. Nothing is found that shares no word
//! with the question.

use super::contract::{DiscoveryType, Found, Request};
use super::estate::{Estate, System, Table};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Words that say nothing about what is looked for.
const STOP_WORDS: &[&str] = &[
    "all", "and", "any", "are", "find", "for", "from", "have", "how", "list", "our", "show", "that", "the", "this",
    "what", "where", "which", "who", "with", "you",
];
const WORD_CHARS_MIN: usize = 3;

/// Returns what was found, surest first, at most as many as asked for.
pub fn answer(estate: &Estate, request: &Request) -> Vec<Found> {
    let asked = asked(request);
    let mut found: Vec<Found> = request
        .discovery_types
        .iter()
        .flat_map(|kind| match kind {
            DiscoveryType::DataSourceDiscovery => sources(estate, &asked),
            DiscoveryType::SchemaAnalysis => tables(estate, &asked),
            DiscoveryType::EntityMapping => business_entities(estate, &asked),
            DiscoveryType::RelationshipDiscovery => relationships(estate, &asked),
        })
        .filter(|found| found.confidence >= request.min_confidence)
        .collect();
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.id.cmp(&b.id)));
    found.dedup_by(|a, b| a.id == b.id);
    found.truncate(request.max_results as usize);
    found
}

fn sources(estate: &Estate, asked: &BTreeSet<String>) -> Vec<Found> {
    let one = |system: &System| {
        let (confidence, evidence) = judged(asked, &system_words(system), system.observations)?;
        let attributes = attributes([
            ("kind", json!(system.kind)),
            ("product", json!(system.product)),
            ("environment", json!(system.environment)),
            ("owner", json!(system.owner)),
            ("last_seen", json!(system.last_seen)),
            ("tables", json!(system.tables.iter().map(|table| table.name).collect::<Vec<_>>())),
        ]);
        Some(Found {
            id: system.id.clone(),
            name: system.name.clone(),
            discovery_type: DiscoveryType::DataSourceDiscovery,
            entity_type: "data_source",
            source: system.name.clone(),
            confidence,
            evidence,
            attributes,
        })
    };
    estate.systems.iter().filter_map(one).collect()
}

fn tables(estate: &Estate, asked: &BTreeSet<String>) -> Vec<Found> {
    let one = |system: &System, table: &Table| {
        let mut known = system_words(system);
        known.extend(words(table.name));
        known.extend(words(table.entity));
        known.extend(table.columns.iter().flat_map(|column| words(column)));
        let (confidence, evidence) = judged(asked, &known, system.observations)?;
        Some(Found {
            id: format!("{}/{}", system.id, table.name),
            name: table.name.to_owned(),
            discovery_type: DiscoveryType::SchemaAnalysis,
            entity_type: "table",
            source: system.name.clone(),
            confidence,
            evidence,
            attributes: attributes([("columns", json!(table.columns)), ("key", json!(table.columns.first()))]),
        })
    };
    let all = estate.systems.iter().flat_map(|system| system.tables.iter().map(move |table| (system, table)));
    all.filter_map(|(system, table)| one(system, table)).collect()
}

fn business_entities(estate: &Estate, asked: &BTreeSet<String>) -> Vec<Found> {
    let mut holders: BTreeMap<&str, Vec<&System>> = BTreeMap::new();
    for system in &estate.systems {
        for table in system.tables {
            holders.entry(table.entity).or_default().push(system);
        }
    }
    let one = |(entity, systems): (&str, Vec<&System>)| {
        let mut known: BTreeSet<String> = words(entity).collect();
        known.extend(systems.iter().flat_map(|system| system_words(system)));
        let seen = systems.iter().map(|system| system.observations).sum();
        let (confidence, evidence) = judged(asked, &known, seen)?;
        Some(Found {
            id: format!("entity/{entity}"),
            name: entity.to_owned(),
            discovery_type: DiscoveryType::EntityMapping,
            entity_type: "business_entity",
            source: systems.first().map(|system| system.name.clone()).unwrap_or_default(),
            confidence,
            evidence,
            attributes: attributes([("held_by", json!(systems.iter().map(|system| &system.id).collect::<Vec<_>>()))]),
        })
    };
    holders.into_iter().filter_map(one).collect()
}

/// Two tables of one system are related when one holds the key of the other.
fn relationships(estate: &Estate, asked: &BTreeSet<String>) -> Vec<Found> {
    let one = |system: &System, from: &Table, to: &Table| {
        let key = to.columns.first().filter(|key| from.name != to.name && from.columns.contains(key))?;
        let mut known = system_words(system);
        known.extend(words(from.name).chain(words(to.name)).chain(words(key)));
        let (confidence, mut evidence) = judged(asked, &known, system.observations)?;
        evidence.push(format!("{} has the key of {}: {key}", from.name, to.name));
        Some(Found {
            id: format!("{}/{}-{}", system.id, from.name, to.name),
            name: format!("{} to {}", from.name, to.name),
            discovery_type: DiscoveryType::RelationshipDiscovery,
            entity_type: "relationship",
            source: system.name.clone(),
            confidence,
            evidence,
            attributes: attributes([("from", json!(from.name)), ("to", json!(to.name)), ("key", json!(key))]),
        })
    };
    let pairs = |system| all_pairs(system).filter_map(move |(from, to)| one(system, from, to));
    estate.systems.iter().flat_map(pairs).collect()
}

fn all_pairs(system: &System) -> impl Iterator<Item = (&'static Table, &'static Table)> + use<> {
    let tables = system.tables;
    tables.iter().flat_map(move |from| tables.iter().map(move |to| (from, to)))
}

/// Says how sure it is that a thing is meant: half the scale for the share of the question's words that it knows, the rest for how
/// often it was seen. None when it knows no word of the question.
fn judged(asked: &BTreeSet<String>, known: &BTreeSet<String>, observations: u32) -> Option<(f64, Vec<String>)> {
    let shared: Vec<&String> = asked.intersection(known).collect();
    if shared.is_empty() {
        return None;
    }
    let share = shared.len() as f64 / asked.len() as f64;
    let seen = f64::from(observations) / f64::from(observations + 5);
    let confidence = ((0.4 + 0.45 * share + 0.14 * seen) * 100.0).round() / 100.0;
    let mut evidence: Vec<String> = shared.iter().map(|word| format!("the question's word `{word}`")).collect();
    evidence.push(format!("seen in {observations} scans"));
    Some((confidence, evidence))
}

fn asked(request: &Request) -> BTreeSet<String> {
    let context = request.context.values().filter_map(Value::as_str);
    let all = std::iter::once(request.nlp_query.as_str()).chain(context).flat_map(words);
    all.filter(|word| word.len() >= WORD_CHARS_MIN && !STOP_WORDS.contains(&word.as_str())).collect()
}

fn system_words(system: &System) -> BTreeSet<String> {
    let texts = [system.name.as_str(), system.product, system.kind, system.environment, system.owner];
    texts.into_iter().chain(system.words.iter().copied()).flat_map(words).collect()
}

/// Takes a text apart into its words, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn attributes<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

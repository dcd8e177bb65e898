//! Claims about the gold mappings of the samples: they speak of tables, columns and fields that exist.
//! Whether a matcher finds them is measured by the benchmark, not here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct Gold {
    tables: Vec<GoldTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GoldTable {
    source: String,
    table: String,
    set: Set,
    entity: Option<String>,
    columns: BTreeMap<String, Fields>,
    #[serde(default)]
    acceptable: BTreeMap<String, Fields>,
    pivot: Option<Pivot>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Set {
    Original,
    Added,
    Replay,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Fields {
    One(String),
    AnyOf(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pivot {
    name: String,
    value: String,
    fields: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Ontology {
    entities: BTreeMap<String, Entity>,
}

#[derive(Deserialize)]
struct Entity {
    fields: BTreeMap<String, serde::de::IgnoredAny>,
}

impl Fields {
    fn all(&self) -> &[String] {
        match self {
            Self::One(field) => std::slice::from_ref(field),
            Self::AnyOf(fields) => fields,
        }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn gold() -> Vec<GoldTable> {
    serde_saphyr::from_str::<Gold>(&read("bench/matching/samples.gold.yaml")).unwrap().tables
}

#[test]
fn the_gold_set_covers_every_sample_table_once() {
    let gold: Vec<String> = gold().iter().map(|table| format!("{}/{}.csv", table.source, table.table)).collect();
    let samples: BTreeSet<String> = aos_samples::generate().iter().map(|table| table.path().to_owned()).collect();
    assert_eq!(gold.len(), samples.len());
    assert_eq!(gold.into_iter().collect::<BTreeSet<_>>(), samples);
}

#[test]
fn the_gold_set_has_the_sixteen_tables_of_the_nine_sources() {
    let gold = gold();
    let original: Vec<_> = gold.iter().filter(|table| table.set == Set::Original).collect();
    let sources: BTreeSet<_> = original.iter().map(|table| &table.source).collect();
    assert_eq!((sources.len(), original.len()), (9, 16));
}

#[test]
fn every_gold_column_exists_in_its_table() {
    let samples: BTreeMap<String, _> =
        aos_samples::generate().into_iter().map(|table| (table.path().to_owned(), table)).collect();
    for table in gold() {
        let header = samples[&format!("{}/{}.csv", table.source, table.table)].header();
        let pivoted = table.pivot.iter().flat_map(|pivot| [&pivot.name, &pivot.value]);
        for column in table.columns.keys().chain(table.acceptable.keys()).chain(pivoted) {
            assert!(header.contains(column), "{}.{} has no column {column}", table.source, table.table);
        }
    }
}

#[test]
fn every_gold_field_exists_in_the_ontology() {
    let ontology: Ontology = serde_saphyr::from_str(&read("ontology/ontology.yaml")).unwrap();
    for table in gold() {
        let mapped = table.columns.values().chain(table.acceptable.values()).flat_map(Fields::all);
        let pivoted = table.pivot.iter().flat_map(|pivot| pivot.fields.values());
        for field in mapped.chain(pivoted) {
            let main = table.entity.as_deref().expect("a table without an entity maps nothing");
            let (entity, field) = field.split_once('.').unwrap_or((main, field));
            assert!(ontology.entities[entity].fields.contains_key(field), "{entity} has no field {field}");
        }
    }
}

#[test]
fn every_metric_of_the_long_table_is_pivoted() {
    let gold = gold();
    let pivot = gold.iter().find(|table| table.table == "UsageMetrics").and_then(|table| table.pivot.as_ref()).unwrap();
    let samples = aos_samples::generate();
    let metrics = samples.iter().find(|table| table.path() == "legacy_sql/UsageMetrics.csv").unwrap();
    let named: BTreeSet<&str> = metrics.values(&pivot.name).into_iter().collect();
    assert_eq!(named, pivot.fields.keys().map(String::as_str).collect());
}

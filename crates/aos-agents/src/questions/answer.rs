//! An answer, what it rests on, and what has to be minded about it.

use super::check::{Found, GOLDEN};
use super::plan::{MeasureOp, Plan};
use super::receipt::Receipt;
use super::things::Counted;
use aos_core::Ontology;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// An answer with everything that it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Answer {
    pub id: Uuid,
    /// One sentence, made of the rows.
    pub answer: String,
    pub plan: Plan,
    pub sql: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    /// There are more rows than these.
    pub truncated: bool,
    /// What to mind: how many records do not say what is asked for.
    pub notes: Vec<String>,
    /// The connections that the answer comes from.
    pub sources: Vec<String>,
    pub mapping_versions: Vec<Source>,
    /// When the source that was read longest ago was last read; none where one was never read to its end.
    #[schema(required)]
    pub freshness: Option<DateTime<Utc>>,
    /// The confidence of the weakest mapping that was used, or the probability of the weakest match where things were counted, from 0 to 1.
    #[schema(required)]
    pub weakest_confidence: Option<f64>,
    /// What the things are made of, where things were counted and not records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
    /// The language model that made the plan, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_by: Option<String>,
    pub receipt: Receipt,
}

/// A table that fed the answer, and under which version of its mapping.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Source {
    pub source: String,
    pub table: String,
    pub version: u32,
}

/// Returns by entity the fields that a plan rests on; of one that is only counted, its key.
pub(super) fn used(plan: &Plan, ontology: &Ontology) -> BTreeMap<String, BTreeSet<String>> {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, _) in plan.fields() {
        let Some(found) = Found::of(ontology, &plan.entity, path).filter(|found| found.field.is_some()) else {
            continue;
        };
        let key = ontology.entity(found.entity).map(|entity| entity.key.clone()).unwrap_or_default();
        let name = if found.name == GOLDEN { key } else { found.name.to_owned() };
        used.entry(found.entity.to_owned()).or_default().insert(name);
    }
    for reference in plan.references() {
        if let Some(found) = Found::of(ontology, &plan.entity, reference) {
            used.entry(found.entity.to_owned()).or_default().insert(found.name.to_owned());
        }
    }
    let own = used.entry(plan.entity.clone()).or_default();
    if own.is_empty() || plan.measures.iter().any(|measure| measure.op == MeasureOp::Count) {
        own.extend(ontology.entity(&plan.entity).map(|entity| entity.key.clone()));
    }
    used
}

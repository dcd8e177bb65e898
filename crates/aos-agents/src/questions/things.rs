//! Things instead of records: a question about companies counts each company once, in however many systems it stands, where it is known which
//! records are one. Where that is not known, or not of today, records are counted and that is said.

use super::Result;
use super::ask::ROWS_MAX;
use super::check::{Found, GOLDEN, SOURCE};
use super::plan::{Grouping, Measure, MeasureOp, Of, Plan};
use super::sql::{self, Things};
use aos_core::Ontology;
use aos_dcl::TenantDcl;
use aos_dcl::golden::Unification;
use aos_store::ComparedPairs;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Stands between the connections of one thing, as the engine's views write them.
pub(super) const BETWEEN_SOURCES: &str = " + ";

/// What the things behind an answer are made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuestionCounted)]
pub struct Counted {
    /// The entities that were counted as things, and when their records were compared last.
    pub unified_at: BTreeMap<String, DateTime<Utc>>,
    /// How many things passed the filters; none where what is counted is no thing itself, but refers to some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub things: Option<u64>,
    /// Records behind them.
    pub records: u64,
    /// Connections that these records are of.
    pub systems: Vec<String>,
    /// The probability of the weakest pair of records that was taken for one thing, from 0 to 1.
    pub weakest_match: f64,
}

/// What one question counts as things, and what there is to say of that.
#[derive(Debug, Default)]
pub(super) struct Counting {
    pub things: Things,
    unified_at: BTreeMap<String, DateTime<Utc>>,
    pub notes: Vec<String>,
    /// Records of the plan's entity can be things, so that the notes say what each of them counts for.
    pub is_about_things: bool,
}

impl Counting {
    /// Decides what counts as one, and writes the plan accordingly.
    pub async fn decide(tenant: &TenantDcl, mut plan: Plan, ontology: &Ontology) -> Result<(Plan, Self)> {
        let mut counting = Self::default();
        let known = tenant.unification(&involved(&plan, ontology)).await?;
        if known.is_empty() {
            plan.of = None;
            return Ok((plan, counting));
        }
        counting.is_about_things = known.contains_key(&plan.entity);
        if plan.of == Some(Of::Records) {
            return Ok((plan, counting));
        }
        for (entity, standing) in known {
            let records = format!("{} records", entity.replace('_', " "));
            match standing {
                Unification::Fresh { .. } if entity == plan.entity && is_about_sources(&plan, ontology) => {
                    counting.notes.push(format!("{records} are counted, since a thing may be in several sources"));
                }
                Unification::Fresh { at, pairs: Some(ComparedPairs { links: 0, uncertain: open @ 1.. }) } => {
                    counting.notes.push(format!(
                        "{records} are counted: comparing them on {} joined none and left {open} pairs that may be one; decide about those in the \
                         review queue, or unify again when sources say more",
                        at.format("%Y-%m-%d at %H:%M")
                    ));
                }
                Unification::Fresh { at, pairs } => {
                    if let Some(ComparedPairs { uncertain: open @ 1.., .. }) = pairs {
                        counting.notes.push(format!(
                            "{open} pairs of {records} may be one and count as two until somebody decides about them in the review queue"
                        ));
                    }
                    counting.unified_at.insert(entity.clone(), at);
                    counting.things.insert(entity);
                }
                Unification::Stale { at } => counting.notes.push(format!(
                    "{records} are counted, since some have changed after they were unified on {}; unify them again to count things",
                    at.format("%Y-%m-%d at %H:%M")
                )),
                Unification::Never => counting.notes.push(format!(
                    "{records} are counted; which of them are one was never looked for, and unifying them lets things be counted"
                )),
            }
        }
        plan.of = Some(if counting.things.is_empty() { Of::Records } else { Of::Golden });
        by_thing(&mut plan, ontology, &counting.things);
        Ok((plan, counting))
    }

    /// Looks what the things behind the answer are made of.
    pub async fn look(&self, tenant: &TenantDcl, plan: &Plan, ontology: &Ontology) -> Result<Option<Counted>> {
        let makeup = if self.things.is_empty() { None } else { sql::makeup(plan, ontology, &self.things) };
        let Some(makeup) = makeup else { return Ok(None) };
        let (mut things, mut records, mut weakest_match) = (0, 0, 1.0_f64);
        let mut systems = BTreeSet::new();
        for row in tenant.query(&makeup, ROWS_MAX).await?.rows {
            let [sources, of_things, of_records, cohesion] = row.as_slice() else { continue };
            systems.extend(sources.as_str().into_iter().flat_map(|all| all.split(BETWEEN_SOURCES)).map(str::to_owned));
            things += number(of_things);
            records += number(of_records);
            weakest_match = weakest_match.min(cohesion.as_f64().unwrap_or(1.0));
        }
        Ok(Some(Counted {
            things: self.things.contains(&plan.entity).then_some(things),
            unified_at: self.unified_at.clone(),
            records,
            systems: systems.into_iter().collect(),
            weakest_match,
        }))
    }
}

/// Returns the entities whose records a plan reads or groups by.
fn involved(plan: &Plan, ontology: &Ontology) -> BTreeSet<String> {
    let target = |path: &str| Found::of(ontology, &plan.entity, path)?.field?.references.clone();
    let named = plan.group_by.iter().map(|group| group.field.as_str());
    let named = named.chain(plan.measures.iter().filter_map(|measure| measure.field.as_deref()));
    let followed = plan.references();
    let targets = followed.iter().copied().chain(named).filter_map(target);
    targets.chain([plan.entity.clone()]).collect()
}

/// Whether a plan filters or groups by the connection that a record of its entity is in. Beside a reference, it only says of which connection
/// the id is.
fn is_about_sources(plan: &Plan, ontology: &Ontology) -> bool {
    let filters = plan.filters.iter().chain(plan.measures.iter().flat_map(|measure| &measure.of));
    let measured = plan.measures.iter().filter_map(|measure| measure.field.as_deref());
    let grouped = plan.group_by.iter().enumerate().filter(|(at, _)| !is_of_reference(plan, ontology, *at));
    let grouped = grouped.map(|(_, group)| group.field.as_str());
    filters.map(|filter| filter.field.as_str()).chain(measured).chain(grouped).any(|field| field == SOURCE)
}

/// Whether the grouping before this one is by a reference, whose connection this one says.
fn is_of_reference(plan: &Plan, ontology: &Ontology, at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| plan.group_by.get(before));
    plan.group_by[at].field == SOURCE
        && before
            .and_then(|group| Found::of(ontology, &plan.entity, &group.field)?.field?.references.as_ref())
            .is_some()
}

/// Groups and counts by the thing that a reference leads to, and no more by its id in one system.
fn by_thing(plan: &mut Plan, ontology: &Ontology, things: &Things) {
    let entity = plan.entity.clone();
    let thing = |field: &str| {
        let target = Found::of(ontology, &entity, field)?.field?.references.as_deref()?;
        (things.contains(target) && !field.ends_with(GOLDEN)).then(|| format!("{field}.{GOLDEN}"))
    };
    let mut group_by: Vec<Grouping> = Vec::with_capacity(plan.group_by.len());
    for (at, group) in plan.group_by.iter().enumerate() {
        let of_thing = at > 0 && thing(&plan.group_by[at - 1].field).is_some() && group.field == SOURCE;
        match thing(&group.field) {
            Some(field) => group_by.push(Grouping { field, bucket: None }),
            None if of_thing => {}
            None => group_by.push(group.clone()),
        }
    }
    let renamed = plan.group_by.iter().find_map(|group| Some((group.name(), thing(&group.field)?)));
    let mut names: BTreeMap<String, String> = renamed.into_iter().collect();
    plan.group_by = group_by;
    for measure in plan.measures.iter_mut().filter(|measure| measure.op == MeasureOp::CountDistinct) {
        let Some(field) = measure.field.as_deref().and_then(thing) else { continue };
        let old = measure.name();
        *measure = Measure::of(MeasureOp::CountDistinct, &field);
        names.insert(old, measure.name());
    }
    if let Some(order) = &mut plan.order_by
        && let Some(name) = names.remove(&order.by)
    {
        order.by = name;
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

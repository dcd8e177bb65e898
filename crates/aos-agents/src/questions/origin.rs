//! From where an answer comes: the tables that feed what it uses, in the sources that it asks about.

use super::Result;
use super::answer::used;
use super::ask::ROWS_MAX;
use super::check::{Found, SOURCE};
use super::notes::is_asked;
use super::plan::Plan;
use super::sql::{self, Things};
use super::things::BETWEEN_SOURCES;
use aos_core::Ontology;
use aos_dcl::TenantDcl;
use aos_dcl::grounds::Ground;
use std::collections::BTreeSet;

/// Returns what feeds the fields of a plan, without the sources that its conditions leave out.
pub(super) async fn grounds(
    tenant: &TenantDcl,
    plan: &Plan,
    ontology: &Ontology,
    things: &Things,
) -> Result<Vec<Ground>> {
    let mut grounds = tenant.grounds(&used(plan, ontology)).await?;
    if !plan.filters.iter().any(|filter| filter.field == SOURCE) {
        return Ok(grounds);
    }
    // An id may lead to a record of another source, where none in its own has it.
    let mut reached: BTreeSet<(String, String)> = BTreeSet::new();
    for reference in plan.references() {
        let target = Found::of(ontology, &plan.entity, reference).and_then(|found| found.field?.references.as_deref());
        let Some((target, sql)) = target.zip(sql::reached(plan, ontology, things, reference)) else { continue };
        for row in tenant.query(&sql, ROWS_MAX).await?.rows {
            let sources = row.first().and_then(|source| source.as_str()).unwrap_or_default();
            reached.extend(sources.split(BETWEEN_SOURCES).map(|source| (target.to_owned(), source.to_owned())));
        }
    }
    grounds.retain(|ground| {
        ground.entity == plan.entity && is_asked(plan, &ground.source)
            || reached.contains(&(ground.entity.clone(), ground.source.clone()))
    });
    Ok(grounds)
}

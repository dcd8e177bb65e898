//! Figures whose names are part of one another, such as `cost` and `monthly_cost`. Where some records state only the one and others only the
//! other, a total of either is no total of what the word stands for, so whoever asks has to say which is meant.

use super::Result;
use super::check::Found;
use super::lexicon::Lexicon;
use super::plan::{Filter, FilterOp, Measure, MeasureOp, Plan};
use super::refusal::{Refusal, RefusalCode};
use super::sql::{self, Things};
use super::words;
use aos_dcl::TenantDcl;
use std::collections::BTreeSet;

/// Refuses a figure whose word means another one as well, where records that are asked about state that other one instead.
pub(super) async fn check(
    tenant: &TenantDcl,
    plan: &Plan,
    lexicon: &Lexicon,
    things: &Things,
) -> Result<Result<(), Refusal>> {
    let measured = plan.measures.iter().filter(|measure| measure.op != MeasureOp::CountDistinct);
    let measured = measured.filter_map(|measure| measure.field.as_deref());
    let ordered = plan.order_by.iter().filter(|_| plan.measures.is_empty()).map(|order| order.by.as_str());
    let compared = plan.filters.iter().filter(|filter| is_comparison(filter.op)).map(|filter| filter.field.as_str());
    let figures: BTreeSet<&str> = measured.chain(ordered).chain(compared).collect();
    for path in figures {
        for other in namesakes(plan, lexicon, path) {
            let instead = instead(tenant, plan, lexicon, things, path, &other).await?;
            if instead > 0 {
                return Ok(Err(refusal(plan, lexicon, path, &other, instead)));
            }
        }
    }
    Ok(Ok(()))
}

fn is_comparison(op: FilterOp) -> bool {
    matches!(op, FilterOp::Lt | FilterOp::Lte | FilterOp::Gt | FilterOp::Gte | FilterOp::Between)
}

/// Returns the paths of figures of the same unit whose names end with the name of this one.
fn namesakes(plan: &Plan, lexicon: &Lexicon, path: &str) -> Vec<String> {
    let Some(found) = lexicon.resolve(&plan.entity, path) else { return Vec::new() };
    let fields = lexicon.ontology.entity(found.entity).map(|entity| &entity.fields).into_iter().flatten();
    let end = format!("_{}", found.name);
    let alike = |other: &Found<'_>| other.unit().is_some() && other.unit() == found.unit() && other.kind == found.kind;
    fields
        .map(|(name, _)| format!("{}{name}", path.strip_suffix(found.name).unwrap_or_default()))
        .filter(|other| other.ends_with(&end))
        .filter(|other| lexicon.resolve(&plan.entity, other).is_some_and(|other| alike(&other)))
        .collect()
}

/// Counts the records that pass the other conditions and state the other figure only.
async fn instead(
    tenant: &TenantDcl,
    plan: &Plan,
    lexicon: &Lexicon,
    things: &Things,
    path: &str,
    other: &str,
) -> Result<u64> {
    let mut filters: Vec<Filter> = plan.filters.iter().filter(|filter| filter.field != path).cloned().collect();
    filters.push(Filter::of(path, FilterOp::IsNull, []));
    filters.push(Filter::of(other, FilterOp::NotNull, []));
    let counted =
        Plan { entity: plan.entity.clone(), of: plan.of, measures: vec![Measure::count()], filters, ..Plan::default() };
    let Some(sql) = sql::write(&counted, &lexicon.ontology, things) else { return Ok(0) };
    let rows = tenant.query(&sql, 1).await?.rows;
    Ok(rows.first().and_then(|row| row.first()?.as_u64()).unwrap_or(0))
}

fn refusal(plan: &Plan, lexicon: &Lexicon, path: &str, other: &str, instead: u64) -> Refusal {
    let (word, longer) = (words::name(path), words::name(other));
    let reason = format!(
        "`{word}` can be meant as {longer} as well: {instead} of the {} that are asked about state {longer} and no {word}",
        words::noun(plan)
    );
    // Where all records state it, the word means one thing.
    let stating = lexicon.sources.iter().filter(|source| {
        let stated = lexicon.given_in(&plan.entity, source, path);
        stated > 0 && stated == lexicon.count_in(&plan.entity, source)
    });
    let near = stating.map(|source| format!("{word} of {source} {}", words::noun(plan)));
    Refusal::new(RefusalCode::Ambiguous, reason).missing(word.as_str(), std::iter::once(longer).chain(near))
}

//! Whether what a plan names is in the data. The grammar knows only what is there; whoever else makes plans may name what is not, and an empty
//! answer to that would look like a true one.

use super::check::{GOLDEN, SOURCE};
use super::lexicon::Lexicon;
use super::notes::is_asked;
use super::plan::{FilterOp, Plan};
use super::refusal::{Refusal, RefusalCode};

/// Values that a refusal suggests.
const NEAR_MAX: usize = 8;

/// Refuses fields that no record states, and words that no record has where all words of a field are known.
pub(super) fn check(plan: &Plan, lexicon: &Lexicon) -> Result<(), Refusal> {
    has_data(plan, lexicon)?;
    let parts = plan.measures.iter().flat_map(|measure| &measure.of);
    for filter in plan.filters.iter().chain(parts) {
        let words = matches!(filter.op, FilterOp::In | FilterOp::NotIn);
        let Some(found) = lexicon.resolve(&plan.entity, &filter.field).filter(|_| words) else { continue };
        let Some(known) = lexicon.known_values(found.entity, found.name) else { continue };
        if let Some(unknown) = filter.values.iter().find(|value| !known.contains(value)) {
            let reason = format!("no record has `{unknown}` as its {}", filter.field.replace('_', " "));
            let near = known.iter().take(NEAR_MAX).cloned();
            return Err(Refusal::new(RefusalCode::NotPossible, reason).missing(filter.field.as_str(), near));
        }
    }
    Ok(())
}

/// Refuses what no record could answer.
pub(super) fn has_data(plan: &Plan, lexicon: &Lexicon) -> Result<(), Refusal> {
    leads_somewhere(plan, lexicon)?;
    for (path, _) in plan.fields() {
        let Some(found) = lexicon.resolve(&plan.entity, path) else { continue };
        if found.field.is_some_and(|_| found.name != GOLDEN) && !lexicon.has_data(found.entity, found.name) {
            let reason = format!("no record says {}.{}; connect a source that does", found.entity, found.name);
            return Err(Refusal::new(RefusalCode::NoData, reason).missing(path, Vec::<String>::new()));
        }
    }
    in_its_sources(plan, lexicon)
}

/// Refuses what would have to be followed along references of which none leads to a record.
fn leads_somewhere(plan: &Plan, lexicon: &Lexicon) -> Result<(), Refusal> {
    // Names that the ontology does not have, and ways that are too long, are refused as such.
    if plan.fields().any(|(path, _)| lexicon.resolve(&plan.entity, path).is_none()) {
        return Ok(());
    }
    for reference in plan.references() {
        let Some(found) = lexicon.resolve(&plan.entity, reference) else { continue };
        if lexicon.count(&plan.entity) > 0 && !lexicon.leads_somewhere(found.entity, found.name) {
            let target = found.field.and_then(|field| field.references.as_deref()).unwrap_or_default();
            let reason = format!(
                "no {} record leads by its {} to a record of {} that is there; connect the source that has them",
                found.entity.replace('_', " "),
                found.name,
                target.replace('_', " ")
            );
            return Err(Refusal::new(RefusalCode::NoData, reason).missing(reference, Vec::<String>::new()));
        }
    }
    Ok(())
}

/// Refuses what none of the sources that are asked about could answer: nothing is not what they say.
fn in_its_sources(plan: &Plan, lexicon: &Lexicon) -> Result<(), Refusal> {
    if !plan.filters.iter().any(|filter| filter.field == SOURCE) {
        return Ok(());
    }
    let has_records = |source: &&String| lexicon.count_in(&plan.entity, source) > 0;
    let (sources, names) = match plan.filters.iter().find(|filter| filter.field == SOURCE && filter.op == FilterOp::In)
    {
        Some(asked) => (asked.values.clone(), asked.values.join(" or ")),
        None => {
            let asked = lexicon.sources.iter().filter(has_records).filter(|source| is_asked(plan, source));
            (asked.cloned().collect::<Vec<_>>(), "the other sources".to_owned())
        }
    };
    if !sources.iter().any(|source| has_records(&source)) {
        let reason = format!("there are no {} records in {names}", plan.entity.replace('_', " "));
        return Err(Refusal::new(RefusalCode::NoData, reason).missing(plan.entity.as_str(), Vec::<String>::new()));
    }
    // A list may show a column that is empty; what is compared, counted or grouped by has to be there.
    let used = plan.fields().filter(|(path, listed)| !listed && !path.contains('.')).map(|(path, _)| path);
    for path in used {
        let Some(found) = lexicon.resolve(&plan.entity, path).filter(|found| found.name != GOLDEN) else { continue };
        if found.field.is_some() && sources.iter().all(|source| lexicon.given_in(&plan.entity, source, found.name) == 0)
        {
            let reason = format!("no record of {names} says {}.{}", plan.entity, found.name);
            return Err(Refusal::new(RefusalCode::NoData, reason).missing(path, Vec::<String>::new()));
        }
    }
    Ok(())
}

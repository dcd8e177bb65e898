//! Whether what a plan names is in the data. The grammar knows only what is there; whoever else makes plans may name what is not, and an empty
//! answer to that would look like a true one.

use super::lexicon::Lexicon;
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
    for (path, _) in plan.fields() {
        let Some(found) = lexicon.resolve(&plan.entity, path) else { continue };
        if found.field.is_some_and(|_| found.name != super::check::GOLDEN)
            && !lexicon.has_data(found.entity, found.name)
        {
            let reason = format!("no record says {}.{}; connect a source that does", found.entity, found.name);
            return Err(Refusal::new(RefusalCode::NoData, reason).missing(path, Vec::<String>::new()));
        }
    }
    Ok(())
}

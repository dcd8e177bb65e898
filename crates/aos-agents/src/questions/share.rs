//! Shares among those that say. A source that never states a field says nothing of the part that is asked for, and its records would only make
//! the whole greater.

use super::lexicon::Lexicon;
use super::notes::is_asked;
use super::plan::{Filter, FilterOp, MeasureOp, Plan};

/// Narrows the whole of a share to the records that state what the part is told by, where some sources never do. Where every source states
/// it, a record without it is one that has none, and stays.
pub(super) fn among_those_that_say(mut plan: Plan, lexicon: &Lexicon) -> Plan {
    let shares = plan.measures.iter().filter(|measure| measure.op == MeasureOp::Share);
    let told_by = shares.flat_map(|share| &share.of);
    // That there is none, or is one, is what these ask.
    let told_by = told_by.filter(|filter| !matches!(filter.op, FilterOp::IsNull | FilterOp::NotNull));
    let mut said: Vec<Filter> = Vec::new();
    for filter in told_by {
        let is_known = plan.filters.iter().chain(&said).any(|other| other.field == filter.field);
        if !is_known && is_silent_somewhere(&plan, lexicon, &filter.field) {
            said.push(Filter::of(&filter.field, FilterOp::NotNull, []));
        }
    }
    plan.filters.append(&mut said);
    plan
}

fn is_silent_somewhere(plan: &Plan, lexicon: &Lexicon, path: &str) -> bool {
    let Some(found) = lexicon.resolve(&plan.entity, path).filter(|found| found.field.is_some()) else { return false };
    if !found.far {
        return lexicon.silent(&plan.entity, path).iter().any(|source| is_asked(plan, source));
    }
    // Of a record that leads nowhere, or to one that does not say it, nothing is known.
    let leads = steps(path).iter().all(|reference| {
        lexicon.resolve(&plan.entity, reference).is_some_and(|found| {
            let place = (found.entity.to_owned(), found.name.to_owned());
            lexicon.found.get(&place).copied().unwrap_or(0) >= lexicon.count(found.entity)
        })
    });
    !leads || lexicon.given(found.entity, found.name) < lexicon.count(found.entity)
}

/// Returns the references of a path, each after those that lead to it.
fn steps(path: &str) -> Vec<&str> {
    path.match_indices('.').map(|(at, _)| &path[..at]).collect()
}

//! What has to be minded about an answer: of which records it says nothing, and what they would have to say.

use super::check::{Found, GOLDEN, SOURCE};
use super::lexicon::Lexicon;
use super::plan::{Filter, FilterOp, Plan};
use super::stated::{Standing, Stated};
use super::words;
use aos_dcl::views::QueryAnswer;
use chrono::{Days, NaiveDate};
use std::collections::BTreeSet;

/// Sources that a note names.
const SOURCES_NAMED_MAX: usize = 5;
/// A stretch of time of which the data leaves out less than one part in so many is covered.
const GAP_PARTS: i64 = 10;

/// Says what has to be minded about a plan, once for each field. `today` is what the question goes back from.
pub(super) fn about(plan: &Plan, lexicon: &Lexicon, standing: &Standing, today: NaiveDate) -> Vec<String> {
    let mut notes: BTreeSet<String> = BTreeSet::new();
    for field in &standing.fields {
        let is_missing = plan.filters.iter().any(|filter| filter.field == field.path && filter.op == FilterOp::IsNull);
        if is_missing {
            notes.extend(silent_sources(plan, lexicon, &field.path));
        } else {
            notes.extend(partly(plan, lexicon, field));
        }
        notes.extend(beyond(plan, field, today));
    }
    let is_money = |path: &str| Found::of(&lexicon.ontology, &plan.entity, path).is_some_and(|found| found.is_money());
    let parts = plan.measures.iter().flat_map(|measure| &measure.of);
    let compared = plan.filters.iter().chain(parts).any(|filter| filter.is_of_value() && is_money(&filter.field));
    if compared && lexicon.has_currency(&plan.entity) {
        notes.insert("amounts are compared as they are stated, each in its own currency".to_owned());
    }
    notes.into_iter().collect()
}

/// Says that records of entities that nobody compares may stand in several sources.
pub(super) fn alike(plan: &Plan, lexicon: &Lexicon, standing: &Standing) -> Option<String> {
    let (records, keys) = standing.alike.filter(|(records, keys)| keys < records)?;
    let key = &lexicon.ontology.entity(&plan.entity)?.key;
    Some(format!(
        "the {records} {} have {keys} different values of {}: what stands in several sources under one of them counts in each; ask for one source to count it once",
        words::noun(plan),
        words::name(key)
    ))
}

/// Says that more rows came than were asked for, since several are equal to the last one.
pub(super) fn ties(plan: &Plan, result: &QueryAnswer) -> Option<String> {
    let (limit, order) = (plan.limit?, plan.order_by.as_ref()?);
    let shown = result.rows.len();
    if shown <= limit as usize || result.truncated {
        return None;
    }
    let at = result.columns.iter().position(|column| column.name == order.by)?;
    let last = result.rows.last()?.get(at)?;
    let equal = result.rows.iter().filter(|row| row.get(at) == Some(last)).count();
    let by = words::name(&order.by);
    Some(format!("{shown} are shown and not {limit}, since {equal} have the same {by} and share the last place"))
}

/// `340 of 980 opportunity records state type; nothing that is read in books (640) states it`, where that is so.
fn partly(plan: &Plan, lexicon: &Lexicon, field: &Stated) -> Option<String> {
    let path = &field.path;
    // Of a condition, those count that it leaves out for saying nothing, also where they say nothing of another one either.
    let is_condition = plan.filters.iter().any(|filter| filter.field == *path && filter.is_of_value());
    let (stated, whole) =
        if is_condition { (field.stated_open, field.whole_open) } else { (field.stated, field.whole) };
    if stated >= whole {
        return None;
    }
    let noun = words::noun(plan);
    let others = plan.filters.iter().any(|filter| filter.field != *path);
    let all = if others && whole > field.whole {
        format!("the {whole} {noun} that pass the other conditions, or do not say what they ask for,")
    } else if others {
        format!("the {whole} {noun} that pass the other conditions")
    } else {
        format!("{whole} {noun}")
    };
    let Some((reference, name)) = path.rsplit_once('.') else {
        let silent =
            silent(plan, lexicon, path).map(|sources| format!("; nothing that is read in {sources} states it"));
        return Some(format!("{stated} of {all} state {path}{}", silent.unwrap_or_default()));
    };
    let found = lexicon.resolve(&plan.entity, path);
    let target = found.map_or("record", |found| found.entity).replace('_', " ");
    let key = found.and_then(|found| Some(&lexicon.ontology.entity(found.entity)?.key));
    if name == GOLDEN || key.is_some_and(|key| key == name) {
        return Some(format!("{stated} of {all} refer by {reference} to a record of {target} that is there"));
    }
    Some(format!("{stated} of {all} refer by {reference} to a record of {target} that states {name}"))
}

/// Says which sources never state a field, so that their records count as being without it.
fn silent_sources(plan: &Plan, lexicon: &Lexicon, path: &str) -> Option<String> {
    let sources = silent(plan, lexicon, path)?;
    Some(format!("all records of {sources} count as being without {path}, since nothing that is read there states it"))
}

/// Names the sources that are asked about and never state a field, each with its number of records.
fn silent(plan: &Plan, lexicon: &Lexicon, path: &str) -> Option<String> {
    let is_own = lexicon.resolve(&plan.entity, path).is_some_and(|found| found.field.is_some() && !found.far);
    let silent: Vec<String> = lexicon
        .silent(&plan.entity, path)
        .into_iter()
        .filter(|source| is_own && is_asked(plan, source))
        .map(|source| format!("{source} ({})", lexicon.count_in(&plan.entity, source)))
        .collect();
    if silent.is_empty() {
        return None;
    }
    let more = silent.len().saturating_sub(SOURCES_NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("{}{more}", silent.iter().take(SOURCES_NAMED_MAX).cloned().collect::<Vec<_>>().join(", ")))
}

/// Whether the conditions of a plan let records of a source through.
pub(super) fn is_asked(plan: &Plan, source: &str) -> bool {
    let of_source = plan.filters.iter().filter(|filter| filter.field == SOURCE);
    of_source.into_iter().all(|filter| {
        let named = filter.values.iter().any(|value| value == source);
        match filter.op {
            FilterOp::In => named,
            FilterOp::NotIn => !named,
            _ => true,
        }
    })
}

/// Says where a stretch of time that is asked about goes beyond what the data tells of.
fn beyond(plan: &Plan, field: &Stated, today: NaiveDate) -> Option<String> {
    let (first, last) = field.days?;
    let of_field: Vec<&Filter> = plan.filters.iter().filter(|filter| filter.field == field.path).collect();
    let day = |filter: &Filter, at: usize| filter.values.get(at)?.parse::<NaiveDate>().ok();
    let after = |day: NaiveDate| day.checked_add_days(Days::new(1));
    let from = of_field.iter().filter_map(|filter| match filter.op {
        FilterOp::Gte | FilterOp::Between => day(filter, 0),
        FilterOp::Gt => after(day(filter, 0)?),
        _ => None,
    });
    let until = of_field.iter().filter_map(|filter| match filter.op {
        FilterOp::Lt => day(filter, 0),
        FilterOp::Lte => after(day(filter, 0)?),
        FilterOp::Between => after(day(filter, 1)?),
        _ => None,
    });
    let (from, until) = (from.max(), until.min());
    let (newest, oldest) = (
        format!("the newest {} is of {last} by {}", words::one(plan), words::name(&field.path)),
        format!("the oldest {} is of {first} by {}", words::one(plan), words::name(&field.path)),
    );
    if from.is_some_and(|from| from > last) {
        return Some(format!("{newest}, before what is asked about begins"));
    }
    if until.is_some_and(|until| until <= first) {
        return Some(format!("{oldest}, after what is asked about ends"));
    }
    // What has not come yet, nothing can tell.
    let known = today.checked_add_days(Days::new(1))?;
    let begin = from?;
    let end = until.unwrap_or(known).min(known);
    let length = (end - begin).num_days();
    let is_gap = |days: i64| length > 0 && days > 1 && days * GAP_PARTS > length;
    if is_gap((end - after(last)?).num_days()) {
        return Some(format!("{newest}; of later days that are asked about the data says nothing"));
    }
    is_gap((first - begin).num_days())
        .then(|| format!("{oldest}; of earlier days that are asked about the data says nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(from: &str, until: &str) -> Option<String> {
        let day = |text: &str| text.parse().unwrap();
        let filters = [(FilterOp::Gte, from), (FilterOp::Lt, until)].into_iter().filter(|(_, day)| !day.is_empty());
        let filters = filters.map(|(op, day)| Filter::of("created_at", op, [day.to_owned()])).collect();
        let plan = Plan { entity: "ticket".to_owned(), filters, ..Plan::default() };
        let days = Some((day("2024-10-20"), day("2025-11-12")));
        beyond(
            &plan,
            &Stated { path: "created_at".to_owned(), whole: 9, stated: 9, whole_open: 9, stated_open: 9, days },
            day("2025-11-14"),
        )
    }

    #[test]
    fn a_time_of_which_the_data_does_not_tell_is_named_and_another_is_not() {
        for (from, until, word) in [
            ("2026-01-01", "2027-01-01", "newest"),
            ("2025-11-13", "", "newest"),
            ("", "2024-10-20", "oldest"),
            ("2024-01-01", "2025-01-01", "oldest"),
            ("2025-11-06", "2025-11-15", "newest"),
        ] {
            let note = said(from, until);
            assert!(note.as_ref().is_some_and(|note| note.contains(word)), "{from} {until}: {note:?}");
        }
        for (from, until) in [("2025-01-01", "2026-01-01"), ("2025-10-01", "2025-11-01"), ("", "2025-01-01")] {
            assert_eq!(said(from, until), None, "{from} {until}");
        }
    }
}

//! Conditions that no record can pass. What is counted under them is nothing, whatever the data says, and would look like an answer.

use super::plan::{Filter, FilterOp, Plan};
use super::refusal::Refusal;
use std::collections::BTreeSet;

/// One end of what a condition lets through, and whether the end itself is in.
type End<'f> = (&'f str, bool);

/// Refuses conditions of which one excludes what another one asks for.
pub(super) fn check(plan: &Plan) -> Result<(), Refusal> {
    for all in std::iter::once(&plan.filters).chain(plan.measures.iter().map(|measure| &measure.of)) {
        let fields: BTreeSet<&str> = all.iter().map(|filter| filter.field.as_str()).collect();
        for field in fields {
            let of_field: Vec<&Filter> = all.iter().filter(|filter| filter.field == field).collect();
            range(field, &of_field)?;
            values(field, &of_field)?;
        }
    }
    Ok(())
}

fn range(field: &str, filters: &[&Filter]) -> Result<(), Refusal> {
    for (from, from_is_in) in filters.iter().filter_map(|filter| lower(filter)) {
        for (to, to_is_in) in filters.iter().filter_map(|filter| upper(filter)) {
            let is_one = !is_less(from, to) && !is_less(to, from);
            if is_less(to, from) || is_one && !(from_is_in && to_is_in) {
                let reason =
                    format!("what is asked of `{field}` begins at {from} and ends at {to}, and nothing lies between");
                return Err(Refusal::not_possible(reason).missing(field, ["one stretch that begins before it ends"]));
            }
        }
    }
    Ok(())
}

fn values(field: &str, filters: &[&Filter]) -> Result<(), Refusal> {
    let is_missing = filters.iter().any(|filter| filter.op == FilterOp::IsNull);
    if is_missing && filters.iter().any(|filter| filter.op != FilterOp::IsNull) {
        let reason = format!("`{field}` is asked to be missing and to have a value, which no record does");
        return Err(Refusal::not_possible(reason).missing(field, ["one of the two"]));
    }
    let mut named = filters.iter().filter(|filter| filter.op == FilterOp::In);
    let Some(first) = named.next() else { return Ok(()) };
    let mut left: BTreeSet<&String> = first.values.iter().collect();
    for other in named {
        left.retain(|value| other.values.contains(value));
    }
    for excluded in filters.iter().filter(|filter| filter.op == FilterOp::NotIn) {
        left.retain(|value| !excluded.values.contains(value));
    }
    if left.is_empty() {
        let reason = format!("no value of `{field}` is left by what is asked of it");
        return Err(Refusal::not_possible(reason).missing(field, ["name the values with `or`"]));
    }
    Ok(())
}

fn lower(filter: &Filter) -> Option<End<'_>> {
    let value = filter.values.first()?.as_str();
    match filter.op {
        FilterOp::Gt => Some((value, false)),
        FilterOp::Gte | FilterOp::Between => Some((value, true)),
        _ => None,
    }
}

fn upper(filter: &Filter) -> Option<End<'_>> {
    match filter.op {
        FilterOp::Lt => Some((filter.values.first()?, false)),
        FilterOp::Lte => Some((filter.values.first()?, true)),
        FilterOp::Between => Some((filter.values.get(1)?, true)),
        _ => None,
    }
}

/// Compares two numbers, or two dates in their usual form.
fn is_less(one: &str, other: &str) -> bool {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one < other,
        _ => one < other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(filters: &[(FilterOp, &[&str])]) -> Result<(), Refusal> {
        let filter =
            |(op, values): &(FilterOp, &[&str])| Filter::of("amount", *op, values.iter().map(|&v| v.to_owned()));
        check(&Plan { filters: filters.iter().map(filter).collect(), ..Plan::default() })
    }

    #[test]
    fn what_lets_nothing_through_is_refused_and_what_lets_one_value_through_is_not() {
        for (possible, filters) in [
            (false, &[(FilterOp::Gte, &["10"][..]), (FilterOp::Lt, &["9.5"])][..]),
            (false, &[(FilterOp::Gte, &["2025-01-01"]), (FilterOp::Lt, &["2025-01-01"])]),
            (false, &[(FilterOp::Gt, &["10"]), (FilterOp::Lte, &["10"])]),
            (false, &[(FilterOp::Between, &["20", "10"])]),
            (false, &[(FilterOp::Between, &["1", "5"]), (FilterOp::Gt, &["5"])]),
            (false, &[(FilterOp::In, &["a", "b"]), (FilterOp::In, &["c"])]),
            (false, &[(FilterOp::In, &["a"]), (FilterOp::NotIn, &["a", "b"])]),
            (false, &[(FilterOp::IsNull, &[]), (FilterOp::Gt, &["1"])]),
            (true, &[(FilterOp::Gte, &["10"]), (FilterOp::Lte, &["10"])]),
            (true, &[(FilterOp::Gte, &["9"]), (FilterOp::Lt, &["10"])]),
            (true, &[(FilterOp::In, &["a", "b"]), (FilterOp::NotIn, &["a"])]),
            (true, &[(FilterOp::IsNull, &[])]),
        ] {
            assert_eq!(asked(filters).is_ok(), possible, "{filters:?}");
        }
    }
}

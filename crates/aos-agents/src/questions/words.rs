//! Plans and answers in words: one sentence, built from what was really computed.

use super::plan::{Filter, FilterOp, Measure, MeasureOp, Of, Order, Plan};
use super::stated::Standing;
use super::things::Counted;
use aos_dcl::views::QueryAnswer;
use serde_json::Value;

/// Groups or records that a sentence names; the rest are in the rows.
const NAMED_MAX: usize = 5;
/// Values of a filter that a sentence names.
const VALUES_NAMED_MAX: usize = 6;

/// Says what a plan asks for.
pub fn of_plan(plan: &Plan) -> String {
    let records = noun(plan);
    let mut text = match plan.measures.as_slice() {
        [] => records.clone(),
        measures => measures.iter().map(|measure| of_measure(measure, &records)).collect::<Vec<_>>().join(" and "),
    };
    if !plan.filters.is_empty() {
        text.push_str(&format!(" where {}", of_filters(&plan.filters)));
    }
    if !plan.group_by.is_empty() {
        let groups = plan.group_by.iter().map(|group| match group.bucket {
            Some(bucket) => format!("{} of {}", bucket.as_str(), name(&group.field)),
            None => name(&group.field),
        });
        text.push_str(&format!(" by {}", groups.collect::<Vec<_>>().join(" and ")));
    }
    if let Some(Order { by, descending }) = &plan.order_by {
        let end = if *descending { "highest" } else { "lowest" };
        let count = match plan.limit {
            Some(1) => "the ".to_owned(),
            Some(limit) => format!("the {limit} "),
            None => String::new(),
        };
        text.push_str(&format!(", {count}{end} by {}", name(by)));
    }
    text
}

/// Names the records that a plan is about, with its conditions.
pub(super) fn of_filtered(plan: &Plan) -> String {
    let conditions =
        if plan.filters.is_empty() { String::new() } else { format!(" where {}", of_filters(&plan.filters)) };
    format!("{}{conditions}", noun(plan))
}

/// Names what a plan counts: things, or records.
pub(super) fn noun(plan: &Plan) -> String {
    match plan.of {
        Some(Of::Golden) => several(&name(&plan.entity)),
        _ => format!("{} records", name(&plan.entity)),
    }
}

/// ... and one of it.
pub(super) fn one(plan: &Plan) -> String {
    match plan.of {
        Some(Of::Golden) => name(&plan.entity),
        _ => format!("{} record", name(&plan.entity)),
    }
}

fn of_measure(measure: &Measure, records: &str) -> String {
    let field = measure.field.as_deref().map(name).unwrap_or_default();
    match measure.op {
        MeasureOp::Count => format!("number of {records}"),
        MeasureOp::CountDistinct => format!("number of different values of {field} in {records}"),
        MeasureOp::Sum => format!("total {field} of {records}"),
        MeasureOp::Avg => format!("average {field} of {records}"),
        MeasureOp::Min => format!("least {field} of {records}"),
        MeasureOp::Max => format!("greatest {field} of {records}"),
        MeasureOp::Share => format!("share with {} among {records}", of_filters(&measure.of)),
    }
}

fn of_filters(filters: &[Filter]) -> String {
    filters.iter().map(of_filter).collect::<Vec<_>>().join(" and ")
}

fn of_filter(filter: &Filter) -> String {
    let field = name(&filter.field);
    let mut values = filter.values.iter().take(VALUES_NAMED_MAX).cloned().collect::<Vec<_>>().join(" or ");
    if filter.values.len() > VALUES_NAMED_MAX {
        values.push_str(&format!(" or {} others", filter.values.len() - VALUES_NAMED_MAX));
    }
    match filter.op {
        FilterOp::In => format!("{field} is {values}"),
        FilterOp::NotIn => format!("{field} is not {values}"),
        FilterOp::Lt => format!("{field} is below {values}"),
        FilterOp::Lte => format!("{field} is at most {values}"),
        FilterOp::Gt => format!("{field} is above {values}"),
        FilterOp::Gte => format!("{field} is at least {values}"),
        FilterOp::Between => format!("{field} is between {}", filter.values.join(" and ")),
        FilterOp::Contains => format!("{field} contains {values}"),
        FilterOp::IsNull => format!("{field} is missing"),
        FilterOp::NotNull => format!("{field} is known"),
    }
}

/// Says the answer in one sentence, with of how many records it is and what the things in it are made of.
pub(super) fn of_answer(plan: &Plan, result: &QueryAnswer, standing: &Standing, counted: Option<&Counted>) -> String {
    let answer = answered(plan, result, &of_those_that_state_it(plan, standing));
    let Some(Counted { things: Some(things), records, systems, .. }) = counted else { return answer };
    let systems = if systems.len() == 1 { "1 system".to_owned() } else { format!("{} systems", systems.len()) };
    let records = if *records == 1 { "1 record".to_owned() } else { format!("{records} records") };
    let made_of = format!("unified from {records} of {systems}");
    if plan.group_by.is_empty() && matches!(plan.measures[..], [Measure { op: MeasureOp::Count, .. }]) {
        return format!("{}, {made_of}.", answer.trim_end_matches('.'));
    }
    let entity = name(&plan.entity);
    let things = if *things == 1 { format!("1 {entity}") } else { format!("{things} {}", several(&entity)) };
    format!("{answer} This is about {things}, {made_of}.")
}

/// `, of the 340 of 980 that state it`: where a figure or a rank is told by what not all records say.
fn of_those_that_state_it(plan: &Plan, standing: &Standing) -> String {
    let figures = plan.measures.iter().filter(|measure| measure.op != MeasureOp::CountDistinct);
    let figures = figures.filter_map(|measure| measure.field.as_deref());
    let ranked = plan.order_by.iter().filter(|_| plan.measures.is_empty()).map(|order| order.by.as_str());
    let partly = figures.chain(ranked).find_map(|path| standing.partly(path));
    partly.map_or_else(String::new, |field| format!(", of the {} of {} that state it", field.stated, field.whole))
}

fn answered(plan: &Plan, result: &QueryAnswer, of_those: &str) -> String {
    let asked = format!("{}{of_those}", capital(&of_plan(plan)));
    if result.rows.is_empty() {
        return format!("{asked}: none.");
    }
    if plan.measures.is_empty() {
        return format!("{asked}:{} {}.", number_of(plan, result), listed(result, NAMED_MAX, 1));
    }
    if plan.group_by.is_empty() {
        return format!("{asked}: {}.", measured(plan, result, 0));
    }
    let groups = plan.group_by.len();
    if let ([row], Some(1)) = (result.rows.as_slice(), plan.limit) {
        return format!("{asked}: {}, {}.", cells(&row[..groups]), cells(&row[groups..]));
    }
    format!("{asked}: {}.", listed(result, NAMED_MAX, groups))
}

/// Says how many rows came, where that is not what was asked for.
fn number_of(plan: &Plan, result: &QueryAnswer) -> String {
    let rows = result.rows.len();
    match plan.limit {
        Some(limit) if rows == limit as usize => String::new(),
        Some(limit) if rows > limit as usize => format!(" {rows} with those that share the last place:"),
        _ if result.truncated => format!(" at least {rows}:"),
        _ => format!(" {rows}:"),
    }
}

fn measured(plan: &Plan, result: &QueryAnswer, row: usize) -> String {
    let row = &result.rows[row];
    if plan.measures.iter().any(|measure| measure.op == MeasureOp::Share)
        && let [share, part, whole] = row.as_slice()
    {
        return format!("{} percent ({} of {})", cell(share), cell(part), cell(whole));
    }
    cells(row)
}

/// Names the first rows, each as what it is and what is measured of it.
fn listed(result: &QueryAnswer, most: usize, names: usize) -> String {
    let named = result.rows.iter().take(most).map(|row| {
        let (name, rest) = row.split_at(names.min(row.len()));
        let values = rest.iter().filter(|value| !value.is_null()).map(cell).collect::<Vec<_>>().join(", ");
        if values.is_empty() { cells(name) } else { format!("{} ({values})", cells(name)) }
    });
    let mut text = named.collect::<Vec<_>>().join("; ");
    if result.rows.len() > most {
        text.push_str(&format!("; and {} more", result.rows.len() - most));
    }
    text
}

fn cells(values: &[Value]) -> String {
    values.iter().map(cell).collect::<Vec<_>>().join(" ")
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) fn name(field: &str) -> String {
    match field.split_once('.') {
        Some((reference, super::check::GOLDEN)) => reference.trim_end_matches("_id").replace('_', " "),
        Some((reference, field)) => format!("{} {}", reference.trim_end_matches("_id").replace('_', " "), name(field)),
        None if field == super::check::SOURCE => "source".to_owned(),
        None => field.replace('_', " "),
    }
}

fn several(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{name}s"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

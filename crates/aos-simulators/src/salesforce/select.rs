//! Finds the records that a SOQL statement asks for.

use super::failure::Failure;
use super::record;
use super::schema::LINKS;
use super::soql::{Condition, Fields, Literal, Operator, Order, Select};
use crate::account::{Account, Cell, Draw, Field, Formula, Kind, Meta, Table, time};
use std::cmp::Ordering;

/// `FIELDS(ALL)` and `FIELDS(CUSTOM)` need a limit of so many records.
const GROUP_ROWS_MAX: usize = 200;

/// The rows of an answer, in its order, and the fields that are asked for.
#[derive(Debug, Clone)]
pub struct Found {
    pub object: String,
    pub rows: Vec<u64>,
    pub fields: Vec<String>,
}

/// Runs a statement; deleted records are seen by `queryAll` only.
pub fn find(account: &Account, select: &Select, with_deleted: bool) -> Result<Found, Failure> {
    let table = account.tables().find(|table| table.stream.name.eq_ignore_ascii_case(&select.object));
    let table = table.ok_or_else(|| Failure::no_object(&select.object))?;
    let fields = named(&table, select)?;
    if let Some(condition) = &select.condition {
        check(&table, condition)?;
    }
    if table.stream.name == LINKS && !select.condition.as_ref().is_some_and(names_links) {
        return Err(Failure::malformed(
            "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId \
             using the equals operator or multiple Id's using the IN operator.",
        ));
    }
    let order = select.order.iter().map(|order| field(&table, &order.field)).collect::<Result<Vec<_>, _>>()?;
    let fits = |row: u64| {
        let meta = table.meta(row)?;
        let fits = (with_deleted || !meta.deleted)
            && select.condition.as_ref().is_none_or(|condition| holds(&table, row, &meta, condition));
        fits.then_some(row)
    };
    let mut rows: Vec<u64> = if runs_by_change(&select.order, &order) {
        let from = select.condition.as_ref().and_then(|condition| changed_from(&table, condition));
        table.by_change(from.unwrap_or(i64::MIN / 2)).filter_map(|(_, row)| fits(row)).collect()
    } else {
        let rows: Vec<u64> = table.by_id(None).filter_map(fits).collect();
        if order.iter().all(|field| is(field, &Draw::Key)) && !select.order.iter().any(|order| order.descending) {
            rows
        } else {
            sorted(&table, rows, &select.order, &order)
        }
    };
    rows.drain(..select.offset.min(rows.len()));
    rows.truncate(select.limit.unwrap_or(usize::MAX));
    Ok(Found { object: table.stream.name.clone(), rows, fields })
}

/// Whether a condition says which documents or records the links are to be of.
fn names_links(condition: &Condition) -> bool {
    let is = |field: &str| ["ContentDocumentId", "LinkedEntityId"].iter().any(|name| name.eq_ignore_ascii_case(field));
    match condition {
        Condition::And(all) => all.iter().any(names_links),
        Condition::Compare { field, operator: Operator::Equal, value: Literal::Text(_) } => is(field),
        Condition::In { field, negated: false, .. } => is(field),
        _ => false,
    }
}

fn named(table: &Table<'_>, select: &Select) -> Result<Vec<String>, Failure> {
    match &select.fields {
        Fields::Count => Ok(Vec::new()),
        Fields::Named(names) => names.iter().map(|name| field(table, name).map(|field| field.name.clone())).collect(),
        Fields::Group(group) => {
            if group != "STANDARD" && select.limit.is_none_or(|limit| limit > GROUP_ROWS_MAX) {
                let message = "The SOQL FIELDS function must have a LIMIT of at most 200";
                return Err(Failure::malformed(message));
            }
            let wanted = |field: &&Field| match group.as_str() {
                "STANDARD" => !field.custom,
                "CUSTOM" => field.custom,
                _ => true,
            };
            Ok(table.stream.fields.iter().filter(wanted).map(|field| field.name.clone()).collect())
        }
    }
}

fn field<'a>(table: &Table<'a>, name: &str) -> Result<&'a Field, Failure> {
    // Salesforce does not tell case apart in names, nor mind the object's own name before a field's.
    let bare = name.strip_prefix(&format!("{}.", table.stream.name)).unwrap_or(name);
    let found = table.stream.fields.iter().find(|field| field.name.to_lowercase() == bare.to_lowercase());
    found.ok_or_else(|| Failure::no_field(name, &table.stream.name))
}

/// Every field of a condition must be there, and every value must fit it.
fn check(table: &Table<'_>, condition: &Condition) -> Result<(), Failure> {
    match condition {
        Condition::And(all) | Condition::Or(all) => all.iter().try_for_each(|one| check(table, one)),
        Condition::Not(one) => check(table, one),
        Condition::In { field: name, .. } => field(table, name).map(drop),
        Condition::Compare { field: name, value, .. } => {
            let field = field(table, name)?;
            let is_bad = match (&field.kind, value) {
                (_, Literal::Null) => false,
                (Kind::Time, Literal::Bare(text)) => time::parse(text).is_none(),
                (Kind::Date, Literal::Bare(text)) => time::parse_date(text).is_none(),
                (Kind::Time | Kind::Date, Literal::Text(_)) => true,
                _ => false,
            };
            if is_bad {
                let message = format!(
                    "value of filter criterion for field '{name}' must be of type dateTime and should not be enclosed in quotes"
                );
                return Err(Failure::new(
                    axum::http::StatusCode::BAD_REQUEST,
                    "INVALID_QUERY_FILTER_OPERATOR",
                    message,
                ));
            }
            Ok(())
        }
    }
}

fn holds(table: &Table<'_>, row: u64, meta: &Meta, condition: &Condition) -> bool {
    match condition {
        Condition::And(all) => all.iter().all(|one| holds(table, row, meta, one)),
        Condition::Or(any) => any.iter().any(|one| holds(table, row, meta, one)),
        Condition::Not(one) => !holds(table, row, meta, one),
        Condition::In { field: name, values, negated } => {
            let Ok(field) = field(table, name) else { return false };
            let cell = table.cell(row, meta, field);
            values.iter().any(|value| against(table, field, &cell, value) == Some(Ordering::Equal)) != *negated
        }
        Condition::Compare { field: name, operator, value } => {
            let Ok(field) = field(table, name) else { return false };
            let cell = table.cell(row, meta, field);
            if *operator == Operator::Like {
                return like(table, field, &cell, value);
            }
            let order = against(table, field, &cell, value);
            match operator {
                Operator::Equal => order == Some(Ordering::Equal),
                Operator::NotEqual => order != Some(Ordering::Equal),
                Operator::Less => order == Some(Ordering::Less),
                Operator::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                Operator::Greater => order == Some(Ordering::Greater),
                Operator::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                Operator::Like => false,
            }
        }
    }
}

/// Compares a cell with a value; none when they cannot be compared, as with null.
fn against(table: &Table<'_>, field: &Field, cell: &Cell, value: &Literal) -> Option<Ordering> {
    match (cell, value) {
        (Cell::Null, Literal::Null) => Some(Ordering::Equal),
        (Cell::Null, _) | (_, Literal::Null) => None,
        (Cell::Time(ms), Literal::Bare(text)) => Some(ms.cmp(&time::parse(text)?)),
        (Cell::Date(days), Literal::Bare(text)) => Some(days.cmp(&time::parse_date(text)?)),
        (Cell::Boolean(truth), Literal::Bare(text)) => Some(truth.cmp(&text.to_lowercase().parse().ok()?)),
        (Cell::Integer(number), Literal::Bare(text)) => (*number as f64).partial_cmp(&text.parse().ok()?),
        (Cell::Decimal { units, scale }, Literal::Bare(text)) => {
            Cell::number(*units, *scale).parse::<f64>().ok()?.partial_cmp(&text.parse().ok()?)
        }
        (Cell::Row(row), Literal::Text(id)) => {
            let object = if let Kind::Link { to } = &field.kind { to } else { table.stream.name.as_str() };
            Some(record::id(object, *row).get(..id.len())?.cmp(id))
        }
        (cell, Literal::Text(text)) => Some(cell.plain(&field.kind).to_lowercase().cmp(&text.to_lowercase())),
        _ => None,
    }
}

/// `%` stands for any text, `_` for any character; case does not matter.
fn like(table: &Table<'_>, field: &Field, cell: &Cell, value: &Literal) -> bool {
    let (Literal::Text(pattern), false) = (value, *cell == Cell::Null) else { return false };
    let text = record::plain(&table.stream.name, &field.kind, cell).to_lowercase();
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.to_lowercase().chars().collect());
    // The states of the pattern that the text so far can have reached.
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    let skip = |reached: &mut Vec<bool>| {
        for at in 0..pattern.len() {
            reached[at + 1] |= reached[at] && pattern[at] == '%';
        }
    };
    skip(&mut reached);
    for letter in text {
        let mut next = vec![false; pattern.len() + 1];
        for at in 0..pattern.len() {
            next[at] |= reached[at] && pattern[at] == '%';
            next[at + 1] |= reached[at] && (pattern[at] == letter || pattern[at] == '_');
        }
        skip(&mut next);
        reached = next;
    }
    reached[pattern.len()]
}

fn is(field: &Field, wanted: &Draw) -> bool {
    matches!(&field.formula, Formula::Drawn { draw, .. } if draw == wanted)
}

/// Whether the order asked for is the one in which records were changed, those of one time by id.
fn runs_by_change(order: &[Order], fields: &[&Field]) -> bool {
    let Some((first, rest)) = fields.split_first() else { return false };
    is(first, &Draw::Modified)
        && rest.iter().all(|field| is(field, &Draw::Key))
        && !order.iter().any(|order| order.descending)
}

/// The earliest time of change that a condition lets through.
fn changed_from(table: &Table<'_>, condition: &Condition) -> Option<i64> {
    match condition {
        Condition::And(all) => all.iter().filter_map(|one| changed_from(table, one)).max(),
        Condition::Compare {
            field: name,
            operator: Operator::Greater | Operator::GreaterOrEqual,
            value: Literal::Bare(text),
        } => is(field(table, name).ok()?, &Draw::Modified).then(|| time::parse(text))?,
        _ => None,
    }
}

fn sorted(table: &Table<'_>, rows: Vec<u64>, order: &[Order], fields: &[&Field]) -> Vec<u64> {
    let key = |row: u64| {
        let meta = table.meta(row)?;
        Some((fields.iter().map(|field| sort_key(&table.cell(row, &meta, field), field)).collect::<Vec<_>>(), row))
    };
    let mut keyed: Vec<(Vec<(i128, String)>, u64)> = rows.into_iter().filter_map(key).collect();
    keyed.sort_by(|(left, left_row), (right, right_row)| {
        let pairs = left.iter().zip(right).zip(order);
        let decided =
            pairs.map(|((left, right), order)| if order.descending { right.cmp(left) } else { left.cmp(right) });
        decided.fold(Ordering::Equal, Ordering::then).then(left_row.cmp(right_row))
    });
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// Numbers and times sort as numbers, everything else as text; null comes first.
fn sort_key(cell: &Cell, field: &Field) -> (i128, String) {
    match cell {
        Cell::Null => (i128::MIN, String::new()),
        Cell::Integer(number) => (i128::from(*number), String::new()),
        Cell::Decimal { units, .. } => (*units, String::new()),
        Cell::Boolean(truth) => (i128::from(*truth), String::new()),
        Cell::Date(days) => (i128::from(*days), String::new()),
        Cell::Time(ms) => (i128::from(*ms), String::new()),
        Cell::Row(row) => (i128::from(*row), String::new()),
        other => (0, other.plain(&field.kind).to_lowercase()),
    }
}

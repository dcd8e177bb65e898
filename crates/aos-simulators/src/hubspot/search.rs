//! Search (`POST /crm/v3/objects/{type}/search`): filters in groups, one order, pages up to the ten-thousandth result.

use super::failure::Failure;
use super::record;
use crate::account::{Cell, Draw, Field, Formula, Kind, Meta, Table, time};
use crate::world::World;
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Ordering;

pub const RESULTS_MAX: usize = 10_000;
const PAGE_MAX: usize = 200;
const PAGE_DEFAULT: usize = 10;
const GROUPS_MAX: usize = 5;
const FILTERS_MAX: usize = 18;

#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Search {
    filter_groups: Vec<Group>,
    sorts: Vec<Value>,
    query: Option<String>,
    pub properties: Vec<String>,
    limit: usize,
    after: Value,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            filter_groups: Vec::new(),
            sorts: Vec::new(),
            query: None,
            properties: Vec::new(),
            limit: PAGE_DEFAULT,
            after: Value::Null,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Group {
    filters: Vec<Filter>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    property_name: String,
    operator: String,
    value: Option<Value>,
    high_value: Option<Value>,
    #[serde(default)]
    values: Vec<Value>,
}

/// What was found: how many there are, the rows of this page, and where the next one begins.
pub struct Found {
    pub total: usize,
    pub rows: Vec<u64>,
    pub next: Option<usize>,
}

pub fn find(world: &World, table: &Table<'_>, search: &Search) -> Result<Found, Failure> {
    let from = offset(&search.after).ok_or_else(|| Failure::invalid(world, "after is not a number"))?;
    if search.limit > PAGE_MAX || from + search.limit > RESULTS_MAX {
        let message = format!(
            "paging through more than {RESULTS_MAX} search results, or more than {PAGE_MAX} at once, is not possible"
        );
        return Err(Failure::invalid(world, message));
    }
    let filters: usize = search.filter_groups.iter().map(|group| group.filters.len()).sum();
    if search.filter_groups.len() > GROUPS_MAX || filters > FILTERS_MAX {
        return Err(Failure::invalid(
            world,
            format!("at most {GROUPS_MAX} filterGroups and {FILTERS_MAX} filters are allowed"),
        ));
    }
    for filter in search.filter_groups.iter().flat_map(|group| &group.filters) {
        field(world, table, &filter.property_name)?;
    }
    let words = search.query.as_deref().map(str::to_lowercase).filter(|words| !words.is_empty());
    let fits = |row: u64| {
        let meta = table.meta(row).filter(|meta| !meta.deleted)?;
        let groups = &search.filter_groups;
        let filtered = groups.is_empty()
            || groups.iter().any(|group| group.filters.iter().all(|filter| holds(table, row, &meta, filter)));
        let worded = words.as_ref().is_none_or(|words| mentions(table, row, &meta, words));
        (filtered && worded).then_some(row)
    };
    let rows = ordered(world, table, search, fits)?;
    let end = (from + search.limit).min(rows.len());
    let mut page = rows.get(from..end).unwrap_or_default().to_vec();
    let next = from + world.step(page.len());
    world.reorder(&mut page);
    Ok(Found { total: rows.len(), rows: page, next: (next < rows.len() && search.limit > 0).then_some(next) })
}

fn offset(after: &Value) -> Option<usize> {
    match after {
        Value::Null => Some(0),
        Value::Number(number) => usize::try_from(number.as_u64()?).ok(),
        Value::String(text) if text.is_empty() => Some(0),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn field<'a>(world: &World, table: &Table<'a>, name: &str) -> Result<&'a Field, Failure> {
    let found = table.field(name).filter(|_| !name.starts_with(super::schema::ASSOCIATION));
    found.ok_or_else(|| {
        Failure::invalid(world, format!("There was a problem with the request. Property `{name}` does not exist"))
    })
}

fn ordered(
    world: &World,
    table: &Table<'_>,
    search: &Search,
    fits: impl Fn(u64) -> Option<u64>,
) -> Result<Vec<u64>, Failure> {
    let Some(sort) = search.sorts.first() else { return Ok(table.by_id(None).filter_map(fits).collect()) };
    let (name, descending) = match sort {
        Value::String(name) => (name.trim_start_matches('-'), name.starts_with('-')),
        sort => (sort["propertyName"].as_str().unwrap_or_default(), sort["direction"].as_str() == Some("DESCENDING")),
    };
    let by = field(world, table, name)?;
    let by_change = matches!(&by.formula, Formula::Drawn { draw: Draw::Modified, .. });
    if by_change && !descending {
        let from = changed_from(table, search).unwrap_or(i64::MIN / 2);
        return Ok(table.by_change(from).filter_map(|(_, row)| fits(row)).collect());
    }
    let key = |row| Some((key(&table.cell(row, &table.meta(row)?, by), by), row));
    let mut keyed: Vec<((i128, String), u64)> = table.by_id(None).filter_map(fits).filter_map(key).collect();
    keyed.sort_by(|(left, left_row), (right, right_row)| {
        let order = if descending { right.cmp(left) } else { left.cmp(right) };
        order.then(left_row.cmp(right_row))
    });
    Ok(keyed.into_iter().map(|(_, row)| row).collect())
}

/// The earliest time of change that every group of filters lets through.
fn changed_from(table: &Table<'_>, search: &Search) -> Option<i64> {
    let of_group = |group: &Group| {
        let bounds = group.filters.iter().filter(|filter| ["GT", "GTE"].contains(&filter.operator.as_str()));
        let of_change = bounds.filter(|filter| {
            let field = table.field(&filter.property_name);
            field.is_some_and(|field| matches!(&field.formula, Formula::Drawn { draw: Draw::Modified, .. }))
        });
        of_change.filter_map(|filter| moment(filter.value.as_ref()?)).max().unwrap_or(i64::MIN / 2)
    };
    search.filter_groups.iter().map(of_group).min()
}

fn key(cell: &Cell, field: &Field) -> (i128, String) {
    match number(cell) {
        Some(number) => (number, String::new()),
        None if *cell == Cell::Null => (i128::MIN, String::new()),
        None => (0, cell.plain(&field.kind).to_lowercase()),
    }
}

/// Numbers and times as one number, in millionths.
fn number(cell: &Cell) -> Option<i128> {
    match cell {
        Cell::Integer(number) => Some(i128::from(*number) * 1_000_000),
        Cell::Decimal { units, scale } => Some(units * 10_i128.pow(6_u32.saturating_sub(u32::from(*scale)))),
        Cell::Time(ms) => Some(i128::from(*ms) * 1_000_000),
        Cell::Date(days) => Some(i128::from(*days) * i128::from(time::DAY_MS) * 1_000_000),
        _ => None,
    }
}

/// A time in a filter: milliseconds since 1970, or a text.
fn moment(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok().or_else(|| time::parse(text)),
        _ => None,
    }
}

fn holds(table: &Table<'_>, row: u64, meta: &Meta, filter: &Filter) -> bool {
    let Some(field) = table.field(&filter.property_name) else { return false };
    let cell = table.cell(row, meta, field);
    let against = |value: &Option<Value>| value.as_ref().and_then(|value| compared(table, field, &cell, value));
    let is = |value: &Value| compared(table, field, &cell, value) == Some(Ordering::Equal);
    let order = against(&filter.value);
    match filter.operator.as_str() {
        "HAS_PROPERTY" => cell != Cell::Null,
        "NOT_HAS_PROPERTY" => cell == Cell::Null,
        "EQ" => order == Some(Ordering::Equal),
        "NEQ" => order != Some(Ordering::Equal),
        "LT" => order == Some(Ordering::Less),
        "LTE" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        "GT" => order == Some(Ordering::Greater),
        "GTE" => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        "BETWEEN" => {
            matches!(order, Some(Ordering::Greater | Ordering::Equal))
                && matches!(against(&filter.high_value), Some(Ordering::Less | Ordering::Equal))
        }
        "IN" => filter.values.iter().any(is),
        "NOT_IN" => !filter.values.iter().any(is),
        "CONTAINS_TOKEN" => {
            let wanted =
                filter.value.as_ref().and_then(Value::as_str).unwrap_or_default().trim_matches('*').to_lowercase();
            cell.plain(&field.kind).to_lowercase().contains(&wanted)
        }
        _ => false,
    }
}

fn compared(table: &Table<'_>, field: &Field, cell: &Cell, value: &Value) -> Option<Ordering> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match (cell, &field.kind) {
        (Cell::Null, _) => None,
        (Cell::Time(ms), _) => Some(ms.cmp(&moment(value)?)),
        (Cell::Date(days), _) => {
            let asked =
                time::parse_date(&text).map(i64::from).or_else(|| Some(moment(value)?.div_euclid(time::DAY_MS)))?;
            Some(i64::from(*days).cmp(&asked))
        }
        (Cell::Integer(_) | Cell::Decimal { .. }, kind) => {
            cell.plain(kind).parse::<f64>().ok()?.partial_cmp(&text.parse().ok()?)
        }
        (Cell::Row(_), kind) => {
            let id: u64 = record::plain(&table.stream.name, kind, cell).parse().ok()?;
            Some(id.cmp(&text.parse().ok()?))
        }
        (cell, kind) => Some(cell.plain(kind).to_lowercase().cmp(&text.to_lowercase())),
    }
}

fn mentions(table: &Table<'_>, row: u64, meta: &Meta, words: &str) -> bool {
    let texts =
        table.stream.fields.iter().filter(|field| matches!(field.kind, Kind::Text { .. } | Kind::Email | Kind::Phone));
    texts.into_iter().any(|field| table.cell(row, meta, field).plain(&field.kind).to_lowercase().contains(words))
}

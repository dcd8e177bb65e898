//! CRM objects in lists, batches and searches, single ones, and owners.

use super::failure::Failure;
use super::schema::OWNERS;
use super::{Portal, known_type, properties, record, search};
use crate::account::{Field, Meta, Table};
use crate::json::{Object, array};
use crate::query::{Query, json_text};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

const PAGE_DEFAULT: usize = 10;
const PAGE_MAX: usize = 100;
const OWNERS_PAGE_MAX: usize = 500;
const BATCH_MAX: usize = 100;

/// Properties come in the order of their names.
pub fn in_order(mut fields: Vec<&Field>) -> Vec<&Field> {
    fields.sort_by(|left, right| left.name.cmp(&right.name));
    fields
}

/// What was asked for that there is, and what is always told; without any, what HubSpot shows of its own accord.
fn chosen<'a>(table: &Table<'a>, asked: &[&str]) -> Vec<&'a Field> {
    let always = ["hs_object_id", "createdate", "hs_createdate", "lastmodifieddate", "hs_lastmodifieddate"];
    let shown = [
        "email",
        "firstname",
        "lastname",
        "name",
        "domain",
        "dealname",
        "amount",
        "dealstage",
        "pipeline",
        "closedate",
        "subject",
        "content",
        "hs_pipeline",
        "hs_pipeline_stage",
        "hs_ticket_priority",
        "serial_number",
    ];
    let wanted = if asked.is_empty() { shown.as_slice() } else { asked };
    let is_wanted = |field: &&Field| always.contains(&field.name.as_str()) || wanted.contains(&field.name.as_str());
    in_order(properties::fields(table).filter(is_wanted).collect())
}

pub async fn list(
    State(portal): State<Portal>,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let world = &portal.world;
    let (kind, query) = (known_type(world, &kind)?, Query::of(query.as_deref()));
    let limit = query.number("limit").map_or(PAGE_DEFAULT, |limit| limit as usize);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Failure::invalid(world, format!("limit must be between 1 and {PAGE_MAX}")));
    }
    let after = query.get("after").map(|after| after.parse::<u64>().ok().and_then(|id| record::row(kind.stream, id)));
    if after == Some(None) {
        return Err(Failure::invalid(world, "The provided paging cursor `after` is invalid"));
    }
    let archived = query.is_true("archived");
    let account = world.account();
    let table = account.table(kind.stream).ok_or_else(|| Failure::no_type(world, kind.stream))?;
    let there = table.by_id(after.flatten()).filter_map(|row| Some((row, table.meta(row)?)));
    let mut rows: Vec<(u64, Meta)> = there.filter(|(_, meta)| meta.deleted == archived).take(limit + 1).collect();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let step = world.step(rows.len());
    let next = if more || step < rows.len() { rows.get(step.saturating_sub(1)).map(|(row, _)| *row) } else { None };
    world.reorder(&mut rows);
    let fields = chosen(&table, &query.list("properties"));
    let wanted = query.list("associations");
    let mut out = String::new();
    let mut page = Object::begin(&mut out);
    array(page.member("results"), &rows, |out, (row, meta)| {
        let associations: Vec<_> = wanted
            .iter()
            .filter(|_| !meta.deleted)
            .filter_map(|to| record::associated(&account, &table, *row, meta, to))
            .collect();
        record::write(out, &table, *row, meta, &fields, &associations);
    });
    if let Some(row) = next {
        let after = record::id(kind.stream, row).to_string();
        let link =
            format!("https://api.hubapi.com/crm/v3/objects/{}?{}", kind.stream, query.with("after", &after, &[]));
        page.raw("paging", &json!({ "next": { "after": after, "link": link } }).to_string());
    }
    page.end();
    Ok(json_text(StatusCode::OK, out))
}

pub async fn one(
    State(portal): State<Portal>,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let world = &portal.world;
    let (kind, query) = (known_type(world, &kind)?, Query::of(query.as_deref()));
    let account = world.account();
    let table = account.table(kind.stream).ok_or_else(|| Failure::no_type(world, kind.stream))?;
    let row = id.parse().ok().and_then(|id| record::row(kind.stream, id));
    let found =
        row.and_then(|row| Some((row, table.meta(row)?))).filter(|(_, meta)| meta.deleted == query.is_true("archived"));
    let (row, meta) =
        found.ok_or_else(|| Failure::new(world, StatusCode::NOT_FOUND, "OBJECT_NOT_FOUND", "resource not found"))?;
    let mut out = String::new();
    record::write(&mut out, &table, row, &meta, &chosen(&table, &query.list("properties")), &[]);
    Ok(json_text(StatusCode::OK, out))
}

#[derive(Debug, Deserialize)]
pub struct Batch {
    #[serde(default)]
    properties: Vec<String>,
    inputs: Vec<Value>,
}

pub async fn batch(
    State(portal): State<Portal>,
    Path(kind): Path<String>,
    Json(batch): Json<Batch>,
) -> Result<Response, Failure> {
    let world = &portal.world;
    let kind = known_type(world, &kind)?;
    if batch.inputs.len() > BATCH_MAX {
        return Err(Failure::invalid(world, format!("at most {BATCH_MAX} inputs are allowed")));
    }
    let account = world.account();
    let table = account.table(kind.stream).ok_or_else(|| Failure::no_type(world, kind.stream))?;
    let asked: Vec<&str> = batch.properties.iter().map(String::as_str).collect();
    let fields = chosen(&table, &asked);
    let rows = batch.inputs.iter().filter_map(|input| record::row(kind.stream, input["id"].as_str()?.parse().ok()?));
    let there = rows.filter_map(|row| Some((row, table.meta(row).filter(|meta| !meta.deleted)?)));
    let mut out = String::from("{\"status\":\"COMPLETE\",\"results\":");
    array(&mut out, there, |out, (row, meta)| record::write(out, &table, row, &meta, &fields, &[]));
    out.push('}');
    Ok(json_text(StatusCode::OK, out))
}

pub async fn searched(
    State(portal): State<Portal>,
    Path(kind): Path<String>,
    Json(asked): Json<search::Search>,
) -> Result<Response, Failure> {
    let world = &portal.world;
    let kind = known_type(world, &kind)?;
    let account = world.account();
    let table = account.table(kind.stream).ok_or_else(|| Failure::no_type(world, kind.stream))?;
    let found = search::find(world, &table, &asked)?;
    let properties: Vec<&str> = asked.properties.iter().map(String::as_str).collect();
    let fields = chosen(&table, &properties);
    let mut out = String::new();
    let mut page = Object::begin(&mut out);
    page.raw("total", &found.total.to_string());
    let there = found.rows.iter().filter_map(|row| Some((*row, table.meta(*row)?)));
    array(page.member("results"), there, |out, (row, meta)| record::write(out, &table, row, &meta, &fields, &[]));
    if let Some(next) = found.next {
        page.raw("paging", &json!({ "next": { "after": next.to_string() } }).to_string());
    }
    page.end();
    Ok(json_text(StatusCode::OK, out))
}

pub async fn owners(State(portal): State<Portal>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let (world, query) = (&portal.world, Query::of(query.as_deref()));
    let limit = query.number("limit").map_or(PAGE_MAX, |limit| limit as usize).clamp(1, OWNERS_PAGE_MAX);
    let account = world.account();
    let table = account.table(OWNERS).ok_or_else(|| Failure::no_type(world, OWNERS))?;
    let after = query.number("after").and_then(|id| record::row(OWNERS, id));
    let there = table.by_id(after).filter_map(|row| Some((row, table.meta(row)?)));
    let mut rows: Vec<(u64, Meta)> =
        there.filter(|(_, meta)| meta.deleted == query.is_true("archived")).take(limit + 1).collect();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let mut out = String::new();
    let mut page = Object::begin(&mut out);
    array(page.member("results"), &rows, |out, (row, meta)| record::write_owner(out, &table, *row, meta));
    if let Some((row, _)) = rows.last().filter(|_| more) {
        page.raw("paging", &json!({ "next": { "after": record::id(OWNERS, *row).to_string() } }).to_string());
    }
    page.end();
    Ok(json_text(StatusCode::OK, out))
}

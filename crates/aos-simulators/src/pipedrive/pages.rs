//! Lists and single records: v1 by `start` and `limit`, v2 by cursor, recents, and what few of there are by one list.

use super::record::{self, Version};
use super::schema::STAGES;
use super::{failure, fields, open};
use crate::account::{Meta, Table, time};
use crate::json::{Object, array};
use crate::query::{Query, json as json_answer, json_text};
use crate::world::World;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::Arc;

const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 500;

fn listed(data: Vec<Value>) -> Response {
    let pagination = json!({ "start": 0, "limit": PAGE_DEFAULT, "more_items_in_collection": false });
    json_answer(
        StatusCode::OK,
        &json!({ "success": true, "data": data, "additional_data": { "pagination": pagination } }),
    )
}

/// Whether a record is of those asked for: by `status` for deals; the others are never shown once they are deleted.
fn is_asked_for(table: &Table<'_>, row: u64, meta: &Meta, query: &Query) -> bool {
    let status = query.get("status").unwrap_or("all_not_deleted");
    if table.stream.name != "deals" || status == "all_not_deleted" {
        return !meta.deleted;
    }
    let kept = |table: &Table<'_>| {
        let field = table.field("status")?;
        Some(table.cell(row, meta, field).plain(&field.kind))
    };
    status.split(',').any(|status| match status {
        "deleted" => meta.deleted,
        status => !meta.deleted && kept(table).as_deref() == Some(status),
    })
}

pub async fn v1(State(world): State<Arc<World>>, Path(segment): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Query::of(query.as_deref());
    match (segment.as_str(), fields::stream(&segment)) {
        ("pipelines" | "stages", _) => listed(pipeline(&segment)),
        // Nobody has written any here.
        ("leads" | "notes", _) => listed(Vec::new()),
        (_, Some(stream)) => match open(&world, &world.account(), stream) {
            Ok(table) => listed(fields::all(&table, Version::V1)),
            Err(refused) => *refused,
        },
        (stream, None) => v1_page(&world, stream, &query),
    }
}

fn v1_page(world: &World, stream: &str, query: &Query) -> Response {
    let account = world.account();
    let table = match open(world, &account, stream) {
        Ok(table) => table,
        Err(refused) => return *refused,
    };
    let there = |row: u64| table.meta(row).filter(|meta| is_asked_for(&table, row, meta, query)).map(|_| row);
    let mut rows: Vec<u64> = match query.get("sort").map(str::to_lowercase) {
        Some(sort) if sort.starts_with("update_time") => {
            table.by_change(i64::MIN / 2).filter_map(|(_, row)| there(row)).collect()
        }
        _ => table.by_id(None).filter_map(there).collect(),
    };
    if query.get("sort").is_some_and(|sort| sort.to_lowercase().ends_with("desc")) {
        rows.reverse();
    }
    let start = query.number("start").unwrap_or(0) as usize;
    // Users come all at once.
    let limit = if stream == "users" { rows.len().max(1) } else { page_rows(query) };
    let mut page: Vec<u64> = rows.iter().skip(start).take(limit).copied().collect();
    let next = start + world.step(page.len());
    world.reorder(&mut page);
    let mut pagination = json!({ "start": start, "limit": limit, "more_items_in_collection": next < rows.len() });
    if next < rows.len() {
        pagination["next_start"] = json!(next);
    }
    // An empty collection is null in v1.
    let mut data = String::new();
    if page.is_empty() {
        data.push_str("null");
    } else {
        let found = page.iter().filter_map(|row| Some((*row, table.meta(*row)?)));
        array(&mut data, found, |out, (row, meta)| record::write(out, &table, row, &meta, Version::V1));
    }
    paged(&data, &json!({ "pagination": pagination }))
}

fn paged(data: &str, additional: &Value) -> Response {
    json_text(StatusCode::OK, format!("{{\"success\":true,\"data\":{data},\"additional_data\":{additional}}}"))
}

fn page_rows(query: &Query) -> usize {
    query.number("limit").map_or(PAGE_DEFAULT, |limit| limit as usize).clamp(1, PAGE_MAX)
}

/// Leads in the archive; nobody has written any here.
pub async fn archived_leads() -> Response {
    listed(Vec::new())
}

pub async fn v1_one(State(world): State<Arc<World>>, Path((segment, id)): Path<(String, u64)>) -> Response {
    one(&world, &segment, id, Version::V1)
}

/// Deals in the archive, which other lists leave out; nobody has archived any here.
pub async fn archived_deals(State(world): State<Arc<World>>) -> Response {
    match open(&world, &world.account(), "deals") {
        Ok(_) => paged("[]", &json!({ "next_cursor": null })),
        Err(refused) => *refused,
    }
}

pub async fn v2_one(State(world): State<Arc<World>>, Path((segment, id)): Path<(String, u64)>) -> Response {
    one(&world, &segment, id, Version::V2)
}

fn one(world: &World, stream: &str, id: u64, version: Version) -> Response {
    let account = world.account();
    let table = match open(world, &account, stream) {
        Ok(table) => table,
        Err(refused) => return *refused,
    };
    let Some((row, meta)) = record::row(id).and_then(|row| Some((row, table.meta(row)?))) else {
        return failure(StatusCode::NOT_FOUND, &format!("{} not found", table.stream.label));
    };
    let mut data = String::new();
    record::write(&mut data, &table, row, &meta, version);
    json_text(StatusCode::OK, format!("{{\"success\":true,\"data\":{data}}}"))
}

pub async fn v2(State(world): State<Arc<World>>, Path(segment): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Query::of(query.as_deref());
    let whole = |data: Vec<Value>| {
        json_answer(
            StatusCode::OK,
            &json!({ "success": true, "data": data, "additional_data": { "next_cursor": null } }),
        )
    };
    match (segment.as_str(), fields::stream(&segment)) {
        ("pipelines" | "stages", _) => whole(pipeline(&segment)),
        (_, Some(stream)) => match open(&world, &world.account(), stream) {
            Ok(table) => whole(fields::all(&table, Version::V2)),
            Err(refused) => *refused,
        },
        ("users", None) => failure(StatusCode::NOT_FOUND, "Unknown method ."),
        (stream, None) => v2_page(&world, stream, &query),
    }
}

/// A cursor is the last record's time of change and row, and means nobody to read it.
fn cursor(text: &str) -> Option<(i64, u64)> {
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (changed_ms, row) = decoded.split_once('/')?;
    Some((changed_ms.parse().ok()?, row.parse().ok()?))
}

fn v2_page(world: &World, stream: &str, query: &Query) -> Response {
    let account = world.account();
    let table = match open(world, &account, stream) {
        Ok(table) => table,
        Err(refused) => return *refused,
    };
    let bad = |name: &str| Box::new(failure(StatusCode::BAD_REQUEST, &format!("Parameter {name} is not valid")));
    let bound = |name: &str| query.get(name).map(|text| time::parse(text).ok_or_else(|| bad(name))).transpose();
    let (since, until) = match (bound("updated_since"), bound("updated_until")) {
        (Ok(since), Ok(until)) => (since, until),
        (Err(refused), _) | (_, Err(refused)) => return *refused,
    };
    let from = match query.get("cursor").map(|text| cursor(text).ok_or_else(|| bad("cursor"))).transpose() {
        Ok(from) => from,
        Err(refused) => return *refused,
    };
    let limit = page_rows(query);
    let fits = |row: u64| {
        let meta = table.meta(row)?;
        let in_time =
            since.is_none_or(|since| meta.changed_ms >= since) && until.is_none_or(|until| meta.changed_ms < until);
        (in_time && is_asked_for(&table, row, &meta, query)).then_some((meta.changed_ms, row))
    };
    let descending = query.get("sort_direction") == Some("desc");
    let mut found: Vec<(i64, u64)> = if descending {
        let mut all: Vec<(i64, u64)> = if query.get("sort_by") == Some("update_time") {
            table.by_change(since.unwrap_or(i64::MIN / 2)).filter_map(|(_, row)| fits(row)).collect()
        } else {
            table.by_id(None).filter_map(fits).collect()
        };
        all.reverse();
        let behind = from.and_then(|from| all.iter().position(|found| found.1 == from.1)).map_or(0, |at| at + 1);
        all.into_iter().skip(behind).take(limit + 1).collect()
    } else if query.get("sort_by") == Some("update_time") {
        let begin = from.map_or(since, |(changed_ms, _)| Some(changed_ms)).unwrap_or(i64::MIN / 2);
        let behind = table.by_change(begin).filter(|found| from.is_none_or(|from| *found > from));
        behind.filter_map(|(_, row)| fits(row)).take(limit + 1).collect()
    } else {
        table.by_id(from.map(|(_, row)| row)).filter_map(fits).take(limit + 1).collect()
    };
    let more = found.len() > limit;
    found.truncate(limit);
    let step = world.step(found.len());
    let next = found.get(step.saturating_sub(1)).filter(|_| more || step < found.len());
    let next = next.map(|(changed_ms, row)| URL_SAFE_NO_PAD.encode(format!("{changed_ms}/{row}")));
    world.reorder(&mut found);
    let mut data = String::new();
    let there = found.iter().filter_map(|(_, row)| Some((*row, table.meta(*row)?)));
    array(&mut data, there, |out, (row, meta)| record::write(out, &table, row, &meta, Version::V2));
    paged(&data, &json!({ "next_cursor": next }))
}

/// What has changed since a time, deleted records too, mixed or of one kind (`/v1/recents`).
pub async fn recents(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let query = Query::of(query.as_deref());
    let since = query.get("since_timestamp").and_then(|text| time::parse(&format!("{}+0000", text.replace(' ', "T"))));
    let Some(since) = since else { return failure(StatusCode::BAD_REQUEST, "since_timestamp is required") };
    let account = world.account();
    let kinds = [
        ("deal", "deals"),
        ("person", "persons"),
        ("organization", "organizations"),
        ("activity", "activities"),
        ("product", "products"),
    ];
    let wanted = query.list("items");
    let mut found: Vec<(i64, u64, &str, Table<'_>)> = kinds
        .iter()
        .filter(|(item, stream)| (wanted.is_empty() || wanted.contains(item)) && !world.is_forbidden(stream))
        .filter_map(|(item, stream)| Some((*item, account.table(stream)?)))
        .flat_map(|(item, table)| table.by_change(since).map(move |(changed_ms, row)| (changed_ms, row, item, table)))
        .collect();
    found.sort_by_key(|(changed_ms, row, item, _)| (*changed_ms, *item, *row));
    let (start, limit) = (query.number("start").unwrap_or(0) as usize, page_rows(&query));
    let page: Vec<_> = found.iter().skip(start).take(limit).collect();
    let next = start + world.step(page.len());
    let mut data = String::new();
    array(&mut data, &page, |out, (_, row, item, table)| {
        let mut one = Object::begin(out);
        one.text("item", item);
        one.raw("id", &record::id(*row).to_string());
        match table.meta(*row) {
            Some(meta) => record::write(one.member("data"), table, *row, &meta, Version::V1),
            None => one.raw("data", "null"),
        }
        one.end();
    });
    let last = page.last().map(|(changed_ms, ..)| time::naive(*changed_ms));
    let mut pagination = json!({ "start": start, "limit": limit, "more_items_in_collection": next < found.len() });
    if next < found.len() {
        pagination["next_start"] = json!(next);
    }
    paged(
        &data,
        &json!({ "since_timestamp": query.get("since_timestamp"), "last_timestamp_on_page": last, "pagination": pagination }),
    )
}

fn pipeline(segment: &str) -> Vec<Value> {
    if segment == "pipelines" {
        return vec![
            json!({ "id": 1, "name": "Pipeline", "order_nr": 1, "is_deleted": false, "active": true, "deal_probability": false }),
        ];
    }
    let stages = STAGES.iter().enumerate();
    let stage = |(at, (id, name)): (usize, &(&str, &str))| json!({ "id": id.parse::<u64>().unwrap_or(0), "name": name, "order_nr": at, "pipeline_id": 1, "deal_probability": 100, "is_deleted": false });
    stages.map(stage).collect()
}

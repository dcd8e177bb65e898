//! The incremental export: what changed since a time, by cursor (tickets, users) or by time (organizations too), deleted records
//! with the others. Nothing of the last minute is told.

use super::failure::Failure;
use super::schema::{Resource, resource};
use super::{HelpDesk, known, record};
use crate::account::Table;
use crate::json::{Object, array};
use crate::query::{Query, json_text};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const PAGE_ROWS: usize = 1_000;
const SETTLES_MS: i64 = 60_000;
const BY_CURSOR: &[&str] = &["tickets", "users"];
const BY_TIME: &[&str] = &["tickets", "users", "organizations"];

/// Second of change and id of the last record: `1576613539.0||467|` in base 64, as Zendesk's own.
fn cursor(changed_ms: i64, id: u64) -> String {
    STANDARD.encode(format!("{}.0||{id}|", changed_ms / 1000))
}

fn read(cursor: &str) -> Option<(i64, u64)> {
    let decoded = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    let (second, id) = decoded.trim_end_matches('|').split_once("||")?;
    Some((second.strip_suffix(".0")?.parse::<i64>().ok()? * 1000, id.parse().ok()?))
}

fn start_ms(desk: &HelpDesk, query: &Query) -> Result<i64, Failure> {
    let start_s = query.get("start_time").and_then(|text| text.parse::<i64>().ok());
    let start_s = start_s.ok_or_else(|| Failure::invalid("start_time or cursor is required"))?;
    if start_s * 1000 > desk.world.clock.now_ms() - SETTLES_MS {
        let description = "Too recent start_time. Use a start_time older than 1 minute";
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "InvalidValue", description));
    }
    Ok(start_s * 1000)
}

fn page_rows(query: &Query) -> usize {
    query.number("per_page").map_or(PAGE_ROWS, |rows| rows as usize).clamp(1, PAGE_ROWS)
}

pub async fn by_cursor(
    State(desk): State<HelpDesk>,
    Path(stream): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let query = Query::of(query.as_deref());
    let resource =
        resource(&stream).filter(|_| BY_CURSOR.contains(&stream.as_str())).ok_or_else(Failure::no_resource)?;
    known(&desk.world, &stream)?;
    // A time begins before every id of its second, a cursor after its own.
    let after = match query.get("cursor") {
        Some(text) => read(text).ok_or_else(|| Failure::invalid("cursor is invalid"))?,
        None => (start_ms(&desk, &query)?, 0),
    };
    let account = desk.world.account();
    let table = account.table(&stream).ok_or_else(Failure::no_resource)?;
    let rows = page_rows(&query);
    let found = settled(&desk, &table, after.0).filter(|(changed_ms, row)| (*changed_ms, resource.id(*row)) > after);
    let mut page: Vec<(i64, u64)> = found.take(rows + 1).collect();
    let more = page.len() > rows;
    page.truncate(rows);
    let step = desk.world.step(page.len());
    let next = page.get(step.saturating_sub(1)).map_or(after, |(changed_ms, row)| (*changed_ms, resource.id(*row)));
    let end_of_stream = !more && step >= page.len();
    desk.world.reorder(&mut page);
    let mut out = String::new();
    let mut body = Object::begin(&mut out);
    write(&mut body, resource, &table, &page);
    let address = |cursor: &str| {
        let query = query.with("cursor", cursor, &["start_time"]);
        format!("{}/api/v2/incremental/{stream}/cursor.json?{query}", desk.world.origin(&headers))
    };
    let next = cursor(next.0, next.1);
    body.text("after_cursor", &next);
    body.text("after_url", &address(&next));
    body.raw("before_cursor", "null");
    body.raw("before_url", "null");
    body.raw("end_of_stream", if end_of_stream { "true" } else { "false" });
    body.end();
    Ok(json_text(StatusCode::OK, out))
}

pub async fn by_time(
    State(desk): State<HelpDesk>,
    Path(stream): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let query = Query::of(query.as_deref());
    let stream = stream.trim_end_matches(".json");
    let resource = resource(stream).filter(|_| BY_TIME.contains(&stream)).ok_or_else(Failure::no_resource)?;
    known(&desk.world, stream)?;
    let start_ms = start_ms(&desk, &query)?;
    let account = desk.world.account();
    let table = account.table(stream).ok_or_else(Failure::no_resource)?;
    let rows = page_rows(&query);
    let mut found = settled(&desk, &table, start_ms).peekable();
    let mut page: Vec<(i64, u64)> = found.by_ref().take(rows).collect();
    // The next page begins with the last second of this one, so that second has to be whole.
    while let (Some(last), Some(next)) = (page.last().copied(), found.peek()) {
        if next.0 != last.0 {
            break;
        }
        page.extend(found.next());
    }
    let end_of_stream = found.peek().is_none();
    let last_ms = page.last().map_or(start_ms, |(changed_ms, _)| *changed_ms);
    // A page of one second only would be followed by itself.
    let end_ms = if !page.is_empty() && last_ms == start_ms && !end_of_stream { last_ms + 1000 } else { last_ms };
    desk.world.reorder(&mut page);
    let mut out = String::new();
    let mut body = Object::begin(&mut out);
    write(&mut body, resource, &table, &page);
    let query = query.with("start_time", &(end_ms / 1000).to_string(), &[]);
    body.text("next_page", &format!("{}/api/v2/incremental/{stream}.json?{query}", desk.world.origin(&headers)));
    body.raw("end_time", &(end_ms / 1000).to_string());
    body.raw("count", &page.len().to_string());
    body.raw("end_of_stream", if end_of_stream { "true" } else { "false" });
    body.end();
    Ok(json_text(StatusCode::OK, out))
}

/// What changed from a time on, up to a minute ago.
fn settled<'a>(desk: &HelpDesk, table: &Table<'a>, from_ms: i64) -> impl Iterator<Item = (i64, u64)> + use<'a> {
    let until_ms = desk.world.clock.now_ms() - SETTLES_MS;
    table.by_change(from_ms).take_while(move |(changed_ms, _)| *changed_ms <= until_ms)
}

fn write(body: &mut Object<'_>, resource: &Resource, table: &Table<'_>, page: &[(i64, u64)]) {
    let there = page.iter().filter_map(|(_, row)| Some((*row, table.meta(*row)?)));
    array(body.member(resource.stream), there, |out, (row, meta)| record::write(out, table, row, &meta));
}

//! Lists of living records, by cursor (`page[size]`, `page[after]`) or by offset (`page`, `per_page`), counts, and single records.

use super::failure::Failure;
use super::schema::{Resource, resource};
use super::{HelpDesk, few, known, record};
use crate::account::{Meta, Table, time};
use crate::json::{Object, array};
use crate::query::{Query, json as json_answer, json_text};
use crate::world::World;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::json;

const PAGE_ROWS_MAX: usize = 100;
/// Offsets lead no further; cursors do.
const OFFSET_ROWS_MAX: usize = 10_000;

fn cursor(row: u64) -> String {
    URL_SAFE.encode(json!({ "o": "id", "v": row }).to_string())
}

fn read(text: &str) -> Option<u64> {
    serde_json::from_slice::<serde_json::Value>(&URL_SAFE.decode(text).ok()?).ok()?["v"].as_u64()
}

/// Answers a list of a resource; `path` is where it stands under `/api/v2`, `member` what its records are called.
pub fn answer(
    world: &World,
    stream: &str,
    (path, member): (&str, &str),
    query: &Query,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    known(world, stream)?;
    let account = world.account();
    let table = account.table(stream).ok_or_else(Failure::no_resource)?;
    let list =
        List { world, table: &table, member, query, address: format!("{}/api/v2/{path}.json", world.origin(headers)) };
    if query.get("page[size]").is_some() || query.get("page[after]").is_some() {
        list.by_cursor()
    } else {
        list.by_offset()
    }
}

struct List<'a> {
    world: &'a World,
    table: &'a Table<'a>,
    member: &'a str,
    query: &'a Query,
    address: String,
}

impl List<'_> {
    fn by_cursor(&self) -> Result<Response, Failure> {
        let size = self.query.number("page[size]").map_or(PAGE_ROWS_MAX, |size| size as usize);
        if size == 0 || size > PAGE_ROWS_MAX {
            return Err(Failure::new(
                StatusCode::BAD_REQUEST,
                "InvalidPaginationParameter",
                "page[size] must be from 1 to 100",
            ));
        }
        let after = self
            .query
            .get("page[after]")
            .map(|text| read(text).ok_or_else(|| Failure::invalid("page[after] is invalid")));
        let mut page: Vec<(u64, Meta)> = self.living(after.transpose()?).take(size + 1).collect();
        let more = page.len() > size;
        page.truncate(size);
        let step = self.world.step(page.len());
        let has_more = more || step < page.len();
        let next = page.get(step.saturating_sub(1)).map(|(row, _)| cursor(*row));
        let before = page.first().map(|(row, _)| cursor(*row));
        self.world.reorder(&mut page);
        let mut out = String::new();
        let mut body = Object::begin(&mut out);
        self.write(&mut body, &page);
        body.raw("meta", &json!({ "has_more": has_more, "after_cursor": next, "before_cursor": before }).to_string());
        let link = |name: &str, cursor: &Option<String>| {
            let without = ["page[after]", "page[before]"];
            cursor.as_ref().map(|cursor| format!("{}?{}", self.address, self.query.with(name, cursor, &without)))
        };
        body.raw(
            "links",
            &json!({ "prev": link("page[before]", &before), "next": link("page[after]", &next) }).to_string(),
        );
        body.end();
        Ok(json_text(StatusCode::OK, out))
    }

    fn by_offset(&self) -> Result<Response, Failure> {
        let size = self.query.number("per_page").map_or(PAGE_ROWS_MAX, |size| size as usize).clamp(1, PAGE_ROWS_MAX);
        let number = self.query.number("page").unwrap_or(1).max(1) as usize;
        if number.saturating_mul(size) > OFFSET_ROWS_MAX {
            let description = "Number of requested records must be less than 10000; use cursor pagination";
            return Err(Failure::new(StatusCode::BAD_REQUEST, "InvalidPaginationDepth", description));
        }
        let mut page: Vec<(u64, Meta)> = self.living(None).skip((number - 1) * size).take(size).collect();
        let count = self.table.living() as usize;
        self.world.reorder(&mut page);
        let mut out = String::new();
        let mut body = Object::begin(&mut out);
        self.write(&mut body, &page);
        let link = |number: usize| format!("{}?{}", self.address, self.query.with("page", &number.to_string(), &[]));
        let next = (number * size < count).then(|| link(number + 1));
        let previous = (number > 1).then(|| link(number - 1));
        body.raw("next_page", &json!(next).to_string());
        body.raw("previous_page", &json!(previous).to_string());
        body.raw("count", &count.to_string());
        body.end();
        Ok(json_text(StatusCode::OK, out))
    }

    fn living(&self, after: Option<u64>) -> impl Iterator<Item = (u64, Meta)> {
        let there = self.table.by_id(after).filter_map(|row| Some((row, self.table.meta(row)?)));
        there.filter(|(_, meta)| !meta.deleted)
    }

    fn write(&self, body: &mut Object<'_>, page: &[(u64, Meta)]) {
        array(body.member(self.member), page, |out, (row, meta)| match self.member {
            few::METRICS => few::metric(out, self.table, *row, meta),
            _ => record::write(out, self.table, *row, meta),
        });
    }
}

/// How many records there are, of the living.
pub async fn count(State(desk): State<HelpDesk>, Path(stream): Path<String>) -> Result<Response, Failure> {
    known(&desk.world, &stream)?;
    let account = desk.world.account();
    let table = account.table(&stream).ok_or_else(Failure::no_resource)?;
    let now = time::zulu(desk.world.clock.now_ms());
    Ok(json_answer(StatusCode::OK, &json!({ "count": { "value": table.living(), "refreshed_at": now } })))
}

/// Tickets that were deleted and can still be restored.
pub async fn deleted_tickets(State(desk): State<HelpDesk>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    known(&desk.world, "tickets")?;
    let account = desk.world.account();
    let (table, tickets) = (account.table("tickets").ok_or_else(Failure::no_resource)?, resource("tickets"));
    let query = Query::of(query.as_deref());
    let size = query.number("per_page").map_or(PAGE_ROWS_MAX, |size| size as usize).clamp(1, PAGE_ROWS_MAX);
    let number = query.number("page").unwrap_or(1).max(1) as usize;
    let deleted: Vec<(u64, Meta)> =
        table.by_id(None).filter_map(|row| Some((row, table.meta(row)?))).filter(|(_, meta)| meta.deleted).collect();
    let one = |(row, meta): &(u64, Meta)| {
        let subject = table.field("subject").map(|field| table.cell(*row, meta, field).plain(&field.kind));
        let state = table.field("status").map(|field| table.cell(*row, meta, field).plain(&field.kind));
        json!({
            "id": tickets.map(|tickets| tickets.id(*row)), "subject": subject, "description": "", "actor": { "id": 1, "name": "Agent" },
            "deleted_at": time::zulu(meta.changed_ms), "previous_state": state,
        })
    };
    let page: Vec<_> = deleted.iter().skip((number - 1) * size).take(size).map(one).collect();
    let next = (number * size < deleted.len()).then(|| record::url(&format!("deleted_tickets?page={}", number + 1)));
    Ok(json_answer(
        StatusCode::OK,
        &json!({ "deleted_tickets": page, "next_page": next, "previous_page": null, "count": deleted.len() }),
    ))
}

/// One record under its singular name.
pub fn one(world: &World, resource: &Resource, id: &str) -> Result<Response, Failure> {
    known(world, resource.stream)?;
    let account = world.account();
    let table = account.table(resource.stream).ok_or_else(Failure::no_resource)?;
    let row = id.trim_end_matches(".json").parse().ok().and_then(|id| resource.row(id));
    let found = row.and_then(|row| Some((row, table.meta(row).filter(|meta| !meta.deleted)?)));
    let (row, meta) = found.ok_or_else(Failure::not_found)?;
    let mut out = String::new();
    let mut body = Object::begin(&mut out);
    record::write(body.member(resource.singular), &table, row, &meta);
    body.end();
    Ok(json_text(StatusCode::OK, out))
}

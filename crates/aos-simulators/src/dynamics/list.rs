//! Pages of a table: selected, filtered, ordered, counted; and what has changed since a delta link was given.

use super::failure::Failure;
use super::filter::{Comparison, is_change, parse, property};
use super::record::{self, Annotations};
use super::schema::Names;
use crate::account::{Field, Table};
use crate::json::{Object, array};
use crate::query::{Query, json_text};
use crate::world::World;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

const PAGE_ROWS: usize = 5_000;
/// `$count` counts no further.
const COUNT_MAX: usize = 5_000;

/// What a caller prefers (RFC 7240), as OData's words have it.
#[derive(Debug, Default)]
struct Preferences {
    page_rows: Option<usize>,
    tracks_changes: bool,
    annotations: Annotations,
    applied: Vec<String>,
}

impl Preferences {
    fn of(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        for preference in values.flat_map(|value| value.split([',', ';'])).map(str::trim) {
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = value.trim_matches('"');
            match name {
                "odata.maxpagesize" => preferences.page_rows = value.parse().ok().filter(|rows| *rows > 0),
                "odata.track-changes" => preferences.tracks_changes = true,
                "odata.include-annotations" => {
                    preferences.annotations.formatted |= value == "*" || value.ends_with("FormattedValue");
                    preferences.annotations.lookups |= value == "*" || value.starts_with("Microsoft.Dynamics.CRM");
                }
                // More annotations of the same list.
                other if other.ends_with("FormattedValue\"") || other.ends_with("FormattedValue") => {
                    preferences.annotations.formatted = true
                }
                _ => continue,
            }
            preferences.applied.push(preference.to_owned());
        }
        preferences
    }
}

/// Where the next page goes on. Dataverse calls it a paging cookie and means nobody to read it.
#[derive(Debug, Clone, Copy, Default)]
struct Cookie {
    page: u64,
    /// Time of change and row of the last record, where pages run by change; else the row alone.
    changed_ms: i64,
    row: u64,
    /// How many records came before, where the order is any other.
    position: usize,
    /// The version of the table when the first page was asked for.
    version: u64,
}

impl Cookie {
    fn write(&self) -> String {
        let inner = format!("{}_{}_{}_{}", self.changed_ms, self.row, self.position, self.version);
        format!("<cookie pagenumber=\"{}\" pagingcookie=\"{inner}\" istracking=\"False\" />", self.page)
    }

    fn read(text: &str) -> Option<Self> {
        let part = |name: &str| text.split(&format!(" {name}=\"")).nth(1)?.split('"').next();
        let mut inner = part("pagingcookie")?.split('_');
        Some(Self {
            page: part("pagenumber")?.parse().ok()?,
            changed_ms: inner.next()?.parse().ok()?,
            row: inner.next()?.parse().ok()?,
            position: inner.next()?.parse().ok()?,
            version: inner.next()?.parse().ok()?,
        })
    }
}

pub fn answer(world: &World, names: &Names, query: &Query, headers: &HeaderMap) -> Result<Response, Failure> {
    let account = world.account();
    let table = account.table(names.set).ok_or_else(|| Failure::no_set(names.set))?;
    let mut preferences = Preferences::of(headers);
    let (fields, version) = selected(&table, query)?;
    preferences.annotations.version = version;
    let address = format!("{}/api/data/v9.2", world.origin(headers));
    let request = Request { world, names, query, preferences, fields, address };
    if query.get("$deltatoken").is_some() {
        return request.changes(&table);
    }
    if request.preferences.tracks_changes {
        if !names.tracks_changes {
            return Err(Failure::invalid(format!("Change tracking is not enabled for entity {}", names.logical)));
        }
        if ["$filter", "$orderby", "$expand", "$top"].iter().any(|option| query.get(option).is_some()) {
            return Err(Failure::invalid(
                "$filter, $orderby, $expand and $top are not supported when tracking changes",
            ));
        }
    }
    request.records(&table)
}

/// The columns that `$select` names, all without it, and whether the version is one of them.
pub fn selected<'a>(table: &Table<'a>, query: &Query) -> Result<(Vec<&'a Field>, bool), Failure> {
    let names = query.list("$select");
    if names.is_empty() {
        return Ok((table.stream.fields.iter().collect(), true));
    }
    let columns = names.iter().filter(|name| **name != "versionnumber").map(|name| property(table, name));
    Ok((columns.collect::<Result<Vec<_>, _>>()?, names.contains(&"versionnumber")))
}

struct Request<'a> {
    world: &'a World,
    names: &'a Names,
    query: &'a Query,
    preferences: Preferences,
    fields: Vec<&'a Field>,
    address: String,
}

impl Request<'_> {
    fn records(&self, table: &Table<'_>) -> Result<Response, Failure> {
        let conditions = self.query.get("$filter").map(|filter| parse(table, filter)).transpose()?.unwrap_or_default();
        let cookie = match self.query.get("$skiptoken") {
            Some(token) => Cookie::read(token).ok_or_else(|| Failure::invalid("Malformed paging cookie"))?,
            None => Cookie { page: 1, version: table.version(), ..Cookie::default() },
        };
        let found = self.found(table, &conditions)?;
        let by_position = matches!(found, Found::Sorted(_));
        let (all, rest) = found.after(&cookie);
        let size = self.preferences.page_rows.unwrap_or(PAGE_ROWS).min(PAGE_ROWS);
        let mut page: Vec<(i64, u64)> = rest.iter().take(size).copied().collect();
        let step = self.world.step(page.len());
        let more = step < rest.len();
        let next = page.get(step.saturating_sub(1)).map(|(changed_ms, row)| Cookie {
            page: cookie.page + 1,
            changed_ms: *changed_ms,
            row: *row,
            position: if by_position { cookie.position + step } else { 0 },
            version: cookie.version,
        });
        self.world.reorder(&mut page);
        let mut out = String::new();
        let mut body = Object::begin(&mut out);
        body.text("@odata.context", &format!("{}/$metadata#{}{}", self.address, self.names.set, self.selection()));
        if self.query.is_true("$count") {
            body.raw("@odata.count", &all.min(COUNT_MAX).to_string());
        }
        array(body.member("value"), page, |out, (_, row)| self.write(out, table, row));
        if let (true, Some(next)) = (more, next) {
            let query = self.query.with("$skiptoken", &next.write(), &[]);
            body.text("@odata.nextLink", &format!("{}/{}?{query}", self.address, self.names.set));
        } else if self.preferences.tracks_changes {
            body.text("@odata.deltaLink", &self.delta_link(cookie.version));
        }
        body.end();
        Ok(self.answered(out))
    }

    /// What was added, changed or deleted since a version, each record once, in its present state.
    fn changes(&self, table: &Table<'_>) -> Result<Response, Failure> {
        let token = self.query.get("$deltatoken").unwrap_or_default();
        let since = token.split('!').next().and_then(|version| version.parse::<u64>().ok());
        let since =
            since.and_then(|version| version.checked_sub(DELTA_FIRST)).filter(|since| *since <= table.version());
        let since = since.ok_or_else(|| Failure::invalid("Invalid delta token"))?;
        let skipped = self.query.get("$skiptoken").and_then(Cookie::read).map_or(0, |cookie| cookie.version);
        let changed = table.changed_since(since.max(skipped));
        let size = self.preferences.page_rows.unwrap_or(PAGE_ROWS).min(PAGE_ROWS);
        let page = changed.get(..size.min(changed.len())).unwrap_or_default();
        let mut out = String::new();
        let mut body = Object::begin(&mut out);
        body.text(
            "@odata.context",
            &format!("{}/$metadata#{}{}/$delta", self.address, self.names.set, self.selection()),
        );
        array(body.member("value"), page, |out, row| match table.meta(*row).filter(|meta| !meta.deleted) {
            Some(_) => self.write(out, table, *row),
            None => {
                let mut removed = Object::begin(out);
                removed
                    .text("@odata.context", &format!("{}/$metadata#{}/$deletedEntity", self.address, self.names.set));
                removed.text("id", &record::id(self.names.number, *row));
                removed.text("reason", "deleted");
                removed.end();
            }
        });
        match page.last().filter(|_| page.len() < changed.len()) {
            Some(last) => {
                let cookie = Cookie { page: 2, version: table.version_of(*last), ..Cookie::default() };
                let query = self.query.with("$skiptoken", &cookie.write(), &[]);
                body.text("@odata.nextLink", &format!("{}/{}?{query}", self.address, self.names.set));
            }
            None => body.text("@odata.deltaLink", &self.delta_link(table.version())),
        }
        body.end();
        Ok(self.answered(out))
    }

    fn delta_link(&self, version: u64) -> String {
        let date = crate::account::time::naive(self.world.clock.now_ms());
        let token = format!("{}!{date}", version + DELTA_FIRST);
        format!("{}/{}?{}", self.address, self.names.set, self.query.with("$deltatoken", &token, &["$skiptoken"]))
    }

    fn selection(&self) -> String {
        let selected = self.query.list("$select");
        if selected.is_empty() { String::new() } else { format!("({})", selected.join(",")) }
    }

    fn write(&self, out: &mut String, table: &Table<'_>, row: u64) {
        if let Some(meta) = table.meta(row) {
            record::write(out, table, row, &meta, &self.fields, self.preferences.annotations);
        }
    }

    fn answered(&self, body: String) -> Response {
        let mut response = json_text(StatusCode::OK, body);
        let kind = "application/json; odata.metadata=minimal";
        let applied = self.preferences.applied.join(",");
        let headers = [("content-type", kind), ("odata-version", "4.0"), ("preference-applied", applied.as_str())];
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(*name, value);
            }
        }
        response.into_response()
    }

    fn found(&self, table: &Table<'_>, conditions: &[Comparison<'_>]) -> Result<Found, Failure> {
        let fits = |row: u64| {
            let meta = table.meta(row).filter(|meta| !meta.deleted)?;
            conditions.iter().all(|condition| condition.holds(table, row, &meta)).then_some(row)
        };
        let top = self.query.number("$top").map_or(usize::MAX, |top| top as usize);
        let order = self.query.get("$orderby").and_then(|order| order.split(',').next()).map(str::trim);
        let Some(order) = order else {
            return Ok(Found::ById(table.by_id(None).filter_map(fits).map(|row| (0, row)).take(top).collect()));
        };
        let (name, direction) = order.split_once(' ').unwrap_or((order, "asc"));
        let by = property(table, name)?;
        if is_change(by) && direction.trim() != "desc" {
            let from = conditions.iter().filter_map(Comparison::changed_from).max().unwrap_or(i64::MIN / 2);
            let rows = table.by_change(from).filter(|(_, row)| fits(*row).is_some());
            return Ok(Found::ByChange(rows.take(top).collect()));
        }
        let key = |row: u64| Some((table.cell(row, &table.meta(row)?, by).plain(&by.kind), row));
        let mut keyed: Vec<(String, u64)> = table.by_id(None).filter_map(fits).filter_map(key).collect();
        keyed.sort();
        if direction.trim() == "desc" {
            keyed.reverse();
        }
        Ok(Found::Sorted(keyed.into_iter().map(|(_, row)| (0, row)).take(top).collect()))
    }
}

/// Delta tokens do not begin at nothing.
const DELTA_FIRST: u64 = 919_042;

/// What fits a request, in the order of the pages.
enum Found {
    ById(Vec<(i64, u64)>),
    ByChange(Vec<(i64, u64)>),
    Sorted(Vec<(i64, u64)>),
}

impl Found {
    /// How many there are, and those behind a cookie.
    fn after(self, cookie: &Cookie) -> (usize, Vec<(i64, u64)>) {
        let is_first = cookie.page <= 1;
        match self {
            _ if is_first => {
                let rows = match self {
                    Self::ById(rows) | Self::ByChange(rows) | Self::Sorted(rows) => rows,
                };
                (rows.len(), rows)
            }
            Self::ById(rows) => (rows.len(), rows.into_iter().filter(|(_, row)| *row > cookie.row).collect()),
            Self::ByChange(rows) => {
                (rows.len(), rows.into_iter().filter(|found| *found > (cookie.changed_ms, cookie.row)).collect())
            }
            Self::Sorted(rows) => (rows.len(), rows.into_iter().skip(cookie.position).collect()),
        }
    }
}

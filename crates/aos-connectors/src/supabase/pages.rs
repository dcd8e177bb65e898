//! Pages of one table: by its key where it has one, and otherwise by offset over all its columns.

use super::catalog::Table;
use super::{PAGE_RECORDS, Project};
use crate::connector::{ReadRequest, ReadWhat};
use crate::error::Error;
use crate::page::{Checkpoint, RecordPage, SourceCount};
use crate::rest::{Doubt, Fate, PageSource, Records, Reply, envelope, moment};
use aos_core::Value;
use aos_net::Request;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;

/// Types that PostgreSQL cannot sort.
const UNSORTABLE: [&str; 5] = ["json", "xml", "point", "polygon", "circle"];

pub(super) struct SupabasePages {
    project: Project,
    table: Table,
    cursor: Option<String>,
    request: ReadRequest,
    records: Records,
    place: Place,
    count: Option<u64>,
    /// The most records that one answer had: the server's own limit may be lower than ours.
    page_max: usize,
    done: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Place {
    /// Rows changed before this were surely read.
    since: Option<DateTime<Utc>>,
    pass: Option<Pass>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Pass {
    until: Option<DateTime<Utc>>,
    after: Vec<String>,
    offset: u64,
    overlap_s: u64,
}

/// What one answer told beside its records.
struct Told {
    rows: usize,
    last: Vec<String>,
    total: Option<u64>,
    date: Option<DateTime<Utc>>,
}

impl SupabasePages {
    pub fn start(project: Project, table: Table, cursor: Option<String>, request: ReadRequest) -> Self {
        let records = Records::new(&request.options, "", None);
        let mut place: Place =
            request.cursor.clone().and_then(|cursor| serde_json::from_value(cursor).ok()).unwrap_or_default();
        if place.pass.is_none() {
            let overlap_s = request.overlap.as_secs();
            place.pass = Some(Pass { overlap_s, ..Pass::default() });
        }
        Self { project, table, cursor, request, records, place, count: None, page_max: 0, done: false }
    }

    fn pass(&self) -> Pass {
        self.place.pass.clone().unwrap_or_default()
    }

    fn question(&self, pass: &Pass) -> Result<Request, Error> {
        let keyed = !self.table.key.is_empty();
        let columns: Vec<&str> = match self.request.what {
            ReadWhat::Keys if keyed => self.table.key.iter().map(String::as_str).collect(),
            ReadWhat::Records if keyed && !self.request.columns.is_empty() => {
                let named = self.table.fields.iter().map(|field| &field.name);
                let wanted = |name: &&String| self.table.key.contains(name) || self.request.wants(name);
                named.filter(wanted).map(String::as_str).collect()
            }
            _ => self.table.fields.iter().map(|field| field.name.as_str()).collect(),
        };
        let sortable = |declared: &str| !UNSORTABLE.contains(&declared);
        let order: Vec<String> = if keyed {
            self.table.key.iter().map(|name| format!("{}.asc", quoted_name(name))).collect()
        } else {
            let fields = self.table.fields.iter().filter(|field| sortable(&field.declared));
            fields.map(|field| format!("{}.asc", quoted_name(&field.name))).collect()
        };
        let select = columns.iter().map(|name| quoted_name(name)).collect::<Vec<_>>().join(",");
        let wanted = self.request.records_max.unwrap_or(u64::MAX).min(u64::from(PAGE_RECORDS)).max(1);
        let mut query = vec![("select", select), ("order", order.join(",")), ("limit", wanted.to_string())];
        let filters: Vec<String> =
            [self.changed(pass), beyond(&self.table.key, &pass.after)].into_iter().flatten().collect();
        if !filters.is_empty() {
            query.push(("and", format!("({})", filters.join(","))));
        }
        if pass.offset > 0 && !keyed {
            query.push(("offset", pass.offset.to_string()));
        }
        let request = self.project.get(&self.table.name)?.header("accept", "application/json")?;
        let request = request.query(query.iter().map(|(name, value)| (*name, value.as_str())));
        // Counting costs the server a scan: once, or each time where a change of it says that offsets have moved.
        let counts = !keyed || (pass.after.is_empty() && self.request.records_max.is_none());
        if counts { Ok(request.header("prefer", "count=exact")?) } else { Ok(request) }
    }

    /// Rows changed since the last read. A row without a time could have changed at any: it comes each time.
    fn changed(&self, pass: &Pass) -> Option<String> {
        let (column, since) = (quoted_name(self.cursor.as_ref()?), self.place.since?);
        if self.request.what == ReadWhat::Keys {
            return None;
        }
        let since = moment::write(moment::earlier(since, Duration::from_secs(pass.overlap_s)));
        Some(format!("or({column}.gte.{},{column}.is.null)", quoted(&since)))
    }

    async fn ask(&mut self, pass: &Pass) -> Result<Told, Error> {
        let request = self.question(pass)?;
        let Self { project, table, records, .. } = self;
        project
            .session
            .ask(&request, &[], |reply| {
                let body = reply.body();
                let rows: Vec<&RawValue> = envelope(body.text())?;
                let last = rows.last().map(|row| key_of(row, &table.key)).transpose()?.unwrap_or_default();
                let told = told(reply, rows.len(), last)?;
                for row in rows {
                    records.read(&body, row, |_| Fate::Kept);
                }
                Ok(told)
            })
            .await
    }

    async fn page(&mut self) -> Result<RecordPage, Error> {
        let mut pass = self.pass();
        let told = self.ask(&pass).await?;
        let first = pass.offset == 0;
        if first {
            // By the server's clock: the rows are stamped by it.
            pass.until = Some(told.date.unwrap_or_else(|| self.project.session.context.clock.now()));
            self.count = told.total;
        } else if self.table.key.is_empty() && told.total != self.count {
            let said = format!("{} changed while it was read by offset; give it a primary key", self.table.name);
            return Err(Error::Transient { said });
        }
        self.page_max = self.page_max.max(told.rows);
        pass.offset += told.rows as u64;
        if !told.last.is_empty() {
            pass.after = told.last;
        }
        let all_by_count = self.count.is_some_and(|count| pass.offset >= count) && (first || self.table.key.is_empty());
        let shorter = told.rows < self.page_max;
        let enough = self.request.records_max.is_some_and(|records| pass.offset >= records);
        self.done = told.rows == 0 || all_by_count || shorter || enough;
        let page = self.records.page(&self.project.session);
        let checkpoint = self.checkpoint(pass, enough)?;
        let count = self.count.map(|count| {
            if first || self.table.key.is_empty() { SourceCount::Exactly(count) } else { SourceCount::About(count) }
        });
        Ok(RecordPage { checkpoint, count, ..page })
    }

    fn checkpoint(&mut self, pass: Pass, enough: bool) -> Result<Option<Checkpoint>, Error> {
        let ended = self.done && !enough;
        let until = pass.until;
        self.place.pass = Some(pass);
        let place = if ended {
            let since = match self.request.what {
                ReadWhat::Records if self.cursor.is_some() => until,
                _ => self.place.since,
            };
            Place { since, pass: None }
        } else {
            self.place.clone()
        };
        let kept = |error: serde_json::Error| Error::Contract { what: error.to_string() };
        let cursor = serde_json::to_value(place).map_err(kept)?;
        // Rows by offset have no place to go on from.
        let within = (!self.table.key.is_empty()).then(|| Checkpoint::within(cursor.clone()));
        Ok(if ended { Some(Checkpoint::end(cursor)) } else { within })
    }
}

impl PageSource for SupabasePages {
    async fn next(&mut self) -> Result<Option<RecordPage>, Error> {
        if self.done {
            return Ok(None);
        }
        self.page().await.map(Some)
    }
}

/// Checks an answer against what it says of itself: `Content-Range: 0-999/5000`, `*/0` for none.
fn told(reply: &Reply, rows: usize, last: Vec<String>) -> Result<Told, Doubt> {
    let mut total = None;
    if let Some((range, all)) = reply.header("content-range").and_then(|text| text.split_once('/')) {
        total = all.parse().ok();
        let announced = match range.split_once('-') {
            Some((from, to)) => {
                let bounds = (from.parse::<u64>(), to.parse::<u64>());
                let (Ok(from), Ok(to)) = bounds else { return Err(Doubt::new("its Content-Range is none")) };
                (to + 1).saturating_sub(from)
            }
            None => 0,
        };
        if announced != rows as u64 {
            return Err(Doubt::new(format!("a page holds {rows} records where {announced} were announced")));
        }
    }
    Ok(Told { rows, last, total, date: reply.date() })
}

/// The key of a row, each part as it is written in a filter.
fn key_of(row: &RawValue, key: &[String]) -> Result<Vec<String>, Doubt> {
    let value = Value::parse_json(row.get()).map_err(|_| Doubt::new("a row is no JSON"))?;
    let part = |name: &String| value.get(name).and_then(Value::as_text).map(str::to_owned);
    let parts: Option<Vec<String>> = key.iter().map(part).collect();
    parts.ok_or_else(|| Doubt::new("a row has no key"))
}

/// Rows whose key comes after one, part by part.
fn beyond(key: &[String], after: &[String]) -> Option<String> {
    if after.len() != key.len() || after.is_empty() {
        return None;
    }
    let alternatives = (0..key.len()).map(|index| {
        let same = (0..index).map(|before| format!("{}.eq.{}", quoted_name(&key[before]), quoted(&after[before])));
        let parts: Vec<String> =
            same.chain([format!("{}.gt.{}", quoted_name(&key[index]), quoted(&after[index]))]).collect();
        if parts.len() == 1 { parts.concat() } else { format!("and({})", parts.join(",")) }
    });
    Some(format!("or({})", alternatives.collect::<Vec<_>>().join(",")))
}

/// Writes a value so that commas, dots and brackets in it are its own.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The same for names, where plain ones stay readable.
fn quoted_name(name: &str) -> String {
    let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain { name.to_owned() } else { quoted(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_several_parts_is_compared_part_by_part() {
        let text = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        assert_eq!(beyond(&text(&["id"]), &text(&["7"])).unwrap(), r#"or(id.gt."7")"#);
        assert_eq!(
            beyond(&text(&["a", "b c"]), &text(&["x,\"y", "2"])).unwrap(),
            r#"or(a.gt."x,\"y",and(a.eq."x,\"y","b c".gt."2"))"#
        );
        assert_eq!(beyond(&text(&["id"]), &[]), None);
    }
}

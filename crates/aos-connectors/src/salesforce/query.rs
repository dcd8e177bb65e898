//! Pages of an object: through the REST query resource, or through a bulk job when there is much to read.

use super::access::Org;
use super::bulk::{self, Job};
use super::cursor::Saved;
use super::describe::Described;
use super::results;
use super::{Bulk, LAG};
use crate::connector::{ReadRequest, ReadWhat};
use crate::error::Error;
use crate::page::{Checkpoint, RecordPage, SourceCount};
use crate::rest::{Doubt, Fate, Horizon, Members, PageSource, Records, Reply, Shortfall, Trail, envelope, moment};
use aos_core::value::Value;
use aos_net::Request;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// The most that one page of a query holds.
pub(super) const PAGE_RECORDS: u32 = 2_000;
/// From here on a bulk job is cheaper for both sides.
const BULK_RECORDS_MIN: u64 = 50_000;
/// The vendor takes addresses of 16 kB; a query that does not fit goes through a bulk job, whose query stands in its body.
const ADDRESS_BYTES_MAX: usize = 15_000;

pub(super) struct QueryPages {
    org: Org,
    described: Arc<Described>,
    request: ReadRequest,
    bulk: Bulk,
    records: Records,
    trail: Trail,
    since: Option<DateTime<Utc>>,
    place: Place,
    count: Option<SourceCount>,
    redescribed: bool,
}

enum Place {
    /// Ask for everything from a time on; none: from the start.
    Begin(Option<DateTime<Utc>>),
    Next(String),
    Job(Job),
    Done,
}

/// One page of a query.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<'t> {
    total_size: u64,
    done: bool,
    #[serde(borrow)]
    pub records: Vec<&'t RawValue>,
    next_records_url: Option<String>,
}

/// What a page leads to.
enum Step {
    Read {
        next: Option<String>,
        total: u64,
    },
    /// There is so much that a bulk job is better.
    TooMany,
}

impl QueryPages {
    pub fn start(org: Org, described: Arc<Described>, request: ReadRequest, bulk: Bulk) -> Result<Self, Error> {
        let records = Records::new(&request.options, "Id", described.cursor_field());
        let (place, count) = (Place::Begin(None), None);
        let (trail, since, redescribed) = (Trail::default(), None, false);
        let mut pages = Self { org, described, request, bulk, records, trail, since, place, count, redescribed };
        if let Some(cursor) = pages.request.cursor.take() {
            pages.resume(Saved::read(cursor)?);
        }
        Ok(pages)
    }

    fn resume(&mut self, saved: Saved) {
        match saved {
            Saved::Query { since, horizon, next } => {
                self.trail.follow(&next);
                (self.since, self.records.horizon, self.place) = (since, horizon, Place::Next(next));
            }
            Saved::Results { since, horizon, job, locator } => {
                (self.since, self.records.horizon) = (since, horizon);
                self.place = Place::Job(Job::at(job, locator));
            }
            // Another stream's.
            Saved::Links { .. } => {}
            Saved::End { since } => {
                self.since = since.map(|since| moment::earlier(since, self.request.overlap.max(LAG)));
                self.place = Place::Begin(self.since);
            }
        }
    }

    /// Says whether deleted records are asked for: not in a first read, which would learn of what it never had.
    fn with_deleted(&self) -> bool {
        self.since.is_some() && self.described.has("IsDeleted")
    }

    fn soql(&self, from: Option<DateTime<Utc>>, ordered: bool) -> String {
        let cursor = self.described.cursor_field();
        let fields: Vec<&str> = match self.request.what {
            ReadWhat::Keys => std::iter::once("Id").chain(cursor).collect(),
            ReadWhat::Records => {
                let wanted = |name: &&str| *name == "Id" || Some(*name) == cursor || self.request.wants(name);
                self.described.fields().map(|field| field.name.as_str()).filter(wanted).collect()
            }
        };
        let mut soql = format!("SELECT {} FROM {}", fields.join(","), self.described.name);
        if let (Some(cursor), Some(from)) = (cursor, from) {
            soql.push_str(&format!(" WHERE {cursor} >= {}", moment::write(from)));
        }
        if let (Some(cursor), true) = (cursor, ordered) {
            soql.push_str(&format!(" ORDER BY {cursor}, Id"));
        }
        if let Some(records) = self.request.records_max {
            soql.push_str(&format!(" LIMIT {records}"));
        }
        soql
    }

    async fn begin(&mut self, from: Option<DateTime<Utc>>) -> Result<Option<RecordPage>, Error> {
        let resource = if self.with_deleted() { "queryAll" } else { "query" };
        let path = format!("{}/{resource}", self.org.path);
        let request = self.org.get(&path)?.query([("q", self.soql(from, true).as_str())]);
        let few = self.request.records_max.is_some();
        let long = request.address_bytes() > ADDRESS_BYTES_MAX;
        if !few && (self.bulk == Bulk::Always || (long && self.bulk == Bulk::Auto)) {
            return self.begin_job(from).await;
        }
        let many = if self.bulk == Bulk::Auto && !few { BULK_RECORDS_MIN } else { u64::MAX };
        match self.ask(&request, 0, many).await? {
            Step::TooMany => self.begin_job(from).await,
            Step::Read { next, total } => {
                self.count = (!few).then_some(SourceCount::Exactly(total));
                Ok(Some(self.page(next)))
            }
        }
    }

    /// Asks for a page that begins `offset` records into the query; gives up a query that has more than `many`.
    async fn ask(&mut self, request: &Request, offset: u64, many: u64) -> Result<Step, Error> {
        let Self { org, records, trail, .. } = self;
        let now = org.session.context.clock.now();
        let mut shortfall = Shortfall::default();
        let take = |reply: &Reply| {
            let body = reply.body();
            let page: Page<'_> = envelope(body.text())?;
            if page.total_size > many {
                return Ok(Step::TooMany);
            }
            let next = page.next(offset, trail, &mut shortfall)?;
            records.horizon.begin(reply.date(), now);
            for raw in &page.records {
                records.read(&body, raw, |members| {
                    members.remove("attributes");
                    fate(members)
                });
            }
            Ok(Step::Read { next, total: page.total_size })
        };
        org.session.ask(request, &[], take).await
    }

    async fn begin_job(&mut self, from: Option<DateTime<Utc>>) -> Result<Option<RecordPage>, Error> {
        let soql = self.soql(from, false);
        let (job, began) = bulk::create(&self.org, &soql, self.with_deleted()).await?;
        self.records.horizon.begin(began, self.org.session.context.clock.now());
        self.place = Place::Job(job);
        self.more_of_job().await
    }

    async fn more(&mut self, next: &str) -> Result<Option<RecordPage>, Error> {
        let request = self.org.get(next)?;
        match self.ask(&request, offset(next).unwrap_or(0), u64::MAX).await {
            Ok(Step::Read { next, .. }) => Ok(Some(self.page(next))),
            // A place in a query is kept for two days; what was met last begins a new query.
            Err(Error::Gone { .. }) => {
                self.count = None;
                self.place = Place::Begin(self.records.horizon.latest.or(self.since));
                Ok(None)
            }
            Ok(Step::TooMany) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn more_of_job(&mut self) -> Result<Option<RecordPage>, Error> {
        let Place::Job(job) = &mut self.place else { return Ok(None) };
        let asked = results::next(&self.org, job, &self.described, &mut self.records, &self.request).await;
        let next = match asked {
            Ok(next) => next,
            // Its results are kept for seven days.
            Err(Error::Gone { .. }) if job.was_resumed => {
                self.place = Place::Begin(self.since);
                self.records.horizon = Horizon::default();
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        self.count = next.count.or(self.count);
        let saved = match &next.locator {
            Some(locator) => Saved::Results {
                since: self.since,
                horizon: self.records.horizon,
                job: job.id.clone(),
                locator: locator.clone(),
            },
            None => self.end(),
        };
        if next.locator.is_none() {
            self.place = Place::Done;
        }
        Ok(Some(self.filled(saved)))
    }

    fn end(&self) -> Saved {
        let since = self.described.cursor_field().and_then(|_| self.records.horizon.end(self.since));
        Saved::End { since }
    }

    fn page(&mut self, next: Option<String>) -> RecordPage {
        let saved = match next {
            Some(next) => {
                self.trail.follow(&next);
                self.place = Place::Next(next.clone());
                Saved::Query { since: self.since, horizon: self.records.horizon, next }
            }
            None => {
                self.place = Place::Done;
                self.end()
            }
        };
        self.filled(saved)
    }

    fn filled(&mut self, saved: Saved) -> RecordPage {
        // Some of the records, or keys without the rest, move no cursor.
        let moves = self.request.records_max.is_none() && self.request.what == ReadWhat::Records;
        let checkpoint = match saved {
            Saved::End { .. } => Checkpoint::end(saved.write()),
            _ => Checkpoint::within(saved.write()),
        };
        let page = self.records.page(&self.org.session);
        RecordPage { checkpoint: moves.then_some(checkpoint), count: self.count, ..page }
    }

    /// Describes the object again when a field of the query is not there any more, once.
    async fn redescribe(&mut self, error: Error) -> Result<(), Error> {
        let unknown_field = matches!(&error, Error::Refused { said } if said.starts_with("INVALID_FIELD"));
        if !unknown_field || self.redescribed {
            return Err(error);
        }
        self.org.session.context.note(&format!("the fields of {} have changed while it is read", self.described.name));
        self.described = Arc::new(self.org.describe(&self.described.name).await?);
        self.redescribed = true;
        Ok(())
    }
}

impl PageSource for QueryPages {
    async fn next(&mut self) -> Result<Option<RecordPage>, Error> {
        loop {
            let page = match &self.place {
                Place::Done => return Ok(None),
                Place::Begin(from) => {
                    let from = *from;
                    match self.begin(from).await {
                        Err(error) => {
                            self.redescribe(error).await?;
                            None
                        }
                        Ok(page) => page,
                    }
                }
                Place::Next(next) => {
                    let next = next.clone();
                    self.more(&next).await?
                }
                Place::Job(_) => self.more_of_job().await?,
            };
            if page.is_some() {
                return Ok(page);
            }
        }
    }
}

impl Page<'_> {
    /// Returns where the next page is, if the page holds what it announces.
    pub fn next(&self, offset: u64, trail: &Trail, shortfall: &mut Shortfall) -> Result<Option<String>, Doubt> {
        let next = self.next_records_url.as_deref().filter(|_| !self.done);
        match next {
            None if !self.done => return Err(Doubt::new("a page says that there are more and not where")),
            Some(next) if !next.starts_with('/') => return Err(Doubt::new("a page leads to another host")),
            Some(next) => trail.check(next)?,
            None => {}
        }
        // The locator of the next page tells where it begins.
        let end = next.map_or(Some(self.total_size), self::offset);
        if let Some(announced) = end.and_then(|end| end.checked_sub(offset)) {
            shortfall.check(self.records.len(), usize::try_from(announced).unwrap_or(usize::MAX))?;
        }
        Ok(next.map(str::to_owned))
    }
}

/// Tells deleted records from those that are there.
pub(super) fn fate(members: &Members) -> Fate {
    if members.get("IsDeleted") == Some(&Value::Bool(true)) { Fate::Deleted } else { Fate::Kept }
}

/// Returns where a page begins: the number at the end of its locator.
pub(super) fn offset(locator: &str) -> Option<u64> {
    locator.rsplit_once('-')?.1.parse().ok()
}

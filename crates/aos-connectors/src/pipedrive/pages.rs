//! Pages of a stream: by cursor (API v2), by offset (API v1), or all at once.

use super::access::Account;
use super::fields::Pagination;
use super::streams::{LAG, PAGE_RECORDS, Paging, Standard};
use crate::connector::{Cursor, ReadRequest, ReadWhat};
use crate::error::Error;
use crate::page::{Checkpoint, RecordPage};
use crate::rest::{Doubt, Horizon, PageSource, Parts, Records, Shortfall, Trail, moment};
use aos_net::Request;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How often a list by offset may begin anew because records before the offset went away while it was read.
const RESTARTS_MAX: u32 = 5;

pub(super) struct PipedrivePages {
    account: Account,
    standard: &'static Standard,
    request: ReadRequest,
    records: Records,
    trail: Trail,
    since: Option<DateTime<Utc>>,
    place: Option<Place>,
    page_records: u32,
    /// The id that stands where the next page by offset has to begin: its first record is the last one of the page before.
    last_id: Option<String>,
    restarts: u32,
}

/// Where the next page is: in which of the stream's lists, and where there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Place {
    list: usize,
    /// API v2.
    cursor: Option<String>,
    /// API v1.
    start: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
enum Saved {
    Within { since: Option<DateTime<Utc>>, horizon: Horizon, place: Place },
    End { since: Option<DateTime<Utc>> },
}

#[derive(Deserialize)]
struct Additional {
    next_cursor: Option<String>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Identified<'t> {
    #[serde(borrow)]
    id: &'t RawValue,
}

enum Step {
    Next {
        cursor: Option<String>,
        start: u64,
        last_id: Option<String>,
    },
    ListEnds,
    /// Records before the offset are gone, so some behind it were moved over it.
    Moved,
}

impl PipedrivePages {
    pub fn start(account: Account, standard: &'static Standard, request: ReadRequest) -> Result<Self, Error> {
        let records = Records::new(&request.options, "id", standard.cursor_field());
        let wanted = request.records_max.unwrap_or(u64::MAX).clamp(1, u64::from(PAGE_RECORDS));
        let mut pages = Self {
            account,
            standard,
            request,
            records,
            trail: Trail::default(),
            since: None,
            place: Some(Place::default()),
            page_records: u32::try_from(wanted).unwrap_or(PAGE_RECORDS),
            last_id: None,
            restarts: 0,
        };
        match pages.request.cursor.take().map(read_cursor).transpose()? {
            Some(Saved::Within { since, horizon, place }) => {
                place.cursor.iter().for_each(|cursor| pages.trail.follow(cursor));
                (pages.since, pages.records.horizon, pages.place) = (since, horizon, Some(place));
            }
            Some(Saved::End { since }) => {
                pages.since = since.map(|since| moment::earlier(since, pages.request.overlap.max(LAG)));
            }
            None => {}
        }
        Ok(pages)
    }

    fn question(&self, place: &Place) -> Result<Request, Error> {
        let limit = self.page_records.to_string();
        let list = self.standard.lists[place.list.min(self.standard.lists.len() - 1)];
        let request = self.account.get(list)?;
        Ok(match self.standard.paging {
            Paging::Whole => request,
            Paging::Offset => {
                // One record earlier than the last page ended, to see that it is still there.
                let start = place.start.saturating_sub(u64::from(self.last_id.is_some())).to_string();
                request.query([("start", start.as_str()), ("limit", limit.as_str()), ("sort", "add_time ASC")])
            }
            Paging::Cursor => {
                let mut request = request.query([("limit", limit.as_str())]);
                if let Some(since) = self.since {
                    let since = since.format("%Y-%m-%dT%H:%M:%SZ").to_string();
                    request = request.query([("updated_since", since.as_str()), ("sort_by", "update_time")]);
                    if self.standard.tells_deleted() {
                        request = request.query([("status", "open,won,lost,deleted")]);
                    }
                } else {
                    request = request.query([("sort_by", "id")]);
                }
                request = request.query([("sort_direction", "asc")]);
                match &place.cursor {
                    Some(cursor) => request.query([("cursor", cursor.as_str())]),
                    None => request,
                }
            }
        })
    }

    async fn page(&mut self, place: Place) -> Result<RecordPage, Error> {
        let step = loop {
            let request = self.question(&place)?;
            match self.ask(&request, &place).await {
                // Fewer records in one answer, until it can be held.
                Err(Error::TooLarge { .. }) if self.page_records > 1 => {
                    self.page_records = self.page_records.div_ceil(2);
                }
                // Companies without an archive have no list of it.
                Err(Error::Gone { said, .. }) if place.list > 0 => {
                    self.account.session.context.note(&format!("{} has no archive ({said})", self.standard.name));
                    break Step::ListEnds;
                }
                step => break step?,
            }
        };
        self.place = match step {
            Step::Next { cursor, start, last_id } => {
                cursor.iter().for_each(|cursor| self.trail.follow(cursor));
                self.last_id = last_id;
                Some(Place { list: place.list, cursor, start })
            }
            Step::ListEnds => {
                self.last_id = None;
                Some(Place { list: place.list + 1, ..Place::default() })
                    .filter(|next| next.list < self.standard.lists.len())
            }
            Step::Moved => {
                self.restarts += 1;
                if self.restarts > RESTARTS_MAX {
                    let name = self.standard.name;
                    return Err(Error::Transient { said: format!("{name} keep going away while they are read") });
                }
                self.last_id = None;
                Some(Place { list: place.list, ..Place::default() })
            }
        };
        let checkpoint = match &self.place {
            Some(place) => {
                let place = place.clone();
                Checkpoint::within(write_cursor(&Saved::Within {
                    since: self.since,
                    horizon: self.records.horizon,
                    place,
                }))
            }
            None => {
                let since = if self.standard.by_time { self.records.horizon.end(self.since) } else { None };
                Checkpoint::end(write_cursor(&Saved::End { since }))
            }
        };
        // Some of the records, or keys without the rest, move no cursor.
        let moves = self.request.records_max.is_none() && self.request.what == ReadWhat::Records;
        let page = self.records.page(&self.account.session);
        Ok(RecordPage { checkpoint: moves.then_some(checkpoint), ..page })
    }

    async fn ask(&mut self, request: &Request, place: &Place) -> Result<Step, Error> {
        let Self { account, standard, records, trail, page_records, last_id, .. } = self;
        let (paging, now) = (standard.paging, account.session.context.clock.now());
        let mut shortfall = Shortfall::default();
        account
            .session
            .ask(request, &[], |reply| {
                let body = reply.body();
                let parts = Parts::of(body.text())?;
                // A list without records is null in v1.
                let mut list = parts.find::<Vec<&RawValue>>("data")?.unwrap_or_default();
                if let Some(expected) = last_id.as_deref() {
                    match list.first() {
                        Some(first) if id(first)? == expected => drop(list.remove(0)),
                        _ => return Ok(Step::Moved),
                    }
                }
                let step = step(paging, parts.find("additional_data")?, trail, place, &list)?;
                if matches!(step, Step::Next { .. }) {
                    let overlap = usize::from(last_id.is_some());
                    shortfall.check(list.len() + overlap, *page_records as usize)?;
                }
                records.horizon.begin(reply.date(), now);
                for raw in list {
                    records.read(&body, raw, |members| standard.judge(members));
                }
                Ok(step)
            })
            .await
    }
}

fn step(
    paging: Paging,
    additional: Option<Additional>,
    trail: &Trail,
    place: &Place,
    list: &[&RawValue],
) -> Result<Step, Doubt> {
    let Some(additional) = additional else { return Ok(Step::ListEnds) };
    match paging {
        Paging::Whole => Ok(Step::ListEnds),
        Paging::Cursor => match additional.next_cursor.filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => {
                trail.check(&cursor)?;
                Ok(Step::Next { cursor: Some(cursor), start: 0, last_id: None })
            }
            None => Ok(Step::ListEnds),
        },
        Paging::Offset => match additional.pagination.filter(|pagination| pagination.more_items_in_collection) {
            Some(Pagination { next_start: Some(start), .. }) if start > place.start => {
                let last_id = list.last().map(|last| id(last)).transpose()?;
                Ok(Step::Next { cursor: None, start, last_id })
            }
            Some(_) => Err(Doubt::new("a page says that there are more and not where")),
            None => Ok(Step::ListEnds),
        },
    }
}

fn id(raw: &RawValue) -> Result<String, Doubt> {
    let identified: Identified<'_> =
        serde_json::from_str(raw.get()).map_err(|_| Doubt::new("a record of the page has no id"))?;
    Ok(identified.id.get().to_owned())
}

fn read_cursor(cursor: Cursor) -> Result<Saved, Error> {
    serde_json::from_value(cursor)
        .map_err(|error| Error::Gone { what: "the place of the last read".to_owned(), said: error.to_string() })
}

fn write_cursor(saved: &Saved) -> Cursor {
    serde_json::to_value(saved).unwrap_or_default()
}

impl PageSource for PipedrivePages {
    async fn next(&mut self) -> Result<Option<RecordPage>, Error> {
        match self.place.take() {
            Some(place) => self.page(place).await.map(Some),
            None => Ok(None),
        }
    }
}

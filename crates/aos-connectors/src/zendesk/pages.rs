//! Pages of a stream, by the three ways Zendesk has to page.

use super::EXPORT;
use super::access::{Account, Meta};
use super::streams::{EXPORT_RECORDS, LIST_RECORDS, Paging, StreamKind};
use crate::connector::{Cursor, ReadRequest, ReadWhat};
use crate::error::Error;
use crate::page::{Checkpoint, RecordPage};
use crate::rest::{Doubt, PageSource, Parts, Records, Shortfall, Trail, moment};
use aos_net::Request;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Exports do not show the last minute, and refuse to begin in it.
const UNSHOWN: Duration = Duration::from_secs(61);

pub(super) struct ZendeskPages {
    account: Account,
    kind: StreamKind,
    request: ReadRequest,
    records: Records,
    trail: Trail,
    /// Where the next page is; none behind the last.
    place: Option<Place>,
    /// The cursor that the export gave last, and the time everything up to which was read.
    last: End,
    page_records: u32,
}

/// Where a reader stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
enum Place {
    /// The export from a time on, in seconds since 1970.
    From {
        start_time: i64,
    },
    Cursor {
        cursor: String,
    },
    List {
        after: Option<String>,
    },
    End(End),
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct End {
    cursor: Option<String>,
    until: Option<DateTime<Utc>>,
}

/// What an answer leads to.
enum Step {
    Next(Place),
    End { cursor: Option<String>, until: Option<DateTime<Utc>> },
}

impl ZendeskPages {
    pub fn start(account: Account, kind: StreamKind, request: ReadRequest) -> Result<Self, Error> {
        let records = Records::new(&request.options, "id", kind.cursor_field());
        let most = if kind.paging() == Paging::List { LIST_RECORDS } else { EXPORT_RECORDS };
        let wanted = request.records_max.unwrap_or(u64::MAX).clamp(1, u64::from(most));
        let mut pages = Self {
            account,
            kind,
            request,
            records,
            trail: Trail::default(),
            place: None,
            last: End::default(),
            page_records: u32::try_from(wanted).unwrap_or(most),
        };
        let saved = pages.request.cursor.take().map(read_cursor).transpose()?;
        let place = pages.first(saved);
        if let Place::Cursor { cursor } | Place::List { after: Some(cursor) } = &place {
            pages.trail.follow(cursor);
        }
        pages.place = Some(place);
        Ok(pages)
    }

    fn first(&mut self, saved: Option<Place>) -> Place {
        let exported = self.kind.paging() != Paging::List;
        match saved {
            Some(Place::End(end)) if exported => {
                self.last = end.clone();
                let overlap = self.request.overlap;
                match (end.cursor, end.until) {
                    // The export's own cursor misses nothing; an overlap that is asked for goes back in time instead.
                    (Some(cursor), _) if overlap.is_zero() => Place::Cursor { cursor },
                    (_, Some(until)) => Place::From { start_time: moment::earlier(until, overlap).timestamp() },
                    (Some(cursor), None) => Place::Cursor { cursor },
                    (None, None) => Place::From { start_time: 0 },
                }
            }
            Some(place) if !matches!(place, Place::End(_)) => place,
            _ if exported => Place::From { start_time: 0 },
            _ => Place::List { after: None },
        }
    }

    fn question(&self, place: &Place) -> Result<Request, Error> {
        let request = self.account.get(&self.kind.path())?;
        let size = self.page_records.to_string();
        let latest = moment::earlier(self.account.session.context.clock.now(), UNSHOWN).timestamp();
        Ok(match place {
            Place::From { start_time } => {
                let start_time = (*start_time).min(latest).max(0).to_string();
                request.query([("start_time", start_time.as_str()), ("per_page", size.as_str())])
            }
            Place::Cursor { cursor } => request.query([("cursor", cursor.as_str()), ("per_page", size.as_str())]),
            Place::List { after: Some(after) } => {
                request.query([("page[size]", size.as_str()), ("page[after]", after.as_str())])
            }
            Place::List { after: None } | Place::End(_) => request.query([("page[size]", size.as_str())]),
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
                step => break step?,
            }
        };
        let checkpoint = match step {
            Step::Next(next) => {
                if let Place::Cursor { cursor } | Place::List { after: Some(cursor) } = &next {
                    self.trail.follow(cursor);
                }
                let checkpoint = Checkpoint::within(write_cursor(&next));
                self.place = Some(next);
                checkpoint
            }
            Step::End { cursor, until } => {
                let reached = self.records.horizon.end(self.last.until);
                let end = End { cursor: cursor.or(self.last.cursor.take()), until: until.or(reached) };
                Checkpoint::end(write_cursor(&Place::End(end)))
            }
        };
        // Some of the records, or keys without the rest, move no cursor.
        let moves = self.request.records_max.is_none() && self.request.what == ReadWhat::Records;
        let page = self.records.page(&self.account.session);
        Ok(RecordPage { checkpoint: moves.then_some(checkpoint), ..page })
    }

    async fn ask(&mut self, request: &Request, place: &Place) -> Result<Step, Error> {
        let Self { account, kind, records, trail, page_records, .. } = self;
        let paging = kind.paging();
        let limits: &[&str] = if paging == Paging::List { &[] } else { &[EXPORT] };
        let now = account.session.context.clock.now();
        let mut shortfall = Shortfall::default();
        account
            .session
            .ask(request, limits, |reply| {
                let body = reply.body();
                let parts = Parts::of(body.text())?;
                let list = parts.list(kind.list())?;
                let step = match paging {
                    Paging::CursorExport => after_cursor(&parts, trail)?,
                    Paging::TimeExport => after_time(&parts, place)?,
                    Paging::List => after_list(&parts, trail)?,
                };
                if matches!(step, Step::Next(_)) {
                    shortfall.check(list.len(), *page_records as usize)?;
                }
                records.horizon.begin(reply.date(), now);
                for raw in list {
                    records.read(&body, raw, |members| kind.judge(members));
                }
                Ok(step)
            })
            .await
    }
}

fn after_cursor(parts: &Parts<'_>, trail: &Trail) -> Result<Step, Doubt> {
    let cursor: Option<String> = parts.find("after_cursor")?;
    match (parts.find("end_of_stream")?, cursor) {
        (Some(true), cursor) => Ok(Step::End { cursor, until: None }),
        (Some(false), Some(cursor)) => {
            trail.check(&cursor)?;
            Ok(Step::Next(Place::Cursor { cursor }))
        }
        _ => Err(Doubt::new("an export says neither that it ends nor where it goes on")),
    }
}

fn after_time(parts: &Parts<'_>, place: &Place) -> Result<Step, Doubt> {
    let end_time: Option<i64> = parts.find("end_time")?;
    match (parts.find("end_of_stream")?, end_time) {
        (Some(true), end_time) => {
            let until = end_time.and_then(|end_time| DateTime::from_timestamp(end_time, 0));
            Ok(Step::End { cursor: None, until })
        }
        (Some(false), Some(end_time)) => match place {
            Place::From { start_time } if *start_time >= end_time => Err(Doubt::new(
                "more records changed in one second than a page of the export holds, which ends it there",
            )),
            _ => Ok(Step::Next(Place::From { start_time: end_time })),
        },
        _ => Err(Doubt::new("an export says neither that it ends nor where it goes on")),
    }
}

fn after_list(parts: &Parts<'_>, trail: &Trail) -> Result<Step, Doubt> {
    let meta: Option<Meta> = parts.find("meta")?;
    match meta.map(|meta| (meta.has_more, meta.after_cursor)) {
        Some((true, Some(after))) => {
            trail.check(&after)?;
            Ok(Step::Next(Place::List { after: Some(after) }))
        }
        Some((true, None)) => Err(Doubt::new("a page says that there are more and not where")),
        _ => Ok(Step::End { cursor: None, until: None }),
    }
}

fn read_cursor(cursor: Cursor) -> Result<Place, Error> {
    serde_json::from_value(cursor)
        .map_err(|error| Error::Gone { what: "the place of the last read".to_owned(), said: error.to_string() })
}

fn write_cursor(place: &Place) -> Cursor {
    serde_json::to_value(place).unwrap_or_default()
}

impl PageSource for ZendeskPages {
    async fn next(&mut self) -> Result<Option<RecordPage>, Error> {
        match self.place.take() {
            Some(place) => self.page(place).await.map(Some),
            None => Ok(None),
        }
    }
}

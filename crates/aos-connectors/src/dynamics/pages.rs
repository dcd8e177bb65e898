//! Pages of a table: all of it, what changed since a delta link, or what changed since a time.

use super::access::Environment;
use super::describe::Table;
use crate::connector::{Cursor, ReadRequest, ReadWhat};
use crate::error::Error;
use crate::page::{Checkpoint, RecordPage};
use crate::rest::{Doubt, Fate, Horizon, Members, PageSource, Parts, Records, Shortfall, Trail, moment, same_origin};
use aos_core::value::Value;
use aos_net::Request;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most that one page holds.
pub(super) const PAGE_RECORDS: u32 = 5_000;

pub(super) struct DynamicsPages {
    environment: Environment,
    table: Arc<Table>,
    request: ReadRequest,
    records: Records,
    trail: Trail,
    since: Option<DateTime<Utc>>,
    place: Option<Place>,
    page_records: u32,
}

#[derive(Debug, Clone, PartialEq)]
enum Place {
    /// The table from its start, or from a time of change on.
    Begin,
    /// A delta link: what changed since it was given.
    Delta(String),
    Next(String),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
enum Saved {
    Within {
        since: Option<DateTime<Utc>>,
        horizon: Horizon,
        next: String,
    },
    /// The end of a read of a table with change tracking.
    Delta {
        link: String,
    },
    End {
        since: Option<DateTime<Utc>>,
    },
}

enum Step {
    Next(String),
    End { delta: Option<String> },
}

impl DynamicsPages {
    pub fn start(environment: Environment, table: Arc<Table>, mut request: ReadRequest) -> Result<Self, Error> {
        let records = Records::new(&request.options, &table.key, table.cursor_field());
        let wanted = request.records_max.unwrap_or(u64::MAX).clamp(1, u64::from(PAGE_RECORDS));
        let saved = request.cursor.take().map(read_cursor).transpose()?;
        let mut pages = Self {
            environment,
            table,
            request,
            records,
            trail: Trail::default(),
            since: None,
            place: Some(Place::Begin),
            page_records: u32::try_from(wanted).unwrap_or(PAGE_RECORDS),
        };
        match saved {
            Some(Saved::Within { since, horizon, next }) => {
                pages.trail.follow(&next);
                (pages.since, pages.records.horizon, pages.place) = (since, horizon, Some(Place::Next(next)));
            }
            Some(Saved::Delta { link }) => pages.place = Some(Place::Delta(link)),
            Some(Saved::End { since }) => {
                let overlap = pages.request.overlap.max(pages.table.lag());
                pages.since = since.map(|since| moment::earlier(since, overlap));
            }
            None => {}
        }
        Ok(pages)
    }

    /// Whether the read moves the cursor of the table: some of the records, or keys without the rest, do not.
    fn moves(&self) -> bool {
        self.request.records_max.is_none() && self.request.what == ReadWhat::Records
    }

    fn question(&self, place: &Place) -> Result<Request, Error> {
        let tracked = self.table.definition.is_tracked() && self.moves();
        let request = match place {
            Place::Delta(link) | Place::Next(link) => self.environment.follow(link)?,
            Place::Begin => {
                let mut request = self.environment.get(&self.table.entity_set)?;
                match self.request.what {
                    ReadWhat::Keys => request = request.query([("$select", self.table.key.as_str())]),
                    ReadWhat::Records if !self.request.columns.is_empty() => {
                        let columns = self.table.selected(&self.request.columns).join(",");
                        request = request.query([("$select", columns.as_str())]);
                    }
                    ReadWhat::Records => {}
                }
                // Neither order nor filter goes together with change tracking.
                if let (Some(modified), false) = (self.table.cursor_field(), tracked) {
                    if let Some(since) = self.since {
                        let filter = format!("{modified} ge {}", moment::write(since));
                        request = request.query([("$filter", filter.as_str())]);
                    }
                    let order = format!("{modified} asc,{} asc", self.table.key);
                    request = request.query([("$orderby", order.as_str())]);
                }
                request
            }
        };
        let mut prefer = format!(
            "odata.maxpagesize={},odata.include-annotations=\"OData.Community.Display.V1.FormattedValue\"",
            self.page_records
        );
        // Each page of the first read repeats the wish; a delta link carries it.
        if tracked && !matches!(place, Place::Delta(_)) {
            prefer.push_str(",odata.track-changes");
        }
        Ok(request.header("prefer", &prefer)?)
    }

    async fn page(&mut self, place: Place) -> Result<RecordPage, Error> {
        let step = loop {
            let request = self.question(&place)?;
            match (self.ask(&request).await, &place) {
                // Fewer records in one answer, until it can be held.
                (Err(Error::TooLarge { .. }), _) if self.page_records > 1 => {
                    self.page_records = self.page_records.div_ceil(2);
                }
                // What changed since is kept for a limited time only, and then has to be told from a full read.
                (Err(Error::Refused { said } | Error::Gone { said, .. }), Place::Delta(_)) => {
                    let what = format!("the delta link of {}", self.table.definition.logical_name);
                    return Err(Error::Gone { what, said });
                }
                (step, _) => break step?,
            }
        };
        let checkpoint = match step {
            Step::Next(next) => {
                self.trail.follow(&next);
                self.place = Some(Place::Next(next.clone()));
                let (since, horizon) = (self.since, self.records.horizon);
                Checkpoint::within(write_cursor(&Saved::Within { since, horizon, next }))
            }
            Step::End { delta: Some(link) } => Checkpoint::end(write_cursor(&Saved::Delta { link })),
            Step::End { delta: None } => {
                let since = self.table.cursor_field().and_then(|_| self.records.horizon.end(self.since));
                Checkpoint::end(write_cursor(&Saved::End { since }))
            }
        };
        let page = self.records.page(&self.environment.session);
        Ok(RecordPage { checkpoint: self.moves().then_some(checkpoint), ..page })
    }

    async fn ask(&mut self, request: &Request) -> Result<Step, Error> {
        let Self { environment, table, records, trail, page_records, .. } = self;
        let now = environment.session.context.clock.now();
        let mut shortfall = Shortfall::default();
        environment
            .session
            .ask(request, &[], |reply| {
                let body = reply.body();
                let parts = Parts::of(body.text())?;
                let list = parts.list("value")?;
                let next: Option<String> = parts.find("@odata.nextLink")?;
                let delta = parts.find("@odata.deltaLink")?;
                let step = match (next, delta) {
                    (Some(next), _) => {
                        trail.check(&next)?;
                        shortfall.check(list.len(), *page_records as usize)?;
                        Step::Next(next)
                    }
                    (None, delta) => Step::End { delta },
                };
                if let Step::Next(link) | Step::End { delta: Some(link) } = &step
                    && !same_origin(&environment.base, link)
                {
                    return Err(Doubt::new("a page leads to another host"));
                }
                records.horizon.begin(reply.date(), now);
                for raw in list {
                    records.read(&body, raw, |members| judge(members, table));
                }
                Ok(step)
            })
            .await
    }
}

/// Keeps columns and labels of a record; what a delta says of a deleted one is its id and a reason.
fn judge(members: &mut Members, table: &Table) -> Fate {
    let gone = members.text("@odata.context").is_some_and(|context| context.ends_with("/$deletedEntity"))
        || members.get("@odata.removed").is_some();
    if gone {
        let id = members.remove("id").or_else(|| members.remove("@odata.id")).unwrap_or(Value::Null);
        members.set(&table.key, id);
        return Fate::Deleted;
    }
    members.0.retain(|(name, _)| table.keeps(name));
    Fate::Kept
}

fn read_cursor(cursor: Cursor) -> Result<Saved, Error> {
    serde_json::from_value(cursor)
        .map_err(|error| Error::Gone { what: "the place of the last read".to_owned(), said: error.to_string() })
}

fn write_cursor(saved: &Saved) -> Cursor {
    serde_json::to_value(saved).unwrap_or_default()
}

impl PageSource for DynamicsPages {
    async fn next(&mut self) -> Result<Option<RecordPage>, Error> {
        match self.place.take() {
            Some(place) => self.page(place).await.map(Some),
            None => Ok(None),
        }
    }
}

//! A read of one kind of object: the list from the start; later the search for what changed, then what was archived.

use super::access::Portal;
use super::describe::Property;
use super::list::{self, List};
use super::objects::ObjectType;
use super::search::{self, Search};
use super::{Archived, LAG, associations};
use crate::connector::{Cursor, ReadRequest, ReadWhat};
use crate::error::Error;
use crate::page::{Checkpoint, RecordPage};
use crate::rest::{Horizon, PageSource, Records, Trail, moment};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(super) struct HubspotPages {
    portal: Portal,
    object: ObjectType,
    properties: Vec<String>,
    archived: Archived,
    request: ReadRequest,
    records: Records,
    trail: Trail,
    since: Option<DateTime<Utc>>,
    place: Option<Place>,
    page_records: u32,
    /// Whether associations have labels; asked before the first page of the list.
    labelled: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
enum Place {
    List { after: Option<String> },
    Search { behind: Option<u64> },
    Archived { after: Option<String> },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
enum Saved {
    Within { since: Option<DateTime<Utc>>, horizon: Horizon, place: Place },
    End { since: Option<DateTime<Utc>> },
}

impl HubspotPages {
    pub fn start(
        portal: Portal,
        mut object: ObjectType,
        properties: &[Property],
        archived: Archived,
        mut request: ReadRequest,
    ) -> Result<Self, Error> {
        let cursor_field = (!object.is_owners()).then_some("updatedAt");
        let records = Records::new(&request.options, "id", cursor_field);
        let properties = match request.what {
            ReadWhat::Keys => vec!["hs_object_id".to_owned()],
            ReadWhat::Records => {
                let read = properties.iter().filter(|property| property.is_read()).map(|property| &property.name);
                read.filter(|name| request.wants(&format!("properties.{name}")) || request.wants("properties"))
                    .cloned()
                    .collect()
            }
        };
        if !request.wants("associations") {
            object.with.clear();
        }
        let wanted = request.records_max.unwrap_or(u64::MAX).clamp(1, u64::from(search::PAGE_RECORDS));
        let page_records = u32::try_from(wanted).unwrap_or(search::PAGE_RECORDS);
        let saved = request.cursor.take().map(read_cursor).transpose()?;
        let mut pages = Self {
            portal,
            object,
            properties,
            archived,
            request,
            records,
            trail: Trail::default(),
            since: None,
            place: Some(Place::List { after: None }),
            page_records,
            labelled: None,
        };
        match saved {
            Some(Saved::Within { since, horizon, place }) => {
                if let Place::List { after: Some(after) } | Place::Archived { after: Some(after) } = &place {
                    pages.trail.follow(after);
                }
                (pages.since, pages.records.horizon, pages.place) = (since, horizon, Some(place));
            }
            Some(Saved::End { since: Some(since) }) => {
                pages.since = Some(moment::earlier(since, pages.request.overlap.max(LAG)));
                pages.place = Some(Place::Search { behind: None });
            }
            Some(Saved::End { since: None }) | None => {}
        }
        Ok(pages)
    }

    /// Reads one page, and returns where the next one is.
    async fn read(&mut self, place: &Place) -> Result<Option<Place>, Error> {
        if matches!(place, Place::List { .. }) && self.labelled.is_none() {
            self.labelled = Some(associations::are_labelled(&self.portal, &self.object).await?);
        }
        let Self { portal, object, properties, records, trail, archived, page_records, labelled, request, .. } = self;
        let list_records = (*page_records).min(list::PAGE_RECORDS);
        let labelled = labelled.unwrap_or_default();
        let held = list::Held::default();
        let mut list = List { portal, object, properties, page_records: list_records, labelled, held };
        // A place without its time would be one of a read from the start.
        let since = self.since.unwrap_or(DateTime::UNIX_EPOCH);
        let next = match place {
            Place::List { after } => {
                let alone = request.records_max.is_some();
                let next = list.pages(after.as_deref(), alone, records, trail).await?;
                next.map(|next| Place::List { after: Some(next) })
            }
            Place::Search { behind } => {
                let search = Search { portal, object, properties, page_records: *page_records, since };
                match search.page(*behind, records).await? {
                    Some(last) => Some(Place::Search { behind: Some(last) }),
                    None if *archived == Archived::Tombstone => {
                        *trail = Trail::default();
                        Some(Place::Archived { after: None })
                    }
                    None => None,
                }
            }
            Place::Archived { after } => {
                let next = list.archived_page(after.as_deref(), since, records, trail).await?;
                next.map(|next| Place::Archived { after: Some(next) })
            }
        };
        if let Some(Place::List { after: Some(after) } | Place::Archived { after: Some(after) }) = &next {
            trail.follow(after);
        }
        Ok(next)
    }

    async fn page(&mut self, place: Place) -> Result<RecordPage, Error> {
        self.place = loop {
            match self.read(&place).await {
                // Fewer records in one answer, until it can be held.
                Err(Error::TooLarge { .. }) if self.page_records > 1 => {
                    self.page_records = self.page_records.min(list::PAGE_RECORDS).div_ceil(2);
                }
                next => break next?,
            }
        };
        let horizon = self.records.horizon;
        let checkpoint = match &self.place {
            Some(place) => {
                let place = place.clone();
                Checkpoint::within(write_cursor(&Saved::Within { since: self.since, horizon, place }))
            }
            None => Checkpoint::end(write_cursor(&Saved::End { since: horizon.end(self.since) })),
        };
        // Some of the records, or keys without the rest, move no cursor.
        let moves = self.request.records_max.is_none() && self.request.what == ReadWhat::Records;
        let page = self.records.page(&self.portal.session);
        Ok(RecordPage { checkpoint: moves.then_some(checkpoint), ..page })
    }
}

fn read_cursor(cursor: Cursor) -> Result<Saved, Error> {
    serde_json::from_value(cursor)
        .map_err(|error| Error::Gone { what: "the place of the last read".to_owned(), said: error.to_string() })
}

fn write_cursor(saved: &Saved) -> Cursor {
    serde_json::to_value(saved).unwrap_or_default()
}

impl PageSource for HubspotPages {
    async fn next(&mut self) -> Result<Option<RecordPage>, Error> {
        match self.place.take() {
            Some(place) => self.page(place).await.map(Some),
            None => Ok(None),
        }
    }
}

//! What files are attached to (`ContentDocumentLink`). The vendor lets nobody query it as a whole, only by the documents or the records of its
//! links: so the documents are gone through in the order of their ids, and the links of some of them are asked for at a time.
//!
//! <https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdocumentlink.htm>

use super::access::Org;
use super::cursor::Saved;
use super::describe::Described;
use super::query::{PAGE_RECORDS, Page};
use crate::connector::{ReadRequest, ReadWhat};
use crate::error::Error;
use crate::page::{Checkpoint, RecordPage};
use crate::rest::{Fate, PageSource, Records, Shortfall, Trail, envelope};
use serde::Deserialize;
use std::collections::VecDeque;
use std::sync::Arc;

pub(super) const OBJECT: &str = "ContentDocumentLink";
const DOCUMENT: &str = "ContentDocument";
/// Said of the stream, since nothing else tells what is missing.
pub(super) const SEEN: &str =
    "only links of documents that the user may see; the permission Query All Files shows the others";
/// Ids of one statement: about 27 bytes of the address each, of the 16 kB that the vendor takes.
const DOCUMENTS_AT_ONCE: usize = 300;

pub(super) struct LinkPages {
    org: Org,
    described: Arc<Described>,
    request: ReadRequest,
    records: Records,
    trail: Trail,
    /// Documents whose links are still to be asked for.
    documents: VecDeque<String>,
    /// Those whose links are being read.
    asked: Vec<String>,
    /// Whether there are no documents after those.
    is_last: bool,
    place: Place,
    /// How many more links are wanted, where only some are.
    left: Option<u64>,
}

#[derive(Debug)]
enum Place {
    /// Look for documents after an id.
    Documents(Option<String>),
    Links,
    /// More links of the documents that were asked for last.
    Next(String),
    Done,
}

#[derive(Deserialize)]
struct DocumentId {
    #[serde(rename = "Id")]
    id: String,
}

impl LinkPages {
    pub fn start(org: Org, described: Arc<Described>, mut request: ReadRequest) -> Result<Self, Error> {
        let records = Records::new(&request.options, "Id", None);
        let place = match request.cursor.take().map(Saved::read).transpose()? {
            Some(Saved::Links { after }) => Place::Documents(Some(after)),
            _ => Place::Documents(None),
        };
        let left = request.records_max;
        Ok(Self {
            org,
            described,
            request,
            records,
            trail: Trail::default(),
            documents: VecDeque::new(),
            asked: Vec::new(),
            is_last: false,
            place,
            left,
        })
    }

    fn soql(&self) -> String {
        let wanted = |name: &&str| match self.request.what {
            ReadWhat::Keys => *name == "Id",
            ReadWhat::Records => *name == "Id" || self.request.wants(name),
        };
        let fields: Vec<&str> = self.described.fields().map(|field| field.name.as_str()).filter(wanted).collect();
        let ids: Vec<String> = self.asked.iter().map(|id| format!("'{id}'")).collect();
        let limit = self.left.map(|left| format!(" LIMIT {left}")).unwrap_or_default();
        format!("SELECT {} FROM {OBJECT} WHERE ContentDocumentId IN ({}){limit}", fields.join(","), ids.join(","))
    }

    /// Asks for the next documents.
    async fn look(&mut self, after: Option<&str>) -> Result<(), Error> {
        let from = after.map(|after| format!(" WHERE Id > '{after}'")).unwrap_or_default();
        let soql = format!("SELECT Id FROM {DOCUMENT}{from} ORDER BY Id LIMIT {PAGE_RECORDS}");
        let request = self.org.get(&format!("{}/query", self.org.path))?.query([("q", soql.as_str())]);
        let mut shortfall = Shortfall::default();
        let trail = &self.trail;
        let ids = self.org.session.ask(&request, &[], |reply| {
            let body = reply.body();
            let page: Page<'_> = envelope(body.text())?;
            let has_more = page.next(0, trail, &mut shortfall)?.is_some();
            let read =
                |raw: &&serde_json::value::RawValue| envelope::<DocumentId>(raw.get()).map(|document| document.id);
            let ids = page.records.iter().map(read).collect::<Result<Vec<String>, _>>()?;
            Ok((ids, has_more))
        });
        let (mut ids, has_more) = ids.await?;
        // What is put into a statement is an id and nothing else.
        ids.retain(|id| id.chars().all(|letter| letter.is_ascii_alphanumeric()));
        self.is_last = !has_more && ids.len() < PAGE_RECORDS as usize;
        // The next ones come after the greatest; the vendor orders ids as their letters are.
        ids.sort_unstable();
        self.documents.extend(ids);
        Ok(())
    }

    /// Reads a page of links, and returns where the next one of the same documents is.
    async fn ask(&mut self, path: Option<&str>) -> Result<Option<String>, Error> {
        let request = match path {
            Some(path) => self.org.get(path)?,
            None => self.org.get(&format!("{}/query", self.org.path))?.query([("q", self.soql().as_str())]),
        };
        let offset = path.and_then(super::query::offset).unwrap_or(0);
        let Self { org, records, trail, .. } = self;
        let mut shortfall = Shortfall::default();
        org.session
            .ask(&request, &[], |reply| {
                let body = reply.body();
                let page: Page<'_> = envelope(body.text())?;
                let next = page.next(offset, trail, &mut shortfall)?;
                for raw in &page.records {
                    records.read(&body, raw, |members| {
                        members.remove("attributes");
                        Fate::Kept
                    });
                }
                Ok(next)
            })
            .await
    }

    async fn links(&mut self, path: Option<String>) -> Result<Option<RecordPage>, Error> {
        if path.is_none() {
            let at_once = self.documents.len().min(DOCUMENTS_AT_ONCE);
            self.asked = self.documents.drain(..at_once).collect();
        }
        let next = match self.ask(path.as_deref()).await {
            // A place in a query is kept for two days; the links of these documents are asked for again.
            Err(Error::Gone { .. }) if path.is_some() => {
                self.asked.drain(..).rev().for_each(|id| self.documents.push_front(id));
                self.place = Place::Links;
                return Ok(None);
            }
            next => next?,
        };
        if let Some(next) = &next {
            self.trail.follow(next);
        }
        let page = self.records.page(&self.org.session);
        self.left = self.left.map(|left| left.saturating_sub(page.batch.records.len() as u64));
        let after = self.asked.last().cloned();
        let is_enough = self.left == Some(0);
        self.place = match next {
            _ if is_enough => Place::Done,
            Some(next) => Place::Next(next),
            None if !self.documents.is_empty() => Place::Links,
            None if self.is_last => Place::Done,
            None => Place::Documents(after.clone()),
        };
        let checkpoint = match (&self.place, after) {
            (Place::Done, _) => Some(Checkpoint::end(Saved::End { since: None }.write())),
            (Place::Next(_), _) | (_, None) => None,
            (_, Some(after)) => Some(Checkpoint::within(Saved::Links { after }.write())),
        };
        Ok(Some(self.filled(page, checkpoint)))
    }

    fn filled(&self, page: RecordPage, checkpoint: Option<Checkpoint>) -> RecordPage {
        // Some of the records, or keys without the rest, move no cursor.
        let moves = self.request.records_max.is_none() && self.request.what == ReadWhat::Records;
        RecordPage { checkpoint: checkpoint.filter(|_| moves), ..page }
    }
}

impl PageSource for LinkPages {
    async fn next(&mut self) -> Result<Option<RecordPage>, Error> {
        loop {
            let page = match std::mem::replace(&mut self.place, Place::Done) {
                Place::Done => return Ok(None),
                Place::Documents(after) => {
                    self.look(after.as_deref()).await?;
                    if self.documents.is_empty() {
                        let page = self.records.page(&self.org.session);
                        let end = Checkpoint::end(Saved::End { since: None }.write());
                        return Ok(Some(self.filled(page, Some(end))));
                    }
                    self.place = Place::Links;
                    None
                }
                Place::Links => self.links(None).await?,
                Place::Next(next) => self.links(Some(next)).await?,
            };
            if page.is_some() {
                return Ok(page);
            }
        }
    }
}

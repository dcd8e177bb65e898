//! A pass over one collection: whole in the order of `_id`, or only what changed since the last one.

use super::filter::{alone, beyond, changed_since, earlier};
use super::position::{Mark, Packed, Pass, Position};
use super::session::{Session, is_cursor_lost, is_forgotten};
use super::value;
use crate::connector::{ReadRequest, ReadWhat};
use crate::context::Context;
use crate::error::Error;
use crate::page::{Checkpoint, RecordPage, SourceCount};
use crate::rest::{Members, Rows};
use aos_core::Value;
use aos_core::record::{Record, RecordBatch};
use compact_str::CompactString;
use mongodb::bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use mongodb::change_stream::ChangeStream;
use mongodb::change_stream::event::{ChangeStreamEvent, OperationType};
use mongodb::options::{FullDocumentType, Hint};
use mongodb::{Collection, Cursor};
use std::sync::Arc;
use std::time::Duration;

pub(super) const KEY: &str = "_id";

/// Documents of one answer.
const BATCH: u32 = 2_000;
/// How long the server waits for a change before it says that there is none.
const AWAIT: Duration = Duration::from_millis(300);
pub(super) struct Reader {
    context: Context,
    session: Session,
    collection: Collection<RawDocumentBuf>,
    /// The field by which changes are found where no change stream tells them.
    field: Option<String>,
    request: ReadRequest,
    position: Position,
    pass: Pass,
    state: State,
    rows: Rows,
    deleted: Vec<Record>,
    held: usize,
    bytes: usize,
    requests: u32,
    count: Option<SourceCount>,
}

enum State {
    New,
    /// A new cursor is needed from the last id on.
    Lost(Document),
    Reading(Box<Cursor<RawDocumentBuf>>, Document),
    Following(Box<ChangeStream<ChangeStreamEvent<RawDocumentBuf>>>),
    Done,
}

impl Reader {
    pub fn new(context: &Context, session: Session, field: Option<String>, request: ReadRequest) -> Self {
        let collection = session.database.collection(&request.stream);
        let position =
            request.cursor.clone().and_then(|cursor| serde_json::from_value(cursor).ok()).unwrap_or_default();
        Self {
            context: context.clone(),
            rows: Rows::new(request.options.record_bytes_max),
            session,
            collection,
            field,
            request,
            position,
            pass: Pass::default(),
            state: State::New,
            deleted: Vec::new(),
            held: 0,
            bytes: 0,
            requests: 0,
            count: None,
        }
    }

    /// Reads a view, whose changes nobody tells.
    pub fn without_changes(&mut self) {
        self.session.facts.tells_changes = false;
    }

    /// Reads the next page; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<RecordPage>, Error> {
        loop {
            self.context.check_cancel()?;
            self.state = match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(None),
                State::New => self.begin().await?,
                State::Lost(filter) => {
                    let cursor = self.find(&filter).await?;
                    State::Reading(Box::new(cursor), filter)
                }
                State::Reading(mut cursor, filter) => match self.read(&mut cursor).await {
                    Ok(true) => return Ok(Some(self.last_page()?)),
                    Ok(false) => {
                        self.state = State::Reading(cursor, filter);
                        return Ok(Some(self.page_within()?));
                    }
                    Err(error) if is_cursor_lost(&error) => State::Lost(filter),
                    Err(error) => return Err(self.session.error(&error)),
                },
                State::Following(mut changes) => {
                    let caught_up = self.follow(&mut changes).await?;
                    let mark = self.changes_mark(&changes)?;
                    self.position = Position { since: Some(mark), pass: None };
                    let checkpoint = self.checkpoint(caught_up)?;
                    if !caught_up {
                        self.state = State::Following(changes);
                    }
                    return Ok(Some(self.page(Some(checkpoint))));
                }
            };
        }
    }

    /// Decides what is read: changes where the last mark still tells them, and otherwise the collection.
    async fn begin(&mut self) -> Result<State, Error> {
        self.context.pace.turn(&[], 1).await?;
        let under_way = self.position.pass.take();
        if self.request.what == ReadWhat::Records && under_way.is_none() {
            match self.position.since.clone() {
                Some(Mark::Change(token)) if self.session.facts.tells_changes => match self.watch(&token).await? {
                    Some(changes) => return Ok(State::Following(Box::new(changes))),
                    // What was deleted meanwhile, only a whole read can tell.
                    None => {
                        return Err(Error::Gone {
                            what: format!("the place in the changes of {}", self.request.stream),
                            said: "the server keeps its log of changes for a limited time".to_owned(),
                        });
                    }
                },
                Some(Mark::Value(_)) if self.field.is_some() => {}
                _ => self.position.since = None,
            }
        }
        self.pass = match under_way {
            Some(pass) => pass,
            None => Pass {
                until: self.mark().await?,
                overlap_ms: i64::try_from(self.request.overlap.as_millis()).unwrap_or(i64::MAX),
                ..Pass::default()
            },
        };
        let filter = match (&self.position.since, &self.field, self.request.what) {
            (Some(Mark::Value(since)), Some(field), ReadWhat::Records) => {
                changed_since(field, since, self.pass.overlap_ms)
            }
            _ => {
                let estimate = self.collection.estimated_document_count().await;
                self.count = estimate.ok().map(SourceCount::About);
                doc! {}
            }
        };
        let cursor = self.find(&filter).await?;
        Ok(State::Reading(Box::new(cursor), filter))
    }

    /// Takes the mark that the next read begins with, before anything is read.
    async fn mark(&mut self) -> Result<Option<Mark>, Error> {
        self.requests += 1;
        if let Some(field) = &self.field {
            // Of the type that marks time first: a stray text would otherwise hide every later date.
            for kind in ["date", "timestamp", "objectId", "number", "string"] {
                let newest = self.collection.clone_with_type::<Document>();
                let newest = newest.find_one(doc! { field: { "$type": kind } }).sort(doc! { field: -1 }).await;
                let newest = newest.map_err(|error| self.session.error(&error))?;
                if let Some(value) = newest.as_ref().and_then(|document| document.get(field)) {
                    let value = earlier(value, &self.session.facts.local_time);
                    return Ok(Some(Mark::Value(Packed::of(&value)?)));
                }
            }
            return Ok(None);
        }
        if !self.session.facts.tells_changes {
            return Ok(None);
        }
        let mut changes =
            self.collection.watch().max_await_time(AWAIT).await.map_err(|error| self.session.error(&error))?;
        // The first answer carries a place even when nothing changes.
        while changes.resume_token().is_none() {
            changes.next_if_any().await.map_err(|error| self.session.error(&error))?;
        }
        Ok(Some(self.changes_mark(&changes)?))
    }

    fn changes_mark<T>(&self, changes: &ChangeStream<T>) -> Result<Mark, Error>
    where
        T: serde::de::DeserializeOwned,
    {
        match changes.resume_token() {
            Some(token) => Ok(Mark::Change(Packed::of_token(&token)?)),
            None => Err(Error::Contract { what: "MongoDB gave no place in its change stream".to_owned() }),
        }
    }

    /// Opens the change stream at a place; `None` when it is forgotten.
    async fn watch(
        &mut self,
        token: &Packed,
    ) -> Result<Option<ChangeStream<ChangeStreamEvent<RawDocumentBuf>>>, Error> {
        self.requests += 1;
        let Some(token) = token.token() else { return Ok(None) };
        let changes = self
            .collection
            .watch()
            .resume_after(token)
            .full_document(FullDocumentType::UpdateLookup)
            .max_await_time(AWAIT)
            .batch_size(BATCH)
            .await;
        match changes {
            Ok(changes) => Ok(Some(changes)),
            Err(error) if is_forgotten(&error) => Ok(None),
            Err(error) => Err(self.session.error(&error)),
        }
    }

    /// Takes changes until a page is full; says whether there are no more for now.
    async fn follow(&mut self, changes: &mut ChangeStream<ChangeStreamEvent<RawDocumentBuf>>) -> Result<bool, Error> {
        let options = self.request.options.at_least_one();
        while self.held < options.page_records && self.bytes < options.page_bytes {
            self.context.check_cancel()?;
            let change = changes.next_if_any().await.map_err(|error| self.session.error(&error))?;
            let Some(change) = change else { return Ok(true) };
            match change.operation_type {
                OperationType::Insert | OperationType::Update | OperationType::Replace => {
                    // Without its document it was deleted since, and the delete comes.
                    if let Some(document) = change.full_document {
                        // What came back is not gone, in whatever order a page's records and deletes are taken.
                        if let Some(id) = key_of(change.document_key.as_ref()) {
                            self.deleted.retain(|record| record.cell(0) != Some(&id));
                        }
                        self.take(&document);
                    }
                }
                OperationType::Delete => self.gone(change.document_key.as_ref())?,
                OperationType::Drop
                | OperationType::Rename
                | OperationType::DropDatabase
                | OperationType::Invalidate => {
                    let said = "it was dropped or renamed".to_owned();
                    return Err(Error::Gone { what: self.request.stream.clone(), said });
                }
                _ => {}
            }
        }
        Ok(false)
    }

    async fn find(&mut self, filter: &Document) -> Result<Cursor<RawDocumentBuf>, Error> {
        self.requests += 1;
        let after = self.pass.after.as_ref().and_then(Packed::value);
        let filter = match after {
            Some(after) => doc! { "$and": [filter.clone(), beyond(&after)] },
            None => filter.clone(),
        };
        let mut find = self.collection.find(filter).sort(doc! { KEY: 1 }).batch_size(BATCH);
        if self.request.what == ReadWhat::Keys {
            find = find.projection(doc! { KEY: 1 }).hint(Hint::Keys(doc! { KEY: 1 }));
        } else if let Some(projection) = alone(&self.request.columns, self.field.as_deref()) {
            find = find.projection(projection);
        }
        if let Some(records) = self.request.records_max {
            find = find.limit(i64::try_from(records.max(1)).unwrap_or(i64::MAX));
        }
        find.await.map_err(|error| self.session.error(&error))
    }

    /// Takes documents until a page is full; says whether there are no more.
    async fn read(&mut self, cursor: &mut Cursor<RawDocumentBuf>) -> Result<bool, mongodb::error::Error> {
        let options = self.request.options.at_least_one();
        let mut last = None;
        let ended = loop {
            if self.held >= options.page_records || self.bytes >= options.page_bytes {
                break Ok(false);
            }
            match cursor.advance().await {
                Ok(true) => {
                    self.take(cursor.current());
                    last = Some(cursor.current().to_owned());
                }
                Ok(false) => break Ok(true),
                Err(error) => break Err(error),
            }
        };
        if let Some(id) = last.as_ref().and_then(|document| document.get(KEY).ok().flatten())
            && let Ok(id) = Bson::try_from(id)
        {
            self.pass.after = Packed::of(&id).ok();
        }
        ended
    }

    fn take(&mut self, document: &RawDocument) {
        self.held += 1;
        self.bytes += document.as_bytes().len();
        self.pass.records += 1;
        match value::members(document) {
            Ok(members) => self.rows.add(Members(members), |_| crate::rest::Keep::Record),
            Err((code, message)) => self.rows.refuse(code, &message, &evidence(document)),
        }
    }

    fn gone(&mut self, key: Option<&Document>) -> Result<(), Error> {
        let id = key_of(key).ok_or_else(|| Error::Contract { what: "a deleted document has no key".to_owned() })?;
        self.held += 1;
        self.pass.records += 1;
        self.deleted.push(Record { position: self.pass.records, cells: vec![Some(id)] });
        Ok(())
    }

    fn page_within(&mut self) -> Result<RecordPage, Error> {
        let place = Position { pass: Some(self.pass.clone()), ..self.position.clone() };
        let cursor = serde_json::to_value(place).map_err(unkept)?;
        let checkpoint = self.pass.after.is_some().then(|| Checkpoint::within(cursor));
        Ok(self.page(checkpoint))
    }

    fn last_page(&mut self) -> Result<RecordPage, Error> {
        if self.request.records_max.is_some_and(|records| self.pass.records >= records) {
            return self.page_within();
        }
        if self.request.what == ReadWhat::Records {
            self.position.since = self.pass.until.clone();
        }
        let checkpoint = self.checkpoint(true)?;
        Ok(self.page(Some(checkpoint)))
    }

    fn checkpoint(&self, complete: bool) -> Result<Checkpoint, Error> {
        let cursor = serde_json::to_value(&self.position).map_err(unkept)?;
        Ok(Checkpoint { cursor, complete })
    }

    fn page(&mut self, checkpoint: Option<Checkpoint>) -> RecordPage {
        (self.held, self.bytes) = (0, 0);
        let taken = self.rows.take();
        let records = std::mem::take(&mut self.deleted);
        let columns: Arc<[CompactString]> = Arc::new([CompactString::const_new(KEY)]);
        RecordPage {
            deleted: (!records.is_empty()).then_some(RecordBatch { columns, records }),
            malformed: taken.malformed,
            checkpoint,
            requests: std::mem::take(&mut self.requests),
            count: self.count,
            ..RecordPage::of(taken.batch)
        }
    }
}

fn key_of(key: Option<&Document>) -> Option<Value> {
    let key = RawDocumentBuf::try_from(key?).ok()?;
    let members = value::members(&key).ok()?;
    members.into_iter().find(|(name, _)| name == KEY).map(|(_, id)| id)
}

fn unkept(error: serde_json::Error) -> Error {
    Error::Contract { what: format!("a cursor cannot be kept: {error}") }
}

/// What there is to show of a document that cannot be told.
fn evidence(document: &RawDocument) -> String {
    let id = document.get(KEY).ok().flatten().map(|id| format!("{id:?}")).unwrap_or_default();
    format!("_id {id}, {} bytes of BSON", document.as_bytes().len())
}

//! PostgreSQL, and Supabase by its connection string: any schema, read in snapshots, never written.
//!
//! What changed since the last read is found by the transaction that wrote each row, which every table has, or by a column that the
//! connection names. Deletes are known by full reads, or from the write-ahead log when a slot was made for it.

mod address;
mod array;
mod catalog;
mod cell;
mod copy_text;
mod declaration;
mod page;
mod pgoutput;
mod plan;
mod position;
mod read;
mod refusal;
mod session;
mod slot;
mod tls;

use crate::connector::{Answer, CheckReport, Connector, Pages, ReadRequest, ReadWhat};
use crate::context::Context;
use crate::declaration::{Operator, Settings};
use crate::error::Error;
use crate::page::{Checkpoint, SourceCount};
use crate::stream::{Deletes, Stream};
use address::Address;
use catalog::{Relation, RelationKind};
use plan::{Following, STATEMENT_ROWS};
use position::{Mark, Position};
use read::{Limits, Reader};
use session::Session;
use slot::Slot;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use declaration::DECLARATION;

pub const NAME: &str = "postgresql";

/// A transaction may be open so long before what it wrote is seen; counts where only a column tells what is new.
const LAG: Duration = Duration::from_secs(600);
const SNAPSHOT_S: u64 = 600;
const LOCK_WAIT: Duration = Duration::from_secs(10);
/// Looking at the catalogs.
const CATALOG_MAX: Duration = Duration::from_secs(60);

/// What a connection says about its streams, by their names.
type ByStream = BTreeMap<String, String>;

struct Postgres {
    system: String,
    settings: Settings,
    schemas: Vec<String>,
    cursors: ByStream,
    keys: ByStream,
    slots: ByStream,
    limits: Limits,
}

fn open(system: &str, settings: &Settings, _operator: &Operator) -> Result<Arc<dyn Connector>, Error> {
    let list = |name: &str| -> Vec<String> {
        let items = settings.get(name).and_then(|value| value.as_array());
        items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let snapshot_s = settings.get("snapshot_max_s").and_then(serde_json::Value::as_u64).unwrap_or(SNAPSHOT_S);
    Ok(Arc::new(Postgres {
        system: system.to_owned(),
        schemas: list("schemas"),
        cursors: pairs("cursors", list("cursors"))?,
        keys: pairs("keys", list("keys"))?,
        slots: pairs("slots", list("slots"))?,
        limits: Limits { snapshot: Duration::from_secs(snapshot_s.clamp(10, 86_400)), lock: LOCK_WAIT },
        settings: settings.clone(),
    }))
}

fn pairs(field: &str, items: Vec<String>) -> Result<ByStream, Error> {
    let pair = |item: String| match item.split_once('=') {
        Some((stream, said)) if !stream.is_empty() && !said.is_empty() => {
            Ok((stream.trim().to_owned(), said.trim().to_owned()))
        }
        _ => Err(Error::Config { field: field.to_owned(), reason: format!("{item} is not of the form stream=column") }),
    };
    items.into_iter().map(pair).collect()
}

impl Postgres {
    /// Connects, and looks at what there is.
    async fn look(&self, stream: Option<&str>, context: &Context) -> Result<(Session, Address, Vec<Relation>), Error> {
        let address = Address::of(&self.settings, &context.secrets)?;
        context.pace.turn(&[], 1).await?;
        let session = Session::connect(&address, context).await?;
        session.begin(CATALOG_MAX, self.limits.lock).await?;
        let mut relations = catalog::relations(&session, &self.schemas, stream).await?;
        for relation in &mut relations {
            if let Some(key) = self.keys.get(&relation.stream()) {
                relation.declare_key(key)?;
            }
        }
        Ok((session, address, relations))
    }

    fn following(&self, relation: &Relation) -> Result<Following, Error> {
        let refuse = |reason: String| Err(Error::Config { field: "slots".to_owned(), reason });
        match self.slots.get(&relation.stream()).map(|text| Slot::parse(text)) {
            Some(Some(_)) if relation.key.is_empty() => {
                return refuse(format!("{} has no key by which the log could tell its rows apart", relation.stream()));
            }
            Some(Some(slot)) => return Ok(Following::Log(slot)),
            Some(None) => {
                return refuse("it is to be stream=slot/publication, of letters, digits and underscores".to_owned());
            }
            None => {}
        }
        let Some(column) = self.cursors.get(&relation.stream()) else {
            return Ok(if relation.has_transactions() { Following::Transactions } else { Following::Nothing });
        };
        match relation.column(column) {
            Some(_) => Ok(Following::Column(column.clone())),
            None => {
                let reason = format!("{} has no column {column}", relation.stream());
                Err(Error::Config { field: "cursors".to_owned(), reason })
            }
        }
    }

    fn describe(&self, relation: &Relation) -> Stream {
        let name = relation.stream();
        let following = match self.following(relation) {
            Ok(following) => following,
            Err(problem) => return Stream::unreadable(name, &self.system, problem),
        };
        let fields = relation.columns.iter().map(|column| column.field()).collect();
        let mut assumed = Vec::new();
        if !relation.hidden.is_empty() {
            assumed.push(format!("without the columns that this role may not read: {}", relation.hidden.join(", ")));
        }
        if relation.has_policies {
            assumed.push("only the rows that row security lets this role see".to_owned());
        }
        if relation.order.is_empty() {
            assumed
                .push("no primary key: it is read in one go, and from its start again when that breaks off".to_owned());
        }
        let mut deletes = Deletes::Sweep;
        let (cursor_field, lag) = match following {
            Following::Transactions => (Some("xmin".to_owned()), Duration::ZERO),
            Following::Column(column) => (Some(column), LAG),
            Following::Log(_) => {
                deletes = Deletes::Tombstone;
                (Some("lsn".to_owned()), Duration::ZERO)
            }
            Following::Nothing => (None, Duration::ZERO),
        };
        Stream {
            label: relation.comment.clone(),
            key: relation.key.clone(),
            cursor_field,
            lag,
            deletes,
            count: relation.rows_estimate.map(SourceCount::About),
            records_per_request: u32::try_from(STATEMENT_ROWS).ok(),
            columns_alone: !relation.key.is_empty(),
            size_bytes: if relation.kind == RelationKind::Table { relation.size_bytes } else { 0 },
            assumed,
            ..Stream::declared(name, &self.system, fields)
        }
    }

    async fn open_read(&self, request: ReadRequest, context: &Context) -> Result<Pages, Error> {
        let (session, address, relations) = self.look(Some(&request.stream), context).await?;
        let Some(relation) = relations.into_iter().find(|relation| relation.stream() == request.stream) else {
            let known = catalog::relations(&session, &self.schemas, None).await?;
            return Err(Error::UnknownStream {
                source_name: self.system.clone(),
                stream: request.stream,
                known: known.iter().map(Relation::stream).collect::<Vec<_>>().join(", "),
            });
        };
        drop(session);
        let following = self.following(&relation)?;
        if let (Following::Log(slot), Some(since)) = (&following, place_in_log(&relation, &request)) {
            let changes = slot.changes(&address, &relation, &since, &request, self.limits, context).await?;
            let end = Position { relation: relation.oid, since: Some(Mark::Log(changes.place)), pass: None };
            let cursor = serde_json::to_value(end).map_err(|error| Error::Contract { what: error.to_string() })?;
            let mut pages = changes.pages;
            if let Some(last) = pages.last_mut() {
                last.checkpoint = Some(Checkpoint::end(cursor));
            }
            return Ok(Pages::waiting(futures_util::stream::iter(pages.into_iter().map(Ok))));
        }
        if let (Following::Log(_), Some(cursor)) = (&following, &request.cursor)
            && serde_json::from_value(cursor.clone()).is_ok_and(|position: Position| position.relation != relation.oid)
        {
            // What the old table held is gone, and no log tells that.
            let what = format!("the place in the log of {}", relation.stream());
            return Err(Error::Gone { what, said: "the table was made anew".to_owned() });
        }
        let reader = Reader::new(context.clone(), address, relation, following, request, self.limits);
        Ok(Pages::waiting(futures_util::stream::try_unfold(reader, |mut reader| async move {
            Ok(reader.next().await?.map(|page| (page, reader)))
        })))
    }
}

/// Returns the place in the log from which a reader wants to go on; `None` when it wants the table itself.
fn place_in_log(relation: &Relation, request: &ReadRequest) -> Option<String> {
    let position: Position = serde_json::from_value(request.cursor.clone()?).ok()?;
    match position.since {
        Some(Mark::Log(place)) if position.pass.is_none() && position.relation == relation.oid => {
            (request.what == ReadWhat::Records).then_some(place)
        }
        _ => None,
    }
}

impl Connector for Postgres {
    fn system(&self) -> &str {
        &self.system
    }

    fn check<'a>(&'a self, context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async move {
            let (session, address, relations) = self.look(None, context).await?;
            let version = session.value("SHOW server_version").await?.unwrap_or_default();
            let problems = relations.iter().map(|relation| self.describe(relation));
            let problems = problems.filter_map(|stream| Some((stream.name, stream.problem?))).collect();
            Ok(CheckReport {
                streams: relations.len(),
                size_bytes: relations.iter().map(|relation| relation.size_bytes).sum(),
                identity: Some(format!("{} on {} (PostgreSQL {version})", address.user, address.place())),
                problems,
                ..CheckReport::default()
            })
        })
    }

    fn discover<'a>(&'a self, context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async move {
            let (_session, _, relations) = self.look(None, context).await?;
            Ok(relations.iter().map(|relation| self.describe(relation)).collect())
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(self.open_read(request, context))
    }
}

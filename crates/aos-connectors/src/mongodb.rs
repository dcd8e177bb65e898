//! MongoDB: every collection of a database, never written. A replica set or a sharded cluster tells what changes and what is deleted; of a
//! single server collections are read whole, or by a field that grows with each change.

mod filter;
mod position;
mod read;
mod session;
mod value;
mod way;

use crate::connector::{Answer, CheckReport, Connector, Pages, ReadRequest};
use crate::context::Context;
use crate::declaration::{AuthKind, Declaration, Operator, Setting, SettingKind, Settings};
use crate::error::Error;
use crate::page::SourceCount;
use crate::rest::{Keep, Members, Rows};
use crate::stream::{Deletes, Stream};
use ::mongodb::bson::{RawDocumentBuf, doc};
use ::mongodb::results::CollectionType;
use aos_core::shape::{Shaper, StreamShape};
use futures_util::TryStreamExt;
use read::{KEY, Reader};
use session::Session;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub const NAME: &str = "mongodb";

/// How long before a change is seen that an application stamped: its clock and ours differ, and its writes take time.
const LAG: Duration = Duration::from_secs(600);
const COLLECTIONS_MAX: usize = 2_000;
/// Documents that are looked at for the shape of a collection.
const SAMPLE: i64 = 300;
const SAMPLE_MAX: Duration = Duration::from_secs(20);

pub(crate) const DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "MongoDB",
    about: "Reads the collections of a MongoDB database, with changes and deletes where it is a replica set.",
    settings: &[
        Setting {
            name: "url",
            title: "Connection string",
            kind: SettingKind::Secret,
            required: true,
            help: "mongodb://user:password@host:port/database or mongodb+srv://…, of a user that may read",
        },
        Setting {
            name: "database",
            title: "Database",
            kind: SettingKind::Text,
            required: false,
            help: "the database to read; that of the connection string when left out",
        },
        Setting {
            name: "authority",
            title: "Authority",
            kind: SettingKind::Text,
            required: false,
            help: "certificate (PEM) of the only authority to trust; the web's authorities when left out",
        },
        Setting {
            name: "collections",
            title: "Collections",
            kind: SettingKind::List,
            required: false,
            help: "only these; all but the system's when left out",
        },
        Setting {
            name: "cursors",
            title: "Cursor fields",
            kind: SettingKind::List,
            required: false,
            help: "collection=field, a field that grows with each change; used instead of the change stream, and needed where there is none",
        },
    ],
    auth: &[AuthKind::Password],
    documentation: "https://www.mongodb.com/docs/manual/reference/connection-string/",
    open,
    consent: None,
};

struct MongoDb {
    system: String,
    database: Option<String>,
    authority: Option<String>,
    collections: Vec<String>,
    cursors: BTreeMap<String, String>,
}

fn open(system: &str, settings: &Settings, _operator: &Operator) -> Result<Arc<dyn Connector>, Error> {
    let text = |name: &str| settings.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let list = |name: &str| -> Vec<String> {
        let items = settings.get(name).and_then(|value| value.as_array());
        items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let pair = |item: String| match item.split_once('=') {
        Some((collection, field)) if !field.trim().is_empty() => {
            Ok((collection.trim().to_owned(), field.trim().to_owned()))
        }
        _ => Err(Error::Config {
            field: "cursors".to_owned(),
            reason: format!("{item} is not of the form collection=field"),
        }),
    };
    Ok(Arc::new(MongoDb {
        system: system.to_owned(),
        database: text("database"),
        authority: text("authority"),
        collections: list("collections"),
        cursors: list("cursors").into_iter().map(pair).collect::<Result<_, _>>()?,
    }))
}

/// A collection, or a view of one.
struct Found {
    name: String,
    is_view: bool,
}

impl MongoDb {
    async fn connect(&self, context: &Context) -> Result<Session, Error> {
        let url = context.secrets.require("url")?;
        context.pace.turn(&[], 1).await?;
        let session =
            Session::connect(url.expose(), self.database.as_deref(), self.authority.as_deref(), context).await;
        context.pace.answered(!matches!(session, Err(Error::Unreachable { .. } | Error::Transient { .. })));
        session
    }

    async fn collections(&self, session: &Session) -> Result<Vec<Found>, Error> {
        let fail = |error: ::mongodb::error::Error| session.error(&error);
        let mut listed = session.database.list_collections().await.map_err(fail)?;
        let mut found = Vec::new();
        while let Some(collection) = listed.try_next().await.map_err(fail)? {
            let wanted = self.collections.is_empty() || self.collections.contains(&collection.name);
            if wanted && !collection.name.starts_with("system.") {
                let is_view = matches!(collection.collection_type, CollectionType::View);
                found.push(Found { name: collection.name, is_view });
            }
            if found.len() > COLLECTIONS_MAX {
                let reason = format!("the database has more than {COLLECTIONS_MAX} collections; name those to read");
                return Err(Error::Config { field: "collections".to_owned(), reason });
            }
        }
        found.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(found)
    }

    async fn describe(&self, session: &Session, found: &Found) -> Stream {
        match self.shape(session, &found.name).await {
            Ok(shape) => self.stream(session, found, shape).await,
            Err(problem) => Stream::unreadable(&found.name, &self.system, problem),
        }
    }

    async fn stream(&self, session: &Session, found: &Found, shape: StreamShape) -> Stream {
        let chosen = self.cursors.get(&found.name).cloned();
        let tells = session.facts.tells_changes && !found.is_view && chosen.is_none();
        let count = session.database.collection::<RawDocumentBuf>(&found.name).estimated_document_count().await;
        let mut assumed = vec![format!("its shape is that of {} documents", shape.sampled)];
        if !tells && chosen.is_none() {
            assumed.push(
                "every read is of the whole collection: no replica set tells its changes, and no cursor field is named"
                    .to_owned(),
            );
        }
        Stream {
            shape,
            key: vec![KEY.to_owned()],
            lag: if chosen.is_some() { LAG } else { Duration::ZERO },
            cursor_field: chosen.or_else(|| tells.then(|| "$changeStream".to_owned())),
            deletes: if tells { Deletes::Tombstone } else { Deletes::Sweep },
            count: if found.is_view { None } else { count.ok().map(SourceCount::About) },
            columns_alone: true,
            assumed,
            ..Stream::named(&found.name, &self.system)
        }
    }

    /// Looks at documents from all over the collection.
    async fn shape(&self, session: &Session, name: &str) -> Result<StreamShape, Error> {
        let fail = |error: ::mongodb::error::Error| session.error(&error);
        let collection = session.database.collection::<RawDocumentBuf>(name);
        let sample = collection
            .aggregate([doc! { "$sample": { "size": SAMPLE } }])
            .max_time(SAMPLE_MAX)
            .with_type::<RawDocumentBuf>()
            .await;
        let mut cursor = sample.map_err(fail)?;
        let mut rows = Rows::new(usize::MAX);
        while cursor.advance().await.map_err(fail)? {
            if let Ok(members) = value::members(cursor.current()) {
                rows.add(Members(members), |_| Keep::Record);
            }
        }
        let mut shaper = Shaper::new(name, &self.system);
        shaper.observe(&rows.take().batch);
        Ok(shaper.finish())
    }

    async fn open_read(&self, request: ReadRequest, context: &Context) -> Result<Pages, Error> {
        let session = self.connect(context).await?;
        let known = self.collections(&session).await?;
        let Some(found) = known.iter().find(|found| found.name == request.stream) else {
            return Err(Error::UnknownStream {
                source_name: self.system.clone(),
                stream: request.stream,
                known: known.iter().map(|found| found.name.as_str()).collect::<Vec<_>>().join(", "),
            });
        };
        let field = self.cursors.get(&request.stream).cloned();
        let is_view = found.is_view;
        let mut reader = Reader::new(context, session, field, request);
        if is_view {
            reader.without_changes();
        }
        Ok(Pages::waiting(futures_util::stream::try_unfold(reader, |mut reader| async move {
            Ok(reader.next().await?.map(|page| (page, reader)))
        })))
    }
}

impl Connector for MongoDb {
    fn system(&self) -> &str {
        &self.system
    }

    fn check<'a>(&'a self, context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async move {
            let session = self.connect(context).await?;
            let collections = self.collections(&session).await?;
            let kind = if session.facts.tells_changes { "replica set or cluster" } else { "single server" };
            let identity = format!("{} (MongoDB {}, {kind})", session.database.name(), session.facts.version);
            Ok(CheckReport { streams: collections.len(), identity: Some(identity), ..CheckReport::default() })
        })
    }

    fn discover<'a>(&'a self, context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async move {
            let session = self.connect(context).await?;
            let mut streams = Vec::new();
            for found in self.collections(&session).await? {
                context.check_cancel()?;
                streams.push(self.describe(&session, &found).await);
            }
            Ok(streams)
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(self.open_read(request, context))
    }
}

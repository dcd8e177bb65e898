//! Supabase by its REST layer, which is PostgREST: for projects whose database port is closed. Whoever can reach the database itself reads it as
//! [`crate::postgres`] does, which sees every type and misses no late commit.
//!
//! After PostgREST's documentation (<https://docs.postgrest.org/en/stable/references/api.html>).

mod catalog;
mod pages;

use crate::connector::{Answer, CheckReport, Connector, Pages, ReadRequest};
use crate::context::Context;
use crate::declaration::{AuthKind, Declaration, Operator, Setting, SettingKind, Settings};
use crate::error::Error;
use crate::pace::{Budget, Limit};
use crate::rest::{self, Authorization, Reply, Session, Verdict};
use crate::stream::{Deletes, Stream};
use aos_net::Request;
use catalog::Table;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub const NAME: &str = "supabase";

/// A transaction may be open so long before what it wrote is seen.
const LAG: Duration = Duration::from_secs(600);
/// Supabase's own limit of rows in one answer, unless the project changed it.
const PAGE_RECORDS: u32 = 1_000;

pub(crate) const DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "Supabase (REST)",
    about: "Reads the tables and views that a Supabase project or a PostgREST server exposes over HTTP.",
    settings: &[
        Setting {
            name: "base_url",
            title: "Address",
            kind: SettingKind::Url,
            required: true,
            help: "the address of the REST layer, e.g. https://PROJECT.supabase.co/rest/v1",
        },
        Setting {
            name: "key",
            title: "Key",
            kind: SettingKind::Secret,
            required: true,
            help: "an API key of the project; row security decides what it sees, and only the service role lists tables",
        },
        Setting {
            name: "schema",
            title: "Schema",
            kind: SettingKind::Text,
            required: false,
            help: "one of the schemas that are exposed; the first of them when left out",
        },
        Setting {
            name: "cursors",
            title: "Cursor columns",
            kind: SettingKind::List,
            required: false,
            help: "table=column, a time that grows with each change, e.g. deals=updated_at; other tables are read whole each time",
        },
    ],
    auth: &[AuthKind::Token],
    documentation: "https://docs.postgrest.org/en/stable/references/api.html",
    open,
    consent: None,
};

#[derive(Debug, Clone, Deserialize)]
struct SupabaseSettings {
    base_url: String,
    schema: Option<String>,
    #[serde(default)]
    cursors: Vec<String>,
}

struct Supabase {
    system: String,
    base: String,
    schema: Option<String>,
    cursors: BTreeMap<String, String>,
}

fn open(system: &str, settings: &Settings, _operator: &Operator) -> Result<Arc<dyn Connector>, Error> {
    let settings: SupabaseSettings = rest::read_settings(settings)?;
    let pair = |item: &String| match item.split_once('=') {
        Some((table, column)) => Ok((table.trim().to_owned(), column.trim().to_owned())),
        None => Err(Error::Config {
            field: "cursors".to_owned(),
            reason: format!("{item} is not of the form table=column"),
        }),
    };
    Ok(Arc::new(Supabase {
        system: system.to_owned(),
        base: rest::base_url("base_url", &settings.base_url)?,
        schema: settings.schema,
        cursors: settings.cursors.iter().map(pair).collect::<Result<_, _>>()?,
    }))
}

/// A project and the way to ask it.
struct Project {
    session: Session,
    base: String,
    schema: Option<String>,
}

impl Project {
    /// Begins a question about a table, or about all of them when the path is empty.
    fn get(&self, path: &str) -> Result<Request, Error> {
        let key = self.session.context.secrets.require("key")?;
        let mut url = aos_net::Url::parse(&self.base)
            .map_err(|error| Error::Config { field: "base_url".to_owned(), reason: error.to_string() })?;
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(path);
        }
        // Supabase's gateway looks at `apikey`, PostgREST behind it at the token.
        let request = Request::get(url.as_str())?.secret_header("apikey", key.expose())?;
        Ok(match &self.schema {
            Some(schema) => request.header("accept-profile", schema)?,
            None => request,
        })
    }
}

/// What a status means, and what PostgREST's and PostgreSQL's own codes in the answer add.
/// <https://docs.postgrest.org/en/stable/references/errors.html>
fn judge(reply: &Reply) -> Verdict {
    #[derive(Deserialize)]
    struct Said {
        #[serde(default)]
        code: String,
    }
    if reply.status.is_success() {
        return Verdict::Fine;
    }
    let code = serde_json::from_str::<Said>(reply.body().text()).map(|said| said.code).unwrap_or_default();
    let said = reply.said();
    match (reply.status.as_u16(), code.as_str()) {
        (_, "42501") => Verdict::Refused(Error::MissingScope { what: "the table".to_owned(), said }),
        (_, "42P01" | "PGRST205" | "42703") => {
            Verdict::Refused(Error::Gone { what: "the table or column".to_owned(), said })
        }
        (_, "57014" | "PGRST000" | "PGRST001" | "PGRST002" | "PGRST003") => Verdict::Trouble { said },
        (401 | 403, _) => Verdict::Refused(Error::Unauthorized { said }),
        _ => rest::standard(reply),
    }
}

impl Supabase {
    fn project(&self, context: &Context) -> Result<Project, Error> {
        let key = context.secrets.require("key")?;
        let session = Session::new(context, Authorization::bearer(key), judge);
        Ok(Project { session, base: self.base.clone(), schema: self.schema.clone() })
    }

    async fn tables(&self, project: &Project) -> Result<Vec<Table>, Error> {
        let tables = catalog::tables(project).await?;
        for (name, column) in &self.cursors {
            let table = tables.iter().find(|table| table.name == *name);
            if table.is_none_or(|table| !table.fields.iter().any(|field| field.name == *column)) {
                let reason = format!("the project exposes no {name} with a column {column}");
                return Err(Error::Config { field: "cursors".to_owned(), reason });
            }
        }
        Ok(tables)
    }

    fn describe(&self, table: &Table) -> Stream {
        let cursor_field = self.cursors.get(&table.name).cloned();
        let mut assumed = vec!["only the rows that the key's role may see".to_owned()];
        if table.key.is_empty() {
            assumed.push("no primary key: it is read from its start again when the read breaks off".to_owned());
        }
        Stream {
            label: table.about.clone(),
            key: table.key.clone(),
            lag: if cursor_field.is_some() { LAG } else { Duration::ZERO },
            cursor_field,
            deletes: Deletes::Sweep,
            records_per_request: Some(PAGE_RECORDS),
            columns_alone: !table.key.is_empty(),
            assumed,
            ..Stream::declared(&table.name, &self.system, table.fields.clone())
        }
    }
}

impl Connector for Supabase {
    fn system(&self) -> &str {
        &self.system
    }

    fn budget(&self) -> Option<Budget> {
        // No limit is documented; this keeps a small project's database free for its users.
        let limits = vec![Limit::new("all", 600, Duration::from_secs(60))];
        Some(Budget { account: self.base.clone(), limits })
    }

    fn check<'a>(&'a self, context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async move {
            let tables = self.tables(&self.project(context)?).await?;
            Ok(CheckReport { streams: tables.len(), identity: Some(self.base.clone()), ..CheckReport::default() })
        })
    }

    fn discover<'a>(&'a self, context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async move {
            let tables = self.tables(&self.project(context)?).await?;
            Ok(tables.iter().map(|table| self.describe(table)).collect())
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(async move {
            let project = self.project(context)?;
            let tables = self.tables(&project).await?;
            let known = || tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>().join(", ");
            let table = tables.iter().find(|table| table.name == request.stream);
            let table = table.cloned().ok_or_else(|| Error::UnknownStream {
                source_name: self.system.clone(),
                stream: request.stream.clone(),
                known: known(),
            })?;
            let cursor = self.cursors.get(&table.name).cloned();
            Ok(rest::pages(pages::SupabasePages::start(project, table, cursor, request)))
        })
    }
}

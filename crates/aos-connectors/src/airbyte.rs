//! Any source that speaks the Airbyte protocol, run as a program on this machine.
//! <https://docs.airbyte.com/platform/understanding-airbyte/airbyte-protocol>
//!
//! Which programs there are, the operator says; a connection chooses one and gives it its configuration. Each stream is read by a run of its
//! own, so that streams fail, pause and go on one by one.

mod catalog;
mod hidden;
mod message;
pub mod monitor;
mod process;
mod program;
mod read;
mod renewed;
mod run;
mod tree;

pub use program::{Program, Programs};

use crate::connector::{Answer, CheckReport, Connector, Pages, ReadRequest};
use crate::context::Context;
use crate::declaration::{AuthKind, Declaration, Operator, Setting, SettingKind, Settings};
use crate::error::Error;
use crate::page::ReadOptions;
use crate::stream::Stream;
use catalog::{Catalog, Described};
use message::Message;
use read::{Place, Reader};
use run::{Output, Run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

pub const NAME: &str = "airbyte";

/// Streams that one source may have.
const STREAMS_MAX: usize = 5_000;

pub(crate) const DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "Airbyte source",
    about: "Runs one of the Airbyte source connectors that the operator of this installation provides.",
    settings: &[
        Setting {
            name: "source",
            title: "Source",
            kind: SettingKind::Text,
            required: true,
            help: "the name under which the operator declared the connector in [airbyte.sources]",
        },
        Setting {
            name: "config",
            title: "Configuration",
            kind: SettingKind::Text,
            required: false,
            help: "what the connector's specification asks for, as a JSON object; without secrets",
        },
        Setting {
            name: "secret_config",
            title: "Secret configuration",
            kind: SettingKind::Secret,
            required: false,
            help: "the secret part of it, a JSON object that is laid over the configuration, member by member",
        },
        Setting {
            name: "cursors",
            title: "Cursor fields",
            kind: SettingKind::List,
            required: false,
            help: "stream=field, for streams whose connector lets one choose by which field it finds what is new",
        },
    ],
    auth: &[AuthKind::Token],
    documentation: "https://docs.airbyte.com/integrations/sources/",
    open,
    consent: None,
};

struct Airbyte {
    system: String,
    program: Program,
    config: Value,
    cursors: BTreeMap<String, String>,
    /// What was discovered last: asking costs a start of the program, and every read has to know its stream.
    known: Mutex<Option<Arc<[Described]>>>,
}

fn open(system: &str, settings: &Settings, operator: &Operator) -> Result<Arc<dyn Connector>, Error> {
    let refuse = |field: &str, reason: String| Error::Config { field: field.to_owned(), reason };
    let text = |name: &str| settings.get(name).and_then(Value::as_str);
    let name = text("source").ok_or_else(|| refuse("source", "it is missing".to_owned()))?;
    let program = operator.airbyte.get(name).ok_or_else(|| {
        let known = operator.airbyte.names().collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "none".to_owned() } else { known };
        refuse("source", format!("the operator declares no Airbyte source {name}; declared: {known}"))
    })?;
    let config = object(text("config").unwrap_or("{}")).map_err(|reason| refuse("config", reason))?;
    let cursors = settings.get("cursors").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let pair = |item: &str| {
        let (stream, field) =
            item.split_once('=').ok_or_else(|| refuse("cursors", format!("{item} is not of the form stream=field")))?;
        Ok((stream.trim().to_owned(), field.trim().to_owned()))
    };
    let cursors = cursors.map(pair).collect::<Result<_, Error>>()?;
    Ok(Arc::new(Airbyte {
        system: system.to_owned(),
        program: program.clone(),
        config,
        cursors,
        known: Mutex::default(),
    }))
}

/// Reads a JSON object. What it holds is not repeated when it is none.
fn object(text: &str) -> Result<Value, String> {
    match serde_json::from_str::<Value>(text) {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => Err("it is to be a JSON object".to_owned()),
        Err(error) => Err(format!("it is no JSON: error in line {}, column {}", error.line(), error.column())),
    }
}

/// Lays one object over another, member by member at every depth.
fn lay_over(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                lay_over(below.entry(name).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above,
    }
}

impl Airbyte {
    async fn config(&self, context: &Context) -> Result<Value, Error> {
        let mut config = self.config.clone();
        if let Some(secret) = context.secrets.get("secret_config") {
            let above = object(secret.expose());
            lay_over(&mut config, above.map_err(|reason| Error::Config { field: "secret_config".to_owned(), reason })?);
        }
        if let Some(renewed) = renewed::load(context).await? {
            lay_over(&mut config, renewed);
        }
        Ok(config)
    }

    /// Runs a verb to its end and returns what `wanted` makes of its messages; the last one counts.
    async fn ask<T>(
        &self,
        verb: &str,
        context: &Context,
        wanted: impl Fn(Message<'_>) -> Option<T> + Send,
    ) -> Result<Option<T>, Error> {
        let config = self.config(context).await?;
        let limit = ReadOptions::default().record_bytes_max;
        let mut run = Run::start(&self.program, verb, Some(&config), &[], limit, context)?;
        let mut found = None;
        let mut renewed = None;
        loop {
            match run.next().await? {
                Output::End => break,
                Output::TooLong(_) => {
                    return Err(Error::TooLarge { what: format!("its answer to {verb}"), limit_bytes: limit as u64 });
                }
                Output::Line(line) => match run.hear(Message::parse(&String::from_utf8_lossy(&line))) {
                    Some(Message::NewConfig(config)) => renewed = Some(config.get().to_owned()),
                    Some(message) => found = wanted(message).or(found),
                    None => {}
                },
            }
        }
        if let Some(config) = renewed {
            renewed::keep(config, context).await?;
        }
        run.end().await?;
        Ok(found)
    }

    async fn ask_streams(&self, context: &Context) -> Result<Arc<[Described]>, Error> {
        let catalog = |message: Message<'_>| match message {
            Message::Catalog(raw) => Some(raw.get().to_owned()),
            _ => None,
        };
        let text = self.ask("discover", context, catalog).await?;
        let lied = |what: &str| Error::Contract { what: format!("the connector {what}") };
        let text = text.ok_or_else(|| lied("discovered nothing: it wrote no catalog"))?;
        let catalog: Catalog =
            serde_json::from_str(&text).map_err(|error| lied(&format!("wrote a catalog that is none: {error}")))?;
        if catalog.streams.len() > STREAMS_MAX {
            return Err(Error::TooLarge {
                what: "the catalog of the connector".to_owned(),
                limit_bytes: STREAMS_MAX as u64,
            });
        }
        let described = catalog.streams.into_iter().map(Described::of);
        let described: Result<Vec<_>, _> = described.collect();
        let described: Arc<[_]> =
            described.map_err(|reason| lied(&format!("described a stream that is none: {reason}")))?.into();
        *self.known.lock().await = Some(described.clone());
        Ok(described)
    }

    async fn known_streams(&self, context: &Context) -> Result<Arc<[Described]>, Error> {
        let known = self.known.lock().await.clone();
        match known {
            Some(known) => Ok(known),
            None => self.ask_streams(context).await,
        }
    }

    fn chosen(&self, stream: &Described) -> Option<&str> {
        self.cursors.get(&stream.stream_name()).map(String::as_str)
    }

    async fn open_read(&self, request: ReadRequest, context: &Context) -> Result<Pages, Error> {
        let streams = self.known_streams(context).await?;
        let known = || streams.iter().map(Described::stream_name).collect::<Vec<_>>().join(", ");
        let stream = streams.iter().find(|stream| stream.stream_name() == request.stream);
        let stream = stream.cloned().ok_or_else(|| Error::UnknownStream {
            source_name: self.system.clone(),
            stream: request.stream.clone(),
            known: known(),
        })?;
        let chosen = self.chosen(&stream);
        let catalog = stream.asked(chosen, &request.columns).to_string();
        let place: Place =
            request.cursor.clone().and_then(|cursor| serde_json::from_value(cursor).ok()).unwrap_or_default();
        let state = place.file();
        let mut files = vec![("--catalog", catalog.as_str())];
        files.extend(state.as_deref().map(|state| ("--state", state)));
        let config = self.config(context).await?;
        let run = Run::start(&self.program, "read", Some(&config), &files, request.options.record_bytes_max, context)?;
        let incremental = stream.cursor(chosen).is_some();
        let reader = Reader::new(run, stream, incremental, request, context);
        Ok(Pages::waiting(futures_util::stream::try_unfold(reader, |mut reader| async move {
            Ok(reader.next().await?.map(|page| (page, reader)))
        })))
    }
}

impl Connector for Airbyte {
    fn system(&self) -> &str {
        &self.system
    }

    fn check<'a>(&'a self, context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async move {
            let status = |message: Message<'_>| match message {
                Message::Status { succeeded, text } => Some((succeeded, text)),
                _ => None,
            };
            match self.ask("check", context, status).await? {
                Some((true, _)) => {}
                Some((false, text)) => {
                    let config = self.config(context).await?;
                    return Err(Error::Refused { said: hidden::Hidden::of(&config).within(&text) });
                }
                None => {
                    return Err(Error::Contract {
                        what: "the connector did not say whether it can connect".to_owned(),
                    });
                }
            }
            let streams = self.ask_streams(context).await?;
            let identity = self.program.command.first().and_then(|path| path.rsplit('/').next()).map(str::to_owned);
            Ok(CheckReport { streams: streams.len(), identity, ..CheckReport::default() })
        })
    }

    fn discover<'a>(&'a self, context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async move {
            let streams = self.ask_streams(context).await?;
            Ok(streams.iter().map(|stream| stream.stream(&self.system, self.chosen(stream))).collect())
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(self.open_read(request, context))
    }
}

/// Asks a program for its specification: which configuration it takes, as a JSON schema. Needs no configuration itself.
///
/// # Errors
/// [`Error::Config`] when it cannot be run, [`Error::Contract`] when it does not speak the protocol.
pub async fn specification(program: &Program, context: &Context) -> Result<Value, Error> {
    let mut run = Run::start(program, "spec", None, &[], ReadOptions::default().record_bytes_max, context)?;
    let mut found = None;
    loop {
        match run.next().await? {
            Output::End => break,
            Output::TooLong(_) => {}
            Output::Line(line) => {
                if let Some(Message::Spec(raw)) = run.hear(Message::parse(&String::from_utf8_lossy(&line))) {
                    found = serde_json::from_str(raw.get()).ok();
                }
            }
        }
    }
    run.end().await?;
    found.ok_or_else(|| Error::Contract { what: "the connector wrote no specification".to_owned() })
}

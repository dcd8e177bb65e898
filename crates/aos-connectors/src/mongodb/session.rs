//! A client of one deployment: its options made safe, its answers sorted by what can be done about them.

use super::way::Way;
use crate::context::Context;
use crate::error::Error;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::ErrorKind;
use mongodb::options::{ClientOptions, ServerAddress, Tls, TlsOptions};
use mongodb::{Client, Database};
use std::io::Write;
use std::time::Duration;
use tempfile::NamedTempFile;

const SELECT_MAX: Duration = Duration::from_secs(10);
const CONNECT_MAX: Duration = Duration::from_secs(10);
const POOL_MAX: u32 = 4;

pub(super) struct Session {
    pub database: Database,
    pub facts: Facts,
    way: Way,
    /// The authority, since the driver reads it from a file.
    _authority: Option<NamedTempFile>,
}

/// What the deployment says of itself.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// Whether it can tell what changes: a replica set or a sharded cluster.
    pub tells_changes: bool,
    pub version: String,
    pub local_time: Bson,
}

impl Session {
    pub async fn connect(
        url: &str,
        database: Option<&str>,
        authority: Option<&str>,
        context: &Context,
    ) -> Result<Self, Error> {
        let refuse = |field: &str, reason: &str| Error::Config { field: field.to_owned(), reason: reason.to_owned() };
        // The driver's own words may repeat the string, and with it the password.
        let options = ClientOptions::parse(url).await;
        let mut options = options
            .map_err(|_| refuse("url", "it is no connection string; it begins with mongodb:// or mongodb+srv://"))?;
        check(&options)?;
        let authority = authority.map(|pem| trust(&mut options, pem)).transpose()?;
        let way = Way::open(context.net.guard()).await?;
        options.socks5_proxy = Some(way.proxy());
        options.app_name = Some("autonomos".to_owned());
        options.server_selection_timeout = Some(SELECT_MAX);
        options.connect_timeout = Some(CONNECT_MAX);
        options.max_pool_size = Some(POOL_MAX);
        options.retry_reads = Some(true);
        let name = database.map(str::to_owned).or_else(|| options.default_database.clone());
        let name =
            name.ok_or_else(|| refuse("database", "it is missing; give it here, or in the connection string"))?;
        let client = Client::with_options(options).map_err(|error| of(&error))?;
        let hello = tokio::select! {
            hello = async { client.database("admin").run_command(doc! { "hello": 1 }).await } => {
                hello.map_err(|error| sorted(&error, &way))?
            }
            refusal = way.blocked() => return Err(refusal),
        };
        let facts = Facts {
            tells_changes: hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|kind| kind == "isdbgrid"),
            version: version(&client).await,
            local_time: hello.get("localTime").cloned().unwrap_or(Bson::Null),
        };
        Ok(Self { database: client.database(&name), facts, way, _authority: authority })
    }

    /// Sorts an error by what can be done about it.
    pub fn error(&self, error: &mongodb::error::Error) -> Error {
        sorted(error, &self.way)
    }
}

/// Refuses what would let a connection reach the files of this machine.
fn check(options: &ClientOptions) -> Result<(), Error> {
    let refuse = |reason: &str| Err(Error::Config { field: "url".to_owned(), reason: reason.to_owned() });
    if options.hosts.iter().any(|host| !matches!(host, ServerAddress::Tcp { .. })) {
        return refuse("it names a socket of this machine; give the names of hosts");
    }
    if let Some(Tls::Enabled(tls)) = &options.tls
        && (tls.ca_file_path.is_some() || tls.cert_key_file_path.is_some())
    {
        return refuse("it names files of this machine; give the authority's certificate as authority");
    }
    Ok(())
}

/// Trusts one authority (PEM) instead of the web's.
fn trust(options: &mut ClientOptions, pem: &str) -> Result<NamedTempFile, Error> {
    let fail = |error: std::io::Error| Error::Config { field: "authority".to_owned(), reason: error.to_string() };
    let mut file = NamedTempFile::new().map_err(fail)?;
    file.write_all(pem.as_bytes()).map_err(fail)?;
    let mut tls = match options.tls.take() {
        Some(Tls::Enabled(tls)) => tls,
        _ => TlsOptions::default(),
    };
    tls.ca_file_path = Some(file.path().to_owned());
    options.tls = Some(Tls::Enabled(tls));
    Ok(file)
}

async fn version(client: &Client) -> String {
    let info: Result<Document, _> = client.database("admin").run_command(doc! { "buildInfo": 1 }).await;
    info.ok().and_then(|info| info.get_str("version").ok().map(str::to_owned)).unwrap_or_default()
}

fn sorted(error: &mongodb::error::Error, way: &Way) -> Error {
    match of(error) {
        // The way knows better why nobody answered.
        unreachable @ Error::Unreachable { .. } => way.refusal().unwrap_or(unreachable),
        other => other,
    }
}

/// Whether the change stream has forgotten the place that was asked for.
pub(super) fn is_forgotten(error: &mongodb::error::Error) -> bool {
    // ChangeStreamHistoryLost, and what older servers say instead.
    matches!(&*error.kind, ErrorKind::Command(command) if matches!(command.code, 286 | 280 | 222 | 234 | 136))
}

/// Whether a server-side cursor was taken from us, so that reading goes on with a new one.
pub(super) fn is_cursor_lost(error: &mongodb::error::Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if matches!(command.code, 43 | 237))
}

fn of(error: &mongodb::error::Error) -> Error {
    let said = error.to_string();
    match &*error.kind {
        ErrorKind::Authentication { .. } => Error::Unauthorized { said },
        ErrorKind::Command(command) => {
            let said = format!("{} ({})", command.message, command.code);
            match command.code {
                18 => Error::Unauthorized { said },
                13 => Error::MissingScope { what: "this".to_owned(), said },
                26 => Error::Gone { what: "the collection".to_owned(), said },
                286 | 280 => Error::Gone { what: "the place in the change stream".to_owned(), said },
                // Network and primary trouble, time limits, lost cursors.
                6 | 7 | 43 | 50 | 89 | 91 | 112 | 134 | 189 | 237 | 262 | 9001 | 10107 | 11600 | 11602 | 13435
                | 13436 => Error::Transient { said },
                _ => Error::Refused { said },
            }
        }
        ErrorKind::ServerSelection { .. } | ErrorKind::DnsResolve { .. } => {
            Error::Unreachable { host: "MongoDB".to_owned(), reason: said }
        }
        ErrorKind::InvalidTlsConfig { .. } => Error::Config { field: "url".to_owned(), reason: said },
        ErrorKind::InvalidArgument { .. } => {
            Error::Config { field: "url".to_owned(), reason: "the driver refuses its options".to_owned() }
        }
        ErrorKind::InvalidResponse { .. } | ErrorKind::BsonDeserialization(_) => Error::Contract { what: said },
        _ => Error::Transient { said },
    }
}

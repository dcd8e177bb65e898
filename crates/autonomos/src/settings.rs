//! Settings: the compiled-in defaults, then the operator's file, then the environment.

use anyhow::Context;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tracing_subscriber::EnvFilter;

const DEFAULTS: &str = include_str!("../../../autonomos.default.toml");

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub server: Server,
    pub database: Database,
    pub broker: BrokerSettings,
    pub net: Net,
    pub aod: Aod,
    pub auth: Auth,
    pub sources: Sources,
    pub engine: EngineSettings,
    pub worker: WorkerSettings,
    pub log: Log,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub request_timeout_s: u64,
    pub body_bytes_max: usize,
}

/// Not printable with its addresses, which carry passwords.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub url: String,
    pub system_url: String,
    pub pooler: PoolerKind,
    pub max_connections: u32,
    pub max_system_connections: u32,
    pub acquire_timeout_s: u64,
    pub statement_timeout_s: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolerKind {
    Session,
    Transaction,
}

/// Not printable with its address, which may carry a password.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerSettings {
    pub url: String,
    pub ca_file: PathBuf,
    pub require_tls: bool,
    pub connect_timeout_ms: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Net {
    pub allow_private: Words,
    pub deny: Words,
    pub trusted_certificates: PathBuf,
    pub connect_timeout_ms: u64,
    pub total_timeout_ms: u64,
    pub body_bytes_max: u64,
    pub concurrent_per_host: usize,
}

/// Not printable with its token.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aod {
    pub url: String,
    pub token: String,
    pub timeout_s: u64,
}

/// A list; in an environment variable its parts are separated by commas.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Words {
    List(Vec<String>),
    Text(String),
}

impl Words {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let parts: Vec<&str> = match self {
            Self::List(list) => list.iter().map(String::as_str).collect(),
            Self::Text(text) => text.split(',').collect(),
        };
        parts.into_iter().map(str::trim).filter(|part| !part.is_empty())
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    pub access_token_ttl_s: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    pub allowed_roots: Vec<PathBuf>,
    pub parallel: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineSettings {
    pub memory_limit_mb: u32,
    pub threads: u32,
    pub query_timeout_ms: u64,
    pub open_max: usize,
    pub cache_dir: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerSettings {
    pub slots: usize,
    pub prefetch_max: usize,
    pub fair: bool,
    pub tenant_running_max: u32,
    pub lease_ms: u64,
    pub poll_interval_ms: u64,
    pub drain_timeout_s: u64,
    pub attempt_timeout_s: u64,
    pub retention_days: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

impl Settings {
    pub fn load(data: &Path, file: Option<&Path>) -> anyhow::Result<Self> {
        let default_file = data.join("autonomos.toml");
        let mut builder =
            config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        builder = match file {
            Some(file) => builder.add_source(config::File::from(file).format(config::FileFormat::Toml).required(true)),
            None => builder.add_source(
                config::File::from(default_file.as_path()).format(config::FileFormat::Toml).required(false),
            ),
        };
        let environment = config::Environment::with_prefix("AUTONOMOS")
            .prefix_separator("_")
            .separator("__")
            .try_parsing(true)
            .list_separator(":")
            .with_list_parse_key("sources.allowed_roots");
        // AUTONOMOS_DATA and AUTONOMOS_CONFIG are the command line's, not settings.
        let environment = environment.source(Some(section_variables()));
        let settings = builder.add_source(environment).build().and_then(config::Config::try_deserialize);
        let mut settings: Self =
            settings.context("the settings cannot be read; compare them with autonomos.default.toml")?;
        settings.take_addresses();
        Ok(settings)
    }

    /// Takes the addresses of servers from the variables that hosts and container platforms set.
    fn take_addresses(&mut self) {
        for (setting, names) in [
            (&mut self.database.url, &["SUPABASE_DATABASE_URL", "DATABASE_URL"][..]),
            (&mut self.database.system_url, &["AUTONOMOS_SYSTEM_DATABASE_URL"]),
            (&mut self.broker.url, &["REDIS_URL"]),
        ] {
            if let Some(address) = names.iter().find_map(|name| variable(name)) {
                *setting = address;
            }
        }
    }

    /// Whether everything is kept by this process alone, in its data directory.
    pub fn database_is_embedded(&self) -> bool {
        self.database.url.is_empty()
    }

    pub fn query_timeout(&self) -> Duration {
        Duration::from_millis(self.engine.query_timeout_ms)
    }
}

/// Returns an environment variable that is set to something.
#[allow(clippy::disallowed_methods)] // Settings are taken from the environment here and nowhere else.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the environment variables that name a section and a setting.
#[allow(clippy::disallowed_methods)] // The one place where settings are taken from the environment.
fn section_variables() -> std::collections::HashMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("AUTONOMOS_") && name.contains("__"))
        .collect()
}

impl Log {
    /// Starts logging; to standard error when standard output belongs to the answer.
    pub fn start(&self, stderr: bool) -> anyhow::Result<()> {
        let filter =
            EnvFilter::try_new(&self.filter).with_context(|| format!("log.filter `{}` is not valid", self.filter))?;
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
        let quiet = stderr && self.filter == "info";
        // Commands answer on the terminal themselves; only what needs a look is logged there.
        let builder = if quiet { builder.with_env_filter(EnvFilter::new("warn")) } else { builder };
        let result = match self.format {
            LogFormat::Text => builder.with_writer(std::io::stderr).try_init(),
            LogFormat::Json => builder.json().with_writer(std::io::stderr).try_init(),
        };
        result.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_defaults_are_complete() {
        let nowhere = Path::new("/nonexistent");
        let settings = Settings::load(nowhere, None).unwrap();
        assert_eq!(settings.server.host, "127.0.0.1");
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("autonomos.toml"), "[server]\nprot = 1\n").unwrap();
        assert!(Settings::load(dir.path(), None).is_err());
    }
}

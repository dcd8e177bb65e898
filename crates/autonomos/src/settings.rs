//! Settings: the compiled-in defaults, then the operator's file, then the environment.

use anyhow::Context;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tracing_subscriber::EnvFilter;

const DEFAULTS: &str = include_str!("../../../autonomos.default.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub server: Server,
    pub auth: Auth,
    pub sources: Sources,
    pub engine: EngineSettings,
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
        settings.context("the settings cannot be read; compare them with autonomos.default.toml")
    }

    pub fn query_timeout(&self) -> Duration {
        Duration::from_millis(self.engine.query_timeout_ms)
    }
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

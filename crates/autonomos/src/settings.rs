//! Settings: the compiled-in defaults, then the operator's file, then the environment.

use anyhow::Context;
use aos_api::OidcSettings;
use aos_connectors::airbyte::Program;
use aos_core::flag::{Flag, parse_bool};
use aos_dcl::flags::FlagEnvironment;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    pub rate: Rates,
    pub secrets: Secrets,
    pub sources: Sources,
    pub vault: VaultSection,
    pub simulators: Simulators,
    pub onboarding: Onboarding,
    pub airbyte: AirbyteSettings,
    pub models: ModelSection,
    pub embeddings: EmbeddingSection,
    pub pii: PiiSection,
    pub knowledge: KnowledgeSection,
    pub engine: EngineSettings,
    pub worker: WorkerSettings,
    pub log: Log,
    pub telemetry: TelemetrySettings,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub public_url: String,
    pub cors_origins: Words,
    pub mcp_hosts: Words,
    pub request_timeout_s: u64,
    pub body_bytes_max: usize,
    pub trusted_proxies: Words,
    pub connections_max: usize,
    pub connections_per_address_max: usize,
    pub live_per_tenant_max: usize,
    pub header_timeout_s: u64,
    pub stall_timeout_s: u64,
}

/// What may be asked for in a minute, and what of it at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    pub reads_per_minute: u32,
    pub reads_burst: u32,
    pub writes_per_minute: u32,
    pub writes_burst: u32,
    pub anonymous_per_minute: u32,
    pub anonymous_burst: u32,
}

impl Server {
    /// Returns where browsers find this server, if it is known.
    pub fn public_url(&self) -> Option<String> {
        let url = self.public_url.trim_end_matches('/');
        (!url.is_empty()).then(|| url.to_owned())
    }

    /// Returns the networks of the proxies that are believed.
    pub fn trusted_proxies(&self) -> anyhow::Result<Vec<aos_net::IpNet>> {
        let parse = |text: &str| -> anyhow::Result<aos_net::IpNet> {
            // A single address is a network of one.
            let network = text.parse().or_else(|_| text.parse::<std::net::IpAddr>().map(aos_net::IpNet::from));
            network.with_context(|| {
                format!("server.trusted_proxies: `{text}` is no address and no network such as 10.0.0.0/8")
            })
        };
        self.trusted_proxies.iter().map(parse).collect()
    }
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

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    pub access_token_ttl_s: u64,
    pub session_ttl_s: u64,
    pub program_ttl_s: u64,
    pub invitation_ttl_s: u64,
    pub registration: bool,
    /// Other providers to sign in through, by name.
    pub oidc: BTreeMap<String, OidcProvider>,
}

/// Not printable with its secret.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcProvider {
    pub issuer: String,
    pub client_id: String,
    #[serde(default)]
    pub client_secret: String,
    /// What the button says; the name when left out.
    #[serde(default)]
    pub label: String,
    /// Asked for beside `openid`, `email` and `profile`.
    #[serde(default)]
    pub scopes: Option<Words>,
}

impl Auth {
    pub fn access_token_ttl(&self) -> Duration {
        Duration::from_secs(self.access_token_ttl_s.max(1))
    }

    pub fn providers(&self) -> Vec<OidcSettings> {
        let provider = |(name, provider): (&String, &OidcProvider)| OidcSettings {
            name: name.clone(),
            label: provider.label.clone(),
            issuer: provider.issuer.clone(),
            client_id: provider.client_id.clone(),
            client_secret: provider.client_secret.clone(),
            scopes: provider.scopes.iter().flat_map(Words::iter).map(str::to_owned).collect(),
        };
        self.oidc.iter().map(provider).collect()
    }
}

/// Where the master key comes from, never the key itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    pub master_key_file: PathBuf,
    pub master_key_command: Words,
    pub development: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    pub allowed_roots: Vec<PathBuf>,
    pub allowed_env: Words,
    pub samples: bool,
    pub parallel: usize,
    pub requests_max: u64,
}

/// A HashiCorp Vault that connections may keep their secrets in. Not printable with its token.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultSection {
    pub address: String,
    pub token: String,
    pub token_file: PathBuf,
    pub namespace: String,
    pub mount: String,
    pub prefix: String,
    pub allow_private: Words,
    pub timeout_s: u64,
}

/// Services that are played for tenants.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulators {
    pub systems: Words,
    pub port: u16,
    pub records: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Onboarding {
    pub connectors: Words,
}

/// Not printable with its token, and with the environments of its programs, which may carry secrets.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AirbyteSettings {
    pub url: String,
    pub token: String,
    pub client_id: String,
    pub client_secret: String,
    pub workspace: String,
    pub tenant: String,
    pub sources: BTreeMap<String, Program>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSection {
    pub total_timeout_s: u64,
    pub attempts_max: u32,
    pub tokens_out_max: u32,
    pub question_bytes_max: usize,
    pub tokens_per_day_max: u64,
    pub dollars_per_day_max: String,
    pub prices_file: PathBuf,
    pub mapping_decision_wait_s: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingSection {
    pub directory: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PiiSection {
    pub names_model: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeSection {
    pub document_bytes_max: u64,
    pub pdf_memory_mb: u64,
    pub pdf_timeout_s: u64,
    pub reranker: PathBuf,
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
    pub stale_after_s: u64,
    pub watch_interval_s: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub filter: String,
    pub format: LogFormat,
}

/// Not printable with its headers, which may carry a token.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetrySettings {
    pub metrics_address: String,
    pub otlp_endpoint: String,
    pub otlp_headers: Words,
    pub otlp_sample_ratio: f64,
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

/// Returns what the operator has said about feature flags, in variables of the flags' names.
pub fn flags() -> anyhow::Result<FlagEnvironment> {
    let said = Flag::ALL.into_iter().filter_map(|flag| Some((flag, variable(flag.as_str())?)));
    said.map(|(flag, text)| {
        let value =
            parse_bool(&text).with_context(|| format!("{}: `{text}` is neither true nor false", flag.as_str()))?;
        Ok((flag, value))
    })
    .collect()
}

/// Returns the environment variables that name a section and a setting.
#[allow(clippy::disallowed_methods)] // The one place where settings are taken from the environment.
fn section_variables() -> std::collections::HashMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("AUTONOMOS_") && name.contains("__"))
        .collect()
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

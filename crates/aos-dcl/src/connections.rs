//! Connections of a tenant: adding, changing, checking, pausing, removing. What they read is the mesh's business.

use crate::credentials;
use crate::held_reads::HeldReadInfo;
use crate::service::{TenantDcl, blocking};
use crate::{Error, Result};
use aos_connectors::file::NAME as FILE;
use aos_core::flag::Flag;
use aos_core::kind::{self, AOA};
use aos_core::ledger::Outcome;
use aos_core::task::TaskState;
use aos_core::{ConnectionId, IntentId};
use aos_store::{
    AccessChange, Connection, ConnectionChange, ConnectionSecret, Grant, HeldRead, MAX_LIMIT, NewAccess, NewConnection,
    Page, PageOf, Run, StoredMapping, StreamState, TaskFilter,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use utoipa::ToSchema;

/// Settings of a connection to files, for local commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileConfig {
    /// A folder or a single file on the machine the server runs on.
    pub path: PathBuf,
    /// Only these files of the folder; all of them when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<PathBuf>>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(example = json!({ "name": "salesforce", "config": { "path": "/srv/exports/salesforce" } }))]
pub struct ConnectionRequest {
    /// Unique within the tenant; names the source everywhere.
    #[schema(min_length = 1, max_length = 100, example = "crm")]
    pub name: String,
    /// What reads it: one of `GET /connectors`.
    #[serde(default = "file")]
    #[schema(default = "file", example = "salesforce")]
    pub connector: String,
    /// The system the records come from, e.g. `salesforce`; for files the name when left out, else the connector.
    #[serde(default)]
    pub system: Option<String>,
    /// The connector's settings. A secret goes into the vault and never comes back out; or it says where it is kept, e.g. `env:CRM_TOKEN`.
    #[schema(value_type = Object, example = json!({ "path": "/var/exports/crm" }))]
    pub config: Map<String, Value>,
    /// Without a complete read for so many seconds it is stale, and an alert says so; the operator's default when left out.
    #[serde(default)]
    #[schema(minimum = 60)]
    pub stale_after_s: Option<u32>,
    /// Where the credentials of the whole connection are: `consent:` (an owner gives leave), `consent:NAME` (the grant of another connection),
    /// `sp:NAME` (a service principal), `vault:PATH` or `env:NAME` (an object of settings). What the settings say themselves goes before it.
    #[serde(default)]
    #[schema(max_length = 500, example = json!(null))]
    pub credential_locator: Option<String>,
}

/// What of a connection is to be other than it is; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "crm", "stale_after_s": 86400 }))]
pub struct ConnectionPatch {
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// All settings anew. A secret that is given as it is shown stays as it is; another one takes its place.
    #[schema(value_type = Option<Object>)]
    pub config: Option<Map<String, Value>>,
    #[schema(minimum = 60)]
    pub stale_after_s: Option<u32>,
    /// How many requests one read may spend without asking; 0 for as many as it takes.
    pub requests_max: Option<u32>,
    /// Where the credentials of the whole connection are; an empty text for nowhere.
    #[schema(max_length = 500)]
    pub credential_locator: Option<String>,
}

fn file() -> String {
    FILE.to_owned()
}

/// A connection with what is known of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectionDetail {
    pub id: uuid::Uuid,
    pub name: String,
    pub system: String,
    pub connector: String,
    pub status: ConnectionStatus,
    /// Its settings; of a secret only that it is set, when and by whom, or the reference to where it is kept.
    #[schema(value_type = Object)]
    pub config: Value,
    /// Where the credentials of the whole connection are.
    pub credential_locator: Option<String>,
    /// What an owner of the account gave leave for; none where nobody has.
    pub grant: Option<crate::consent::GrantInfo>,
    /// Since when nothing but a sample is read of it, until its intent is promoted.
    pub safe_mode_since: Option<DateTime<Utc>>,
    pub streams: Vec<StreamSummary>,
    pub last_run: Option<crate::ledger::RunInfo>,
    pub created_at: DateTime<Utc>,
    /// Since when it is not read, and why.
    pub paused: Option<PausedInfo>,
    /// None for the operator's default.
    pub stale_after_s: Option<u64>,
    /// How many requests one read may spend without asking; none for the operator's default.
    pub requests_max: Option<u64>,
    /// The read that waits for somebody to confirm what it costs, or goes on because somebody has; none otherwise.
    pub held_read: Option<HeldReadInfo>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PausedInfo {
    pub at: DateTime<Utc>,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    NeverRun,
    Running,
    Ready,
    Failed,
    Paused,
    /// Proposed, and not promoted yet: nothing but a sample is read.
    SafeMode,
    /// Its read would spend more requests than it may unasked, and waits for somebody to confirm it.
    AwaitsConfirmation,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StreamSummary {
    pub name: String,
    /// The main entity the stream feeds, when it feeds one.
    pub entity: Option<String>,
    pub columns: usize,
    /// Records of the last whole read.
    pub rows: u64,
    /// When it was last read to its end.
    pub completed_at: Option<DateTime<Utc>>,
    /// Whether a read was cut off and goes on with the next sync.
    pub reading: bool,
    /// How deletes are known (`tombstone`, `sweep`, `unknown`), where the source declares it.
    pub deletes: Option<String>,
    /// Up to when deletes are known; none when they are not.
    pub deletes_known_at: Option<DateTime<Utc>>,
}

impl TenantDcl {
    /// Adds a connection over the API. Its settings must be the connector's; a path must lie under a folder the operator allows.
    pub async fn add_connection(&self, new: ConnectionRequest) -> Result<ConnectionDetail> {
        if new.connector == FILE && !self.flag(Flag::FeatureUseFilesource).await? {
            return Err(Error::FilesOff);
        }
        let added = self.insert_requested(&new, None).await?;
        if let Some(seconds) = new.stale_after_s {
            let change =
                ConnectionChange { stale_after_us: Some(Some(micros(seconds))), ..ConnectionChange::default() };
            self.store().change_connection(added.id, &change).await?;
        }
        self.connection(added.id).await
    }

    /// Adds a connection with its secrets; for an intent, in Safe Mode.
    pub(crate) async fn insert_requested(
        &self,
        new: &ConnectionRequest,
        intent: Option<IntentId>,
    ) -> Result<Connection> {
        let credential_locator = credentials::locator(new.credential_locator.as_deref().unwrap_or_default())?;
        let (config, secrets) =
            self.admitted(&new.connector, new.config.clone(), &Value::Null, credential_locator.is_some())?;
        let secrets = secrets.into_iter().filter_map(|(name, secret)| Some((name, secret?))).collect();
        let system = match &new.system {
            Some(system) => system.clone(),
            None if new.connector == FILE => new.name.clone(),
            None => new.connector.clone(),
        };
        let access = NewAccess { secrets, credential_locator, intent };
        self.insert_connection(&new.name, system, new.connector.clone(), config, &access).await
    }

    /// Changes a connection. Its cursors stay: what was surely read stays read.
    pub async fn change_connection(&self, id: ConnectionId, patch: ConnectionPatch) -> Result<ConnectionDetail> {
        let known = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let mut access = AccessChange::default();
        let mut locator = known.credential_locator.clone();
        if let Some(text) = &patch.credential_locator {
            locator = credentials::locator(text)?;
            access.credential_locator = Some(locator.clone());
        }
        let mut config = None;
        if let Some(given) = patch.config {
            let (admitted, secrets) = self.admitted(&known.connector, given, &known.config, locator.is_some())?;
            (config, access.secrets) = (Some(admitted), secrets);
        }
        let change = ConnectionChange {
            name: patch.name.clone(),
            config,
            stale_after_us: patch.stale_after_s.map(|seconds| Some(micros(seconds))),
            requests_max: patch.requests_max.map(|requests| Some(u64::from(requests))),
        };
        self.store().change_connection_with(id, &change, &access).await.map_err(|error| match error {
            aos_store::Error::Conflict { name, .. } => Error::NameTaken { name },
            other => Error::Store(other),
        })?;
        self.touch().await?;
        // A read that waits because of the limit looks at the new one.
        if change.requests_max.is_some() {
            let broker = self.inner.broker.clone();
            aos_store::after_commit(async move { broker.system().wake(kind::WAKE) }).await;
        }
        self.connection(id).await
    }

    /// Stops a connection from being read, whoever asks, until it is resumed.
    pub async fn pause_connection(&self, id: ConnectionId, reason: &str) -> Result<ConnectionDetail> {
        self.store().set_paused(id, Some(reason)).await?;
        self.connection(id).await
    }

    pub async fn resume_connection(&self, id: ConnectionId) -> Result<ConnectionDetail> {
        self.store().set_paused(id, None).await?;
        self.connection(id).await
    }

    /// Replaces a path by the one it leads to, if the operator allows that one.
    fn admit(&self, path: &mut String) -> Result<()> {
        let admitted = self.inner.sources.operator.roots.admit(Path::new(path)).map_err(|error| match error {
            aos_connectors::Error::OutsideAllowedRoot { path } => {
                Error::PathNotAllowed { path: path.display().to_string() }
            }
            other => Error::Source(other),
        })?;
        *path = admitted.display().to_string();
        Ok(())
    }

    /// Checks settings against their connector's declaration, and a path against what the operator allows; takes the secrets out.
    fn admitted(
        &self,
        connector: &str,
        mut config: Map<String, Value>,
        before: &Value,
        credentials_elsewhere: bool,
    ) -> Result<(Value, credentials::Changes)> {
        let declared = aos_mesh::declared(connector)?;
        let secrets = credentials::part(declared, &mut config, before)?;
        if credentials_elsewhere {
            declared.check_without_credentials(&config)?;
        } else {
            declared.check(&config)?;
        }
        if connector == FILE {
            for (name, setting) in &mut config {
                match setting {
                    Value::String(path) if name == "path" => self.admit(path)?,
                    Value::Array(paths) if name == "files" => {
                        for path in paths {
                            if let Value::String(path) = path {
                                self.admit(path)?;
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok((config.into(), secrets))
    }

    /// Adds a connection for someone who already has this machine's files at hand: the local commands.
    pub async fn add_local_connection(
        &self,
        name: &str,
        system: Option<&str>,
        config: FileConfig,
    ) -> Result<Connection> {
        let config = serde_json::to_value(&config).expect("paths of connections are text");
        self.insert_connection(name, system.unwrap_or(name).to_owned(), file(), config, &NewAccess::default()).await
    }

    pub(crate) async fn insert_connection(
        &self,
        name: &str,
        system: String,
        connector: String,
        config: Value,
        access: &NewAccess,
    ) -> Result<Connection> {
        let new = NewConnection { name: name.to_owned(), system, connector, config };
        let connection = self.store().create_connection_with(new, access).await.map_err(|error| match error {
            aos_store::Error::Conflict { kind: "connection", .. } => Error::NameTaken { name: name.to_owned() },
            other => Error::Store(other),
        })?;
        self.touch().await?;
        Ok(connection)
    }

    /// Points a local connection at other files of the same folder.
    pub async fn update_local_connection(&self, id: ConnectionId, config: FileConfig) -> Result<()> {
        let config = serde_json::to_value(&config).expect("paths of connections are text");
        Ok(self.store().update_connection_config(id, &config).await?)
    }

    /// Returns the connection of that name, for local commands that may run again.
    pub async fn find_connection(&self, name: &str) -> Result<Option<Connection>> {
        Ok(self.store().find_connection(name).await?)
    }

    pub async fn list_connections(&self, page: Page) -> Result<PageOf<ConnectionDetail>> {
        let page = self.store().list_connections(page).await?;
        let around = self.surroundings().await?;
        let items = page.items.into_iter().map(|connection| around.detail(connection)).collect::<Result<_>>()?;
        Ok(PageOf { items, next_cursor: page.next_cursor })
    }

    /// Returns every connection, page by page.
    pub(crate) async fn all_connections(&self) -> Result<Vec<Connection>> {
        let mut all = Vec::new();
        let mut page = Page::first(MAX_LIMIT);
        loop {
            let found = self.store().list_connections(page).await?;
            all.extend(found.items);
            let Some(cursor) = found.next_cursor else { return Ok(all) };
            page = Page::after(cursor, MAX_LIMIT);
        }
    }

    /// Lists the connections that read files.
    pub async fn file_connections(&self) -> Result<Vec<ConnectionDetail>> {
        let connections = self.all_connections().await?.into_iter().filter(|connection| connection.connector == FILE);
        let around = self.surroundings().await?;
        connections.map(|connection| around.detail(connection)).collect()
    }

    pub async fn connection(&self, id: ConnectionId) -> Result<ConnectionDetail> {
        let connection = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        self.surroundings().await?.detail(connection)
    }

    /// Removes a connection with everything that was derived from it, and its raw segments.
    pub async fn delete_connection(&self, id: ConnectionId) -> Result<()> {
        self.check_idle().await?;
        let given = match self.store().connection(id).await? {
            Some(connection) => self.given_grant(&connection).await,
            None => None,
        };
        self.store().delete_connection(id).await?;
        self.renew_picture().await?;
        let tenant = self.clone();
        // Raw records go only once it is certain that nothing refers to them.
        aos_store::after_commit(async move {
            if let Err(error) = tenant.forget_connection(id).await {
                tracing::warn!(connection.id = %id, %error, "what was kept beside the store of a removed connection stays behind: {error}");
            }
            if let Some(given) = given {
                let (_, said) = given.give_back(&tenant).await;
                tracing::info!(connection.id = %id, "a connection was removed: {said}");
            }
            tenant.show_picture().await;
        })
        .await;
        Ok(())
    }

    /// Removes what is kept of a connection beside the store.
    async fn forget_connection(&self, id: ConnectionId) -> Result<()> {
        let (lake, scope) = (self.inner.lake.clone(), self.scope.clone());
        blocking(move || {
            let lake = lake.tenant(&scope);
            for segment in lake.list(id)? {
                lake.delete(id, segment)?;
            }
            Ok(())
        })
        .await?;
        self.with_engine(move |engine| engine.remove_connection(id.0)).await
    }

    /// Refuses while a job of this tenant's orchestration waits or runs, here or in another process.
    pub async fn check_idle(&self) -> Result<()> {
        let states = vec![TaskState::Queued, TaskState::InProgress];
        let jobs = TaskFilter { states, exclusive: Some(AOA.to_owned()), ..TaskFilter::default() };
        let busy = !self.store().list_tasks(&jobs, Page::first(1)).await?.items.is_empty();
        if busy || crate::service::lock(&self.inner.running).contains_key(&self.scope.tenant_id()) {
            return Err(Error::ConnectRunning);
        }
        Ok(())
    }

    async fn surroundings(&self) -> Result<Surroundings> {
        let store = self.store();
        Ok(Surroundings {
            streams: store.list_all_streams().await?,
            mappings: store.list_active_mappings().await?,
            last_runs: store.last_runs().await?,
            secrets: store.list_connection_secrets().await?,
            grants: store.list_grants().await?,
            held: store.list_held_reads().await?,
        })
    }
}

/// What is known around a tenant's connections, read at once for all of them.
struct Surroundings {
    streams: Vec<StreamState>,
    mappings: Vec<StoredMapping>,
    last_runs: Vec<Run>,
    secrets: Vec<ConnectionSecret>,
    grants: Vec<Grant>,
    held: Vec<HeldRead>,
}

impl Surroundings {
    fn detail(&self, connection: Connection) -> Result<ConnectionDetail> {
        let entity_of = |stream: &str| {
            let own =
                |stored: &&StoredMapping| stored.connection_id == connection.id && stored.mapping.stream == stream;
            Some(self.mappings.iter().find(own)?.mapping.main()?.entity.clone())
        };
        let own = self.streams.iter().filter(|stream| stream.connection_id == connection.id);
        let streams = own
            .map(|stream| StreamSummary {
                name: stream.name.clone(),
                entity: entity_of(&stream.name),
                columns: stream.shape.as_ref().map_or(0, |shape| shape.columns.len()),
                rows: stream.records_read,
                completed_at: stream.completed_at,
                reading: stream.reading.is_some(),
                deletes: stream.declared.as_ref().and_then(|told| Some(told["deletes"].as_str()?.to_owned())),
                deletes_known_at: stream.deletes_known_at,
            })
            .collect();
        let last_run = self.last_runs.iter().find(|run| run.connection_id == connection.id).cloned();
        let held = self.held.iter().find(|held| held.connection_id == connection.id);
        let status = match &last_run {
            _ if connection.paused.is_some() => ConnectionStatus::Paused,
            _ if connection.safe_mode_at.is_some() => ConnectionStatus::SafeMode,
            _ if held.is_some_and(|held| held.confirmed.is_none()) => ConnectionStatus::AwaitsConfirmation,
            None => ConnectionStatus::NeverRun,
            Some(run) => match run.outcome {
                None => ConnectionStatus::Running,
                Some(Outcome::Failed | Outcome::Unreachable) => ConnectionStatus::Failed,
                Some(_) => ConnectionStatus::Ready,
            },
        };
        Ok(ConnectionDetail {
            id: connection.id.0,
            status,
            config: credentials::shown(&connection, &self.secrets),
            credential_locator: connection.credential_locator,
            grant: self.grants.iter().find(|grant| grant.connection_id == connection.id).cloned().map(Into::into),
            safe_mode_since: connection.safe_mode_at,
            streams,
            last_run: last_run.map(|run| crate::ledger::RunInfo::new(run, &connection.name)),
            created_at: connection.created_at,
            name: connection.name,
            system: connection.system,
            connector: connection.connector,
            paused: connection.paused.map(|paused| PausedInfo { at: paused.at, reason: paused.reason }),
            stale_after_s: connection.stale_after_us.map(|micros| micros.unsigned_abs() / 1_000_000),
            requests_max: connection.requests_max,
            held_read: held.cloned().map(HeldReadInfo::from),
        })
    }
}

fn micros(seconds: u32) -> i64 {
    i64::from(seconds) * 1_000_000
}

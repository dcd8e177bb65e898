//! Connections of a tenant: adding, checking, removing. What they read is the mesh's business.

use crate::service::{TenantDcl, blocking};
use crate::{Error, Result};
use aos_connectors::{Connector, FileOptions, FileSource};
use aos_core::ConnectionId;
use aos_core::flag::Flag;
use aos_core::kind::AOA;
use aos_core::ledger::Outcome;
use aos_core::task::TaskState;
use aos_store::{Connection, MAX_LIMIT, NewConnection, Page, PageOf, Run, StoredMapping, StreamState, TaskFilter};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use utoipa::ToSchema;

pub const FILE: &str = "file";

/// Settings of a file connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileConfig {
    /// A folder or a single file on the machine the server runs on.
    #[schema(value_type = String)]
    pub path: PathBuf,
    /// Only these files of the folder; all of them when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub files: Option<Vec<PathBuf>>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(example = json!({ "name": "salesforce", "config": { "path": "/srv/exports/salesforce" } }))]
pub struct NewFileConnection {
    /// Unique within the tenant; names the source everywhere.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The system the files were exported from, e.g. `salesforce`; the name when left out.
    #[serde(default)]
    pub system: Option<String>,
    pub config: FileConfig,
}

/// A connection with what is known of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectionDetail {
    pub id: uuid::Uuid,
    pub name: String,
    pub system: String,
    pub connector: String,
    pub status: ConnectionStatus,
    pub config: FileConfig,
    pub streams: Vec<StreamSummary>,
    pub last_run: Option<crate::ledger::RunInfo>,
    pub created_at: chrono::DateTime<chrono::Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    NeverRun,
    Running,
    Ready,
    Failed,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StreamSummary {
    pub name: String,
    /// The main entity the stream feeds, when it feeds one.
    pub entity: Option<String>,
    pub columns: usize,
    pub rows: u64,
}

/// What a look at the source found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckInfo {
    pub ok: bool,
    pub message: String,
    /// What to do when it is not ok.
    pub next_step: Option<String>,
    pub streams: usize,
    /// Files that are not read, with the reason.
    pub skipped: Vec<String>,
}

impl TenantDcl {
    /// Adds a connection over the API: its path must lie under a folder the operator allows.
    pub async fn add_connection(&self, new: NewFileConnection) -> Result<ConnectionDetail> {
        if !self.flag(Flag::FeatureUseFilesource).await? {
            return Err(Error::FilesOff);
        }
        let path = self.inner.allowed_roots.admit(&new.config.path).map_err(|error| match error {
            aos_connectors::Error::OutsideAllowedRoot { path } => {
                Error::PathNotAllowed { path: path.display().to_string() }
            }
            other => Error::Source(other),
        })?;
        let connection = self
            .add_local_connection(&new.name, new.system.as_deref(), FileConfig { path, files: new.config.files })
            .await?;
        self.connection(connection.id).await
    }

    /// Adds a connection for someone who already has this machine's files at hand: the local commands.
    pub async fn add_local_connection(
        &self,
        name: &str,
        system: Option<&str>,
        config: FileConfig,
    ) -> Result<Connection> {
        let config = serde_json::to_value(&config).expect("paths of connections are text");
        let new = NewConnection {
            name: name.to_owned(),
            system: system.unwrap_or(name).to_owned(),
            connector: FILE.to_owned(),
            config,
        };
        let connection = self.store().create_connection(new).await.map_err(|error| match error {
            aos_store::Error::Conflict { .. } => Error::NameTaken { name: name.to_owned() },
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

    pub async fn connection(&self, id: ConnectionId) -> Result<ConnectionDetail> {
        let connection = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        self.surroundings().await?.detail(connection)
    }

    /// Looks at the source without reading it.
    pub async fn check_connection(&self, id: ConnectionId) -> Result<CheckInfo> {
        let connection = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let report = blocking(move || Ok(open(&connection).and_then(|source| Ok(source.check()?)))).await?;
        Ok(match report {
            Ok(report) => {
                let problems: Vec<String> =
                    report.problems.iter().map(|(name, error)| format!("{name}: {error}")).collect();
                CheckInfo {
                    ok: problems.is_empty(),
                    message: format!("{} tables, {} bytes", report.streams, report.size_bytes),
                    next_step: (!problems.is_empty()).then(|| problems.join("; ")),
                    streams: report.streams,
                    skipped: report
                        .skipped
                        .iter()
                        .map(|skipped| format!("{}: {}", skipped.path.display(), skipped.reason))
                        .collect(),
                }
            }
            Err(error) => CheckInfo {
                ok: false,
                message: error.to_string(),
                next_step: Some("correct the path and check again".into()),
                streams: 0,
                skipped: vec![],
            },
        })
    }

    /// Removes a connection with everything that was derived from it, and its raw segments.
    pub async fn delete_connection(&self, id: ConnectionId) -> Result<()> {
        self.check_idle().await?;
        self.store().delete_connection(id).await?;
        self.renew_picture().await?;
        let tenant = self.clone();
        // Raw records go only once it is certain that nothing refers to them.
        aos_store::after_commit(async move {
            if let Err(error) = tenant.forget_connection(id).await {
                tracing::warn!(connection.id = %id, %error, "what was kept beside the store of a removed connection stays behind: {error}");
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
    async fn check_idle(&self) -> Result<()> {
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
        })
    }
}

/// What is known around a tenant's connections, read at once for all of them.
struct Surroundings {
    streams: Vec<StreamState>,
    mappings: Vec<StoredMapping>,
    last_runs: Vec<Run>,
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
            })
            .collect();
        let last_run = self.last_runs.iter().find(|run| run.connection_id == connection.id).cloned();
        let status = match &last_run {
            None => ConnectionStatus::NeverRun,
            Some(run) => match run.outcome {
                None => ConnectionStatus::Running,
                Some(Outcome::Failed | Outcome::Unreachable) => ConnectionStatus::Failed,
                Some(_) => ConnectionStatus::Ready,
            },
        };
        let config =
            serde_json::from_value(connection.config).map_err(|error| aos_mesh::Error::Config(error.to_string()))?;
        Ok(ConnectionDetail {
            id: connection.id.0,
            status,
            config,
            streams,
            last_run: last_run.map(|run| crate::ledger::RunInfo::new(run, &connection.name)),
            created_at: connection.created_at,
            name: connection.name,
            system: connection.system,
            connector: connection.connector,
        })
    }
}

/// Opens the source of a connection. Its path was checked when the connection was made; links out of it are not followed.
pub(crate) fn open(connection: &Connection) -> Result<Arc<dyn Connector>> {
    let config: FileConfig = serde_json::from_value(connection.config.clone())
        .map_err(|error| aos_mesh::Error::Config(error.to_string()))?;
    let source = match &config.files {
        Some(files) => FileSource::of_files(&connection.system, files, FileOptions::default())?,
        None => FileSource::open(&connection.system, &config.path, FileOptions::default())?,
    };
    Ok(Arc::new(source))
}

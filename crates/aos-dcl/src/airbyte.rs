//! What the operator's Airbyte server says of its syncs, for the one tenant whose server it is. A server knows no tenants of ours, so nobody
//! else is shown anything of it.

use crate::Result;
use crate::service::{Dcl, TenantDcl};
use aos_connectors::airbyte::monitor::{ConnectionSync, Monitor, Syncs};
use aos_core::TenantId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A server that is watched, and whose it is.
pub struct AirbyteServer {
    pub monitor: Monitor,
    pub tenant: TenantId,
}

/// The last sync of each connection of an Airbyte server.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AirbyteSyncs {
    /// Whether the operator has named a server of this tenant. Without one, there is nothing else in here.
    pub configured: bool,
    /// What to do where there is none.
    pub next_step: Option<String>,
    /// When the server was asked: an answer is good for a minute.
    pub asked_at: Option<DateTime<Utc>>,
    pub connections: Vec<AirbyteConnection>,
    /// Whether the server has more connections than are watched.
    pub cut: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AirbyteConnection {
    /// The server's own id of it.
    pub connection_id: String,
    pub name: String,
    /// `active`, `inactive` or `deprecated`.
    pub connection_status: String,
    /// Null when it was never synced.
    pub last: Option<AirbyteJob>,
}

/// What the server does not say is null.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AirbyteJob {
    pub job_id: i64,
    /// `pending`, `running`, `incomplete`, `failed`, `succeeded` or `cancelled`.
    pub status: String,
    pub started_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    pub duration_ms: Option<u64>,
    pub records: Option<u64>,
    pub bytes: Option<u64>,
}

impl Dcl {
    /// Watches an Airbyte server. Named once, before anybody asks.
    pub fn with_airbyte(self, server: AirbyteServer) -> Self {
        // A second server could not be told from the first: the first one stays.
        let _ = self.inner.airbyte.set(server);
        self
    }
}

impl TenantDcl {
    /// Returns the last sync of each connection of the tenant's Airbyte server, at most a minute old.
    ///
    /// # Errors
    /// [`crate::Error::Source`] when the server cannot be asked; an answer that is older is not shown in place of one.
    pub async fn airbyte_syncs(&self) -> Result<AirbyteSyncs> {
        match self.inner.airbyte.get().filter(|server| server.tenant == self.scope.tenant_id()) {
            Some(server) => Ok(server.monitor.syncs().await?.into()),
            None => Ok(AirbyteSyncs {
                configured: false,
                next_step: Some(
                    "the operator names an Airbyte server in [airbyte] url, and in [airbyte] tenant the id of whose it is"
                        .to_owned(),
                ),
                asked_at: None,
                connections: Vec::new(),
                cut: false,
            }),
        }
    }
}

impl From<Syncs> for AirbyteSyncs {
    fn from(syncs: Syncs) -> Self {
        Self {
            configured: true,
            next_step: None,
            asked_at: Some(syncs.asked_at),
            connections: syncs.connections.into_iter().map(AirbyteConnection::from).collect(),
            cut: syncs.cut,
        }
    }
}

impl From<ConnectionSync> for AirbyteConnection {
    fn from(sync: ConnectionSync) -> Self {
        let last = sync.last.map(|last| AirbyteJob {
            job_id: last.job_id,
            status: last.status,
            started_at: last.started_at,
            updated_at: last.updated_at,
            duration_ms: last.duration_ms,
            records: last.records,
            bytes: last.bytes,
        });
        Self { connection_id: sync.connection_id, name: sync.name, connection_status: sync.connection_status, last }
    }
}

//! What developers ask of a tenant: how its sources stand, what was made canonical last, and whether an agent gets what it consumes.

use crate::connections::ConnectionStatus;
use crate::engine::TenantEngine;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_store::{MAX_LIMIT, Page, StoredEvent};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// How the tenant's sources stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceStatus {
    /// The greatest position in the tenant's canonical stream.
    pub position: i64,
    /// Changes when rows vanish without a tombstone.
    pub epoch: i64,
    pub sources: Vec<SourceStand>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SourceStand {
    pub connection_id: Uuid,
    pub source: String,
    pub connector: String,
    pub status: ConnectionStatus,
    pub streams: usize,
    pub rows: u64,
    pub last_run: Option<crate::ledger::RunInfo>,
}

/// A canonical event, as it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct CanonicalInfo {
    pub position: i64,
    pub connection_id: Uuid,
    pub entity: String,
    pub record_id: String,
    /// `upsert` or `delete`.
    #[schema(value_type = String)]
    pub op: aos_core::event::Op,
    pub source_version: i64,
    pub mapping_version: u32,
    pub run_id: Uuid,
    pub emitted_at: DateTime<Utc>,
    #[schema(value_type = Object)]
    pub data: Value,
    #[schema(value_type = Object)]
    pub extras: Value,
}

/// Whether an agent gets what it consumes.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentProof {
    pub agent: String,
    pub entity: String,
    /// What it was asked for, repeated.
    pub intent: Option<String>,
    /// Whether the agent consumes the entity.
    pub consumes: bool,
    /// Records of the entity that the unified view shows.
    pub records: u64,
    /// The newest event behind them; none when there is none.
    pub newest_position: Option<i64>,
    pub newest_run: Option<Uuid>,
    pub newest_at: Option<DateTime<Utc>>,
    pub passed: bool,
}

impl TenantDcl {
    pub async fn source_status(&self) -> Result<SourceStatus> {
        let head = self.store().head().await?;
        let (mut sources, mut page) = (Vec::new(), Page::first(MAX_LIMIT));
        loop {
            let found = self.list_connections(page).await?;
            sources.extend(found.items.into_iter().map(|connection| SourceStand {
                connection_id: connection.id,
                rows: connection.streams.iter().map(|stream| stream.rows).sum(),
                streams: connection.streams.len(),
                source: connection.name,
                connector: connection.connector,
                status: connection.status,
                last_run: connection.last_run,
            }));
            let Some(cursor) = found.next_cursor else { break };
            page = Page::after(cursor, MAX_LIMIT);
        }
        Ok(SourceStatus { position: head.position, epoch: head.epoch, sources })
    }

    /// Lists the latest canonical events, newest first, of one entity or all, and of one source or all.
    pub async fn last_canonical(
        &self,
        entity: Option<&str>,
        source: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CanonicalInfo>> {
        let connection = match source {
            Some(source) => Some(self.named_connection(source).await?.id),
            None => None,
        };
        let events = self.store().list_latest_events(entity, connection, limit).await?;
        Ok(events.into_iter().map(CanonicalInfo::from).collect())
    }

    /// Proves that an agent gets what it consumes of an entity: that it consumes it, and that the unified view has records, with their newest
    /// event.
    pub async fn prove_agent(&self, agent: &str, entity: &str, intent: Option<String>) -> Result<AgentProof> {
        let ontology = self.ontology().await?;
        if !ontology.entities.contains_key(entity) {
            let known = ontology.entities.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(Error::UnknownEntity { entity: entity.to_owned(), known });
        }
        let Some(found) = self.inner.agents.iter().find(|known| known.id == agent) else {
            let known = self.inner.agents.iter().map(|known| known.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Error::UnknownAgent { agent: agent.to_owned(), known });
        };
        let consumes = found.consumes.iter().any(|consumed| consumed == entity);
        let counts = self.with_fresh_engine(TenantEngine::counts).await?;
        let records = counts.get(entity).map_or(0, |counts| counts.records);
        let newest = self.store().list_latest_events(Some(entity), None, 1).await?.into_iter().next();
        Ok(AgentProof {
            agent: agent.to_owned(),
            entity: entity.to_owned(),
            intent,
            consumes,
            records,
            newest_position: newest.as_ref().map(|event| event.position),
            newest_run: newest.as_ref().map(|event| event.run_id.0),
            newest_at: newest.as_ref().map(|event| event.emitted_at),
            passed: consumes && records > 0 && newest.is_some(),
        })
    }
}

impl From<StoredEvent> for CanonicalInfo {
    fn from(event: StoredEvent) -> Self {
        let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        Self {
            position: event.position,
            connection_id: event.connection_id.0,
            data: read(&event.data),
            extras: read(&event.extras),
            entity: event.entity,
            record_id: event.record_id,
            op: event.op,
            source_version: event.source_version,
            mapping_version: event.mapping_version,
            run_id: event.run_id.0,
            emitted_at: event.emitted_at,
        }
    }
}

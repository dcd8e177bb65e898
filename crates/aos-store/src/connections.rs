//! Connections: the source systems a tenant has configured.

use crate::convert::{from_json, time, to_json};
use crate::db::{query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

const MAX_NAME_CHARS: usize = 200;
const MAX_CONFIG_BYTES: usize = 256 * 1024;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Connection {
    pub id: ConnectionId,
    pub name: String,
    /// The source system, e.g. `salesforce`; may be empty when unknown.
    pub system: String,
    /// What reads it, e.g. `file`.
    pub connector: String,
    pub config: serde_json::Value,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewConnection {
    pub name: String,
    pub system: String,
    pub connector: String,
    pub config: serde_json::Value,
}

/// What a deleted connection leaves behind for others to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedConnection {
    /// Paths of its segments in the lake.
    pub segment_paths: Vec<String>,
}

type Row = (Uuid, String, String, String, String, i64);

impl TenantStore<'_> {
    /// Creates a connection; its name must be free.
    pub async fn create_connection(&self, new: NewConnection) -> Result<Connection> {
        let config = to_json(&new.config);
        check("the connection's name", new.name.chars().count(), MAX_NAME_CHARS)?;
        check("the connection's configuration", config.len(), MAX_CONFIG_BYTES)?;
        let (id, now) = (ConnectionId::new(), self.now());
        let mut tx = self.begin().await?;
        let inserted = query(
            "INSERT INTO connections (tenant_id, id, name, system, connector, config, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant_id, name) WHERE deleted_at IS NULL DO NOTHING",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(&new.name)
        .bind(&new.system)
        .bind(&new.connector)
        .bind(config)
        .bind(now)
        .execute(&mut tx)
        .await?;
        if inserted == 0 {
            return Err(Error::Conflict { kind: "connection", name: new.name });
        }
        self.audit(&mut tx, "connection.create", &id.to_string(), json!({ "name": new.name })).await?;
        tx.commit().await?;
        let NewConnection { name, system, connector, config } = new;
        Ok(Connection { id, name, system, connector, config, created_at: time(now) })
    }

    /// Lists connections in order of their creation.
    pub async fn list_connections(&self, page: Page) -> Result<PageOf<Connection>> {
        let rows = query_as::<Row>(
            "SELECT id, name, system, connector, config, created_at
               FROM connections
              WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR id > $2)
              ORDER BY id LIMIT $3",
        )
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let items = rows.into_iter().map(connection).collect::<Result<_>>()?;
        Ok(page.of(items, |connection: &Connection| connection.id))
    }

    pub async fn connection(&self, id: ConnectionId) -> Result<Option<Connection>> {
        let found = query_as::<Row>(
            "SELECT id, name, system, connector, config, created_at
               FROM connections
              WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL",
        )
        .bind(self.id())
        .bind(id.0)
        .fetch_optional(self.reader())
        .await?;
        found.map(connection).transpose()
    }

    pub async fn find_connection(&self, name: &str) -> Result<Option<Connection>> {
        let found = query_as::<Row>(
            "SELECT id, name, system, connector, config, created_at
               FROM connections
              WHERE tenant_id = $1 AND name = $2 AND deleted_at IS NULL",
        )
        .bind(self.id())
        .bind(name)
        .fetch_optional(self.reader())
        .await?;
        found.map(connection).transpose()
    }

    /// Replaces a connection's configuration.
    pub async fn update_connection_config(&self, id: ConnectionId, config: &serde_json::Value) -> Result<()> {
        let text = to_json(config);
        check("the connection's configuration", text.len(), MAX_CONFIG_BYTES)?;
        let mut tx = self.begin().await?;
        let updated =
            query("UPDATE connections SET config = $3 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL")
                .bind(self.id())
                .bind(id.0)
                .bind(text)
                .execute(&mut tx)
                .await?;
        if updated == 0 {
            return Err(Error::NotFound(Resource::Connection(id.to_string())));
        }
        self.audit(&mut tx, "connection.configure", &id.to_string(), json!({})).await?;
        tx.commit().await
    }

    /// Deletes a connection with everything that came from it. Its runs and the audit trail stay.
    ///
    /// The lake's segments are the caller's to remove, after this: their paths are returned.
    pub async fn delete_connection(&self, id: ConnectionId) -> Result<DeletedConnection> {
        let mut tx = self.begin().await?;
        // Followers of the stream cannot see rows vanish; the new epoch tells them to start again. It comes first because it
        // holds off commits for this tenant.
        query("UPDATE stream_heads SET epoch = epoch + 1 WHERE tenant_id = $1")
            .bind(self.id())
            .execute(&mut tx)
            .await?;
        let deleted =
            query("UPDATE connections SET deleted_at = $3 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL")
                .bind(self.id())
                .bind(id.0)
                .bind(self.now())
                .execute(&mut tx)
                .await?;
        if deleted == 0 {
            return Err(Error::NotFound(Resource::Connection(id.to_string())));
        }
        let segment_paths =
            query_scalar::<String>("SELECT path FROM segments WHERE tenant_id = $1 AND connection_id = $2 ORDER BY id")
                .bind(self.id())
                .bind(id.0)
                .fetch_all(&mut tx)
                .await?;
        for statement in [
            "DELETE FROM materialized WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM canonical_stream WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM entity_counts WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM mappings WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM streams WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM rejections WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM segments WHERE tenant_id = $1 AND connection_id = $2",
        ] {
            query(statement).bind(self.id()).bind(id.0).execute(&mut tx).await?;
        }
        self.audit(&mut tx, "connection.delete", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        Ok(DeletedConnection { segment_paths })
    }
}

fn connection((id, name, system, connector, config, created_at): Row) -> Result<Connection> {
    let config = from_json(&config, "connections", "config", id)?;
    Ok(Connection { id: ConnectionId(id), name, system, connector, config, created_at: time(created_at) })
}

fn check(what: &'static str, size: usize, limit: usize) -> Result<()> {
    if size > limit { Err(Error::TooLarge { what, size, limit }) } else { Ok(()) }
}

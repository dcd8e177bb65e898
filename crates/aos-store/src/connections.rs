//! Connections: the source systems a tenant has configured.

use crate::connection_access::{AccessChange, NewAccess};
use crate::convert::{count, from_json, time, to_json, uncount};
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
    /// Since when, and why, it is not read; a paused connection is left out of every run.
    pub paused: Option<Paused>,
    /// Without a complete read for so many microseconds it is stale; the operator's default when there is none.
    pub stale_after_us: Option<i64>,
    /// Where the credentials of the whole connection are, e.g. `sp:reader`; none where each secret says so itself.
    pub credential_locator: Option<String>,
    /// Since when nothing may be read of it but a sample; none once it was promoted, and for those that people add themselves.
    pub safe_mode_at: Option<DateTime<Utc>>,
    /// How many requests one read of it may spend unasked; the operator's default when there is none.
    pub requests_max: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paused {
    pub at: DateTime<Utc>,
    pub reason: String,
}

/// What of a connection is to be other than it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConnectionChange {
    pub name: Option<String>,
    pub config: Option<serde_json::Value>,
    /// The time, or none for the operator's default.
    pub stale_after_us: Option<Option<i64>>,
    /// The limit, or none for the operator's default.
    pub requests_max: Option<Option<u64>>,
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

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    system: String,
    connector: String,
    config: String,
    created_at: i64,
    paused_at: Option<i64>,
    paused_reason: Option<String>,
    stale_after_us: Option<i64>,
    credential_locator: Option<String>,
    safe_mode_at: Option<i64>,
    requests_max: Option<i64>,
}

impl TenantStore<'_> {
    /// Creates a connection without secrets; its name must be free.
    pub async fn create_connection(&self, new: NewConnection) -> Result<Connection> {
        self.create_connection_with(new, &NewAccess::default()).await
    }

    /// Creates a connection with what lets it in at its source.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the name is taken or the intent has a connection already.
    pub async fn create_connection_with(&self, new: NewConnection, access: &NewAccess) -> Result<Connection> {
        let config = to_json(&new.config);
        check("the connection's name", new.name.chars().count(), MAX_NAME_CHARS)?;
        check("the connection's configuration", config.len(), MAX_CONFIG_BYTES)?;
        let (id, now) = (ConnectionId::new(), self.now());
        let mut tx = self.begin().await?;
        let inserted = query(
            "INSERT INTO connections
                (tenant_id, id, name, system, connector, config, created_at, credential_locator, safe_mode_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (tenant_id, name) WHERE deleted_at IS NULL DO NOTHING",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(&new.name)
        .bind(&new.system)
        .bind(&new.connector)
        .bind(config)
        .bind(now)
        .bind(access.credential_locator.as_deref())
        .bind(access.intent.map(|_| now))
        .execute(&mut tx)
        .await?;
        if inserted == 0 {
            return Err(Error::Conflict { kind: "connection", name: new.name });
        }
        self.change_connection_secrets(&mut tx, id, access.secrets.iter().map(|(name, secret)| (name, Some(secret))))
            .await?;
        if let Some(intent) = access.intent {
            self.attach_to_intent(&mut tx, intent, id).await?;
        }
        let detail =
            json!({ "name": new.name, "secrets": access.secrets.keys().collect::<Vec<_>>(), "intent": access.intent });
        self.audit(&mut tx, "connection.create", &id.to_string(), detail).await?;
        tx.commit().await?;
        let NewConnection { name, system, connector, config } = new;
        let (created_at, safe_mode_at) = (time(now), access.intent.map(|_| time(now)));
        let credential_locator = access.credential_locator.clone();
        Ok(Connection {
            id,
            name,
            system,
            connector,
            config,
            created_at,
            paused: None,
            stale_after_us: None,
            credential_locator,
            safe_mode_at,
            requests_max: None,
        })
    }

    /// Lists connections in order of their creation.
    pub async fn list_connections(&self, page: Page) -> Result<PageOf<Connection>> {
        let rows = query_as::<Row>(
            "SELECT id, name, system, connector, config, created_at, paused_at, paused_reason, stale_after_us,
                    credential_locator, safe_mode_at, requests_max
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
            "SELECT id, name, system, connector, config, created_at, paused_at, paused_reason, stale_after_us,
                    credential_locator, safe_mode_at, requests_max
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
            "SELECT id, name, system, connector, config, created_at, paused_at, paused_reason, stale_after_us,
                    credential_locator, safe_mode_at, requests_max
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

    /// Changes a connection; what is left out stays. A name must be free.
    pub async fn change_connection(&self, id: ConnectionId, change: &ConnectionChange) -> Result<Connection> {
        self.change_connection_with(id, change, &AccessChange::default()).await
    }

    /// The same, with what lets it in at its source.
    pub async fn change_connection_with(
        &self,
        id: ConnectionId,
        change: &ConnectionChange,
        access: &AccessChange,
    ) -> Result<Connection> {
        let before = self.connection(id).await?.ok_or_else(|| Error::NotFound(Resource::Connection(id.to_string())))?;
        let name = change.name.clone().unwrap_or(before.name);
        let config = to_json(change.config.as_ref().unwrap_or(&before.config));
        check("the connection's name", name.chars().count(), MAX_NAME_CHARS)?;
        check("the connection's configuration", config.len(), MAX_CONFIG_BYTES)?;
        let mut tx = self.begin().await?;
        let taken = query_scalar::<Uuid>(
            "SELECT id FROM connections WHERE tenant_id = $1 AND name = $2 AND id <> $3 AND deleted_at IS NULL",
        )
        .bind(self.id())
        .bind(&name)
        .bind(id.0)
        .fetch_optional(&mut tx)
        .await?;
        if taken.is_some() {
            return Err(Error::Conflict { kind: "connection", name });
        }
        let updated = query(
            "UPDATE connections
                SET name = $3, config = $4, stale_after_us = $5, credential_locator = $6, requests_max = $7
              WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(&name)
        .bind(config)
        .bind(change.stale_after_us.unwrap_or(before.stale_after_us))
        .bind(access.credential_locator.clone().unwrap_or(before.credential_locator))
        .bind(change.requests_max.unwrap_or(before.requests_max).map(count))
        .execute(&mut tx)
        .await?;
        if updated == 0 {
            return Err(Error::NotFound(Resource::Connection(id.to_string())));
        }
        self.copy_watch(&mut tx, id).await?;
        if change.requests_max.is_some() {
            // What waits because of the limit looks at the new one now.
            self.hasten_sync(&mut tx, id).await?;
        }
        self.change_connection_secrets(
            &mut tx,
            id,
            access.secrets.iter().map(|(name, secret)| (name, secret.as_ref())),
        )
        .await?;
        let detail = json!({ "name": name, "secrets": access.secrets.keys().collect::<Vec<_>>() });
        self.audit(&mut tx, "connection.change", &id.to_string(), detail).await?;
        tx.commit().await?;
        self.connection(id).await?.ok_or_else(|| Error::NotFound(Resource::Connection(id.to_string())))
    }

    /// Stops a connection from being read, or lets it be read again when there is no reason. Says whether that changed anything.
    pub async fn set_paused(&self, id: ConnectionId, reason: Option<&str>) -> Result<bool> {
        let mut tx = self.begin().await?;
        let known = query_scalar::<bool>(
            "SELECT paused_at IS NOT NULL FROM connections WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL",
        )
        .bind(self.id())
        .bind(id.0)
        .fetch_optional(&mut tx)
        .await?
        .ok_or_else(|| Error::NotFound(Resource::Connection(id.to_string())))?;
        if known == reason.is_some() {
            return Ok(false);
        }
        query("UPDATE connections SET paused_at = $3, paused_reason = $4 WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(id.0)
            .bind(reason.map(|_| self.now()))
            .bind(reason)
            .execute(&mut tx)
            .await?;
        self.copy_watch(&mut tx, id).await?;
        let (action, kind) =
            if reason.is_some() { ("connection.pause", "paused") } else { ("connection.resume", "resumed") };
        self.audit(&mut tx, action, &id.to_string(), json!({ "reason": reason })).await?;
        self.insert_event(&mut tx, id, "", kind, reason.unwrap_or("it is read again"), &json!({})).await?;
        tx.commit().await?;
        Ok(true)
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
            "DELETE FROM stream_profiles WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM stream_shapes WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM stream_observations WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM remaps WHERE tenant_id = $1 AND connection_id = $2",
            "UPDATE golden_records
                SET members = members - (SELECT COUNT(*) FROM golden_members m
                                          WHERE m.tenant_id = golden_records.tenant_id AND m.entity = golden_records.entity
                                            AND m.golden_id = golden_records.id AND m.connection_id = $2)
              WHERE tenant_id = $1 AND members > 0",
            "DELETE FROM golden_members WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM golden_rulings WHERE tenant_id = $1 AND (left_connection = $2 OR right_connection = $2)",
            "UPDATE reviews SET state = 'superseded' WHERE tenant_id = $1 AND connection_id = $2 AND state = 'open'",
            "DELETE FROM connection_checks WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM connection_events WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM connection_alerts WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM held_reads WHERE tenant_id = $1 AND connection_id = $2",
            "DELETE FROM intent_samples
              WHERE tenant_id = $1
                AND intent_id IN (SELECT id FROM intents WHERE tenant_id = $1 AND connection_id = $2)",
        ] {
            query(statement).bind(self.id()).bind(id.0).execute(&mut tx).await?;
        }
        self.delete_connection_secrets(&mut tx, id).await?;
        self.delete_grant_in(&mut tx, id).await?;
        self.audit(&mut tx, "connection.delete", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        Ok(DeletedConnection { segment_paths })
    }
}

fn connection(row: Row) -> Result<Connection> {
    let config = from_json(&row.config, "connections", "config", row.id)?;
    let reason = row.paused_reason.unwrap_or_default();
    Ok(Connection {
        id: ConnectionId(row.id),
        name: row.name,
        system: row.system,
        connector: row.connector,
        config,
        created_at: time(row.created_at),
        paused: row.paused_at.map(|at| Paused { at: time(at), reason }),
        stale_after_us: row.stale_after_us,
        credential_locator: row.credential_locator,
        safe_mode_at: row.safe_mode_at.map(time),
        requests_max: row.requests_max.map(uncount),
    })
}

fn check(what: &'static str, size: usize, limit: usize) -> Result<()> {
    if size > limit { Err(Error::TooLarge { what, size, limit }) } else { Ok(()) }
}

//! Mappings: versions of how a stream is read, one of them active, with the matcher's reasons beside it.

use crate::convert::{from_json, time, to_json};
use crate::db::{query, query_as, query_scalar};
use crate::error::Result;
use crate::memory::Remembered;
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use aos_core::mapping::{Origin, StreamMapping};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredMapping {
    pub connection_id: ConnectionId,
    pub mapping: StreamMapping,
    /// The matcher's candidates and reasons, as the matcher tells them.
    pub matched: serde_json::Value,
    pub created_at: DateTime<Utc>,
}

type Row = (Uuid, String, i64, String, String, i64);

impl TenantStore<'_> {
    pub async fn active_mapping(&self, connection: ConnectionId, stream: &str) -> Result<Option<StoredMapping>> {
        let found = query_as::<Row>(
            "SELECT connection_id, stream, version, body, matched, created_at
               FROM mappings
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND active",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .fetch_optional(self.reader())
        .await?;
        found.map(stored).transpose()
    }

    /// Lists the active mappings of all connections, by connection and stream.
    pub async fn list_active_mappings(&self) -> Result<Vec<StoredMapping>> {
        let rows = query_as::<Row>(
            "SELECT connection_id, stream, version, body, matched, created_at
               FROM mappings
              WHERE tenant_id = $1 AND active
              ORDER BY connection_id, stream",
        )
        .bind(self.id())
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(stored).collect()
    }

    /// Returns a mapping as it was at a version, active or not.
    pub async fn mapping_at(
        &self,
        connection: ConnectionId,
        stream: &str,
        version: u32,
    ) -> Result<Option<StoredMapping>> {
        let found = query_as::<Row>(
            "SELECT connection_id, stream, version, body, matched, created_at
               FROM mappings
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND version = $4",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(i64::from(version))
        .fetch_optional(self.reader())
        .await?;
        found.map(stored).transpose()
    }

    /// Makes this the active mapping of its stream and returns its version.
    ///
    /// The version in `mapping` is ignored. When the active one says the same, its version stays and only the reasons change.
    pub async fn save_mapping(
        &self,
        connection: ConnectionId,
        mapping: &StreamMapping,
        matched: &serde_json::Value,
    ) -> Result<u32> {
        let mut tx = self.begin().await?;
        let newest = query_as::<(i64, String, bool)>(
            "SELECT version, body, active
               FROM mappings
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3
              ORDER BY active DESC, version DESC LIMIT 1",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(&mapping.stream)
        .fetch_optional(&mut tx)
        .await?;
        let known: Option<StreamMapping> = match &newest {
            Some((_, body, true)) => Some(from_json(body, "mappings", "body", &mapping.stream)?),
            _ => None,
        };
        if let (Some((version, body, true)), Some(known)) = (&newest, &known) {
            let same = StreamMapping { version: known.version, ..mapping.clone() };
            // Reading JSON may miss a number's last digit; the text that was written from it does not.
            if same == *known || to_json(&same) == *body {
                query(
                    "UPDATE mappings SET matched = $5
                      WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND version = $4 AND matched <> $5",
                )
                .bind(self.id())
                .bind(connection.0)
                .bind(&mapping.stream)
                .bind(*version)
                .bind(to_json(matched))
                .execute(&mut tx)
                .await?;
                tx.commit().await?;
                return Ok(known.version);
            }
        }
        let greatest = query_scalar::<Option<i64>>(
            "SELECT MAX(version) FROM mappings WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(&mapping.stream)
        .fetch_one(&mut tx)
        .await?;
        let version = u32::try_from(greatest.unwrap_or(0) + 1).unwrap_or(u32::MAX);
        query(
            "UPDATE mappings SET active = FALSE
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND active",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(&mapping.stream)
        .execute(&mut tx)
        .await?;
        query(
            "INSERT INTO mappings
                (tenant_id, connection_id, stream, version, body, matched, active, origin, created_at, epoch)
             VALUES ($1, $2, $3, $4, $5, $6, TRUE, $7, $8,
                     COALESCE((SELECT p.epoch FROM stream_profiles p
                                WHERE p.tenant_id = $1 AND p.connection_id = $2 AND p.stream = $3), 0))",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(&mapping.stream)
        .bind(i64::from(version))
        .bind(to_json(&StreamMapping { version, ..mapping.clone() }))
        .bind(to_json(matched))
        .bind(origin(mapping))
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        let before = known.as_ref();
        let decided = Remembered { connection, before, after: mapping, matched, shape: None, undone: false };
        self.remember_in(&mut tx, &decided).await?;
        let resource = format!("{connection}/{}", mapping.stream);
        self.audit(&mut tx, "mapping.save", &resource, json!({ "version": version })).await?;
        tx.commit().await?;
        Ok(version)
    }
}

impl TenantStore<'_> {
    /// Replaces what stands beside a version of a mapping, and nothing of the mapping.
    pub async fn explain_mapping(
        &self,
        connection: ConnectionId,
        stream: &str,
        version: u32,
        matched: &serde_json::Value,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "UPDATE mappings SET matched = $5
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND version = $4",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(i64::from(version))
        .bind(to_json(matched))
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }
}

fn stored((connection, stream, _, body, matched, created_at): Row) -> Result<StoredMapping> {
    Ok(StoredMapping {
        connection_id: ConnectionId(connection),
        mapping: from_json(&body, "mappings", "body", &stream)?,
        matched: from_json(&matched, "mappings", "matched", &stream)?,
        created_at: time(created_at),
    })
}

/// A mapping that a person looked at in part is a reviewed one.
pub(crate) fn origin(mapping: &StreamMapping) -> &'static str {
    let mut rules = mapping.entities.iter().flat_map(|entity| &entity.fields);
    if rules.any(|rule| rule.origin == Origin::Reviewed) { "reviewed" } else { "matched" }
}

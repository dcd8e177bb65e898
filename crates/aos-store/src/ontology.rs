//! A tenant's own fields and entities on top of the shipped ontology. Versions are kept; what they mean is the core's business.

use crate::convert::{from_json, time, to_json, uncount};
use crate::db::{query, query_as};
use crate::error::{Error, Result};
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

const MAX_EXTENSION_BYTES: usize = 4 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OntologyExtension {
    pub version: u64,
    pub body: serde_json::Value,
    pub created_at: DateTime<Utc>,
}

impl TenantStore<'_> {
    /// Returns the newest extension.
    pub async fn ontology_extension(&self) -> Result<Option<OntologyExtension>> {
        let found = query_as::<(i64, String, i64)>(
            "SELECT version, body, created_at FROM ontology_extensions
              WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1",
        )
        .bind(self.id())
        .fetch_optional(self.reader())
        .await?;
        found.map(extension).transpose()
    }

    pub async fn ontology_extension_at(&self, version: u64) -> Result<Option<OntologyExtension>> {
        let found = query_as::<(i64, String, i64)>(
            "SELECT version, body, created_at FROM ontology_extensions WHERE tenant_id = $1 AND version = $2",
        )
        .bind(self.id())
        .bind(crate::convert::count(version))
        .fetch_optional(self.reader())
        .await?;
        found.map(extension).transpose()
    }

    /// Keeps a new version and returns its number. The same body again is not a new version.
    pub async fn save_ontology_extension(&self, body: &serde_json::Value) -> Result<u64> {
        let text = to_json(body);
        if text.len() > MAX_EXTENSION_BYTES {
            return Err(Error::TooLarge {
                what: "the ontology extension",
                size: text.len(),
                limit: MAX_EXTENSION_BYTES,
            });
        }
        let mut tx = self.begin().await?;
        let newest = query_as::<(i64, String)>(
            "SELECT version, body FROM ontology_extensions WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1",
        )
        .bind(self.id())
        .fetch_optional(&mut tx)
        .await?;
        let version = match newest {
            Some((version, known)) if known == text => return Ok(uncount(version)),
            Some((version, _)) => version + 1,
            None => 1,
        };
        query("INSERT INTO ontology_extensions (tenant_id, version, body, created_at) VALUES ($1, $2, $3, $4)")
            .bind(self.id())
            .bind(version)
            .bind(text)
            .bind(self.now())
            .execute(&mut tx)
            .await?;
        self.audit(&mut tx, "ontology.extend", "ontology", json!({ "version": version })).await?;
        tx.commit().await?;
        Ok(uncount(version))
    }
}

fn extension((version, body, created_at): (i64, String, i64)) -> Result<OntologyExtension> {
    let body = from_json(&body, "ontology_extensions", "body", version)?;
    Ok(OntologyExtension { version: uncount(version), body, created_at: time(created_at) })
}

//! Keys that agents and services sign in with. Kept are a digest, by which a key is found, and its last characters, by which people
//! tell keys apart; the key itself is shown once, when it is made.

use crate::convert::{from_json, from_word, micros, time, to_json};
use crate::db::{query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::tenant::{Principal, Scopes};
use aos_core::{ApiKeyId, Role};
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// Keys of a tenant that are not revoked.
const KEYS_MAX: i64 = 1000;
/// How coarsely the last use is kept, so that a busy key does not write with every request.
const LAST_USED_PRECISION: Duration = Duration::minutes(10);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    /// Its last characters.
    pub ending: String,
    pub role: Role,
    /// The permissions it was made for; none is the whole role.
    pub scopes: Option<Vec<String>>,
    /// `user:<id>`, `key:<id>`, or `local`.
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    /// To about ten minutes.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key that is to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey<'a> {
    pub name: &'a str,
    pub digest: &'a str,
    pub ending: &'a str,
    pub role: Role,
    pub scopes: Option<&'a Scopes>,
    pub expires_at: Option<DateTime<Utc>>,
}

pub(crate) type Row =
    (Uuid, String, String, String, Option<String>, String, i64, Option<i64>, Option<i64>, Option<i64>);

impl ApiKey {
    /// Tells whether it lets anyone in at this time.
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

impl TenantStore<'_> {
    pub async fn create_api_key(&self, new: NewApiKey<'_>) -> Result<ApiKey> {
        let mut tx = self.begin().await?;
        let count = query_scalar::<i64>("SELECT COUNT(*) FROM api_keys WHERE tenant_id = $1 AND revoked_at IS NULL")
            .bind(self.id())
            .fetch_one(&mut tx)
            .await?;
        if count >= KEYS_MAX {
            return Err(Error::TooMany { what: "API keys", limit: KEYS_MAX as usize });
        }
        let (id, now) = (ApiKeyId::new(), self.now());
        let scopes: Option<Vec<String>> = new.scopes.map(|scopes| scopes.iter().map(str::to_owned).collect());
        let created_by = self.scope().principal().to_string();
        query(
            "INSERT INTO api_keys (tenant_id, id, name, digest, ending, role, scopes, created_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(new.name)
        .bind(new.digest)
        .bind(new.ending)
        .bind(new.role.as_str())
        .bind(scopes.as_ref().map(to_json))
        .bind(&created_by)
        .bind(now)
        .bind(new.expires_at.map(micros))
        .execute(&mut tx)
        .await?;
        let detail = json!({ "name": new.name, "role": new.role, "scopes": scopes, "expires_at": new.expires_at });
        self.audit(&mut tx, "api_key.create", &format!("key:{id}"), detail).await?;
        tx.commit().await?;
        Ok(ApiKey {
            id,
            name: new.name.to_owned(),
            ending: new.ending.to_owned(),
            role: new.role,
            scopes,
            created_by,
            created_at: time(now),
            expires_at: new.expires_at,
            last_used_at: None,
            revoked_at: None,
        })
    }

    pub async fn api_key(&self, id: ApiKeyId) -> Result<Option<ApiKey>> {
        let found = query_as::<Row>(
            "SELECT id, name, ending, role, scopes, created_by, created_at, expires_at, last_used_at, revoked_at
               FROM api_keys
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id.0)
        .fetch_optional(self.reader())
        .await?;
        found.map(api_key).transpose()
    }

    /// Lists keys, newest first, revoked ones among them.
    pub async fn list_api_keys(&self, page: Page) -> Result<PageOf<ApiKey>> {
        let rows = query_as::<Row>(
            "SELECT id, name, ending, role, scopes, created_by, created_at, expires_at, last_used_at, revoked_at
               FROM api_keys
              WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2)
              ORDER BY id DESC LIMIT $3",
        )
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        Ok(page.of(rows.into_iter().map(api_key).collect::<Result<_>>()?, |key| key.id))
    }

    /// Makes a key useless, and stops the schedules that ran on its behalf; one that was revoked already stays as it is.
    pub async fn revoke_api_key(&self, id: ApiKeyId) -> Result<()> {
        let mut tx = self.begin().await?;
        let known = query_scalar::<bool>("SELECT revoked_at IS NULL FROM api_keys WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(id.0)
            .fetch_optional(&mut tx)
            .await?;
        match known {
            None => return Err(Error::NotFound(Resource::ApiKey(id.to_string()))),
            Some(false) => return Ok(()),
            Some(true) => {}
        }
        query("UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(id.0)
            .bind(self.now())
            .execute(&mut tx)
            .await?;
        self.audit(&mut tx, "api_key.revoke", &format!("key:{id}"), json!({})).await?;
        self.stop_schedules_of(&mut tx, Principal::ApiKey(id), "the API key that saved it was revoked").await?;
        tx.commit().await
    }

    /// Notes that a key is in use, where the last note is old enough.
    pub async fn note_api_key_use(&self, key: &ApiKey) -> Result<()> {
        let now = self.store.clock.now();
        if key.last_used_at.is_some_and(|last| now - last < LAST_USED_PRECISION) {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        query("UPDATE api_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(key.id.0)
            .bind(micros(now))
            .execute(&mut tx)
            .await?;
        tx.commit().await
    }
}

pub(crate) fn api_key(
    (id, name, ending, role, scopes, created_by, created_at, expires_at, last_used_at, revoked_at): Row,
) -> Result<ApiKey> {
    Ok(ApiKey {
        id: ApiKeyId(id),
        name,
        ending,
        role: from_word(role, "api_keys", "role", id)?,
        scopes: scopes.map(|text| from_json(&text, "api_keys", "scopes", id)).transpose()?,
        created_by,
        created_at: time(created_at),
        expires_at: expires_at.map(time),
        last_used_at: last_used_at.map(time),
        revoked_at: revoked_at.map(time),
    })
}

//! Grants: what owners of accounts gave us leave to read with. The row says how a grant stands, the vault holds its tokens; both change in one
//! transaction, and only from the version that was read.
//!
//! A refresh token that was exchanged and is not kept is lost. So what is written here stands for itself: it is part of no unit of work, and
//! of no attempt at a task that may have been given to another process meanwhile.

use crate::convert::{from_json, from_word, micros, time, to_json};
use crate::db::{Actor, Tx, query, query_as, query_scalar};
use crate::error::{Error, Result};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use aos_core::vault::Secret;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Under which the vault keeps tokens, by the connection's id.
pub(crate) const PURPOSE: &str = "grant";
/// The right to renew ends after this, should its holder have died; longer than a token endpoint may take.
const RENEWAL_MAX: Duration = Duration::from_secs(45);
/// A row and its tokens are read one after the other, and again when they do not belong together.
const READS_MAX: usize = 10;

/// How a grant stands. Its tokens are elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    pub connection_id: ConnectionId,
    /// Grows with every change.
    pub version: i64,
    pub state: GrantState,
    pub expires_at: Option<DateTime<Utc>>,
    /// As the vendor wrote them.
    pub scopes: Vec<String>,
    /// Where the vendor says that this account's API lives.
    pub api_base: Option<String>,
    /// What the last attempt to renew it was told; empty when it went well.
    pub message: String,
    pub changed_at: DateTime<Utc>,
    /// Who of the tenant brought it, and when.
    pub given_by: String,
    pub given_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    Active,
    /// The last attempt to renew it failed in a way that may pass.
    Transient,
    /// The vendor refuses the application or its settings.
    Permanent,
    /// The owner took it back.
    Revoked,
}

impl GrantState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Transient => "transient",
            Self::Permanent => "permanent",
            Self::Revoked => "revoked",
        }
    }
}

/// Tokens of a grant. Not printable.
#[derive(Clone, Default)]
pub struct GrantTokens {
    pub access: Option<Secret>,
    pub refresh: Option<Secret>,
}

/// A grant as it is to be kept.
pub struct GrantChange {
    pub state: GrantState,
    pub expires_at: Option<DateTime<Utc>>,
    pub scopes: Vec<String>,
    pub api_base: Option<String>,
    pub message: String,
    pub tokens: GrantTokens,
}

/// Tokens as they are sealed, with the version of the row they belong to.
#[derive(Serialize, Deserialize)]
struct Sealed {
    version: i64,
    access: Option<String>,
    refresh: Option<String>,
}

type Row = (Uuid, i64, String, Option<i64>, String, Option<String>, String, i64, String, i64);

macro_rules! select_grants {
    ($rest:literal) => {
        concat!(
            "SELECT connection_id, version, state, expires_at, scopes, api_base, message, changed_at, given_by, given_at
               FROM grants ",
            $rest
        )
    };
}

impl TenantStore<'_> {
    pub async fn grant(&self, connection: ConnectionId) -> Result<Option<Grant>> {
        let found = query_as::<Row>(select_grants!("WHERE tenant_id = $1 AND connection_id = $2"));
        let found = found.bind(self.id()).bind(connection.0).fetch_optional(self.reader()).await?;
        found.map(grant).transpose()
    }

    pub async fn list_grants(&self) -> Result<Vec<Grant>> {
        let rows = query_as::<Row>(select_grants!("WHERE tenant_id = $1 ORDER BY connection_id"));
        rows.bind(self.id()).fetch_all(self.reader()).await?.into_iter().map(grant).collect()
    }

    /// Returns a grant with its tokens, both of one version.
    pub async fn open_grant(&self, connection: ConnectionId) -> Result<Option<(Grant, GrantTokens)>> {
        for _ in 0..READS_MAX {
            let Some(grant) = self.grant(connection).await? else { return Ok(None) };
            let Some(secret) = self.reveal(PURPOSE, &connection.to_string()).await? else { continue };
            let sealed: Sealed = from_json(
                secret.expose_text().unwrap_or_default(),
                "secrets",
                "sealed",
                format!("grant/{connection}"),
            )?;
            if sealed.version == grant.version {
                let tokens =
                    GrantTokens { access: sealed.access.map(Secret::new), refresh: sealed.refresh.map(Secret::new) };
                return Ok(Some((grant, tokens)));
            }
        }
        Err(Error::Contended(sqlx::Error::RowNotFound))
    }

    /// Keeps what an owner gave, in place of what they gave before.
    pub async fn give_grant(&self, connection: ConnectionId, given: &GrantChange) -> Result<()> {
        let mut tx = self.begin().await?;
        let by = self.scope().principal().to_string();
        let version = query_scalar::<i64>(
            "INSERT INTO grants (tenant_id, connection_id, version, state, scopes, message, changed_at, given_by, given_at)
             SELECT tenant_id, id, 1, $3, '[]', '', $4, $5, $4 FROM connections
              WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
             ON CONFLICT (tenant_id, connection_id) DO UPDATE
                SET version = grants.version + 1, given_by = excluded.given_by, given_at = excluded.given_at
             RETURNING version",
        );
        let version = version.bind(self.id()).bind(connection.0).bind(given.state.as_str()).bind(self.now()).bind(&by);
        let version = version.fetch_optional(&mut tx).await?;
        let version =
            version.ok_or_else(|| Error::NotFound(crate::error::Resource::Connection(connection.to_string())))?;
        self.write_grant(&mut tx, connection, version, given).await?;
        let detail = json!({ "scopes": given.scopes });
        self.audit(&mut tx, "grant.give", &connection.to_string(), detail).await?;
        tx.commit().await
    }

    /// Keeps a grant if the one that is kept still has `version`, and says whether it did.
    pub async fn replace_grant(&self, connection: ConnectionId, version: i64, change: &GrantChange) -> Result<bool> {
        let mut tx = self.store.pool.begin(Actor::Tenant(self.id())).await?;
        let moved = query(
            "UPDATE grants SET version = version + 1 WHERE tenant_id = $1 AND connection_id = $2 AND version = $3",
        );
        if moved.bind(self.id()).bind(connection.0).bind(version).execute(&mut tx).await? == 0 {
            return Ok(false);
        }
        self.write_grant(&mut tx, connection, version + 1, change).await?;
        if change.state != GrantState::Active {
            let detail = json!({ "state": change.state });
            self.audit(&mut tx, "grant.trouble", &connection.to_string(), detail).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Writes what a grant is now, on a row that this transaction holds, and ends the right to renew it.
    async fn write_grant(&self, tx: &mut Tx, id: ConnectionId, version: i64, change: &GrantChange) -> Result<()> {
        query(
            "UPDATE grants
                SET state = $4, expires_at = $5, scopes = $6, api_base = $7, message = $8, changed_at = $9, renewing_until = 0
              WHERE tenant_id = $1 AND connection_id = $2 AND version = $3",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(version)
        .bind(change.state.as_str())
        .bind(change.expires_at.map(micros))
        .bind(to_json(&change.scopes))
        .bind(change.api_base.as_deref())
        .bind(&change.message)
        .bind(self.now())
        .execute(tx)
        .await?;
        let text = |token: &Option<Secret>| token.as_ref().and_then(Secret::expose_text).map(str::to_owned);
        let (access, refresh) = (text(&change.tokens.access), text(&change.tokens.refresh));
        let sealed = Secret::new(to_json(&Sealed { version, access, refresh }));
        self.put_secret_in(tx, PURPOSE, &id.to_string(), &sealed).await.map(|_| ())
    }

    /// Says whether this process may renew the grant now, which nobody may who has seen another version of it. The right ends with the next
    /// change of the grant, or after some seconds.
    pub async fn may_renew_grant(&self, connection: ConnectionId, version: i64) -> Result<bool> {
        let mut tx = self.store.pool.begin(Actor::Tenant(self.id())).await?;
        let now = self.now();
        let taken = query(
            "UPDATE grants SET renewing_until = $4
              WHERE tenant_id = $1 AND connection_id = $2 AND renewing_until <= $3 AND version = $5",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(now)
        .bind(now + i64::try_from(RENEWAL_MAX.as_micros()).unwrap_or(i64::MAX))
        .bind(version)
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(taken > 0)
    }

    /// Forgets a grant; says whether there was one. Telling the vendor is the caller's.
    pub async fn delete_grant(&self, connection: ConnectionId) -> Result<bool> {
        let mut tx = self.begin().await?;
        let deleted = self.delete_grant_in(&mut tx, connection).await?;
        if deleted {
            self.audit(&mut tx, "grant.forget", &connection.to_string(), json!({})).await?;
        }
        tx.commit().await?;
        Ok(deleted)
    }

    pub(crate) async fn delete_grant_in(&self, tx: &mut Tx, connection: ConnectionId) -> Result<bool> {
        let deleted = query("DELETE FROM grants WHERE tenant_id = $1 AND connection_id = $2");
        let deleted = deleted.bind(self.id()).bind(connection.0).execute(&mut *tx).await? > 0;
        self.delete_secret_in(tx, PURPOSE, &connection.to_string()).await?;
        Ok(deleted)
    }
}

fn grant(row: Row) -> Result<Grant> {
    let (connection, version, state, expires_at, scopes, api_base, message, changed_at, given_by, given_at) = row;
    Ok(Grant {
        connection_id: ConnectionId(connection),
        version,
        state: from_word(state, "grants", "state", connection)?,
        expires_at: expires_at.map(time),
        scopes: from_json(&scopes, "grants", "scopes", connection)?,
        api_base,
        message,
        changed_at: time(changed_at),
        given_by,
        given_at: time(given_at),
    })
}

//! Secrets of a tenant, and of the installation: put, revealed to code that needs them, listed without their contents.
//!
//! Each is sealed with the owner's data key for its place: owner, purpose, name, version. The installation's own have the nil tenant.

use crate::again::until_clear;
use crate::convert::{time, uncount};
use crate::data_keys::{self, DataKey};
use crate::db::{Actor, Executor, Reader, Tx, query, query_as, query_scalar};
use crate::error::{Error, Result};
use crate::keyring::{Keyring, unopened};
use crate::system::SystemStore;
use crate::tenant::TenantStore;
use crate::{Store, convert};
use aos_core::vault::{Place, Secret, seal, unseal};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

const SECRET_BYTES_MAX: usize = 64 * 1024;

/// A secret that is kept, without what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecretEntry {
    pub purpose: String,
    pub name: String,
    /// Grows with every change.
    pub version: u64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Who put it; none for one from before that was written down, and for those that the program makes itself.
    pub changed_by: Option<String>,
}

impl TenantStore<'_> {
    /// Keeps a secret, in place of the one there was under this purpose and name. Returns its version.
    ///
    /// # Errors
    /// [`Error::NoMasterKey`] where the store was opened without master keys.
    pub async fn put_secret(&self, purpose: &str, name: &str, secret: &Secret) -> Result<u64> {
        until_clear(|| async {
            let mut tx = self.begin().await?;
            let version = self.put_secret_in(&mut tx, purpose, name, secret).await?;
            self.audit(&mut tx, "secret.put", &format!("{purpose}/{name}"), json!({ "version": version })).await?;
            tx.commit().await?;
            Ok(version)
        })
        .await
    }

    /// The same in a transaction of the caller, who also writes the audit trail.
    pub(crate) async fn put_secret_in(&self, tx: &mut Tx, purpose: &str, name: &str, secret: &Secret) -> Result<u64> {
        let version = put(self.store, tx, self.id(), purpose, name, secret).await?;
        let by = query("UPDATE secrets SET changed_by = $4 WHERE tenant_id = $1 AND purpose = $2 AND name = $3");
        by.bind(self.id()).bind(purpose).bind(name).bind(self.scope.principal().to_string()).execute(tx).await?;
        Ok(version)
    }

    /// Keeps a secret unless there is one, and returns the one there is. Writes nothing into the audit trail.
    pub(crate) async fn ensure_secret(&self, purpose: &str, name: &str, new: &Secret) -> Result<Secret> {
        let mut tx = self.begin().await?;
        let key = data_keys::current(self.store, &mut tx, self.id()).await?;
        insert(self.store, &mut tx, &key, purpose, name, new).await?;
        tx.commit().await?;
        self.reveal(purpose, name).await?.ok_or(Error::Contended(sqlx::Error::RowNotFound))
    }

    /// Opens a secret and holds it until the end of the transaction, so that what replaces it follows from what was read.
    pub(crate) async fn hold_secret(&self, tx: &mut Tx, purpose: &str, name: &str) -> Result<Option<Secret>> {
        let hold =
            query("UPDATE secrets SET updated_at = updated_at WHERE tenant_id = $1 AND purpose = $2 AND name = $3");
        if hold.bind(self.id()).bind(purpose).bind(name).execute(&mut *tx).await? == 0 {
            return Ok(None);
        }
        reveal(self.store, tx, self.id(), purpose, name).await
    }

    /// Opens a secret; none when nothing is kept there.
    pub async fn reveal(&self, purpose: &str, name: &str) -> Result<Option<Secret>> {
        reveal(self.store, self.reader(), self.id(), purpose, name).await
    }

    /// Forgets a secret. Returns whether there was one.
    pub async fn delete_secret(&self, purpose: &str, name: &str) -> Result<bool> {
        let mut tx = self.begin().await?;
        let deleted = self.delete_secret_in(&mut tx, purpose, name).await?;
        if deleted {
            self.audit(&mut tx, "secret.delete", &format!("{purpose}/{name}"), json!({})).await?;
        }
        tx.commit().await?;
        Ok(deleted)
    }

    pub(crate) async fn delete_secret_in(&self, tx: &mut Tx, purpose: &str, name: &str) -> Result<bool> {
        let deleted = query("DELETE FROM secrets WHERE tenant_id = $1 AND purpose = $2 AND name = $3");
        Ok(deleted.bind(self.id()).bind(purpose).bind(name).execute(tx).await? > 0)
    }

    /// Lists what secrets there are, by purpose and name.
    pub async fn list_secrets(&self) -> Result<Vec<SecretEntry>> {
        let rows = query_as::<(String, String, i64, i64, i64, Option<String>)>(
            "SELECT purpose, name, version, created_at, updated_at, changed_by
               FROM secrets
              WHERE tenant_id = $1
              ORDER BY purpose, name",
        );
        let rows = rows.bind(self.id()).fetch_all(self.reader()).await?;
        let entry = |(purpose, name, version, created_at, updated_at, changed_by)| SecretEntry {
            purpose,
            name,
            version: uncount(version),
            created_at: time(created_at),
            updated_at: time(updated_at),
            changed_by,
        };
        Ok(rows.into_iter().map(entry).collect())
    }
}

impl SystemStore<'_> {
    /// Keeps a secret of the installation itself, such as a key that it signs with. Returns its version.
    pub async fn put_secret(&self, purpose: &str, name: &str, secret: &Secret) -> Result<u64> {
        let mut tx = self.store.pool.begin(INSTALLATION).await?;
        let version = put(self.store, &mut tx, Uuid::nil(), purpose, name, secret).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Keeps a secret of the installation unless there is one, and returns the one there is: two processes that begin at once agree.
    pub async fn ensure_secret(&self, purpose: &str, name: &str, new: &Secret) -> Result<Secret> {
        let mut tx = self.store.pool.begin(INSTALLATION).await?;
        let key = data_keys::current(self.store, &mut tx, Uuid::nil()).await?;
        insert(self.store, &mut tx, &key, purpose, name, new).await?;
        tx.commit().await?;
        self.reveal(purpose, name).await?.ok_or(Error::Refused(sqlx::Error::RowNotFound))
    }

    /// Opens a secret of the installation.
    pub async fn reveal(&self, purpose: &str, name: &str) -> Result<Option<Secret>> {
        let reader = Reader { pool: &self.store.pool, actor: INSTALLATION };
        reveal(self.store, reader, Uuid::nil(), purpose, name).await
    }
}

const INSTALLATION: Actor = Actor::Tenant(Uuid::nil());

pub(crate) async fn put(
    store: &Store,
    tx: &mut Tx,
    owner: Uuid,
    purpose: &str,
    name: &str,
    secret: &Secret,
) -> Result<u64> {
    let key = data_keys::current(store, tx, owner).await?;
    if insert(store, tx, &key, purpose, name, secret).await? {
        return Ok(1);
    }
    // The row is held from here on, so that of two changes at once each gets a version of its own.
    let version = query_scalar::<i64>(
        "UPDATE secrets SET version = version + 1 WHERE tenant_id = $1 AND purpose = $2 AND name = $3 RETURNING version",
    );
    let version = version.bind(owner).bind(purpose).bind(name).fetch_optional(&mut *tx).await?;
    let Some(version) = version else {
        // Deleted in between by somebody else.
        return Err(Error::Contended(sqlx::Error::RowNotFound));
    };
    query(
        "UPDATE secrets SET sealed = $5, key_version = $6, updated_at = $7
          WHERE tenant_id = $1 AND purpose = $2 AND name = $3 AND version = $4",
    )
    .bind(owner)
    .bind(purpose)
    .bind(name)
    .bind(version)
    .bind(seal(&key.key, &place(owner, purpose, name, version), secret))
    .bind(key.version)
    .bind(convert::micros(store.clock.now()))
    .execute(tx)
    .await?;
    Ok(uncount(version))
}

/// Keeps the first version of a secret; false when there is one already.
async fn insert(store: &Store, tx: &mut Tx, key: &DataKey, purpose: &str, name: &str, secret: &Secret) -> Result<bool> {
    let size = secret.expose().len();
    if size > SECRET_BYTES_MAX {
        return Err(Error::TooLarge { what: "the secret", size, limit: SECRET_BYTES_MAX });
    }
    let inserted = query(
        "INSERT INTO secrets (tenant_id, purpose, name, version, key_version, sealed, created_at, updated_at)
         VALUES ($1, $2, $3, 1, $4, $5, $6, $6)
         ON CONFLICT (tenant_id, purpose, name) DO NOTHING",
    )
    .bind(key.owner)
    .bind(purpose)
    .bind(name)
    .bind(key.version)
    .bind(seal(&key.key, &place(key.owner, purpose, name, 1), secret))
    .bind(convert::micros(store.clock.now()))
    .execute(tx)
    .await?;
    Ok(inserted > 0)
}

type SealedRow = (i64, Vec<u8>, i64, Vec<u8>, String);

pub(crate) async fn reveal(
    store: &Store,
    on: impl Executor,
    owner: Uuid,
    purpose: &str,
    name: &str,
) -> Result<Option<Secret>> {
    let found = query_as::<SealedRow>(
        "SELECT secrets.version, secrets.sealed, secrets.key_version, tenant_keys.wrapped, tenant_keys.master_key
           FROM secrets
           JOIN tenant_keys ON tenant_keys.tenant_id = secrets.tenant_id AND tenant_keys.version = secrets.key_version
          WHERE secrets.tenant_id = $1 AND secrets.purpose = $2 AND secrets.name = $3",
    );
    let found = found.bind(owner).bind(purpose).bind(name).fetch_optional(on).await?;
    let Some((version, sealed, key_version, wrapped, master_key)) = found else { return Ok(None) };
    let key = keyring(store)?.unwrap(owner, key_version, &wrapped, &master_key).await?;
    let secret = unseal(&key, &place(owner, purpose, name, version), &sealed);
    secret.map(Some).map_err(|source| unopened("secrets", format!("{purpose}/{name}"), source))
}

pub(crate) fn keyring(store: &Store) -> Result<&Keyring> {
    store.keyring.as_ref().ok_or(Error::NoMasterKey)
}

pub(crate) fn place<'a>(owner: Uuid, purpose: &'a str, name: &'a str, version: i64) -> Place<'a> {
    Place { tenant: owner, purpose, name, version: uncount(version) }
}

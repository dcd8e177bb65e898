//! Data keys: one per tenant at a time, wrapped with the master key. They are changed while the system runs: a new one takes what is
//! sealed from now on, then what is sealed already is sealed anew, step by step, and the old one goes once nothing needs it.

use crate::Store;
use crate::convert::{micros, uncount};
use crate::db::{Actor, Reader, Tx, query, query_as, query_scalar};
use crate::error::{Error, Result};
use crate::keyring::{unopened, wrap};
use crate::secrets::{keyring, place};
use crate::tenant::TenantStore;
use aos_core::vault::{Key, seal, unseal};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// An unwrapped data key and whose it is.
pub(crate) struct DataKey {
    pub owner: Uuid,
    pub version: i64,
    pub key: Key,
}

/// What a change of a data key did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct KeyRotation {
    /// The key that counts now.
    pub version: u64,
    /// Secrets that this call sealed anew.
    pub resealed: u64,
    /// Old keys that this call removed.
    pub removed: u64,
}

/// Passes over a tenant's secrets in one call. Each finds what others sealed with the old key meanwhile.
const PASSES: usize = 1000;
/// Secrets that one pass seals anew.
const STEP: i64 = 100;

/// Returns the owner's newest data key, making the first one where there is none.
pub(crate) async fn current(store: &Store, tx: &mut Tx, owner: Uuid) -> Result<DataKey> {
    let keyring = keyring(store)?;
    if newest(tx, owner).await?.is_none() {
        add(store, tx, owner, 1).await?;
    }
    let (version, wrapped, master_key) = newest(tx, owner).await?.ok_or(Error::Contended(sqlx::Error::RowNotFound))?;
    Ok(DataKey { owner, version, key: keyring.unwrap(owner, version, &wrapped, &master_key).await? })
}

async fn newest(tx: &mut Tx, owner: Uuid) -> Result<Option<(i64, Vec<u8>, String)>> {
    let newest = query_as::<(i64, Vec<u8>, String)>(
        "SELECT version, wrapped, master_key FROM tenant_keys WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1",
    );
    newest.bind(owner).fetch_optional(tx).await
}

/// Makes a data key; where somebody else makes the same version at this moment, theirs is the one.
async fn add(store: &Store, tx: &mut Tx, owner: Uuid, version: i64) -> Result<()> {
    let masters = keyring(store)?.known();
    let master = masters.current();
    query(
        "INSERT INTO tenant_keys (tenant_id, version, wrapped, master_key, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, version) DO NOTHING",
    )
    .bind(owner)
    .bind(version)
    .bind(wrap(&Key::random(), master, owner, version))
    .bind(master.id())
    .bind(micros(store.clock.now()))
    .execute(tx)
    .await?;
    Ok(())
}

impl TenantStore<'_> {
    /// Gives the tenant a new data key, seals its secrets anew and removes the old key. Other processes go on meanwhile.
    ///
    /// A call that was cut off is taken up by the next one, which then makes no further key.
    pub async fn rotate_data_key(&self) -> Result<KeyRotation> {
        let mut tx = self.begin().await?;
        let next = next(self.store, &mut tx, self.id()).await?;
        if let Next::Made(version) = next {
            self.audit(&mut tx, "data_key.rotate", &self.id().to_string(), json!({ "version": version })).await?;
        }
        tx.commit().await?;
        rotate_to(self.store, self.id(), next.version()).await
    }
}

/// The key that a change leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Next {
    Made(i64),
    /// Made by a change that was cut off, or that somebody else is making.
    Found(i64),
}

impl Next {
    pub(crate) fn version(self) -> i64 {
        match self {
            Self::Made(version) | Self::Found(version) => version,
        }
    }
}

/// Makes the owner's next data key, unless a change is under way.
pub(crate) async fn next(store: &Store, tx: &mut Tx, owner: Uuid) -> Result<Next> {
    let newest = current(store, tx, owner).await?.version;
    let oldest = query_scalar::<i64>("SELECT MIN(version) FROM tenant_keys WHERE tenant_id = $1");
    if oldest.bind(owner).fetch_one(&mut *tx).await? < newest {
        return Ok(Next::Found(newest));
    }
    add(store, tx, owner, newest + 1).await?;
    Ok(Next::Made(newest + 1))
}

/// Seals everything with the key of this version, and removes the keys before it.
pub(crate) async fn rotate_to(store: &Store, owner: Uuid, version: i64) -> Result<KeyRotation> {
    let mut done = KeyRotation { version: uncount(version), ..KeyRotation::default() };
    for _ in 0..PASSES {
        let resealed = reseal(store, owner, version).await?;
        done.resealed += resealed;
        aos_core::fault::point("vault.resealed");
        if resealed > 0 {
            continue;
        }
        match remove_before(store, owner, version).await {
            Ok(removed) => {
                done.removed = removed;
                return Ok(done);
            }
            // Something was sealed with the old key meanwhile, so the database keeps the key. It is sealed anew in the next pass.
            Err(Error::Refused(error)) if is_still_referenced(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::Contended(sqlx::Error::RowNotFound))
}

type SealedRow = (String, String, i64, i64, Vec<u8>, Vec<u8>, String);

/// Seals some secrets anew that older keys sealed. What somebody changed meanwhile is left to the next pass.
async fn reseal(store: &Store, owner: Uuid, version: i64) -> Result<u64> {
    let rows = query_as::<SealedRow>(
        "SELECT s.purpose, s.name, s.version, s.key_version, s.sealed, k.wrapped, k.master_key
           FROM secrets s
           JOIN tenant_keys k ON k.tenant_id = s.tenant_id AND k.version = s.key_version
          WHERE s.tenant_id = $1 AND s.key_version < $2
          LIMIT $3",
    );
    let reader = Reader { pool: &store.pool, actor: Actor::Tenant(owner) };
    let rows = rows.bind(owner).bind(version).bind(STEP).fetch_all(reader).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let mut tx = store.pool.begin(Actor::Tenant(owner)).await?;
    let new = current(store, &mut tx, owner).await?;
    let mut resealed = 0;
    for (purpose, name, secret_version, key_version, sealed, wrapped, master_key) in rows {
        let old = keyring(store)?.unwrap(owner, key_version, &wrapped, &master_key).await?;
        let place = place(owner, &purpose, &name, secret_version);
        let secret =
            unseal(&old, &place, &sealed).map_err(|source| unopened("secrets", format!("{purpose}/{name}"), source))?;
        resealed += query(
            "UPDATE secrets SET sealed = $6, key_version = $7
              WHERE tenant_id = $1 AND purpose = $2 AND name = $3 AND version = $4 AND key_version = $5",
        )
        .bind(owner)
        .bind(&purpose)
        .bind(&name)
        .bind(secret_version)
        .bind(key_version)
        .bind(seal(&new.key, &place, &secret))
        .bind(new.version)
        .execute(&mut tx)
        .await?;
    }
    tx.commit().await?;
    Ok(resealed)
}

async fn remove_before(store: &Store, owner: Uuid, version: i64) -> Result<u64> {
    let mut tx = store.pool.begin(Actor::Tenant(owner)).await?;
    let removed = query("DELETE FROM tenant_keys WHERE tenant_id = $1 AND version < $2");
    let removed = removed.bind(owner).bind(version).execute(&mut tx).await?;
    tx.commit().await?;
    Ok(removed)
}

pub(crate) fn is_still_referenced(error: &sqlx::Error) -> bool {
    // foreign_key_violation, of PostgreSQL and of SQLite.
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("23503" | "787"))
}

/// Wraps the owner's data keys with the current master key. Returns how many were wrapped with another one.
pub(crate) async fn rewrap(store: &Store, owner: Uuid) -> Result<u64> {
    let masters = keyring(store)?.known();
    let master = masters.current();
    let rows = query_as::<(i64, Vec<u8>, String)>(
        "SELECT version, wrapped, master_key FROM tenant_keys WHERE tenant_id = $1 AND master_key <> $2",
    );
    let reader = Reader { pool: &store.pool, actor: Actor::Tenant(owner) };
    let rows = rows.bind(owner).bind(master.id()).fetch_all(reader).await?;
    let mut rewrapped = 0;
    for (version, wrapped, wrapped_with) in rows {
        let key = keyring(store)?.unwrap(owner, version, &wrapped, &wrapped_with).await?;
        let mut tx = store.pool.begin(Actor::Tenant(owner)).await?;
        rewrapped += query(
            "UPDATE tenant_keys SET wrapped = $4, master_key = $5 WHERE tenant_id = $1 AND version = $2 AND master_key = $3",
        )
        .bind(owner)
        .bind(version)
        .bind(&wrapped_with)
        .bind(wrap(&key, master, owner, version))
        .bind(master.id())
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
    }
    Ok(rewrapped)
}

//! The vault over all tenants: the check at a start, what lies unsealed from before there were keys, and a change of the master key.

use crate::convert::uncount;
use crate::data_keys;
use crate::db::{Actor, Reader, query, query_as};
use crate::error::Result;
use crate::secrets::keyring;
use crate::system::SystemStore;
use aos_core::vault::Secret;
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Tenants whose unsealed secrets are looked for at once.
const BATCH: i64 = 100;

/// What a change of the master key did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MasterRotation {
    /// The key that everything is wrapped with now.
    pub master_key: String,
    /// Data keys that this call wrapped anew.
    pub rewrapped: u64,
}

impl SystemStore<'_> {
    /// Makes sure that the master key is the right one before anything is done with it, and seals what lies in the clear from before there
    /// were keys. To be called at a start; does nothing the second time. Returns how many secrets were sealed.
    ///
    /// # Errors
    /// [`Error::UnknownMasterKey`](crate::Error::UnknownMasterKey) when the store was sealed with another key.
    pub async fn open_vault(&self) -> Result<u64> {
        let mut tx = self.store.pool.begin(Actor::Tenant(Uuid::nil())).await?;
        data_keys::current(self.store, &mut tx, Uuid::nil()).await?;
        tx.commit().await?;
        let mut sealed = 0;
        loop {
            let found = query_as::<(Uuid, String)>("SELECT tenant_id, key FROM unsealed_secrets LIMIT $1");
            let found = found.bind(BATCH).fetch_all(self.reader()).await?;
            if found.is_empty() {
                return Ok(sealed);
            }
            for (tenant, key) in found {
                sealed += u64::from(self.seal_setting(tenant, &key).await?);
            }
        }
    }

    /// Moves a setting that is a secret into the vault: all of it or nothing, and once, whoever else does it at this moment.
    async fn seal_setting(&self, tenant: Uuid, key: &str) -> Result<bool> {
        let mut tx = self.store.pool.begin(Actor::Tenant(tenant)).await?;
        let taken =
            query_as::<(String,)>("DELETE FROM tenant_settings WHERE tenant_id = $1 AND key = $2 RETURNING value");
        let taken = taken.bind(tenant).bind(key).fetch_optional(&mut tx).await?;
        if let Some((value,)) = &taken {
            let (purpose, name) = match key {
                "callback_secrets" => crate::callbacks::SECRETS,
                _ => crate::notifications::WEBHOOK,
            };
            crate::secrets::put(self.store, &mut tx, tenant, purpose, name, &Secret::new(value.as_str())).await?;
        }
        let done = query("DELETE FROM unsealed_secrets WHERE tenant_id = $1 AND key = $2");
        done.bind(tenant).bind(key).execute(&mut tx).await?;
        aos_core::fault::point("vault.sealing");
        tx.commit().await?;
        Ok(taken.is_some())
    }

    /// Wraps every data key with the current master key, asking for the master keys anew first. May be cut off and called again; other processes
    /// go on meanwhile, as long as they know both keys.
    pub async fn rotate_master_key(&self) -> Result<MasterRotation> {
        let masters = keyring(self.store)?.reload().await?;
        let mut rewrapped = 0;
        for owner in self.key_owners().await? {
            rewrapped += data_keys::rewrap(self.store, owner).await?;
            aos_core::fault::point("vault.rewrapped");
        }
        Ok(MasterRotation { master_key: masters.current().id().to_owned(), rewrapped })
    }

    /// Gives the installation itself a new data key.
    pub async fn rotate_data_key(&self) -> Result<data_keys::KeyRotation> {
        let mut tx = self.store.pool.begin(Actor::Tenant(Uuid::nil())).await?;
        let version = data_keys::next(self.store, &mut tx, Uuid::nil()).await?.version();
        tx.commit().await?;
        data_keys::rotate_to(self.store, Uuid::nil(), version).await
    }

    /// Counts the data keys by the master key that they are wrapped with: one that is not named here may be thrown away.
    pub async fn master_key_use(&self) -> Result<BTreeMap<String, u64>> {
        let mut used = BTreeMap::new();
        for owner in self.key_owners().await? {
            let counted = query_as::<(String, i64)>(
                "SELECT master_key, COUNT(*) FROM tenant_keys WHERE tenant_id = $1 GROUP BY master_key",
            );
            let reader = Reader { pool: &self.store.pool, actor: Actor::Tenant(owner) };
            for (id, keys) in counted.bind(owner).fetch_all(reader).await? {
                *used.entry(id).or_default() += uncount(keys);
            }
        }
        Ok(used)
    }

    /// Lists whoever may have data keys: the installation itself, and every tenant.
    async fn key_owners(&self) -> Result<Vec<Uuid>> {
        let tenants = self.list_tenants().await?;
        Ok(std::iter::once(Uuid::nil()).chain(tenants.into_iter().map(|tenant| tenant.id.0)).collect())
    }
}

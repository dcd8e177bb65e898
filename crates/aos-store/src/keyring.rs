//! The master keys of this process: asked for once, and again when the store names one that is not known yet. So an operator changes the
//! file that they stand in while processes run.

use crate::error::{BoxError, Error, Result};
use aos_core::vault::{Key, MasterKey, MasterKeys, Place};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// What says the purpose of a wrapped key, among the places that things are sealed for.
const DATA_KEY: &str = "data-key";

type Load = dyn Fn() -> Result<MasterKeys, BoxError> + Send + Sync;

/// Where master keys come from. Cloning it is cheap and gives the same ring.
#[derive(Clone)]
pub struct Keyring {
    load: Arc<Load>,
    known: Arc<Mutex<Arc<MasterKeys>>>,
}

impl Keyring {
    /// Asks for the keys. What is given asks again whenever it is called; it may block.
    pub fn open(load: impl Fn() -> Result<MasterKeys, BoxError> + Send + Sync + 'static) -> Result<Self> {
        let known = load().map_err(Error::MasterKey)?;
        Ok(Self { load: Arc::new(load), known: Arc::new(Mutex::new(Arc::new(known))) })
    }

    /// Asks again and returns what there is now.
    pub(crate) async fn reload(&self) -> Result<Arc<MasterKeys>> {
        let load = self.load.clone();
        let loaded =
            tokio::task::spawn_blocking(move || load()).await.map_err(|error| Error::MasterKey(error.into()))?;
        let loaded = Arc::new(loaded.map_err(Error::MasterKey)?);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = loaded.clone();
        Ok(loaded)
    }

    pub(crate) fn known(&self) -> Arc<MasterKeys> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Unwraps a data key, asking for the master keys anew when the one it is wrapped with is not known.
    pub(crate) async fn unwrap(&self, owner: Uuid, version: i64, wrapped: &[u8], master_key: &str) -> Result<Key> {
        let mut keys = self.known();
        if keys.find(master_key).is_none() {
            keys = self.reload().await?;
        }
        let Some(master) = keys.find(master_key) else {
            return Err(Error::UnknownMasterKey { id: master_key.to_owned() });
        };
        Key::unwrap(wrapped, master.key(), &place(owner, version))
            .map_err(|source| unopened("tenant_keys", owner, source))
    }
}

/// Wraps a data key with a master key.
pub(crate) fn wrap(key: &Key, master: &MasterKey, owner: Uuid, version: i64) -> Vec<u8> {
    key.wrap(master.key(), &place(owner, version))
}

pub(crate) fn unopened(table: &'static str, id: impl std::fmt::Display, source: aos_core::vault::Error) -> Error {
    Error::Corrupt { table, column: "sealed", id: id.to_string(), source: source.into() }
}

fn place(owner: Uuid, version: i64) -> Place<'static> {
    Place { tenant: owner, purpose: DATA_KEY, name: "", version: version.unsigned_abs() }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("current", &self.known().current().id()).finish_non_exhaustive()
    }
}

//! One tenant's part of the store. Each noun's functions live in its own file; here is only what they share.

use crate::Store;
use crate::convert::micros;
use crate::db::{Actor, Reader, Tx};
use crate::error::{Error, Resource, Result};
use crate::users::Tenant;
use aos_core::TenantScope;
use uuid::Uuid;

/// The door to one tenant's rows. Every statement behind it names the tenant of the scope it was opened with.
#[derive(Debug, Clone)]
pub struct TenantStore<'s> {
    pub(crate) store: &'s Store,
    pub(crate) scope: TenantScope,
}

impl<'s> TenantStore<'s> {
    pub(crate) fn new(store: &'s Store, scope: &TenantScope) -> Self {
        Self { store, scope: scope.clone() }
    }

    pub fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// Returns the tenant itself.
    pub async fn tenant(&self) -> Result<Tenant> {
        let found = self.store.system().tenant(self.scope.tenant_id()).await?;
        found.ok_or_else(|| Error::NotFound(Resource::Tenant(self.id().to_string())))
    }

    pub(crate) fn id(&self) -> Uuid {
        self.scope.tenant_id().0
    }

    pub(crate) fn now(&self) -> i64 {
        micros(self.store.clock.now())
    }

    pub(crate) fn reader(&self) -> Reader<'s> {
        Reader { pool: &self.store.pool, actor: Actor::Tenant(self.id()) }
    }

    /// Begins a transaction. Where the scope works for an attempt at a task, the attempt must still count, and is held until the end
    /// of the transaction.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        match self.scope.fence() {
            Some(fence) => self.begin_for(fence).await,
            None => self.store.pool.begin(Actor::Tenant(self.id())).await,
        }
    }
}

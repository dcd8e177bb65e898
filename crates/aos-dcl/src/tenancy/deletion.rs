//! Deleting a tenant: first the row that shuts it out, then everything that holds something of it, then a look at all of it again.
//!
//! Every step may be cut off and done again, by any process; what is finished finds nothing to do.

use super::certificate::{Certificate, Covered};
use crate::service::{Dcl, blocking};
use crate::{Error, Result};
use aos_core::TenantId;
use aos_core::audit::Signer;
use aos_core::kind::WAKE_CANCELED;
use aos_store::{TenantDeletion, TenantTable};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// Rows that are removed in one transaction. Others take turns with these.
const STEP: u32 = 2000;
/// Passes over all tables. The second one finds what was under way during the first.
const PASSES: usize = 20;
/// How long workers may take to let go of the tenant's tasks before they are taken away.
const DRAIN: Duration = Duration::from_secs(15);
/// How long a process that stopped working on a deletion keeps others from it.
const HOLD: Duration = Duration::from_secs(60);
/// How often, and how long apart, a cache is tried that is in use at this moment.
const CACHE_TRIES: usize = 50;
const CACHE_RETRY: Duration = Duration::from_millis(100);

type Removed = BTreeMap<(&'static str, String), u64>;

impl Dcl {
    /// Begins to delete a tenant: nobody gets to it from here on. [`Dcl::delete_tenant`] does the rest.
    pub async fn begin_tenant_deletion(&self, tenant: TenantId, requested_by: &str) -> Result<TenantDeletion> {
        let deletion = self.inner.store.system().begin_tenant_deletion(tenant, requested_by).await?;
        let broker = self.inner.broker.clone();
        aos_store::after_commit(async move { broker.system().wake(super::WAKE_DELETIONS) }).await;
        Ok(deletion)
    }

    /// Removes everything of a tenant whose deletion has begun, and returns the deletion with its certificate; `None` while another process
    /// works on it.
    ///
    /// # Errors
    /// When a store cannot be reached, or something of the tenant is still there: call it again.
    pub async fn delete_tenant(&self, deletion: &TenantDeletion) -> Result<Option<TenantDeletion>> {
        let system = self.inner.store.system();
        let holder = Uuid::now_v7();
        if !system.hold_tenant_deletion(deletion.id, holder, HOLD).await? {
            return Ok(system.tenant_deletion(deletion.id).await?.filter(|deletion| deletion.finished_at.is_some()));
        }
        let tenant = deletion.tenant;
        self.drain(tenant).await?;
        system.wait_for_transactions().await?;
        let mut removed = Removed::new();
        let tables = system.tenant_tables().await?;
        self.erase_rows(deletion, holder, &tables, &mut removed).await?;
        removed.insert(("database", "table tenants".to_owned()), u64::from(system.erase_tenant(tenant).await?));
        aos_core::fault::point("tenancy.rows_gone");
        let lake = self.inner.lake.clone();
        let files = blocking(move || Ok(lake.erase(tenant)?)).await?;
        removed.insert(("lake", "raw segments".to_owned()), files);
        let keys = self.inner.broker.system().erase(tenant).await.map_err(broker)?;
        removed.insert(("broker", self.inner.broker.system().place().to_owned()), keys);
        let caches = self.erase_caches(tenant).await?;
        removed.insert(("engine", "DuckDB caches on this machine".to_owned()), caches);
        self.forget(tenant);
        aos_core::fault::point("tenancy.unchecked");
        let stores = self.check(tenant, &tables, removed).await?;
        let certificate = Certificate::new(deletion, stores, self.inner.clock.now());
        Ok(Some(system.finish_tenant_deletion(deletion.id, &certificate.to_json(self.signer().await?.as_ref())).await?))
    }

    /// Takes the key that the installation signs its audit trails with, where it has one already.
    async fn signer(&self) -> Result<Option<Signer>> {
        let kept = self.inner.store.system().reveal("audit", "signing").await?;
        Ok(kept.and_then(|seed| Some(Signer::of_seed(seed.expose().try_into().ok()?))))
    }

    /// Goes on with deletions that were begun, and removes what this process has of tenants that are gone. Returns how many were finished.
    pub async fn tidy_deleted_tenants(&self) -> Result<u64> {
        let mut finished = 0;
        for deletion in self.inner.store.system().unfinished_tenant_deletions().await? {
            match self.delete_tenant(&deletion).await {
                Ok(Some(_)) => {
                    finished += 1;
                    tracing::info!(deletion.id = %deletion.id, tenant.id = %deletion.tenant, "tenant {} was deleted", deletion.tenant);
                }
                Ok(None) => {}
                // Tried again with the next look.
                Err(error) => {
                    tracing::error!(deletion.id = %deletion.id, tenant.id = %deletion.tenant, %error, "tenant {} is not deleted yet: {error}", deletion.tenant);
                }
            }
        }
        let cached = self.inner.engine.cached_tenants();
        if !cached.is_empty() {
            for tenant in self.inner.store.system().deleted_tenants().await? {
                if cached.contains(&tenant) {
                    self.erase_caches(tenant).await?;
                    self.forget(tenant);
                    self.inner.broker.system().forget_here(tenant);
                }
            }
        }
        Ok(finished)
    }

    /// Has workers stop what they do for the tenant, for as long as that is worth waiting for.
    async fn drain(&self, tenant: TenantId) -> Result<()> {
        let system = self.inner.store.system();
        if system.stop_tasks_of(tenant).await? == 0 {
            return Ok(());
        }
        self.inner.broker.system().wake(WAKE_CANCELED);
        let last = Instant::now() + DRAIN;
        while system.running_tasks_of(tenant).await? > 0 && Instant::now() < last {
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    async fn erase_rows(
        &self,
        deletion: &TenantDeletion,
        holder: Uuid,
        tables: &[TenantTable],
        removed: &mut Removed,
    ) -> Result<()> {
        let system = self.inner.store.system();
        for _ in 0..PASSES {
            let mut in_pass = 0;
            for table in tables {
                loop {
                    let rows = system.erase_rows(deletion.tenant, table, STEP).await?;
                    *removed.entry(("database", format!("table {}", table.name))).or_default() += rows;
                    in_pass += rows;
                    if rows < u64::from(STEP) {
                        break;
                    }
                    aos_core::fault::point("tenancy.erasing");
                    system.hold_tenant_deletion(deletion.id, holder, HOLD).await?;
                }
            }
            if in_pass == 0 {
                return Ok(());
            }
            // What followed from rows that were still there while this pass went by them is found by the next one.
            system.wait_for_transactions().await?;
        }
        Err(Error::TenantNotGone { what: format!("rows appeared again and again in {PASSES} passes") })
    }

    /// Removes the tenant's query engines of every process on this machine that lies beside this one's; others remove theirs within a minute.
    async fn erase_caches(&self, tenant: TenantId) -> Result<u64> {
        for _ in 1..CACHE_TRIES {
            let engine = self.inner.engine.clone();
            if let Some(erased) = blocking(move || Ok(engine.erase(tenant)?)).await? {
                return Ok(erased);
            }
            sleep(CACHE_RETRY).await;
        }
        Err(Error::TenantNotGone { what: "its query engine is in use".to_owned() })
    }

    /// Forgets what this process keeps in memory.
    fn forget(&self, tenant: TenantId) {
        self.inner.forget(tenant);
    }

    /// Looks at every store once more.
    async fn check(&self, tenant: TenantId, tables: &[TenantTable], removed: Removed) -> Result<Vec<Covered>> {
        let system = self.inner.store.system();
        let mut stores = Vec::with_capacity(removed.len());
        for ((store, part), removed) in removed {
            let left = match store {
                "database" => match tables.iter().find(|table| part == format!("table {}", table.name)) {
                    Some(table) => system.rows_left(tenant, table).await?,
                    None => u64::from(system.tenant(tenant).await?.is_some()),
                },
                "lake" => {
                    let lake = self.inner.lake.clone();
                    blocking(move || Ok(lake.left(tenant)?)).await?
                }
                "broker" => self.inner.broker.system().left(tenant).await.map_err(broker)?,
                _ => self.inner.engine.folders_of(tenant).len() as u64,
            };
            if left > 0 {
                return Err(Error::TenantNotGone { what: format!("{store}, {part}: {left}") });
            }
            stores.push(Covered { store, part, removed, left });
        }
        Ok(stores)
    }
}

fn broker(error: aos_broker::Error) -> Error {
    Error::TenantNotGone { what: format!("the broker cannot be asked: {error}") }
}

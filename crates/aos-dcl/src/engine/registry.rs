//! The one registry of open databases. A file opened twice silently loses rows, so a second opening is impossible by
//! construction: each tenant has one cell, and each path one claim in the process.

use super::Result;
use super::instance::{Instance, TenantEngine};
use aos_core::policy::Lens;
use aos_core::{Ontology, TenantId, TenantScope};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// What one tenant's database may hold in memory; more goes to its own temporary files.
    pub memory_limit_mb: u32,
    /// Threads that one query may use.
    pub threads: u32,
    /// The longest that a caller's SQL may run.
    pub query_timeout: Duration,
    /// Databases kept open. Those in use are never closed, so the number may be passed for a moment.
    pub max_open: usize,
    /// Temporary files that one tenant's queries may write.
    pub temp_limit_mb: u32,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            memory_limit_mb: 128,
            threads: 2,
            query_timeout: Duration::from_secs(10),
            max_open: 16,
            temp_limit_mb: 4096,
        }
    }
}

#[derive(Clone)]
pub struct Engine(Arc<Inner>);

pub(super) struct Inner {
    cache_dir: PathBuf,
    options: EngineOptions,
    slots: Mutex<HashMap<TenantId, Slot>>,
    uses: AtomicU64,
    open: AtomicUsize,
}

type Cell = Arc<Mutex<Option<Arc<Instance>>>>;

struct Slot {
    cell: Cell,
    last_use: u64,
}

impl Engine {
    pub fn new(cache_dir: impl AsRef<Path>, options: EngineOptions) -> Self {
        Self(Arc::new(Inner {
            cache_dir: cache_dir.as_ref().to_owned(),
            options,
            slots: Mutex::default(),
            uses: AtomicU64::new(0),
            open: AtomicUsize::new(0),
        }))
    }

    /// Opens the tenant's database, or returns it when it is open. An ontology other than the one it was built for empties it;
    /// the next refresh fills it again.
    pub fn tenant(&self, scope: &TenantScope, ontology: &Arc<Ontology>) -> Result<TenantEngine> {
        let cell = self.0.cell(scope.tenant_id());
        let instance = {
            let mut held = lock(&cell);
            match &*held {
                Some(instance) => instance.clone(),
                None => {
                    let folder = self.0.cache_dir.join(scope.tenant_id().to_string());
                    let instance = Arc::new(Instance::open(&folder, &self.0.options, ontology)?);
                    self.0.open.fetch_add(1, Ordering::Relaxed);
                    held.insert(instance).clone()
                }
            }
        };
        instance.adopt(ontology)?;
        self.0.close_idle();
        Ok(TenantEngine::new(instance, Lens::of(scope)))
    }

    /// Returns how many databases are open.
    pub fn open_count(&self) -> usize {
        self.0.open.load(Ordering::Relaxed)
    }

    /// Closes the tenant's database and deletes its file; false when it is in use.
    pub fn drop_cache(&self, scope: &TenantScope) -> Result<bool> {
        let cell = self.0.cell(scope.tenant_id());
        let mut held = lock(&cell);
        if held.as_ref().is_some_and(|instance| Arc::strong_count(instance) > 1) {
            return Ok(false);
        }
        if held.take().is_some() {
            self.0.open.fetch_sub(1, Ordering::Relaxed);
        }
        let folder = self.0.cache_dir.join(scope.tenant_id().to_string());
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        Ok(true)
    }
}

/// What a tenant that was deleted leaves behind, here and in the folders of other processes.
impl Engine {
    /// Closes a deleted tenant's database and removes its files, those of other processes on this machine too. Returns how many folders there
    /// were; `None` when this process uses it at this moment.
    pub fn erase(&self, tenant: TenantId) -> Result<Option<u64>> {
        let cell = self.0.cell(tenant);
        let mut held = lock(&cell);
        if held.as_ref().is_some_and(|instance| Arc::strong_count(instance) > 1) {
            return Ok(None);
        }
        if held.take().is_some() {
            self.0.open.fetch_sub(1, Ordering::Relaxed);
        }
        let folders = self.folders_of(tenant);
        for folder in &folders {
            match std::fs::remove_dir_all(folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        lock(&self.0.slots).remove(&tenant);
        Ok(Some(folders.len() as u64))
    }

    /// Lists the tenants that have a database in this process's folder.
    pub fn cached_tenants(&self) -> Vec<TenantId> {
        let Ok(entries) = std::fs::read_dir(&self.0.cache_dir) else { return Vec::new() };
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
    }

    /// Lists the folders that hold a tenant's database: this process's, and those of processes whose folders lie beside it
    /// (`<caches>/<number>/engines`).
    pub fn folders_of(&self, tenant: TenantId) -> Vec<PathBuf> {
        let own = &self.0.cache_dir;
        let mut engines = vec![own.clone()];
        if let (Some(name), Some(caches)) = (own.file_name(), own.parent().and_then(Path::parent)) {
            let shared = caches.file_name().is_some_and(|name| name == "caches");
            let beside = std::fs::read_dir(caches).into_iter().flatten().flatten().map(|entry| entry.path().join(name));
            engines.extend(beside.filter(|folder| shared && folder != own));
        }
        let folders = engines.into_iter().map(|engines| engines.join(tenant.to_string()));
        folders.filter(|folder| folder.exists()).collect()
    }
}

impl Inner {
    fn cell(&self, tenant: TenantId) -> Cell {
        let last_use = self.uses.fetch_add(1, Ordering::Relaxed);
        let mut slots = lock(&self.slots);
        let slot = slots.entry(tenant).or_insert_with(|| Slot { cell: Cell::default(), last_use });
        slot.last_use = last_use;
        slot.cell.clone()
    }

    /// Closes the databases that were not used for longest. Handles are given out under the cell's lock only, so one that nobody
    /// else holds cannot be taken while it closes.
    fn close_idle(&self) {
        if self.open.load(Ordering::Relaxed) <= self.options.max_open {
            return;
        }
        let mut cells: Vec<(u64, Cell)> =
            lock(&self.slots).values().map(|slot| (slot.last_use, slot.cell.clone())).collect();
        cells.sort_unstable_by_key(|(last_use, _)| *last_use);
        for (_, cell) in cells {
            if self.open.load(Ordering::Relaxed) <= self.options.max_open {
                return;
            }
            let Ok(mut held) = cell.try_lock() else { continue };
            if held.as_ref().is_some_and(|instance| Arc::strong_count(instance) == 1) {
                held.take();
                self.open.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

/// Locks even when a holder panicked: what is guarded here is replaced whole, never left half-changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The one registry of open databases. A file opened twice silently loses rows, so a second opening is impossible by
//! construction: each tenant has one cell, and each path one claim in the process.

use super::Result;
use super::instance::{Instance, TenantEngine};
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
        Ok(TenantEngine::new(instance))
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

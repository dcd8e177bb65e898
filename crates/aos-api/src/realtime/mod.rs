//! Live events over a WebSocket or as server-sent events: who may listen, how many, and what is said on it. What happens is told by the broker; nothing is
//! made up here.

mod message;
mod opening;
pub mod socket;
pub mod stream;

use aos_core::TenantId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts those who listen live, of each tenant in this process.
#[derive(Clone)]
pub struct Sockets {
    open: Arc<Mutex<HashMap<TenantId, usize>>>,
    per_tenant_max: usize,
}

/// The place of one who listens; free again when it is dropped.
pub struct Place {
    sockets: Sockets,
    tenant: TenantId,
}

impl Sockets {
    pub fn new(per_tenant_max: usize) -> Self {
        Self { open: Arc::default(), per_tenant_max }
    }

    /// Takes a place, or none when the tenant has as many open as it may.
    pub fn take(&self, tenant: TenantId) -> Option<Place> {
        let mut open = self.lock();
        let count = open.entry(tenant).or_default();
        (*count < self.per_tenant_max).then(|| {
            *count += 1;
            Place { sockets: self.clone(), tenant }
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.sockets.lock();
        if let Some(count) = open.get_mut(&self.tenant) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_socket_is_gone() {
        let (sockets, tenant) = (Sockets::new(1), TenantId::new());
        let place = sockets.take(tenant);
        assert!(place.is_some() && sockets.take(tenant).is_none());
        assert!(sockets.take(TenantId::new()).is_some());
        drop(place);
        assert!(sockets.take(tenant).is_some());
    }
}

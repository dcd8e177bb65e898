//! A grant in this process's memory: for flows that can ask again at any time (client credentials, JWT bearer) and lose nothing with it.

use crate::connector::Answer;
use crate::grant::{Grant, GrantStore};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The right to renew ends after this, should its holder have died.
const RIGHT_TTL: Duration = Duration::from_secs(45);

#[derive(Debug, Default)]
pub struct MemoryGrants(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    grant: Option<Grant>,
    renewing_since: Option<Instant>,
}

impl Held {
    fn version(&self) -> i64 {
        self.grant.as_ref().map_or(0, |kept| kept.version)
    }
}

impl MemoryGrants {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GrantStore for MemoryGrants {
    fn load(&self) -> Answer<'_, Option<Grant>> {
        let grant = self.held().grant.clone();
        Box::pin(std::future::ready(Ok(grant)))
    }

    fn replace<'a>(&'a self, version: i64, grant: &'a Grant) -> Answer<'a, bool> {
        let mut held = self.held();
        let unchanged = held.version() == version;
        if unchanged {
            *held = Held { grant: Some(Grant { version: version + 1, ..grant.clone() }), renewing_since: None };
        }
        Box::pin(std::future::ready(Ok(unchanged)))
    }

    fn may_renew(&self, version: i64) -> Answer<'_, bool> {
        let mut held = self.held();
        let free = held.renewing_since.is_none_or(|since| since.elapsed() > RIGHT_TTL);
        let may = free && held.version() == version;
        if may {
            held.renewing_since = Some(Instant::now());
        }
        Box::pin(std::future::ready(Ok(may)))
    }
}

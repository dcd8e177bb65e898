//! One claim: what a worker asks the store for, and what it gets to know by the way.

use aos_core::Clock;
use aos_core::task::{Fence, WorkerId};
use aos_store::{Claim, ClaimOptions, Result, Store};
use std::collections::HashSet;
use std::time::Duration;

/// What to ask for.
pub(crate) struct Wish {
    pub worker: WorkerId,
    pub wanted: usize,
    pub sharing: ClaimOptions,
    /// What the worker knows of, when an earlier claim broke off: it may have been made all the same, and is given back first.
    pub known: Option<HashSet<Fence>>,
}

/// What came of it.
pub(crate) struct Claimed {
    pub wanted: usize,
    pub claims: Result<Vec<Claim>>,
    /// How long until a delayed task or a schedule is due.
    pub next_due_in: Option<Duration>,
}

impl Wish {
    pub async fn claim(self, store: Store, clock: Clock) -> Claimed {
        let claims = self.claims(&store).await;
        // Only when nothing is left to claim at once does it matter what comes later.
        let next_due = match &claims {
            Ok(claims) if claims.len() < self.wanted => store.system().next_due().await.ok().flatten(),
            _ => None,
        };
        let next_due_in = next_due.map(|due| (due - clock.now()).to_std().unwrap_or_default());
        Claimed { wanted: self.wanted, claims, next_due_in }
    }

    async fn claims(&self, store: &Store) -> Result<Vec<Claim>> {
        let system = store.system();
        if let Some(known) = &self.known {
            let released = system.release_unknown_tasks(self.worker, known).await?;
            if released > 0 {
                tracing::warn!(released, "{released} tasks were given back whose claim had broken off");
            }
        }
        system.claim_tasks_with(self.worker, self.wanted, self.sharing).await
    }
}

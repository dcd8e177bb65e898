//! Attempts that run: how one is started from its claim, and what the runner keeps of it meanwhile.

use crate::announce::Announcer;
use crate::attempt::{Attempt, Ended};
use crate::context::TaskContext;
use crate::handler::Registry;
use crate::notes::Notes;
use aos_core::task::Fence;
use aos_core::{Clock, TenantScope};
use aos_store::{Claim, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// What every attempt needs.
pub(crate) struct Floor {
    pub store: Store,
    pub clock: Clock,
    pub registry: Registry,
    pub announcer: Announcer,
    /// How long an attempt may take whose task says nothing about it.
    pub attempt_timeout: Duration,
    /// Where attempts say that they have ended.
    pub ended: mpsc::UnboundedSender<Ended>,
}

/// Whose task it is, and what it is called.
#[derive(Clone)]
pub(crate) struct Named {
    pub scope: TenantScope,
    pub kind: Arc<str>,
}

pub(crate) struct Running {
    pub named: Named,
    pub stop: CancellationToken,
    pub why_stopped: Option<Why>,
}

/// Why a running attempt was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Canceled,
    /// The worker ends before the attempt does.
    Released,
}

impl Named {
    pub fn of(claim: &Claim) -> Self {
        #[allow(clippy::disallowed_methods)] // The runner: a task acts for whoever enqueued it.
        let scope = TenantScope::establish(claim.tenant, claim.principal, claim.role);
        let scope = scope.with_fence(claim.fence).with_trace(&claim.trace_id);
        Self { scope, kind: claim.kind.as_str().into() }
    }
}

impl Floor {
    /// Starts an attempt beside the runner.
    pub fn start(&self, claim: Claim, stop: CancellationToken) -> (Fence, Running) {
        let (fence, named) = (claim.fence, Named::of(&claim));
        let time_allowed = claim.timeout.unwrap_or(self.attempt_timeout);
        let context = TaskContext {
            scope: named.scope.clone(),
            fence,
            store: self.store.clone(),
            clock: self.clock.clone(),
            max_attempts: claim.max_attempts,
            trace_id: claim.trace_id.into(),
            time_allowed,
            deadline: Instant::now() + time_allowed,
            stopped: stop.clone(),
            notes: Arc::new(Notes::default()),
        };
        let span = tracing::info_span!(
            "task", task.id = %fence.task, kind = %named.kind, attempt = fence.attempt, tenant = %claim.tenant,
            trace_id = %context.trace_id
        );
        let attempt = Attempt {
            context,
            kind: named.kind.clone(),
            payload: claim.payload,
            registry: self.registry.clone(),
            announcer: self.announcer.clone(),
        };
        let ended = self.ended.clone();
        tokio::spawn(async move { drop(ended.send(attempt.run().await)) }.instrument(span));
        (fence, Running { named, stop, why_stopped: None })
    }
}

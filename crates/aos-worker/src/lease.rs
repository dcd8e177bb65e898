//! The worker's lease, kept on a thread of its own with a connection of its own: a handler that never yields, or a pool that is used up,
//! must not cost the worker what it holds.
//!
//! The worker trusts its own clock here, and only a monotonic one: a lease counts from the moment at which its renewal was asked for, which is
//! earlier than the moment at which the database began to count.

use crate::handler::with_causes;
use crate::options::WorkerOptions;
use aos_core::TenantId;
use aos_core::task::{Fence, WorkerId};
use aos_store::Store;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

/// How soon a renewal that failed is tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// What the runner is told.
#[derive(Debug)]
pub(crate) enum Notice {
    /// Somebody wants these stopped.
    Canceled(Vec<(TenantId, Fence)>),
    /// No renewal came through in time. What runs was stopped already.
    Lost,
    /// The worker may work again, under this name.
    Held(WorkerId),
}

/// The runner's side of the lease.
pub(crate) struct Lease {
    shared: Arc<Shared>,
    pub notices: mpsc::UnboundedReceiver<Notice>,
}

pub(crate) struct Shared {
    /// Cancelled when the lease is lost; a new one comes with a new lease.
    epoch: Mutex<CancellationToken>,
    /// Renews at once, to hear what was canceled.
    pub ask_now: Notify,
}

/// The thread's side of the lease.
pub(crate) struct Keeper {
    pub worker: WorkerId,
    pub options: WorkerOptions,
    shared: Arc<Shared>,
    notices: mpsc::UnboundedSender<Notice>,
}

impl Lease {
    pub fn new(worker: WorkerId, options: &WorkerOptions) -> (Self, Keeper) {
        let shared = Arc::new(Shared { epoch: Mutex::new(CancellationToken::new()), ask_now: Notify::new() });
        // Unbounded, but never longer than what this worker holds: every renewal names each canceled task at most once.
        let (sender, notices) = mpsc::unbounded_channel();
        let keeper = Keeper { worker, options: options.clone(), shared: shared.clone(), notices: sender };
        (Self { shared, notices }, keeper)
    }

    /// Whether the worker's tasks are its own at this moment.
    pub fn holds(&self) -> bool {
        !self.epoch().is_cancelled()
    }

    /// Returns what is cancelled when the lease is lost.
    pub fn epoch(&self) -> CancellationToken {
        self.shared.epoch()
    }

    pub fn ask_now(&self) {
        self.shared.ask_now.notify_one();
    }
}

impl Shared {
    fn epoch(&self) -> CancellationToken {
        self.epoch.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn renew_epoch(&self) {
        *self.epoch.lock().unwrap_or_else(PoisonError::into_inner) = CancellationToken::new();
    }
}

impl Keeper {
    /// Renews until stopped. `since` is when the present lease was asked for.
    pub async fn keep(mut self, store: Store, since: Instant, stop: CancellationToken) {
        let mut held_until = since + self.options.own_lease();
        let mut next = since + self.options.renewal_interval();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep_until(next) => {}
                () = self.shared.ask_now.notified() => {}
            }
            let asked = Instant::now();
            let holds = !self.shared.epoch().is_cancelled();
            // A renewal that hangs must not keep us from noticing that our time is up.
            let patience = asked + self.options.lease;
            let patience = if holds { patience.min(held_until) } else { patience };
            let renewed = timeout_at(patience, store.system().renew_worker(self.worker, self.options.lease)).await;
            match renewed {
                Ok(Ok(renewed)) => {
                    held_until = asked + self.options.own_lease();
                    next = asked + self.options.renewal_interval();
                    if renewed.lost {
                        self.lose();
                    }
                    self.hold_again();
                    if !renewed.canceled.is_empty() {
                        self.tell(Notice::Canceled(renewed.canceled));
                    }
                }
                Ok(Err(aos_store::Error::UnknownWorker(_))) => {
                    self.lose();
                    self.sign_on_again(&store).await;
                    next = Instant::now() + AGAIN_AFTER;
                }
                failed => {
                    let why = match failed {
                        Ok(Err(error)) => with_causes(&error),
                        _ => "the database does not answer".to_owned(),
                    };
                    tracing::warn!(worker.id = %self.worker, "the worker's lease could not be renewed: {why}");
                    next = Instant::now() + AGAIN_AFTER.min(self.options.renewal_interval());
                    if holds {
                        next = next.min(held_until);
                    }
                }
            }
            if Instant::now() >= held_until {
                self.lose();
            }
        }
    }

    /// Stops what runs. From here, because the runner's threads may be the ones that are busy.
    fn lose(&self) {
        let epoch = self.shared.epoch();
        if epoch.is_cancelled() {
            return;
        }
        epoch.cancel();
        self.tell(Notice::Lost);
        tracing::error!(worker.id = %self.worker, "the lease ran out, so this worker has stopped its tasks; others begin them again");
    }

    fn hold_again(&self) {
        if self.shared.epoch().is_cancelled() {
            self.shared.renew_epoch();
            self.tell(Notice::Held(self.worker));
        }
    }

    /// A worker that was lost for long is not known any more, and comes as a new one.
    async fn sign_on_again(&mut self, store: &Store) {
        let slots = u32::try_from(self.options.slots).unwrap_or(u32::MAX);
        // With a lease that is renewed at once; only then does it hold.
        match store.system().register_worker(&self.options.hostname, slots, self.options.lease).await {
            Ok(worker) => self.worker = worker,
            Err(error) => tracing::warn!(%error, "the worker cannot sign on again yet: {error}"),
        }
    }

    fn tell(&self, notice: Notice) {
        // A runner that is gone needs no notice.
        let _ = self.notices.send(notice);
    }
}

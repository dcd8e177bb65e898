//! The worker's loop. One place decides what is claimed, started, stopped, brought back and given back; everything it waits for runs beside it.

use crate::announce::{Announcer, Change};
use crate::attempt::Ended;
use crate::claim::{Claimed, Wish};
use crate::finish::{self, Outcomes};
use crate::handler::Registry;
use crate::lease::{Lease, Notice};
use crate::metrics;
use crate::options::WorkerOptions;
use crate::pace::Pace;
use crate::running::{Floor, Named, Running, Why};
use crate::worker::{Summary, Until, WorkerParts};
use aos_core::TenantId;
use aos_core::kind::{WAKE, WAKE_CANCELED};
use aos_core::task::{Fence, TaskOutcome, TaskState, WorkerId};
use aos_store::{Claim, Finish, FinishedTask};
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Claims that wait this long for a slot are given back: somebody else may have one.
const WAITING_MAX: Duration = Duration::from_millis(250);
const CLAIM_RETRY: Duration = Duration::from_secs(1);
/// Tasks of one claim.
const CLAIM_MAX: usize = 512;
/// How long the last outcomes may take once the drain time is over.
const LAST_OUTCOMES: Duration = Duration::from_secs(5);
/// A wait without end of its own.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) struct Runner {
    worker: WorkerId,
    parts: WorkerParts,
    options: WorkerOptions,
    announcer: Announcer,
    floor: Floor,
    pace: Pace,
    /// Claimed, and waiting for a slot.
    waiting: VecDeque<Claim>,
    waiting_since: Instant,
    running: HashMap<Fence, Running>,
    /// Ended, and waiting to be kept.
    outcomes: Outcomes,
    /// Whose the outcomes are that are not kept yet.
    ending: HashMap<Fence, Named>,
    /// Whether a claim broke off: it may have been made all the same.
    claim_broke_off: bool,
    /// Canceled, and not known here: they may be among the tasks of a claim that is under way.
    unmet: Vec<(TenantId, Fence)>,
    /// To be given back.
    releases: Vec<(TenantId, Fence)>,
    ended: mpsc::UnboundedReceiver<Ended>,
    /// Whether there may be something to claim.
    look: bool,
    /// When to look in any case.
    look_at: Instant,
    summary: Summary,
    /// Set once the worker was told to stop.
    drain_until: Option<Instant>,
}

/// What is under way beside the loop.
#[derive(Default)]
struct UnderWay {
    claiming: Option<JoinHandle<Claimed>>,
    finishing: Option<JoinHandle<Vec<FinishedTask>>>,
    releasing: Option<JoinHandle<u64>>,
}

impl UnderWay {
    fn is_empty(&self) -> bool {
        self.claiming.is_none() && self.finishing.is_none() && self.releasing.is_none()
    }
}

impl Runner {
    pub fn new(
        worker: WorkerId,
        parts: WorkerParts,
        options: WorkerOptions,
        registry: Registry,
        announcer: Announcer,
    ) -> Self {
        // Unbounded, but never longer than the slots.
        let (ended_sender, ended) = mpsc::unbounded_channel();
        Self {
            worker,
            pace: Pace::new(options.slots, options.prefetch_max),
            floor: Floor {
                store: parts.store.clone(),
                clock: parts.clock.clone(),
                registry,
                announcer: announcer.clone(),
                attempt_timeout: options.attempt_timeout,
                ended: ended_sender,
            },
            announcer,
            parts,
            options,
            waiting: VecDeque::new(),
            waiting_since: Instant::now(),
            running: HashMap::new(),
            outcomes: Outcomes::new(),
            ending: HashMap::new(),
            claim_broke_off: false,
            unmet: Vec::new(),
            releases: Vec::new(),
            ended,
            look: true,
            look_at: Instant::now(),
            summary: Summary::default(),
            drain_until: None,
        }
    }

    pub async fn run(mut self, mut lease: Lease, stop: CancellationToken, until: Until) -> (WorkerId, Summary) {
        let broker = self.parts.broker.clone();
        let (mut woken, mut canceled) = (broker.system().waiter(WAKE), broker.system().waiter(WAKE_CANCELED));
        let mut under_way = UnderWay::default();
        let mut batch = Vec::new();
        loop {
            self.begin_what_can(&lease, &mut under_way);
            if self.is_over(until, &under_way) {
                return (self.worker, self.summary);
            }
            let drain_until = self.drain_until.unwrap_or_else(|| Instant::now() + LONG);
            let is_idle = !self.look && under_way.claiming.is_none();
            tokio::select! {
                _ = self.ended.recv_many(&mut batch, CLAIM_MAX) => batch.drain(..).for_each(|ended| self.take_ended(ended)),
                claimed = joined(&mut under_way.claiming) => self.take_claimed(claimed),
                finished = joined(&mut under_way.finishing) => self.take_finished(finished.unwrap_or_default()),
                released = joined(&mut under_way.releasing) => self.summary.released += released.unwrap_or_default(),
                Some(notice) = lease.notices.recv() => self.take_notice(notice),
                _ = woken.wait(LONG) => self.look = true,
                _ = canceled.wait(LONG) => lease.ask_now(),
                () = sleep_until(self.look_at), if is_idle => self.look = true,
                () = sleep_until(self.waiting_since + WAITING_MAX), if !self.waiting.is_empty() => self.give_back_waiting(),
                () = stop.cancelled(), if self.drain_until.is_none() => self.begin_drain(),
                () = sleep_until(drain_until), if self.running.values().any(|running| running.why_stopped.is_none()) => self.end_drain(),
                () = sleep_until(drain_until + LAST_OUTCOMES) => {
                    let (outcomes, running) = (self.outcomes.len(), self.running.len());
                    tracing::warn!(outcomes, running, "the worker ends with {running} tasks running and {outcomes} outcomes not kept; its lease runs out");
                    return (self.worker, self.summary);
                }
            }
        }
    }

    fn begin_what_can(&mut self, lease: &Lease, under_way: &mut UnderWay) {
        self.start_waiting(lease);
        if under_way.claiming.is_none() && lease.holds() {
            under_way.claiming = self.claim();
        }
        if under_way.finishing.is_none() && !self.outcomes.is_empty() {
            let outcomes = finish::take_batch(&mut self.outcomes);
            under_way.finishing = Some(tokio::spawn(finish::finish(self.parts.store.clone(), outcomes)));
        }
        if under_way.releasing.is_none() && !self.releases.is_empty() {
            let releases = std::mem::take(&mut self.releases);
            under_way.releasing = Some(tokio::spawn(finish::release(self.parts.store.clone(), releases)));
        }
    }

    fn is_over(&self, until: Until, under_way: &UnderWay) -> bool {
        let holds_nothing = under_way.is_empty()
            && self.waiting.is_empty()
            && self.running.is_empty()
            && self.outcomes.is_empty()
            && self.releases.is_empty();
        holds_nothing && (self.drain_until.is_some() || (until == Until::Empty && !self.look))
    }

    /// Begins a claim when there may be something to claim and there is room for it.
    fn claim(&mut self) -> Option<JoinHandle<Claimed>> {
        if !self.look || self.drain_until.is_some() {
            return None;
        }
        let held = self.waiting.len() + self.running.len();
        // Outcomes that pile up say that the database is slower than the tasks; claiming more would only lengthen the pile.
        let unkept = self.outcomes.len().saturating_sub(CLAIM_MAX);
        let wanted = self.pace.target().saturating_sub(held + unkept).min(CLAIM_MAX);
        if wanted == 0 {
            return None;
        }
        self.look = false;
        let known = self.claim_broke_off.then(|| self.known());
        let wish = Wish { worker: self.worker, wanted, sharing: self.options.claiming, known };
        Some(tokio::spawn(wish.claim(self.parts.store.clone(), self.parts.clock.clone())))
    }

    fn take_claimed(&mut self, claimed: Option<Claimed>) {
        let retry_at = Instant::now() + CLAIM_RETRY;
        let Some(Claimed { wanted, claims, next_due_in }) = claimed else {
            (self.look_at, self.claim_broke_off) = (retry_at, true);
            return;
        };
        self.claim_broke_off = claims.is_err();
        match claims {
            Ok(claims) => {
                let poll = self.options.poll_interval;
                self.look_at = Instant::now() + next_due_in.map_or(poll, |due| due.min(poll));
                self.look |= claims.len() >= wanted;
                self.take_claims(claims);
            }
            Err(error) => {
                self.look_at = retry_at;
                tracing::warn!(worker.id = %self.worker, %error, "no tasks could be claimed: {error}");
            }
        }
    }

    fn take_claims(&mut self, claims: Vec<Claim>) {
        if !claims.is_empty() {
            aos_core::fault::point("worker.claimed");
        }
        if self.waiting.is_empty() {
            self.waiting_since = Instant::now();
        }
        self.waiting.extend(claims);
        for (tenant, fence) in std::mem::take(&mut self.unmet) {
            self.cancel(tenant, fence);
        }
        self.unmet.clear();
        if self.drain_until.is_some() {
            self.give_back_waiting();
        }
    }

    /// Starts as many of the claimed tasks as there are free slots.
    fn start_waiting(&mut self, lease: &Lease) {
        if !lease.holds() {
            return self.give_back_waiting();
        }
        while self.running.len() < self.options.slots {
            let Some(claim) = self.waiting.pop_front() else { return };
            self.waiting_since = Instant::now();
            let (fence, running) = self.floor.start(claim, lease.epoch().child_token());
            self.changed(&running.named, fence, TaskState::InProgress);
            self.running.insert(fence, running);
        }
    }

    fn take_ended(&mut self, ended: Ended) {
        let Some(running) = self.running.remove(&ended.fence) else { return };
        self.pace.took(ended.took);
        metrics::attempt_ended(&self.floor.registry, &running.named.kind, ended.outcome.as_ref(), ended.took);
        let (tenant, fence) = (running.named.scope.tenant_id(), ended.fence);
        let outcome = match (ended.outcome, running.why_stopped) {
            (Some(outcome), _) => outcome,
            (None, Some(Why::Canceled)) => TaskOutcome::Canceled,
            (None, Some(Why::Released)) => return self.releases.push((tenant, fence)),
            // The lease was lost, as far as this worker could tell. Others may have the task; if the lease was renewed after all, nobody
            // else ever would.
            (None, None) => TaskOutcome::Failed {
                error: "its worker lost touch with the database during the attempt".to_owned(),
                retryable: true,
                retry_in: Some(Duration::ZERO),
            },
        };
        if let TaskOutcome::Failed { error, .. } = &outcome {
            let (kind, attempt, task) = (&running.named.kind, fence.attempt, fence.task);
            tracing::warn!(task.id = %task, %kind, attempt, %tenant, error, "attempt {attempt} at task {task} ({kind}) failed: {error}");
        }
        aos_core::fault::point("worker.ended");
        self.outcomes.push((tenant, fence, outcome));
        self.ending.insert(fence, running.named);
    }

    fn take_finished(&mut self, finished: Vec<FinishedTask>) {
        if !finished.is_empty() {
            aos_core::fault::point("worker.finished");
            // What they held, a place under their tenant's cap or an exclusive right, may let others begin; and they may have successors.
            self.look = true;
        }
        for FinishedTask { fence, finish, .. } in finished {
            let Some(named) = self.ending.remove(&fence) else { continue };
            match finish {
                Finish::Ended(state) => {
                    match state {
                        TaskState::Success => self.summary.succeeded += 1,
                        TaskState::Canceled => self.summary.canceled += 1,
                        _ => self.summary.failed += 1,
                    }
                    self.changed(&named, fence, state);
                }
                Finish::Again { .. } => {
                    self.summary.failed += 1;
                    self.changed(&named, fence, TaskState::Queued);
                }
                Finish::Stale => {
                    self.summary.refused += 1;
                    tracing::warn!(task.id = %fence.task, attempt = fence.attempt, "{fence} counts no more; what it brought is left out");
                }
            }
        }
    }

    fn take_notice(&mut self, notice: Notice) {
        match notice {
            Notice::Canceled(fences) => fences.into_iter().for_each(|(tenant, fence)| self.cancel(tenant, fence)),
            Notice::Held(worker) => {
                self.worker = worker;
                self.look = true;
            }
            // What runs was stopped by the lease itself, and what waits is given back, should it still be ours.
            Notice::Lost => {}
        }
    }

    fn cancel(&mut self, tenant: TenantId, fence: Fence) {
        if let Some(running) = self.running.get_mut(&fence) {
            running.why_stopped.get_or_insert(Why::Canceled);
            running.stop.cancel();
        } else if let Some(at) = self.waiting.iter().position(|claim| claim.fence == fence) {
            let Some(claim) = self.waiting.remove(at) else { return };
            self.ending.insert(fence, Named::of(&claim));
            self.outcomes.push((tenant, fence, TaskOutcome::Canceled));
        } else {
            self.unmet.push((tenant, fence));
        }
    }

    fn give_back_waiting(&mut self) {
        self.releases.extend(self.waiting.drain(..).map(|claim| (claim.tenant, claim.fence)));
    }

    /// Names every attempt that this worker knows it has.
    fn known(&self) -> HashSet<Fence> {
        let waiting = self.waiting.iter().map(|claim| &claim.fence);
        self.running.keys().chain(self.ending.keys()).chain(waiting).copied().collect()
    }

    fn begin_drain(&mut self) {
        let running = self.running.len();
        tracing::info!(worker.id = %self.worker, running, "stopping: {running} running tasks are waited for");
        self.drain_until = Some(Instant::now() + self.options.drain_timeout);
        self.give_back_waiting();
    }

    fn end_drain(&mut self) {
        for running in self.running.values_mut() {
            running.why_stopped.get_or_insert(Why::Released);
            running.stop.cancel();
        }
    }

    fn changed(&self, named: &Named, fence: Fence, state: TaskState) {
        let Fence { task: id, attempt } = fence;
        let change = Change { id, kind: named.kind.clone(), state, attempt, progress: None, message: None };
        self.announcer.changed(&named.scope, change);
    }
}

/// Waits for what is under way, forever when there is nothing. None when it broke off.
async fn joined<T>(handle: &mut Option<JoinHandle<T>>) -> Option<T> {
    match handle {
        Some(running) => {
            let result = running.await;
            *handle = None;
            result.ok()
        }
        None => std::future::pending().await,
    }
}

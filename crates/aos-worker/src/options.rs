//! What an operator can set about a worker, with defaults that suit most.

use aos_store::ClaimOptions;
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Names the machine in the list of workers.
    pub hostname: String,
    /// How many attempts run at the same time.
    pub slots: usize,
    /// How many tasks are claimed beyond the slots at most, while tasks are so short that claiming is what takes the time.
    pub prefetch_max: usize,
    /// How tasks are shared out between tenants.
    pub claiming: ClaimOptions,
    /// How long the worker's tasks stay its own when nothing is heard of it. It is renewed three times as often.
    pub lease: Duration,
    /// How long a ready task waits at most when no wake-up came through.
    pub poll_interval: Duration,
    /// How long running tasks are waited for when the worker is told to stop; then they are given back.
    pub drain_timeout: Duration,
    /// How long an attempt may take whose task says nothing about it.
    pub attempt_timeout: Duration,
    /// How long ended tasks, their logs and results are kept.
    pub retention: Duration,
    /// How long a stream may go without a complete read before an alert says so, where its connection says nothing else.
    pub stale_after: Duration,
    /// How often watched files are looked at. One that was written to within that time is left to the next look.
    pub watch_interval: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            hostname: "localhost".to_owned(),
            slots: 8,
            prefetch_max: 512,
            claiming: ClaimOptions::default(),
            lease: Duration::from_secs(30),
            poll_interval: Duration::from_secs(1),
            drain_timeout: Duration::from_secs(30),
            attempt_timeout: Duration::from_secs(60 * 60),
            retention: Duration::from_secs(30 * 24 * 60 * 60),
            stale_after: Duration::from_secs(2 * 24 * 60 * 60),
            watch_interval: Duration::from_secs(10),
        }
    }
}

impl WorkerOptions {
    /// How often the lease is renewed.
    pub(crate) fn renewal_interval(&self) -> Duration {
        self.lease / 3
    }

    /// How long after a renewal the worker stops its own tasks when none has followed: so much before others may take them over
    /// that stopping is done by then.
    pub(crate) fn own_lease(&self) -> Duration {
        self.lease - self.lease / 10
    }
}

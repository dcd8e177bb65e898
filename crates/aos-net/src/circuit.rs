//! Leaving a host alone that keeps failing (a circuit breaker): closed while it works, open after several failures in a row, and
//! half open while one request tries whether it is back. Pure: time comes in as an argument.

use std::time::Duration;
use tokio::time::Instant;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub failures_to_open: u32,
    pub open_for: Duration,
    pub open_for_max: Duration,
}

#[derive(Debug)]
pub(crate) struct Circuit {
    state: State,
    /// Failures in a row while closed.
    failures: u32,
    /// How often it has opened since the host last worked.
    openings: u32,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen,
}

/// What can be seen of a circuit from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CircuitState {
    Closed { failures: u32 },
    Open { retry_in: Duration },
    HalfOpen,
}

/// How an admitted request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Worked,
    Failed,
    /// It says nothing about the host: it was given up, or refused before anything was sent.
    Nothing,
}

impl Circuit {
    pub fn new() -> Self {
        Self { state: State::Closed, failures: 0, openings: 0 }
    }

    /// Says how long a request would have to wait; nothing when it may go.
    pub fn wait(&self, now: Instant, rules: &Rules) -> Option<Duration> {
        match self.state {
            State::Closed => None,
            State::Open { until } => Some(until.saturating_duration_since(now)).filter(|left| !left.is_zero()),
            // The trial is on its way; how long it takes is unknown.
            State::HalfOpen => Some(rules.open_for),
        }
    }

    /// Lets a request go, or says how long it has to wait. True: it is the one that tries whether the host is back.
    pub fn admit(&mut self, now: Instant, rules: &Rules) -> Result<bool, Duration> {
        if let Some(wait) = self.wait(now, rules) {
            return Err(wait);
        }
        let trial = matches!(self.state, State::Open { .. });
        if trial {
            self.state = State::HalfOpen;
        }
        Ok(trial)
    }

    /// Notes that the host has answered. Failures are forgotten only when an answer is complete: a host whose answers all
    /// break off has to open the circuit too.
    pub fn answered(&mut self) {
        if !matches!(self.state, State::Closed) {
            *self = Self { failures: self.failures, ..Self::new() };
        }
    }

    pub fn settle(&mut self, verdict: Verdict, trial: bool, now: Instant, rules: &Rules) {
        match (verdict, self.state) {
            (Verdict::Worked, _) => *self = Self::new(),
            (Verdict::Failed, State::HalfOpen) if trial => self.open(now, rules),
            (Verdict::Failed, State::Closed) => {
                self.failures += 1;
                if self.failures >= rules.failures_to_open {
                    self.open(now, rules);
                }
            }
            // The next request may try instead.
            (Verdict::Nothing, State::HalfOpen) if trial => self.state = State::Open { until: now },
            // Requests that went before it opened are late to tell.
            (Verdict::Failed | Verdict::Nothing, _) => {}
        }
    }

    fn open(&mut self, now: Instant, rules: &Rules) {
        let factor = 1_u32 << self.openings.min(16);
        self.openings += 1;
        self.failures = 0;
        self.state = State::Open { until: now + rules.open_for.saturating_mul(factor).min(rules.open_for_max) };
    }

    pub fn is_at_rest(&self) -> bool {
        matches!(self.state, State::Closed) && self.failures == 0
    }

    pub fn state(&self, now: Instant) -> CircuitState {
        match self.state {
            State::Closed => CircuitState::Closed { failures: self.failures },
            State::Open { until } => CircuitState::Open { retry_in: until.saturating_duration_since(now) },
            State::HalfOpen => CircuitState::HalfOpen,
        }
    }
}

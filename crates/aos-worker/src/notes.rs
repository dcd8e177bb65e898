//! What a running attempt tells about itself, progress and log lines, kept back a moment so that a talkative handler does not write to the store
//! with every word.

use aos_core::Clock;
use aos_core::task::{LogLevel, LogLine};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How long notes are collected before they are written.
pub(crate) const COLLECTED_FOR: Duration = Duration::from_millis(250);
/// Lines waiting to be written at most; more than the store keeps of a task need not wait.
const LINES_MAX: usize = 1000;

#[derive(Debug, Default)]
pub(crate) struct Notes {
    unwritten: Mutex<Unwritten>,
    pub(crate) written_to: Notify,
}

#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    pub progress: Option<Progress>,
    pub lines: Vec<LogLine>,
}

#[derive(Debug, Clone)]
pub(crate) struct Progress {
    /// From 0 to 1.
    pub fraction: f64,
    pub message: String,
}

impl Unwritten {
    pub fn is_empty(&self) -> bool {
        self.progress.is_none() && self.lines.is_empty()
    }
}

impl Notes {
    pub fn progress(&self, fraction: f64, message: String) {
        let fraction = if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 };
        self.lock().progress = Some(Progress { fraction, message });
        self.written_to.notify_one();
    }

    pub fn log(&self, clock: &Clock, level: LogLevel, message: String) {
        let mut unwritten = self.lock();
        if unwritten.lines.len() < LINES_MAX {
            unwritten.lines.push(LogLine { at: clock.now(), level, message });
        }
        drop(unwritten);
        self.written_to.notify_one();
    }

    pub fn take(&self) -> Unwritten {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Unwritten> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Time as an argument: the system's clock in production, a fixed one in tests.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    /// Milliseconds since the epoch; moves only when told to.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.timestamp_millis())))
    }

    /// Returns the time now, to the microsecond (what both databases keep).
    #[allow(clippy::disallowed_methods)] // The one place that reads the wall clock.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Fixed(millis) => {
                DateTime::from_timestamp_millis(millis.load(Ordering::SeqCst)).expect("set from a valid time")
            }
        }
    }

    /// Moves a fixed clock forward; does nothing to the system's.
    pub fn advance(&self, by: chrono::Duration) {
        if let Self::Fixed(millis) = self {
            millis.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
        }
    }
}

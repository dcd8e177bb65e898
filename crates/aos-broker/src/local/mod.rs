//! The broker's state in this process: all of it where there is no Redis, otherwise what bridges the time in which Redis is away.

mod cache;
mod counter;
mod lease;
mod notice;
mod rate;
mod ticket;

use crate::access::Access;
use crate::flag::Flags;
use crate::topic::log::Topics;
use crate::wake::Wakes;
use chrono::{DateTime, Duration as Span, Utc};
use std::sync::Mutex;
use std::time::Duration;

pub(crate) struct Local {
    pub(crate) topics: Mutex<Topics>,
    pub(crate) wakes: Wakes,
    pub(crate) flags: Flags,
    pub(crate) access: Access,
    pub(crate) tickets: Mutex<ticket::Tickets>,
    pub(crate) counters: Mutex<counter::Counters>,
    pub(crate) rates: Mutex<rate::Rates>,
    pub(crate) cache: Mutex<cache::Cache>,
    pub(crate) leases: Mutex<lease::Leases>,
    pub(crate) notices: Mutex<notice::Notices>,
}

impl Local {
    /// Begins empty. Notices count up from this time, so that one from before a restart is never taken for a new one.
    pub(crate) fn beginning_at(now: DateTime<Utc>) -> Self {
        Self {
            topics: Mutex::default(),
            wakes: Wakes::default(),
            flags: Flags::default(),
            access: Access::default(),
            tickets: Mutex::default(),
            counters: Mutex::default(),
            rates: Mutex::default(),
            cache: Mutex::default(),
            leases: Mutex::default(),
            notices: Mutex::new(notice::Notices::beginning_at(now)),
        }
    }
}

/// Returns when something ends that begins now; the end of time for what does not end.
fn ends_at(now: DateTime<Utc>, after: Duration) -> DateTime<Utc> {
    Span::from_std(after).ok().and_then(|after| now.checked_add_signed(after)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

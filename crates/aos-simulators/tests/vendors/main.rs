//! The simulated vendors at their doors: what each documents is what is asked, and what comes back is compared with the truth.

mod chaos;
mod client;
mod doors;
mod drift;
mod limits;
mod paging;
mod read;
mod shapes;
mod since;

use aos_simulators::{Options, Running, Simulator, Vendor};

/// 2026-09-01, 12:00 UTC: later than any record that an account is born with.
pub const NOW_MS: i64 = 1_788_264_000_000;

/// A quiet account whose clock stands still and whose limits nobody meets.
pub fn quiet(size: u64) -> Options {
    Options { size, limit_factor: 1_000_000, now_ms: Some(NOW_MS), ..Options::default() }
}

pub async fn start(vendor: Vendor, options: &Options) -> Running {
    Simulator::start(vendor, options).await.unwrap()
}

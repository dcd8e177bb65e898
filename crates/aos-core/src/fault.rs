//! Points at which a test can have the process die, as `kill -9` or a power cut would end it. Without the feature
//! `fault-points` there is nothing here: no shipped binary has them.
//!
//! `AOS_FAULT=store.commit.before:3` ends the process when it comes to that point for the third time.

/// Marks a point. `name` says what has just been done, or is about to be.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub fn point(_name: &'static str) {}

#[cfg(feature = "fault-points")]
pub use points::point;

#[cfg(feature = "fault-points")]
mod points {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Plan {
        name: String,
        times_left: AtomicU64,
    }

    static PLAN: OnceLock<Option<Plan>> = OnceLock::new();

    pub fn point(name: &'static str) {
        let Some(plan) = PLAN.get_or_init(plan).as_ref().filter(|plan| plan.name == name) else { return };
        if plan.times_left.fetch_sub(1, Ordering::SeqCst) == 1 {
            eprintln!("fault point {name}: the process ends here");
            // No destructor runs and nothing is flushed.
            std::process::abort();
        }
    }

    #[allow(clippy::disallowed_methods)] // A harness speaks to the process it starts; settings have nothing to do with it.
    fn plan() -> Option<Plan> {
        let text = std::env::var("AOS_FAULT").ok()?;
        let (name, times) = text.rsplit_once(':')?;
        let times = times.parse().ok().filter(|times| *times > 0)?;
        Some(Plan { name: name.to_owned(), times_left: AtomicU64::new(times) })
    }
}

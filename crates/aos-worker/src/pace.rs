//! How many tasks to hold. A long task is claimed when there is a slot for it, so that any worker may take it meanwhile; short ones are claimed
//! ahead, so that slots need not wait for the database.

use std::time::Duration;

/// No task is to wait longer than this for a slot of the worker that has claimed it.
const AHEAD: Duration = Duration::from_millis(20);
/// A task longer than this counts as this long: one of them ends claiming ahead, and a few dozen short ones begin it again.
const LONGEST: Duration = Duration::from_millis(200);
/// The newest attempt's share in the mean.
const WEIGHT: f64 = 1.0 / 16.0;

#[derive(Debug)]
pub(crate) struct Pace {
    slots: usize,
    prefetch_max: usize,
    mean_s: Option<f64>,
}

impl Pace {
    pub fn new(slots: usize, prefetch_max: usize) -> Self {
        Self { slots, prefetch_max, mean_s: None }
    }

    /// Learns how long an attempt took.
    pub fn took(&mut self, time: Duration) {
        let time = time.min(LONGEST).as_secs_f64();
        self.mean_s = Some(self.mean_s.map_or(time, |mean| mean + (time - mean) * WEIGHT));
    }

    /// How many tasks to have claimed at the same time, those that run included.
    pub fn target(&self) -> usize {
        self.slots + self.ahead()
    }

    fn ahead(&self) -> usize {
        let Some(mean) = self.mean_s else { return 0 };
        // Not a single task fits into the time when a task takes longer than it.
        let each = (AHEAD.as_secs_f64() / mean.max(1e-6)) as usize;
        self.slots.saturating_mul(each).min(self.prefetch_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_claimed_ahead_before_anything_is_known() {
        assert_eq!(Pace::new(4, 100).target(), 4);
    }

    #[test]
    fn short_tasks_are_claimed_ahead_up_to_the_limit() {
        let mut pace = Pace::new(4, 100);
        pace.took(Duration::from_micros(50));
        assert_eq!(pace.target(), 104);
        let mut pace = Pace::new(4, 100);
        pace.took(Duration::from_millis(5));
        assert_eq!(pace.target(), 4 + 4 * 4);
    }

    #[test]
    fn one_long_task_ends_claiming_ahead_and_short_ones_bring_it_back() {
        let mut pace = Pace::new(4, 100);
        (0..1000).for_each(|_| pace.took(Duration::from_micros(50)));
        (0..4).for_each(|_| pace.took(Duration::from_secs(60)));
        assert_eq!(pace.target(), 4);
        (0..200).for_each(|_| pace.took(Duration::from_micros(50)));
        assert_eq!(pace.target(), 104);
    }
}

//! How often a request is repeated, and how long is waited in between: exponential backoff with jitter, each kind of failure with an end.

use crate::error::Error;
use aos_core::Clock;
use std::time::Duration;

/// Attempts that may fail one after the other, before the source is given up for now.
const FAILURES_MAX: u32 = 10;
/// Answers of one request that may contradict themselves.
const DOUBTS_MAX: u32 = 7;
/// "Too many requests" that one request takes; the account's pace decides about long waits.
const WAITS_MAX: u32 = 30;
const WAIT_FIRST: Duration = Duration::from_millis(100);
const WAIT_MAX: Duration = Duration::from_secs(30);

/// What went wrong with an attempt.
#[derive(Debug)]
pub(super) enum Mishap {
    Failed(Error),
    Doubtful(String),
    TooMany(Option<Duration>),
}

/// How long to wait, and who waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    pub time: Duration,
    /// The source asked for it, so every reader of the account waits.
    pub everybody: bool,
}

/// The mishaps of one request so far.
#[derive(Debug, Default)]
pub(super) struct Patience {
    failures: u32,
    doubts: u32,
    waits: u32,
}

impl Patience {
    /// Counts a mishap and says how long to wait before the next attempt.
    ///
    /// # Errors
    /// The mishap as an error, when there were too many of its kind.
    pub fn after(&mut self, mishap: Mishap, clock: &Clock) -> Result<Wait, Error> {
        let alone = |time| Wait { time, everybody: false };
        match mishap {
            Mishap::Failed(error) => {
                self.failures += 1;
                if self.failures >= FAILURES_MAX { Err(error) } else { Ok(alone(backoff(self.failures))) }
            }
            Mishap::Doubtful(what) => {
                self.doubts += 1;
                if self.doubts >= DOUBTS_MAX { Err(Error::Contract { what }) } else { Ok(alone(backoff(self.doubts))) }
            }
            Mishap::TooMany(asked) => {
                self.waits += 1;
                let wait = asked.unwrap_or_else(|| backoff(self.waits));
                if self.waits >= WAITS_MAX {
                    return Err(Error::RateLimited { until: clock.now() + wait });
                }
                Ok(Wait { time: wait, everybody: true })
            }
        }
    }
}

/// Doubles from attempt to attempt; half of it is chance, so that what failed together does not come back together.
fn backoff(attempt: u32) -> Duration {
    let full = WAIT_FIRST.saturating_mul(1 << (attempt - 1).min(16)).min(WAIT_MAX);
    full.mul_f64(0.5 + rand::random::<f64>() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_mishap_has_an_end_and_a_name() {
        let clock = Clock::default();
        let end = |mishap: fn() -> Mishap| {
            let mut patience = Patience::default();
            (1..100).find_map(|count| patience.after(mishap(), &clock).err().map(|error| (count, error.code())))
        };
        assert_eq!(end(|| Mishap::Failed(Error::Transient { said: String::new() })), Some((10, "transient")));
        assert_eq!(end(|| Mishap::Doubtful(String::new())), Some((7, "contract")));
        assert_eq!(end(|| Mishap::TooMany(None)), Some((30, "rate_limited")));
    }

    #[test]
    fn waits_grow_to_a_limit() {
        assert!(backoff(1) <= Duration::from_millis(100));
        assert!(backoff(5) >= Duration::from_millis(800));
        assert!(backoff(60) <= WAIT_MAX);
    }
}

//! When a schedule is due: a cron pattern in a time zone.

use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use croner::parser::{CronParser, Seconds};
use std::str::FromStr;

/// A pattern that was read and a zone that is known.
pub(super) struct Cron {
    pattern: croner::Cron,
    zone: chrono_tz::Tz,
}

impl Cron {
    /// Reads a pattern of five fields (minute, hour, day of month, month, day of week) and an IANA zone such as `Europe/Berlin`.
    pub(super) fn parse(pattern: &str, zone: &str) -> Result<Self> {
        let zone = chrono_tz::Tz::from_str(zone).map_err(|_| {
            Error::BadSchedule(format!("`{zone}` is no time zone; use an IANA name such as Europe/Berlin, or UTC"))
        })?;
        let pattern = CronParser::builder().seconds(Seconds::Disallowed).build().parse(pattern).map_err(|error| {
            Error::BadSchedule(format!(
                "`{pattern}` is no cron pattern ({error}); use minute, hour, day of month, month and day of week, e.g. `0 6 * * MON-FRI`"
            ))
        })?;
        Ok(Self { pattern, zone })
    }

    /// Returns the next time after `after`, in UTC; `None` when there is none.
    pub(super) fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.pattern.find_next_occurrence(&after.with_timezone(&self.zone), false).ok()?;
        Some(next.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(pattern: &str, zone: &str, after: &str) -> String {
        Cron::parse(pattern, zone).unwrap().next_after(after.parse().unwrap()).unwrap().to_rfc3339()
    }

    #[test]
    fn a_pattern_is_read_in_its_zone() {
        assert_eq!(next("0 6 * * *", "UTC", "2026-01-01T06:00:00Z"), "2026-01-02T06:00:00+00:00");
        assert_eq!(next("0 6 * * *", "Europe/Berlin", "2026-01-01T00:00:00Z"), "2026-01-01T05:00:00+00:00");
        assert_eq!(next("0 6 * * MON-FRI", "UTC", "2026-01-02T07:00:00Z"), "2026-01-05T06:00:00+00:00");
    }

    #[test]
    fn an_hour_that_summer_time_skips_is_not_lost() {
        // On 29 March 2026 the clock in Berlin goes from 02:00 to 03:00.
        assert_eq!(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00+00:00");
    }

    #[test]
    fn what_is_no_pattern_or_zone_is_refused_with_the_next_step() {
        let refused = |pattern, zone| Cron::parse(pattern, zone).err().unwrap().to_string();
        assert!(refused("every day", "UTC").contains("e.g. `0 6"));
        assert!(refused("61 * * * *", "UTC").contains("no cron pattern"));
        assert!(refused("* * * * * *", "UTC").contains("no cron pattern"), "nothing is due every second");
        assert!(refused("0 6 * * *", "Mars/Olympus").contains("IANA"));
        assert!(Cron::parse("0 0 30 2 *", "UTC").unwrap().next_after(DateTime::UNIX_EPOCH).is_none());
    }
}

//! Times as vendors write them, always with their offset from UTC.

use chrono::{DateTime, SecondsFormat, Utc};
use std::time::Duration;

/// Reads RFC 3339 and its near relatives: `+0000` for `+00:00`, a blank for `T`. A time without an offset is not read: nobody said
/// which one it has.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z"]
        .iter()
        .find_map(|format| DateTime::parse_from_str(text, format).ok())
        .map(|moment| moment.to_utc())
}

/// Writes a time with milliseconds and `Z`.
pub(crate) fn write(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Returns the time that much earlier.
pub(crate) fn earlier(moment: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    chrono::Duration::from_std(by).ok().and_then(|by| moment.checked_sub_signed(by)).unwrap_or(DateTime::UNIX_EPOCH)
}

/// How far a stream was surely read, from what the records themselves say. A source's clock and ours may both be wrong; the earliest of
/// the three is right enough, and being early only costs reading something twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Horizon {
    /// When the read began, by the source's clock or ours, whichever is behind.
    pub began: Option<DateTime<Utc>>,
    /// The latest time of change among the records that were read.
    pub latest: Option<DateTime<Utc>>,
}

impl Horizon {
    pub fn begin(&mut self, source: Option<DateTime<Utc>>, ours: DateTime<Utc>) {
        self.began.get_or_insert(source.map_or(ours, |source| source.min(ours)));
    }

    pub fn see(&mut self, changed_at: Option<DateTime<Utc>>) {
        self.latest = self.latest.max(changed_at);
    }

    /// Returns the cursor of a finished read; `before` is the one it began with.
    pub fn end(&self, before: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let reached = self.latest.map(|latest| self.began.map_or(latest, |began| latest.min(began)));
        reached.max(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_not_guessed() {
        assert_eq!(parse("2024-01-02T03:04:05.000+0000").map(write).as_deref(), Some("2024-01-02T03:04:05.000Z"));
        assert_eq!(parse("2024-01-02T05:04:05+02:00").map(write).as_deref(), Some("2024-01-02T03:04:05.000Z"));
        assert_eq!(parse("2024-01-02 03:04:05"), None);
    }

    #[test]
    fn a_clock_that_is_ahead_never_moves_the_cursor_over_unread_records() {
        let at = |second| DateTime::from_timestamp(second, 0);
        let mut horizon = Horizon::default();
        horizon.begin(at(1_000), at(900).unwrap());
        horizon.see(at(950));
        assert_eq!(horizon.end(None), at(900));
        assert_eq!(horizon.end(at(920)), at(920));
        assert_eq!(Horizon::default().end(at(5)), at(5));
    }
}

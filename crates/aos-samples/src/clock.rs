//! Moments and days of the invented world, and the ways its systems write them.
//! There is no wall clock: "today" is a constant.

use crate::random::Rng;

const DAY_SECONDS: i64 = 86_400;

/// The day the samples were exported, in the invented world.
pub const TODAY: Day = Day(20_406); // 2025-11-14

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

/// A moment in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Day {
    pub fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// Splits into year, month and day (Howard Hinnant's `civil_from_days`).
    pub fn civil(self) -> (i64, i64, i64) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }

    pub fn first_of_month(self) -> Self {
        self.plus(1 - self.civil().2)
    }

    pub fn iso(self) -> String {
        let (year, month, day) = self.civil();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Writes the day as SAP stores it: 20250131.
    pub fn sap(self) -> String {
        let (year, month, day) = self.civil();
        format!("{year:04}{month:02}{day:02}")
    }

    /// Places a moment in this day; `draw` is any random number.
    pub fn at(self, draw: u64) -> Moment {
        let office_hours = 7 * 3600 + (draw % (12 * 3600)) as i64;
        Moment((self.0 * DAY_SECONDS + office_hours) * 1_000_000 + (draw >> 20) as i64 % 1_000_000)
    }
}

/// Draws when a record was created and last changed, in that order, on the two days given.
pub fn record_times(rng: &mut Rng, created: Day, changed: Day) -> (Moment, Moment) {
    let created = created.at(rng.next());
    (created, changed.at(rng.next()).max(created))
}

impl Moment {
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(DAY_SECONDS * 1_000_000))
    }

    fn time(self) -> String {
        let seconds = self.0.div_euclid(1_000_000).rem_euclid(DAY_SECONDS);
        format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    pub fn iso(self) -> String {
        format!("{}T{}Z", self.day().iso(), self.time())
    }

    pub fn iso_millis(self) -> String {
        let millis = self.0.rem_euclid(1_000_000) / 1000;
        format!("{}T{}.{millis:03}Z", self.day().iso(), self.time())
    }

    /// Writes the moment as PostgreSQL's JSON does, with microseconds and an offset.
    pub fn postgres(self) -> String {
        format!("{}T{}.{:06}+00:00", self.day().iso(), self.time(), self.0.rem_euclid(1_000_000))
    }

    /// Writes the moment as SQL databases print it, with a blank.
    pub fn sql(self) -> String {
        format!("{} {}", self.day().iso(), self.time())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_the_right_dates() {
        let written: Vec<String> = [Day(0), Day(11_016), Day(19_782), TODAY].iter().map(|day| day.iso()).collect();
        assert_eq!(written, ["1970-01-01", "2000-02-29", "2024-02-29", "2025-11-14"]);
        assert_eq!(TODAY.first_of_month().sap(), "20251101");
    }
}

//! Dates and times as texts; days and milliseconds since 1970-01-01 UTC in and out.

pub const DAY_MS: i64 = 86_400_000;

/// The calendar day of a count of days (Hinnant 2014, `civil_from_days`).
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month as u32, day as u32)
}

/// `2026-05-01`
pub fn date(days: i32) -> String {
    let (year, month, day) = civil(i64::from(days));
    format!("{year:04}-{month:02}-{day:02}")
}

fn parts(ms: i64) -> (i64, u32, u32, i64, i64, i64, i64) {
    let (year, month, day) = civil(ms.div_euclid(DAY_MS));
    let rest = ms.rem_euclid(DAY_MS);
    (year, month, day, rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000)
}

/// `2026-05-01T07:25:37Z`
pub fn zulu(ms: i64) -> String {
    let (year, month, day, hour, minute, second, _) = parts(ms);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `2026-05-01T07:25:37.023Z`
pub fn zulu_ms(ms: i64) -> String {
    format!("{}Z", fraction(ms))
}

/// `2026-05-01T07:25:37.000+0000`
pub fn offset_ms(ms: i64) -> String {
    format!("{}+0000", fraction(ms))
}

/// `2026-05-01 07:25:37`: UTC, and nothing that says so.
pub fn naive(ms: i64) -> String {
    let (year, month, day, hour, minute, second, _) = parts(ms);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

fn fraction(ms: i64) -> String {
    let (year, month, day, hour, minute, second, fraction) = parts(ms);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}")
}

/// Reads a time with an offset in any of the forms that vendors take: `Z`, `+00:00` or `+0000`, with or without a fraction.
pub fn parse(text: &str) -> Option<i64> {
    let forms = ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z"];
    let text = text.strip_suffix(['Z', 'z']).map_or_else(|| text.to_owned(), |text| format!("{text}+0000"));
    forms.iter().find_map(|form| chrono::DateTime::parse_from_str(&text, form).ok()).map(|at| at.timestamp_millis())
}

/// Reads `2026-05-01`.
pub fn parse_date(text: &str) -> Option<i32> {
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis().div_euclid(DAY_MS)).ok()
}

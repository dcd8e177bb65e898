//! Reading typed values out of source text: exact numbers, booleans, dates and times. No locale guessing: what can be read in two
//! ways is read only with a format that someone decided.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;

/// Reads a boolean word.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "True" | "TRUE" | "t" | "yes" | "Yes" | "YES" | "y" | "Y" | "ja" | "Ja" | "oui" | "1" | "active"
        | "Active" => Some(true),
        "false" | "False" | "FALSE" | "f" | "no" | "No" | "NO" | "n" | "N" | "nein" | "Nein" | "non" | "0"
        | "inactive" | "Inactive" => Some(false),
        _ => None,
    }
}

/// Reads a decimal exactly: plain, with an exponent, with a currency sign, a percent sign or grouped thousands.
///
/// `1,234.50`, `1 234,50`, `1.234,50`, `(12.00)` and `€ 5` are read; `1,234` groups thousands; `1,23` is a decimal comma.
pub fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let plain =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    if plain {
        return plain_decimal(text);
    }
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E'])
        && exponent.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+'))
    {
        return scientific(mantissa, exponent);
    }
    grouped_decimal(text)
}

/// Reads a plain decimal, refusing one whose digits would be rounded away.
fn plain_decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text.strip_prefix('+').unwrap_or(text)).ok()
}

fn scientific(mantissa: &str, exponent: &str) -> Option<Decimal> {
    let mantissa = plain_decimal(mantissa)?;
    let exponent: i32 = exponent.parse().ok()?;
    if exponent >= 0 {
        let factor = Decimal::try_from_i128_with_scale(10i128.checked_pow(exponent.unsigned_abs())?, 0).ok()?;
        mantissa.checked_mul(factor).map(|value| value.normalize())
    } else {
        let scale = mantissa.scale().checked_add(exponent.unsigned_abs())?;
        Decimal::try_from_i128_with_scale(mantissa.mantissa(), scale).ok()
    }
}

fn grouped_decimal(text: &str) -> Option<Decimal> {
    const SIGNS: [char; 6] = ['$', '€', '£', '¥', '₹', '%'];
    let (text, negative) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => match text.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (text, false),
        },
    };
    let digits = text.trim_matches(|c: char| SIGNS.contains(&c) || c.is_whitespace());
    let digits = strip_currency_code(digits);
    if digits.is_empty() || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (whole, fraction) = split_fraction(digits)?;
    let number = match fraction {
        Some(fraction) => format!("{whole}.{fraction}"),
        None => whole,
    };
    let value = plain_decimal(&number)?;
    Some(if negative { -value } else { value })
}

/// Drops an ISO 4217-like code before or after the digits: `EUR 5`, `5 USD`.
fn strip_currency_code(text: &str) -> &str {
    let code = |word: &str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    match (text.split_once(' '), text.rsplit_once(' ')) {
        (Some((word, rest)), _) if code(word) => rest.trim(),
        (_, Some((rest, word))) if code(word) => rest.trim(),
        _ => text,
    }
}

/// Splits into whole digits without grouping and fraction digits, or `None` when the grouping makes no sense.
fn split_fraction(text: &str) -> Option<(String, Option<&str>)> {
    let last = text.rfind([',', '.']);
    let Some(last) = last else { return ungroup(text, &[' ', '\'', '\u{a0}', '\u{202f}']).map(|whole| (whole, None)) };
    let separator = text[last..].chars().next().expect("found there");
    let (head, tail) = (&text[..last], &text[last + 1..]);
    if !tail.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let other = if separator == ',' { '.' } else { ',' };
    let repeated = head.contains(separator);
    let groups_of_three = tail.len() == 3 && !head.is_empty();
    // "1,234" and "1,234,567" group thousands; "1.234" is a decimal point unless it repeats.
    let grouping = repeated || (separator == ',' && groups_of_three && !head.contains(other));
    if grouping {
        if head.contains(other) {
            return None;
        }
        return ungroup(text, &[separator]).map(|whole| (whole, None));
    }
    ungroup(head, &[other, ' ', '\'', '\u{a0}', '\u{202f}']).map(|whole| (whole, Some(tail)))
}

fn ungroup(text: &str, separators: &[char]) -> Option<String> {
    let groups: Vec<&str> = text.split(|c| separators.contains(&c)).collect();
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let sound = groups.iter().enumerate().all(|(index, group)| digits(group) && (index == 0 || group.len() == 3));
    sound.then(|| groups.concat())
}

/// Reads a date: ISO 8601, `YYYYMMDD`, or the date of a date-time.
pub fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let bytes = text.as_bytes();
    match bytes.len() {
        10 => iso_date(bytes),
        8 if bytes.iter().all(u8::is_ascii_digit) => {
            ymd(digits(&bytes[..4])?, digits(&bytes[4..6])?, digits(&bytes[6..])?)
        }
        // The day as it was written: an offset must not move it to another one.
        11.. if bytes[4] == b'-' => datetime(text).and(iso_date(&bytes[..10])),
        11.. => datetime(text).map(|at| at.date_naive()),
        _ => None,
    }
}

/// Reads a date in the stated strftime format; a date-time in that format gives its date.
pub fn date_as(text: &str, format: &str) -> Option<NaiveDate> {
    let text = text.trim();
    NaiveDate::parse_from_str(text, format)
        .or_else(|_| NaiveDateTime::parse_from_str(text, format).map(|at| at.date()))
        .ok()
        .or_else(|| date(text))
}

/// Reads a date-time: ISO 8601 with `T` or a space, any fraction, `Z`, `+hh`, `+hhmm` or `+hh:mm`; without an offset it is UTC.
/// A bare date is its midnight; `/Date(ms)/` is read too.
pub fn datetime(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes.len() < 16 || bytes[4] != b'-' {
        if let Some(millis) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
            let end = millis[1..].find(['+', '-']).map_or(millis.len(), |at| at + 1);
            return DateTime::from_timestamp_millis(millis[..end].parse().ok()?);
        }
        return match bytes.len() {
            8 | 10 => date(text).map(|day| day.and_time(NaiveTime::MIN).and_utc()),
            _ => None,
        };
    }
    let day = iso_date(&bytes[..10])?;
    if !matches!(bytes[10], b'T' | b't' | b' ') {
        return None;
    }
    let (hour, minute) = (digits(&bytes[11..13])?, digits(&bytes[14..16])?);
    if bytes[13] != b':' {
        return None;
    }
    let mut rest = &bytes[16..];
    let mut second = 0;
    let mut nanos = 0;
    if rest.first() == Some(&b':') {
        second = digits(rest.get(1..3)?)?;
        rest = &rest[3..];
        if matches!(rest.first(), Some(b'.' | b',')) {
            let length = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let used = length.min(9);
            nanos = digits(&rest[1..1 + used])? * 10u32.pow(9 - u32::try_from(used).ok()?);
            rest = &rest[1 + length..];
        }
    }
    let offset = offset_seconds(rest)?;
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second.min(59), nanos)?;
    let at = day.and_time(time).checked_sub_signed(chrono::Duration::seconds(offset))?;
    Some(at.and_utc())
}

/// Reads a date-time in the stated strftime format, as UTC.
pub fn datetime_as(text: &str, format: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    match format {
        "epoch_s" => DateTime::from_timestamp(text.parse().ok()?, 0),
        "epoch_ms" => DateTime::from_timestamp_millis(text.parse().ok()?),
        _ => DateTime::parse_from_str(text, format)
            .map(|at| at.to_utc())
            .or_else(|_| NaiveDateTime::parse_from_str(text, format).map(|at| at.and_utc()))
            .ok()
            .or_else(|| NaiveDate::parse_from_str(text, format).ok().map(|day| day.and_time(NaiveTime::MIN).and_utc()))
            .or_else(|| datetime(text)),
    }
}

/// True for the dates that systems write when they mean none: `0000-00-00`, `00000000`, `0001-01-01`.
pub fn is_zero_date(text: &str) -> bool {
    let text = text.trim();
    text == "00000000"
        || text.starts_with("0000-00-00")
        || text.starts_with("0001-01-01")
        || text == "00.00.0000"
        || text == "00/00/0000"
}

fn offset_seconds(rest: &[u8]) -> Option<i64> {
    let (sign, body) = match rest {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', body @ ..] => (1, body),
        [b'-', body @ ..] => (-1, body),
        [b' ', rest @ ..] => return offset_seconds(if rest == b"UTC" { b"Z" } else { rest }),
        _ => return None,
    };
    let (hours, minutes) = match body.len() {
        2 => (digits(body)?, 0),
        4 => (digits(&body[..2])?, digits(&body[2..])?),
        5 if body[2] == b':' => (digits(&body[..2])?, digits(&body[3..])?),
        _ => return None,
    };
    (hours <= 18 && minutes < 60).then(|| sign * i64::from(hours * 3600 + minutes * 60))
}

fn iso_date(bytes: &[u8]) -> Option<NaiveDate> {
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    ymd(digits(&bytes[..4])?, digits(&bytes[5..7])?, digits(&bytes[8..10])?)
}

fn ymd(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    (year >= 1000).then(|| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)).flatten()
}

fn digits(bytes: &[u8]) -> Option<u32> {
    let mut number = 0u32;
    for byte in bytes {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?;
    }
    (!bytes.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_grouping_must_make_sense() {
        let read = |text: &str| decimal(text).map(|value| value.to_string());
        for (text, value) in [
            ("12.30", "12.30"),
            ("-0", "0"),
            ("+5", "5"),
            ("1e3", "1000"),
            ("1.5E-3", "0.0015"),
            ("$1,234.50", "1234.50"),
            ("1.234,50 €", "1234.50"),
            ("1 234,50", "1234.50"),
            ("1,234", "1234"),
            ("1,23", "1.23"),
            ("(12.00)", "-12.00"),
            ("45%", "45"),
            ("EUR 5", "5"),
            ("-$3", "-3"),
            ("1'234", "1234"),
            ("1,234,567", "1234567"),
        ] {
            assert_eq!(read(text).as_deref(), Some(value), "{text}");
        }
        for text in [
            "",
            "abc",
            "1,2,3",
            "1.2.3,4",
            "12-3",
            "--1",
            "1,23,456",
            "0.12345678901234567890123456789012345",
            "8e28",
            "5e30",
            "1e38",
            "1e99",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_with_their_offset() {
        let read = |text: &str| datetime(text).map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
        for (text, at) in [
            ("2026-05-01T07:25:37.000+0000", "2026-05-01T07:25:37Z"),
            ("2026-05-14T12:56:45+03:00", "2026-05-14T09:56:45Z"),
            ("2026-06-03T08:16:59.659390", "2026-06-03T08:16:59.659390Z"),
            ("2026-07-22 11:42:29", "2026-07-22T11:42:29Z"),
            ("2024-01-01 00:00:00+00:00", "2024-01-01T00:00:00Z"),
            ("/Date(1778057196000)/", "2026-05-06T08:46:36Z"),
            ("2026-05-06", "2026-05-06T00:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(at), "{text}");
        }
        for text in
            ["2026-13-01T00:00:00Z", "2026-05-01T25:00:00Z", "12:00", "not a date at all", "2026-05-01T07:25:37+99:00"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(date("20111201"), NaiveDate::from_ymd_opt(2011, 12, 1));
        assert_eq!(date("00000000"), None);
        assert_eq!(date("2024-01-02T23:30:00-05:00"), NaiveDate::from_ymd_opt(2024, 1, 2));
        assert!(is_zero_date("0000-00-00 00:00:00"));
    }
}

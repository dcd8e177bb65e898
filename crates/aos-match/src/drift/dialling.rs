//! Telephone numbers that are written for another dialler.

use super::relation::{Related, Relation, chance, share};

/// A telephone number has so many digits at least, and a country's code so many at most.
const PHONE_DIGITS_MIN: usize = 7;
const COUNTRY_DIGITS_MAX: usize = 4;

/// Telephone numbers that are dialled otherwise: `+1 617 555 0101` is `0016175550101`, and `617-555-0101` within the country.
pub(super) fn dialled(both: &[(&str, &str)]) -> Option<Related> {
    let read: Vec<(String, String)> =
        both.iter().filter_map(|(b, a)| Some((dialled_digits(b)?, dialled_digits(a)?))).collect();
    let is_marked = |text: &str| text.starts_with("00") || text.bytes().any(|byte| !byte.is_ascii_digit());
    let marked = both.iter().filter(|(b, a)| is_marked(b) || is_marked(a)).count();
    if read.len() * 10 < both.len() * 8 || marked * 2 < both.len() {
        return None;
    }
    let same = |one: &str, other: &str| {
        let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
        long.ends_with(short) && long.len() - short.len() <= COUNTRY_DIGITS_MAX
    };
    let agreeing = read.iter().filter(|(b, a)| same(b, a)).count();
    let chance = chance(read.iter().map(|p| p.0.as_str()), read.iter().map(|p| p.1.as_str()), both.len());
    Some(Related { relation: Relation::Rewritten, agree: share(agreeing, both.len()), chance, rows: both.len() })
}

/// The digits of a telephone number without the zeros that are dialled before it.
fn dialled_digits(text: &str) -> Option<String> {
    let is_mark = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/' | '\u{a0}');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (text.chars().all(is_mark) && (PHONE_DIGITS_MIN..=15).contains(&digits.len())).then(|| digits.to_owned())
}

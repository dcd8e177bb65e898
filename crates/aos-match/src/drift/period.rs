//! Values that say when or in which load something was, such as a month or the number of a batch: others take their place in time, and nothing
//! has changed.

use super::digits::one_digit_each;
use aos_core::shape::{ColumnShape, Pattern, form};

/// Words that say a part of the calendar.
const CALENDAR: [&str; 53] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "januar",
    "februar",
    "märz",
    "mai",
    "juni",
    "juli",
    "oktober",
    "dezember",
    "janvier",
    "mars",
    "avril",
    "juin",
    "juillet",
    "octobre",
    "décembre",
];
/// Words that say a part of the year beside a number, and those that do so beside a year only.
const PARTS: [&str; 6] = ["q", "fy", "cw", "kw", "week", "quarter"];
const PARTS_OF_A_YEAR: [&str; 7] = ["w", "h", "m", "p", "month", "year", "period"];
/// Codes of a load that share no way of writing are at least this long.
const CODE_CHARS_MIN: usize = 8;

/// Whether the values of both versions say a time, or each version holds one value and both are numbers or codes of the same making.
pub(crate) fn goes_on(then: &ColumnShape, now: &ColumnShape) -> bool {
    let choices = |column: &ColumnShape| -> Vec<String> {
        let sketch = column.sketch.as_ref();
        sketch.map_or_else(Vec::new, |sketch| sketch.choices.iter().map(|(value, _)| value.clone()).collect())
    };
    let (was, is) = (choices(then), choices(now));
    if let ([one], [other]) = (was.as_slice(), is.as_slice()) {
        return is_period(one) && is_period(other) || is_next(one, other);
    }
    !was.is_empty() && !is.is_empty() && was.iter().chain(&is).all(|value| is_period(value))
}

/// Whether the text is a year, a quarter, a month, a week or a day, in any usual way of writing.
fn is_period(text: &str) -> bool {
    let (mut years, mut numbers, mut names, mut parts, mut parts_of_year) = (0, 0, 0, 0, 0);
    for word in words(text) {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        let begins_with_year = ["19", "20"].iter().any(|century| word.starts_with(century));
        match word.len() {
            4 | 6 | 8 if is_number && begins_with_year => years += 1,
            1 | 2 if is_number => numbers += 1,
            _ if CALENDAR.contains(&word.as_str()) => names += 1,
            _ if PARTS.contains(&word.as_str()) => parts += 1,
            _ if PARTS_OF_A_YEAR.contains(&word.as_str()) => parts_of_year += 1,
            _ => return false,
        }
    }
    let is_short = years <= 2 && numbers <= 4 && names <= 2 && parts + parts_of_year <= 2;
    is_short && (years > 0 || parts_of_year == 0 && (names > 0 || parts > 0 && numbers > 0))
}

/// Runs of letters and of digits, in small letters.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for c in text.chars() {
        let kind = c.is_alphanumeric().then(|| c.is_ascii_digit());
        match words.last_mut().filter(|_| kind.is_some() && kind == last) {
            Some(word) => word.extend(c.to_lowercase()),
            None if kind.is_some() => words.push(c.to_lowercase().collect()),
            None => {}
        }
        last = kind;
    }
    words
}

/// Whether two codes differ in their numbers only, or are random ones of the same making.
fn is_next(one: &str, other: &str) -> bool {
    let has_digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    let written = |text: &str| form(text).map(|form| one_digit_each(&form));
    if !has_digit(one) || !has_digit(other) || is_fraction(one) || is_fraction(other) {
        return false;
    }
    let counts_on = letters(one) == letters(other) && written(one) == written(other);
    let is_random =
        |text: &str| Pattern::Uuid.matches(text) || text.len() >= CODE_CHARS_MIN && text.bytes().all(is_of_code);
    counts_on || one.len() == other.len() && is_random(one) && is_random(other)
}

/// A fraction is no code: it may be a rate.
fn is_fraction(text: &str) -> bool {
    aos_core::parse::decimal(text).is_some_and(|number| !number.is_integer())
}

fn is_of_code(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_quarters_months_and_weeks_are_periods_and_choices_are_not() {
        for text in [
            "2024-01", "2024", "Q1 2024", "2024-Q1", "FY24", "2024W05", "Jan-24", "January", "202401", "01/2024",
            "Week 12",
        ] {
            assert!(is_period(text), "{text}");
        }
        for text in ["open", "1", "Stage 1", "EUR", "A-17", "10", "P1", "P1 high", "C10"] {
            assert!(!is_period(text), "{text}");
        }
    }

    #[test]
    fn the_code_of_the_next_load_goes_on_and_another_word_does_not() {
        for (one, other) in [
            ("BATCH-0099", "BATCH-0100"),
            ("17", "18"),
            ("export_2024-01-31.csv", "export_2024-02-29.csv"),
            ("5e6c0a4e-95a9-4d10-8c46-5d3a3f5d2b11", "0b6c0a4e-11a9-4d10-8c46-5d3a3f5d2b12"),
            ("9f86d081884c7d65", "2c26b46b68ffc68f"),
        ] {
            assert!(is_next(one, other), "{one} {other}");
        }
        for (one, other) in [("active", "inactive"), ("EUR", "USD"), ("v1 basic", "v2 extended"), ("0.19", "19.5")] {
            assert!(!is_next(one, other), "{one} {other}");
        }
    }
}

//! The calendar behind words: months, quarters and halves by their names, and where days, weeks and years begin.

use super::time::Range;
use super::token::{Kind, Token};
use chrono::{Datelike, Days, Months, NaiveDate};

const MONTHS: [&str; 12] = [
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
];
pub(super) const QUARTERS: [(&str, u32); 8] =
    [("q1", 1), ("q2", 2), ("q3", 3), ("q4", 4), ("first", 1), ("second", 2), ("third", 3), ("fourth", 4)];

#[derive(Clone, Copy)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// `H1`, `the second half`: how many words that takes, and which half of a year it is.
pub(super) fn half_of(first: &str, second: &str) -> Option<(usize, u32)> {
    match (first, second) {
        ("h1", _) => Some((1, 1)),
        ("h2", _) => Some((1, 2)),
        ("first", "half") => Some((2, 1)),
        ("second", "half") => Some((2, 2)),
        _ => None,
    }
}

pub(super) fn unit_of(word: &str) -> Option<Unit> {
    Some(match word {
        "day" | "days" => Unit::Day,
        "week" | "weeks" => Unit::Week,
        "month" | "months" => Unit::Month,
        "quarter" | "quarters" => Unit::Quarter,
        "year" | "years" => Unit::Year,
        _ => return None,
    })
}

/// Returns the first day of the unit that a day lies in; weeks begin on Monday.
pub(super) fn begin(day: NaiveDate, unit: Unit) -> Option<NaiveDate> {
    match unit {
        Unit::Day => Some(day),
        Unit::Week => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())),
        Unit::Month => day.with_day(1),
        Unit::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
        Unit::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
    }
}

pub(super) fn span(day: NaiveDate, unit: Unit) -> Option<Range> {
    let from = begin(day, unit)?;
    let until = match unit {
        Unit::Day => from.checked_add_days(Days::new(1)),
        Unit::Week => from.checked_add_days(Days::new(7)),
        Unit::Month => from.checked_add_months(Months::new(1)),
        Unit::Quarter => from.checked_add_months(Months::new(3)),
        Unit::Year => from.checked_add_months(Months::new(12)),
    }?;
    Some(Range { from: Some(from), until: Some(until) })
}

pub(super) fn year_of(token: &Token) -> Option<i32> {
    match &token.kind {
        Kind::Number(number) if number.len() == 4 => number.parse().ok().filter(|year| (1900..=2200).contains(year)),
        _ => None,
    }
}

pub(super) fn day_of(token: Option<&Token>) -> Option<u32> {
    let text = token?.folded().trim_end_matches(|c: char| c.is_ascii_alphabetic());
    text.parse().ok().filter(|day| (1..=31).contains(day) && token.is_some_and(|token| token.text.len() <= 4))
}

pub(super) fn month_of(word: &str) -> Option<u32> {
    let whole = MONTHS.iter().position(|month| *month == word);
    let short = || MONTHS.iter().position(|month| word == &month[..3] || word == "sept" && *month == "september");
    u32::try_from(whole.or_else(short)? + 1).ok()
}

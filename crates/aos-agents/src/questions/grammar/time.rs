//! Stretches of time in English, relative to a day. All of them are half-open, in UTC: from a day on, until before another.

use super::token::{Kind, Token};
use chrono::{Datelike, Days, Months, NaiveDate};

/// The days from `from` on and before `until`; without an end where one is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

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
const QUARTERS: [(&str, u32); 8] =
    [("q1", 1), ("q2", 2), ("q3", 3), ("q4", 4), ("first", 1), ("second", 2), ("third", 3), ("fourth", 4)];

#[derive(Clone, Copy)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Reads a stretch of time with the word before it, such as `in 2025`, `since March 2025`, `last month` or `between ... and ...`.
pub fn range(tokens: &[Token], today: NaiveDate) -> Vec<(usize, Range)> {
    if tokens.is_empty() {
        return Vec::new();
    }
    let word = |at: usize| tokens.get(at).map_or("", Token::folded);
    let mut found = Vec::new();
    match word(0) {
        "in" | "during" | "on" | "of" | "for" | "within" => {
            let at = if word(1) == "the" { 2 } else { 1 };
            found.extend(period(&tokens[at.min(tokens.len())..], today).map(|(length, range)| (at + length, range)));
        }
        "since" | "from" if word(0) == "since" || joined(tokens, today, "to").is_none() => {
            // `from` alone is a place as well; only `from ... on` is a time.
            if let Some((length, Range { from, .. })) = period(&tokens[1..], today) {
                let on = matches!(word(1 + length), "on" | "onward" | "onwards");
                if word(0) == "since" || on {
                    found.push((1 + length + usize::from(on), Range { from, until: None }));
                }
            }
        }
        "after" => {
            if let Some((length, Range { until, .. })) = period(&tokens[1..], today) {
                found.push((1 + length, Range { from: until, until: None }));
            }
        }
        "before" => {
            if let Some((length, Range { from, .. })) = period(&tokens[1..], today) {
                found.push((1 + length, Range { from: None, until: from }));
            }
        }
        "until" | "through" | "till" => {
            if let Some((length, Range { until, .. })) = period(&tokens[1..], today) {
                found.push((1 + length, Range { from: None, until }));
            }
        }
        _ => {}
    }
    let between = match word(0) {
        "between" => joined(tokens, today, "and"),
        "from" => joined(tokens, today, "to").or_else(|| joined(tokens, today, "until")),
        _ => None,
    };
    found.extend(between);
    // Without a word before it: what is relative by itself, and years.
    found.extend(period(tokens, today));
    found
}

fn joined(tokens: &[Token], today: NaiveDate, by: &str) -> Option<(usize, Range)> {
    let (first, start) = period(tokens.get(1..)?, today)?;
    let middle = 1 + first;
    (tokens.get(middle)?.folded() == by).then_some(())?;
    let (second, end) = period(&tokens[middle + 1..], today)?;
    Some((middle + 1 + second, Range { from: start.from, until: end.until }))
}

/// Reads a stretch of time: a year, a quarter, a month, a day, or one relative to today.
fn period(tokens: &[Token], today: NaiveDate) -> Option<(usize, Range)> {
    relative(tokens, today).or_else(|| absolute(tokens))
}

fn absolute(tokens: &[Token]) -> Option<(usize, Range)> {
    let word = |at: usize| tokens.get(at).map_or("", Token::folded);
    let year = |at: usize| tokens.get(at).and_then(year_of);
    if let Kind::Day(day) = &tokens.first()?.kind {
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
        return Some((1, span(day, Unit::Day)?));
    }
    if word(0) == "year"
        && let Some(year) = year(1)
    {
        return Some((2, span(NaiveDate::from_ymd_opt(year, 1, 1)?, Unit::Year)?));
    }
    if let Some((_, quarter)) = QUARTERS.iter().find(|(name, _)| *name == word(0)) {
        let named = word(0).starts_with('q');
        let at = if named { 1 } else { 2 };
        if !named && word(1) != "quarter" {
            return None;
        }
        let at = if word(at) == "of" { at + 1 } else { at };
        return Some((at + 1, span(NaiveDate::from_ymd_opt(year(at)?, quarter * 3 - 2, 1)?, Unit::Quarter)?));
    }
    if let Some(month) = month_of(word(0)) {
        // `March 5, 2025`, or `March 2025`; a month without its year can be any.
        if let Some(day) = day_of(tokens.get(1)) {
            let at = if matches!(tokens.get(2).map(|token| &token.kind), Some(Kind::Sign(","))) { 3 } else { 2 };
            if let Some(year) = year(at) {
                return Some((at + 1, span(NaiveDate::from_ymd_opt(year, month, day)?, Unit::Day)?));
            }
        }
        let at = if word(1) == "of" { 2 } else { 1 };
        return Some((at + 1, span(NaiveDate::from_ymd_opt(year(at)?, month, 1)?, Unit::Month)?));
    }
    if let (Some(day), Some(month)) = (day_of(tokens.first()), month_of(word(1)))
        && let Some(year) = year(2)
    {
        return Some((3, span(NaiveDate::from_ymd_opt(year, month, day)?, Unit::Day)?));
    }
    let year = year(0)?;
    if let Some((_, quarter)) = QUARTERS.iter().find(|(name, _)| name.starts_with('q') && *name == word(1)) {
        return Some((2, span(NaiveDate::from_ymd_opt(year, quarter * 3 - 2, 1)?, Unit::Quarter)?));
    }
    Some((1, span(NaiveDate::from_ymd_opt(year, 1, 1)?, Unit::Year)?))
}

fn relative(tokens: &[Token], today: NaiveDate) -> Option<(usize, Range)> {
    let word = |at: usize| tokens.get(at).map_or("", Token::folded);
    let tomorrow = today.checked_add_days(Days::new(1))?;
    match word(0) {
        "today" => return Some((1, span(today, Unit::Day)?)),
        "yesterday" => return Some((1, span(today.pred_opt()?, Unit::Day)?)),
        "tomorrow" => return Some((1, span(tomorrow, Unit::Day)?)),
        "ytd" => return Some((1, Range { from: Some(begin(today, Unit::Year)?), until: Some(tomorrow) })),
        "year" if word(1) == "to" && word(2) == "date" => {
            return Some((3, Range { from: Some(begin(today, Unit::Year)?), until: Some(tomorrow) }));
        }
        _ => {}
    }
    if let (Some(unit), "this" | "current") = (unit_of(word(1)), word(0)) {
        return Some((2, span(today, unit)?));
    }
    if let (Some(unit), "last" | "previous") = (unit_of(word(1)), word(0)) {
        return Some((2, span(begin(today, unit)?.pred_opt()?, unit)?));
    }
    if let (Some(unit), "next") = (unit_of(word(1)), word(0)) {
        return Some((2, span(span(today, unit)?.until?, unit)?));
    }
    if let ("last" | "past" | "previous", Some(Kind::Number(number)), Some(unit)) =
        (word(0), tokens.get(1).map(|token| &token.kind), unit_of(word(2)))
    {
        let count: u32 = number.parse().ok().filter(|count| (1..=1000).contains(count))?;
        let from = match unit {
            Unit::Day => today.checked_sub_days(Days::new(count.into())),
            Unit::Week => today.checked_sub_days(Days::new(7 * u64::from(count))),
            Unit::Month => today.checked_sub_months(Months::new(count)),
            Unit::Quarter => today.checked_sub_months(Months::new(3 * count)),
            Unit::Year => today.checked_sub_months(Months::new(12 * count)),
        };
        return Some((3, Range { from, until: Some(tomorrow) }));
    }
    None
}

fn unit_of(word: &str) -> Option<Unit> {
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
fn begin(day: NaiveDate, unit: Unit) -> Option<NaiveDate> {
    match unit {
        Unit::Day => Some(day),
        Unit::Week => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())),
        Unit::Month => day.with_day(1),
        Unit::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
        Unit::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
    }
}

fn span(day: NaiveDate, unit: Unit) -> Option<Range> {
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

fn year_of(token: &Token) -> Option<i32> {
    match &token.kind {
        Kind::Number(number) if number.len() == 4 => number.parse().ok().filter(|year| (1900..=2200).contains(year)),
        _ => None,
    }
}

fn day_of(token: Option<&Token>) -> Option<u32> {
    let text = token?.folded().trim_end_matches(|c: char| c.is_ascii_alphabetic());
    text.parse().ok().filter(|day| (1..=31).contains(day) && token.is_some_and(|token| token.text.len() <= 4))
}

fn month_of(word: &str) -> Option<u32> {
    let whole = MONTHS.iter().position(|month| *month == word);
    let short = || MONTHS.iter().position(|month| word == &month[..3] || word == "sept" && *month == "september");
    u32::try_from(whole.or_else(short)? + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    /// Reads it whole, on Friday the 14th of November 2025.
    fn read(text: &str) -> Option<(String, String)> {
        let tokens = tokens(text).unwrap();
        let today = NaiveDate::from_ymd_opt(2025, 11, 14).unwrap();
        let found = range(&tokens, today).into_iter().find(|(length, _)| *length == tokens.len())?.1;
        let day = |day: Option<NaiveDate>| day.map_or(String::new(), |day| day.to_string());
        Some((day(found.from), day(found.until)))
    }

    #[test]
    fn stretches_of_time_are_read_exactly() {
        for (text, from, until) in [
            ("in 2025", "2025-01-01", "2026-01-01"),
            ("last month", "2025-10-01", "2025-11-01"),
            ("this quarter", "2025-10-01", "2026-01-01"),
            ("last week", "2025-11-03", "2025-11-10"),
            ("next month", "2025-12-01", "2026-01-01"),
            ("last year", "2024-01-01", "2025-01-01"),
            ("since March 2025", "2025-03-01", ""),
            ("after 2024", "2025-01-01", ""),
            ("before 2024-06-15", "", "2024-06-15"),
            ("in the last 30 days", "2025-10-15", "2025-11-15"),
            ("between January 2025 and March 2025", "2025-01-01", "2025-04-01"),
            ("from 2024-01-01 to 2024-06-30", "2024-01-01", "2024-07-01"),
            ("in Q3 2025", "2025-07-01", "2025-10-01"),
            ("in the third quarter of 2024", "2024-07-01", "2024-10-01"),
            ("on March 5, 2025", "2025-03-05", "2025-03-06"),
            ("on 5 March 2025", "2025-03-05", "2025-03-06"),
            ("year to date", "2025-01-01", "2025-11-15"),
            ("today", "2025-11-14", "2025-11-15"),
        ] {
            assert_eq!(read(text), Some((from.to_owned(), until.to_owned())), "{text}");
        }
        for vague in ["in March", "recently", "in 20255", "soon", "from Salesforce", "on February 30, 2025"] {
            assert_eq!(read(vague), None, "{vague}");
        }
    }
}

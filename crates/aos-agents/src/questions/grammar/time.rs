//! Stretches of time in English, relative to a day. All of them are half-open, in UTC: from a day on, until before another.

use super::calendar::{QUARTERS, Unit, begin, day_of, half_of, month_of, span, unit_of, year_of};
use super::token::{Kind, Token};
use chrono::{Datelike, Days, Months, NaiveDate};

/// The days from `from` on and before `until`; without an end where one is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

/// Reads a stretch of time with the word before it, such as `in 2025`, `since March 2025`, `last month` or `between ... and ...`.
pub fn range(tokens: &[Token], today: NaiveDate) -> Vec<(usize, Range)> {
    if tokens.is_empty() {
        return Vec::new();
    }
    let word = |at: usize| tokens.get(at).map_or("", Token::folded);
    let mut found = Vec::new();
    match word(0) {
        // `over 2024` is more than that; only `over the last 30 days` is a time.
        "over" | "across" | "throughout" => {
            let at = if word(1) == "the" { 2 } else { 1 };
            let went_by = matches!(word(at), "last" | "past" | "previous");
            let rest = &tokens[at.min(tokens.len())..];
            found.extend(relative(rest, today).filter(|_| went_by).map(|(length, range)| (at + length, range)));
        }
        "in" | "during" | "on" | "of" | "for" | "within" => {
            let at = if word(1) == "the" { 2 } else { 1 };
            found.extend(period(&tokens[at.min(tokens.len())..], today).map(|(length, range)| (at + length, range)));
        }
        "since" | "from" if word(0) == "since" || joined(tokens, today, "to").is_none() => {
            // `from` alone is a place as well; only `from ... on` is a time, and `from last week` the whole of it.
            let begun = beginning(&tokens[1..]);
            let rest = &tokens[(1 + begun).min(tokens.len())..];
            if let Some((length, Range { from, .. })) =
                period(rest, today).or_else(|| current(rest, today).filter(|_| begun > 0))
            {
                let end = 1 + begun + length;
                let on = matches!(word(end), "on" | "onward" | "onwards");
                if word(0) == "since" || on {
                    found.push((end + usize::from(on), Range { from, until: None }));
                }
            }
            if word(0) == "from"
                && let Some((length, range)) = relative(rest, today).filter(|_| begun == 0)
                && !matches!(word(1 + length), "on" | "onward" | "onwards" | "to" | "until")
            {
                found.push((1 + length, range));
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

/// Returns how many words of `the beginning of` there are.
fn beginning(tokens: &[Token]) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", Token::folded);
    let the = usize::from(word(0) == "the");
    if matches!(word(the), "beginning" | "start") && word(the + 1) == "of" { the + 2 } else { 0 }
}

/// `the year`, after the beginning of which something is.
fn current(tokens: &[Token], today: NaiveDate) -> Option<(usize, Range)> {
    let word = |at: usize| tokens.get(at).map_or("", Token::folded);
    if word(0) == "the" { Some((2, span(today, unit_of(word(1))?)?)) } else { None }
}

fn joined(tokens: &[Token], today: NaiveDate, by: &str) -> Option<(usize, Range)> {
    let Some((first, start)) = period(tokens.get(1..)?, today) else { return within_year(tokens, by) };
    let middle = 1 + first;
    (tokens.get(middle)?.folded() == by).then_some(())?;
    let (second, end) = period(&tokens[middle + 1..], today)?;
    Some((middle + 1 + second, Range { from: start.from, until: end.until }))
}

/// `January and March 2025`: where only the second is said to be of a year, the first is of the same.
fn within_year(tokens: &[Token], by: &str) -> Option<(usize, Range)> {
    let [_, first, and, rest @ ..] = tokens else { return None };
    (and.folded() == by && month_of(first.folded()).is_some()).then_some(())?;
    month_of(rest.first()?.folded())?;
    let (length, end) = absolute(rest)?;
    let year = end.from?.year();
    let from = NaiveDate::from_ymd_opt(year, month_of(first.folded())?, 1)?;
    (Some(from) < end.until).then_some((3 + length, Range { from: Some(from), until: end.until }))
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
    if let Some((length, half)) = half_of(word(0), word(1)) {
        let at = if word(length) == "of" { length + 1 } else { length };
        let from = NaiveDate::from_ymd_opt(year(at)?, half * 6 - 5, 1)?;
        return Some((at + 1, Range { from: Some(from), until: Some(from.checked_add_months(Months::new(6))?) }));
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

/// `March this year`, `October of last year`.
fn month_of_year(tokens: &[Token], today: NaiveDate) -> Option<(usize, Range)> {
    let word = |at: usize| tokens.get(at).map_or("", Token::folded);
    let month = month_of(word(0))?;
    let at = if word(1) == "of" { 2 } else { 1 };
    let year = match (word(at), word(at + 1)) {
        ("this", "year") => today.year(),
        ("last" | "previous", "year") => today.year() - 1,
        ("next", "year") => today.year() + 1,
        _ => return None,
    };
    Some((at + 2, span(NaiveDate::from_ymd_opt(year, month, 1)?, Unit::Month)?))
}

fn relative(tokens: &[Token], today: NaiveDate) -> Option<(usize, Range)> {
    let word = |at: usize| tokens.get(at).map_or("", Token::folded);
    let tomorrow = today.checked_add_days(Days::new(1))?;
    if let Some(found) = month_of_year(tokens, today) {
        return Some(found);
    }
    // `so far this year`, `this year so far`.
    let so_far = |at: usize| word(at) == "so" && word(at + 1) == "far";
    let this = if so_far(0) { 2 } else { 0 };
    if let ("this", Some(unit), true) = (word(this), unit_of(word(this + 1)), so_far(0) || so_far(2)) {
        return Some((4, Range { from: Some(begin(today, unit)?), until: Some(tomorrow) }));
    }
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
            ("between January and March 2025", "2025-01-01", "2025-04-01"),
            ("from Oct to Dec 2024", "2024-10-01", "2025-01-01"),
            ("from 2024-01-01 to 2024-06-30", "2024-01-01", "2024-07-01"),
            ("since 14.11.2025", "2025-11-14", ""),
            ("between 1/15/2025 and 1/31/2025", "2025-01-15", "2025-02-01"),
            ("in Q3 2025", "2025-07-01", "2025-10-01"),
            ("in the third quarter of 2024", "2024-07-01", "2024-10-01"),
            ("on March 5, 2025", "2025-03-05", "2025-03-06"),
            ("on 5 March 2025", "2025-03-05", "2025-03-06"),
            ("year to date", "2025-01-01", "2025-11-15"),
            ("today", "2025-11-14", "2025-11-15"),
            ("so far this year", "2025-01-01", "2025-11-15"),
            ("this month so far", "2025-11-01", "2025-11-15"),
            ("in the first half of 2025", "2025-01-01", "2025-07-01"),
            ("H2 2024", "2024-07-01", "2025-01-01"),
            ("in March this year", "2025-03-01", "2025-04-01"),
            ("in October of last year", "2024-10-01", "2024-11-01"),
            ("since the beginning of 2025", "2025-01-01", ""),
            ("since the start of the year", "2025-01-01", ""),
            ("from last week", "2025-11-03", "2025-11-10"),
            ("from last week on", "2025-11-03", ""),
            ("over the past 30 days", "2025-10-15", "2025-11-15"),
        ] {
            assert_eq!(read(text), Some((from.to_owned(), until.to_owned())), "{text}");
        }
        for vague in [
            "in March",
            "between November and February 2025",
            "between March and 2025",
            "over 2024",
            "in the first half",
            "so far",
            "from 2025",
            "recently",
            "in 20255",
            "soon",
            "from Salesforce",
            "on February 30, 2025",
        ] {
            assert_eq!(read(vague), None, "{vague}");
        }
    }
}

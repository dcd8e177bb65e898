//! What is known of the columns of a table, for choosing one that a change can happen to.

use crate::table::Table;
use aos_core::parse;
use std::collections::HashMap;

/// What is known of a column when a change looks for one it can happen to.
pub struct Facts {
    pub at: usize,
    pub present: usize,
    pub distinct: usize,
    pub numbers: usize,
    pub times: usize,
}

pub fn facts(table: &Table, free: &[usize]) -> Vec<Facts> {
    let of = |&at: &usize| {
        let values: Vec<&str> = table.values(at).collect();
        let mut distinct: Vec<&str> = values.clone();
        distinct.sort_unstable();
        distinct.dedup();
        Facts {
            at,
            present: values.len(),
            distinct: distinct.len(),
            numbers: values.iter().filter(|text| parse::decimal(text).is_some_and(|number| !number.is_zero())).count(),
            times: values.iter().filter(|text| text.contains('-') && parse::datetime(text).is_some()).count(),
        }
    };
    free.iter().map(of).collect()
}

pub fn most_often(table: &Table, at: usize) -> (String, usize) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    table.values(at).for_each(|value| *counts.entry(value).or_default() += 1);
    let most = counts.into_iter().max_by(|x, y| x.1.cmp(&y.1).then(y.0.cmp(x.0)));
    most.map_or((String::new(), 0), |(value, count)| (value.to_owned(), count))
}

/// Whether most of it happens in less than half of the day, so that a move can be seen.
pub fn is_by_day(table: &Table, at: usize) -> bool {
    let mut hours = [0usize; 24];
    table
        .values(at)
        .filter_map(|text| text.get(11..13)?.parse::<usize>().ok())
        .filter(|hour| *hour < 24)
        .for_each(|hour| hours[hour] += 1);
    let total: usize = hours.iter().sum();
    let best = (0..24).map(|from| (0..10).map(|by| hours[(from + by) % 24]).sum::<usize>()).max().unwrap_or(0);
    total >= 60 && best * 10 >= total * 8
}

/// Whole numbers of one length, three digits or more, are codes, dates or moments, and no amounts.
pub fn is_code(table: &Table, at: usize) -> bool {
    let mut lengths: Vec<usize> = table.values(at).map(str::len).collect();
    lengths.sort_unstable();
    let same = lengths.first() == lengths.last();
    same && lengths.first().is_some_and(|length| *length >= 3)
        && table.values(at).all(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
}

pub fn far_apart(table: &Table, one: usize, other: usize) -> bool {
    let middle = |at: usize| {
        let mut values: Vec<f64> = table.values(at).filter_map(|text| text.parse().ok()).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0).abs().max(1e-3)
    };
    table.values(one).all(|text| parse::decimal(text).is_some()) && (middle(one) / middle(other)).ln().abs() > 3.0
}

pub fn nothing_in_common(table: &Table, one: usize, other: usize) -> bool {
    let values: std::collections::HashSet<&str> = table.values(one).collect();
    values.len() <= 9 && table.values(other).all(|value| !values.contains(value))
}

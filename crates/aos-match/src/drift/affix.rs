//! Texts that every value of a column carries in front or behind: a prefix of ids, a unit, a currency.

use super::relation::{Related, Relation, chance, share};
use aos_core::mapping::Transform;
use aos_core::parse;

/// The step that takes texts off the front and the end.
pub(crate) fn without(front: &str, behind: &str) -> Transform {
    let end = match behind.chars().count() {
        0 => String::new(),
        count => format!("-{count}"),
    };
    let begin = match front.chars().count() {
        0 => String::new(),
        count => count.to_string(),
    };
    Transform::Expression { expression: format!("value[{begin}:{end}]") }
}

/// The texts all values begin and end with, digits left to the values.
pub(crate) fn affixes<'v>(values: &[&'v str]) -> (&'v str, &'v str) {
    let Some(first) = values.first() else { return ("", "") };
    let front = values.iter().fold(first.len(), |length, value| {
        first.bytes().zip(value.bytes()).take(length).take_while(|(x, y)| x == y).count()
    });
    let front = (0..=front).rev().find(|at| first.is_char_boundary(*at)).unwrap_or(0);
    let front = first[..front].trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'));
    let rest = |value: &&'v str| value.len() - front.len();
    let shortest = values.iter().map(rest).min().unwrap_or(0);
    let behind = values.iter().fold(shortest, |length, value| {
        first.bytes().rev().zip(value.bytes().rev()).take(length).take_while(|(x, y)| x == y).count()
    });
    let behind = (0..=behind).rev().find(|length| first.is_char_boundary(first.len() - *length)).unwrap_or(0);
    let behind = first[first.len() - behind..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    (front, behind)
}

/// Finds texts that were put around the values.
pub(crate) fn affixed(both: &[(&str, &str)]) -> Option<Related> {
    let after: Vec<&str> = both.iter().map(|pair| pair.1).collect();
    let (front, behind) = affixes(&after);
    if front.is_empty() && behind.is_empty() {
        return None;
    }
    let bare = |text: &'_ str| text[front.len()..text.len() - behind.len()].to_owned();
    let same = |b: &str, a: &str| {
        let a = bare(a);
        a == b || parse::decimal(b).is_some_and(|number| parse::decimal(&a) == Some(number))
    };
    let agreeing = both.iter().filter(|(b, a)| same(b, a)).count();
    let chance = chance(both.iter().map(|p| p.0), both.iter().map(|p| p.0), both.len());
    let relation = Relation::Affixed(front.to_owned(), behind.to_owned());
    Some(Related { relation, agree: share(agreeing, both.len()), chance, rows: both.len() })
}

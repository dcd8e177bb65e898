//! A run of digits as it stands in a text: in groups, with what separates them, and an extension behind it.

use crate::pii::recognize::check::is_day;
use crate::pii::text::{digits, separator};

const GROUPS_MAX: usize = 9;
/// Digits of a number at most, and of what may turn out to be none.
const DIGITS_MAX: usize = super::DIGITS_MAX + 3;

/// A run of digits with what separates them, as it stands.
pub(super) struct Run {
    pub end: usize,
    pub digits: Vec<u8>,
    /// Digits in each group.
    pub groups: Vec<usize>,
    /// What stands between groups, without spaces at its sides.
    pub signs: Vec<u8>,
    pub has_parentheses: bool,
}

/// Reads digits in groups. Between two groups stands one space, or a hyphen, full stop, slash or parenthesis with or without spaces.
pub(super) fn run(bytes: &[u8], start: usize) -> Option<Run> {
    let mut run = Run { end: start, digits: Vec::new(), groups: vec![0], signs: Vec::new(), has_parentheses: false };
    let mut at = start;
    let mut is_open = false;
    if bytes[at] == b'+' {
        at += 1;
    }
    loop {
        match *bytes.get(at).unwrap_or(&b'\n') {
            digit if digit.is_ascii_digit() => {
                run.digits.push(digit);
                *run.groups.last_mut()? += 1;
                at += 1;
                if !is_open {
                    run.end = at;
                }
                if run.digits.len() > DIGITS_MAX {
                    return None;
                }
                continue;
            }
            b'(' if !is_open && !run.has_parentheses => {
                is_open = true;
                run.has_parentheses = true;
                // `(+30) 2763 170669`
                at += if at == start && bytes.get(at + 1) == Some(&b'+') { 2 } else { 1 };
                if run.groups.last() != Some(&0) {
                    run.groups.push(0);
                }
                continue;
            }
            b')' if is_open => {
                is_open = false;
                at += 1;
                run.end = at;
            }
            _ if run.digits.is_empty() => return None,
            _ => {}
        }
        let (size, sign) = between(&bytes[at..]);
        let next = bytes.get(at + size).copied().unwrap_or(b'\n');
        let goes_on = next.is_ascii_digit() || (next == b'(' && !run.has_parentheses && run.digits.len() <= 4);
        if !goes_on
            || run.groups.len() == GROUPS_MAX
            || (size == 0 && !matches!(bytes.get(at.wrapping_sub(1)), Some(b')')) && next != b'(')
        {
            break;
        }
        at += size;
        if run.groups.last() != Some(&0) {
            run.groups.push(0);
            run.signs.push(sign);
        }
    }
    if is_open {
        return None;
    }
    run.groups.retain(|group| *group > 0);
    Some(run)
}

/// Returns how many bytes separate two groups, and by which sign.
fn between(bytes: &[u8]) -> (usize, u8) {
    let space = |at: usize| if bytes.get(at) == Some(&b' ') { 1 } else { 0 };
    let before = space(0);
    match bytes.get(before) {
        Some(sign @ (b'-' | b'/')) => (before + 1 + space(before + 1), *sign),
        _ if before == 1 => (1, b' '),
        _ => (separator(bytes), bytes.first().copied().unwrap_or(b' ')),
    }
}

/// Whether the groups are a date, perhaps with a time behind it.
pub(super) fn is_date(run: &Run) -> bool {
    let mut at = 0;
    let values: Vec<(usize, u32)> = run
        .groups
        .iter()
        .map(|length| {
            let group = &run.digits[at..at + length];
            at += length;
            (*length, digits(group).fold(0, |value: u32, digit| value.saturating_mul(10).saturating_add(digit)))
        })
        .collect();
    let is_year = |(length, value): (usize, u32)| length == 4 && (1900..=2100).contains(&value);
    let is_small = |(length, value): (usize, u32)| length <= 2 && (1..=31).contains(&value);
    match values.as_slice() {
        [a, b, c, ..] => (is_year(*a) && is_small(*b) && is_small(*c)) || (is_small(*a) && is_small(*b) && is_year(*c)),
        [a, b] => is_year(*a) && is_year(*b),
        [(8, value)] => (1900..=2100).contains(&(value / 10_000)) && is_day(value % 100, value / 100 % 100),
        _ => false,
    }
}

/// Returns where an extension such as `ext. 12` or `x12` behind a number ends; the end of the number where there is none.
pub(super) fn extension(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let trimmed = rest.trim_start_matches([' ', ',']);
    let mark = ["extension", "extn.", "extn", "ext.", "ext:", "ext", "poste", "durchwahl", "x", "#"]
        .into_iter()
        .find(|mark| trimmed.get(..mark.len()).is_some_and(|found| found.eq_ignore_ascii_case(mark)));
    let Some(mark) = mark.filter(|_| rest.len() - trimmed.len() <= 2) else { return end };
    let behind = trimmed[mark.len()..].trim_start_matches(' ');
    let length = behind.bytes().take_while(u8::is_ascii_digit).count();
    let goes_on = behind[length..].starts_with(|c: char| c.is_alphanumeric());
    if (1..=6).contains(&length) && !goes_on { end + (rest.len() - behind.len()) + length } else { end }
}

//! Telephone numbers: international ones by their country code (ITU-T E.164), national ones by how a country writes them, and bare runs
//! of digits only where a word speaks of a telephone.

mod run;
mod words;

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::recognize::things::names_a_thing;
use crate::pii::text::{Text, digits, listed};
use run::{Run, extension, is_date, run};
use words::{AGAINST, HINTS, NUMBER, POSSESSIVES};

/// Words in front of a number at most that a word for things may be among.
const AGAINST_WORDS: usize = 4;
/// Country codes of one and of two digits; those of three begin with one of the pairs behind them.
const TWO: &[u32] = &[
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62,
    63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];
const THREE: &[u32] = &[21, 22, 23, 24, 25, 26, 29, 35, 37, 38, 42, 50, 59, 67, 68, 69, 80, 85, 87, 88, 96, 97, 99];
/// Digits of a number at most.
const DIGITS_MAX: usize = 15;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let bytes = text.bytes;
    let mut at = 0;
    while at < bytes.len() {
        let begins = match bytes[at] {
            b'+' => bytes.get(at + 1).is_some_and(u8::is_ascii_digit) && (at == 0 || bytes[at - 1] != b'('),
            b'(' => bytes[at + 1..].iter().take(2).any(u8::is_ascii_digit),
            byte if byte.is_ascii_digit() => at == 0 || !bytes[at - 1].is_ascii_digit(),
            _ => false,
        };
        match begins.then(|| phone(text, at)).flatten() {
            Some(phone) => {
                at = phone.bytes.end;
                found.push(phone);
            }
            None => at += 1,
        }
    }
}

fn phone(text: &Text<'_>, start: usize) -> Option<Found> {
    let run = run(text.bytes, start)?;
    let bytes = start..run.end;
    let is_plus = text.bytes[start..].starts_with(b"+") || text.bytes[start..].starts_with(b"(+");
    let whole = start..extension(text.text, run.end);
    if !(7..=DIGITS_MAX).contains(&run.digits.len()) || !text.stands_alone(&whole) {
        return None;
    }
    // `0.97 / (0.03 / 100)`: no number begins with a zero alone.
    if !is_plus && run.groups.first() == Some(&1) && run.digits.first() == Some(&b'0') {
        return None;
    }
    // The end of a longer number in groups is none.
    let goes_on =
        text.text[..start].strip_suffix(' ').is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()));
    if goes_on && text.bytes[start].is_ascii_digit() {
        return None;
    }
    let alone = if is_plus { international(&run.digits)? } else { written(&run) };
    let mut because = vec!["form"];
    let mut score = alone;
    // Of what is said of a number the word that names it decides, then those that stand around it.
    let is_thing = !is_plus && (names_a_thing(text, &bytes) || begins_with_year(&run));
    if !is_thing && (text.hints(&bytes, HINTS) || is_somebodys(text, &bytes)) {
        because.push("context");
        score = score.max(0.35) + 0.3;
    } else if is_thing || (!is_plus && is_against(text, &bytes)) {
        score -= 0.35;
    }
    if !is_plus && (run.digits.iter().all(|digit| *digit == run.digits[0]) || is_date(&run)) {
        return None;
    }
    Some(Found { class: Class::Phone, kind: "phone", bytes: whole, score: score.min(0.97), because })
}

/// Whether one of the last words in front of a number, or its column, speaks of things.
fn is_against(text: &Text<'_>, number: &std::ops::Range<usize>) -> bool {
    text.column.iter().any(|word| listed(word, AGAINST)) || text.before(number, AGAINST_WORDS, AGAINST)
}

/// `my number is 2125550188`
fn is_somebodys(text: &Text<'_>, number: &std::ops::Range<usize>) -> bool {
    text.before(number, 2, NUMBER) && text.label(number).is_some_and(|word| listed(word.lower(), POSSESSIVES))
}

/// Scores a number behind a plus sign; none when its country code or length is nobody's.
fn international(number: &[u8]) -> Option<f32> {
    let pair = digits(number).take(2).fold(0, |pair, digit| pair * 10 + digit);
    let (code, least) = match pair {
        10..=19 => (1, 10),
        70..=79 => (1, 10),
        pair if TWO.contains(&pair) => (2, 6),
        pair if THREE.contains(&pair) => (3, 5),
        _ => return None,
    };
    let national = number.len().saturating_sub(code);
    (national >= least && (code > 1 || national == 10)).then_some(0.9)
}

/// Scores a number by how it is grouped, where nothing around it speaks of a telephone.
fn written(run: &Run) -> f32 {
    let number = run.digits.as_slice();
    let trunk = number[0] == b'0';
    let groups = run.groups.as_slice();
    let is_one_sign = run.signs.windows(2).all(|pair| pair[0] == pair[1]);
    let north_american = |number: &[u8]| {
        number.len() == 10
            && (b'2'..=b'9').contains(&number[0])
            && (b'2'..=b'9').contains(&number[3])
            && number[1..3] != *b"11"
    };
    match groups {
        // A country code behind two zeros.
        [2..=5, _, ..] if number.starts_with(b"00") && international(&number[2..]).is_some() => 0.8,
        // 8 (495) 123-45-67, as Russia writes it
        [1, 3, 3, 2, 2] if number[0] == b'8' && run.has_parentheses => 0.7,
        [_] if number.starts_with(b"00") && international(&number[2..]).is_some() && number.len() >= 12 => 0.4,
        // (212) 555-0123, 212-555-0123, 212.555.0123, 1-800-555-0123
        [3, 3, 4] if run.has_parentheses && north_american(number) => 0.85,
        [3, 3, 4] if north_american(number) && is_one_sign && run.signs != [b' ', b' '] => 0.7,
        [3, 3, 4] if north_american(number) => 0.45,
        [1, 3, 3, 4] if number[0] == b'1' && north_american(&number[1..]) => 0.75,
        // (11) 98765-4321 and (011) 4321-5678
        [2 | 3, 4 | 5, 4] if run.has_parentheses => 0.75,
        // 01 23 45 67 89
        [2, 2, 2, 2, 2] if trunk && is_one_sign && number[1] != b'0' => 0.75,
        // 020 7946 0958, 07700 900123, 0161 496 0000, 030/1234567, 0171 2345678
        [3, 4, 4] | [4, 3, 4] | [5, 6] | [5, 3, 3] if trunk && number[1] != b'0' => 0.65,
        [3..=5, 5..=8] if trunk && number[1] != b'0' && number.len() <= 12 => 0.55,
        [2..=5, 3..=8] if trunk && number[1] != b'0' && run.has_parentheses => 0.7,
        [2, 8] if trunk && number[1] == b'6' => 0.6,
        // 0221 / 55 50 123; a year behind the slash is that of a document.
        [2..=5, _, ..]
            if trunk
                && number[1] != b'0'
                && run.signs.first() == Some(&b'/')
                && number.len() >= 8
                && !ends_with_year(groups, number) =>
        {
            0.6
        }
        // 020-555 0123
        [3 | 4, 3, 4] if trunk && number[1] != b'0' => 0.55,
        // 070-174 06 05, 0412 345 678, 022 596 08 00
        [3, 3, 2, 2] | [2, 3, 2, 2] | [3, 3, 3] | [4, 3, 3] | [2, 4, 4] if trunk && number[1] != b'0' => 0.55,
        _ if run.has_parentheses && trunk && number[1] != b'0' && number.len() >= 8 => 0.6,
        [2..=5, _, _, ..] if trunk && number[1] != b'0' && number.len() >= 9 => 0.45,
        _ if run.has_parentheses => 0.45,
        [_] => {
            if number.len() >= 9 {
                0.25
            } else {
                0.05
            }
        }
        _ => {
            if number.len() >= 8 {
                0.3
            } else {
                0.2
            }
        }
    }
}

/// `2025-4410`, as files and orders are numbered.
fn begins_with_year(run: &Run) -> bool {
    let is_year = run.digits.starts_with(b"19") || run.digits.starts_with(b"20");
    matches!(run.groups.as_slice(), [4, _]) && is_year && matches!(run.signs.first(), Some(b'-' | b'/'))
}

/// Whether the last of several groups is a year of our time.
fn ends_with_year(groups: &[usize], number: &[u8]) -> bool {
    let last = number.get(number.len().saturating_sub(4)..).unwrap_or_default();
    groups.last() == Some(&4) && (last.starts_with(b"19") || last.starts_with(b"20"))
}

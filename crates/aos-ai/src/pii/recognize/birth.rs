//! Days of birth: a date where something says that somebody was born on it.

mod months;

use super::check::is_day;
use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::{Text, listed};
use months::MONTHS;

const HINTS: &[&str] = &[
    "born",
    "birth*",
    "dob",
    "bday",
    "geboren*",
    "geburt*",
    "geb",
    "né",
    "née",
    "naissance",
    "nac",
    "nasc",
    "nacid*",
    "nacimiento",
    "nato",
    "nata",
    "nascita",
    "nascid*",
    "nascimento",
    "geboorte*",
    "urodz*",
    "född*",
    "født*",
    "fødsels*",
    "syntynyt",
    "syntymä*",
    "narozen*",
    "születe*",
    "doğum",
    "рожд*",
    "родил*",
    "*出生",
    "*生年月日",
    "*생년월일",
];
/// Words that say of a date that something else happened on it.
const OTHERS: &[&str] = &[
    "hired",
    "joined",
    "since",
    "started",
    "employed",
    "expir*",
    "issued",
    "valid",
    "until",
    "signed",
    "dated",
    "died",
    "admitted",
    "discharged",
    "married",
    "seit",
    "gültig",
    "ausgestellt",
    "eingestellt",
    "eingetreten",
    "verstorben",
    "embauch*",
    "depuis",
    "valable",
    "délivré*",
    "contratad*",
    "desde",
    "emitid*",
    "válid*",
    "assunto",
    "assunta",
    "scade",
    "rilasciat*",
    "geldig",
    "sinds",
];
/// Short forms that are no words of their own.
const SHORT: &[&str] = &["D.O.B.", "D.O.B", "d.o.b.", "(b.", "* am"];
/// Words between which and the date no other date may come to be near: a few.
const WORDS: usize = 5;
pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let speaks = text.words.iter().any(|word| listed(word.lower(), HINTS))
        || SHORT.iter().any(|short| text.text.contains(short));
    let named = text.column.iter().any(|word| listed(word, HINTS));
    if !speaks && !named {
        return;
    }
    for (at, word) in text.words.iter().enumerate() {
        let date = numeric(text, word.start).or_else(|| written(text, at)).or_else(|| compact(word.text, word.start));
        let Some(bytes) = date else { continue };
        let before = text.text[..bytes.start].trim_end_matches([' ', ':', '-']);
        let is_short = SHORT.iter().any(|short| before.ends_with(short));
        let context = named || is_short || text.nearest(&bytes, WORDS, &[HINTS, OTHERS]) == Some(0);
        if context && text.stands_alone(&bytes) {
            let because = vec!["form", "context"];
            found.push(Found { class: Class::BirthDate, kind: "birth_date", bytes, score: 0.85, because });
        }
    }
}

/// `19900427` and `27APR1990`
fn compact(word: &str, start: usize) -> Option<std::ops::Range<usize>> {
    let number = |part: &str| part.parse::<u32>().ok();
    let is_year = |year: u32| (1880..=2100).contains(&year);
    let is_date = match (word.len(), word.is_ascii()) {
        (8, true) if word.bytes().all(|byte| byte.is_ascii_digit()) => {
            is_year(number(&word[..4])?) && is_day(number(&word[6..])?, number(&word[4..6])?)
        }
        (9, true) => {
            let month = word[2..5].to_ascii_lowercase();
            listed(&month, MONTHS) && is_year(number(&word[5..])?) && (1..=31).contains(&number(&word[..2])?)
        }
        _ => false,
    };
    is_date.then_some(start..start + word.len())
}

/// `1990-04-27`, `27.04.1990`, `4/27/1990`, `27-4-90`, `1990年4月27日`
fn numeric(text: &Text<'_>, start: usize) -> Option<std::ops::Range<usize>> {
    let mut numbers = Vec::with_capacity(3);
    let mut at = start;
    let mut sign = None;
    while numbers.len() < 3 {
        let length = text.bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !matches!(length, 1 | 2 | 4) {
            return None;
        }
        numbers.push((length, text.text[at..at + length].parse::<u32>().ok()?));
        at += length;
        if numbers.len() < 3 {
            let rest = &text.text[at..];
            let found = rest.chars().next().filter(|c| matches!(c, '-' | '.' | '/' | '年' | '月'))?;
            if found.is_ascii() && sign.is_some_and(|sign| sign != found) {
                return None;
            }
            sign = Some(found);
            at += found.len_utf8();
            // `27. 4. 1990`
            at += usize::from(found == '.' && text.bytes.get(at) == Some(&b' '));
        }
    }
    if text.text[at..].starts_with('日') {
        at += '日'.len_utf8();
    }
    let is_year = |(length, value): (usize, u32)| length == 2 || (length == 4 && (1880..=2100).contains(&value));
    let days = |a: (usize, u32), b: (usize, u32)| is_day(a.1, b.1) || is_day(b.1, a.1);
    let [a, b, c] = numbers.as_slice() else { return None };
    let is_date = (a.0 == 4 && is_year(*a) && days(*b, *c)) || (a.0 < 4 && is_year(*c) && days(*a, *b));
    is_date.then_some(start..at)
}

/// `27 April 1990`, `27. April 1990`, `April 27th, 1990`, `27 de abril de 1990`
fn written(text: &Text<'_>, at: usize) -> Option<std::ops::Range<usize>> {
    let words = &text.words[at..text.words.len().min(at + 5)];
    let is_month = |word: &str| listed(word, MONTHS);
    let is_day = |word: &str| {
        let digits = word.trim_end_matches(|c: char| c.is_alphabetic() || c == 'º');
        matches!(&word[digits.len()..], "" | "st" | "nd" | "rd" | "th" | "er" | "º")
            && digits.parse::<u32>().is_ok_and(|day| (1..=31).contains(&day))
    };
    let is_year = |word: &str| word.len() == 4 && word.parse::<u32>().is_ok_and(|year| (1880..=2100).contains(&year));
    let mut seen = [false; 3];
    for (index, word) in words.iter().enumerate() {
        let word = word.lower();
        match () {
            () if !seen[0] && is_day(word) => seen[0] = true,
            () if !seen[1] && is_month(word) => seen[1] = true,
            () if seen[0] && seen[1] && is_year(word) => seen[2] = true,
            () if index > 0 && matches!(word, "of" | "de" | "del" | "den") => continue,
            () => return None,
        }
        if seen == [true; 3] {
            return Some(words[0].start..words[index].end());
        }
    }
    None
}

//! Values as they are compared: each class has its own form, in which what does not matter is gone.

use crate::address::{without_legal_form, written_out};
use crate::class::Class;
use crate::fold::fold;
use crate::numbers::joined_codes;
use compact_str::CompactString;
use xxhash_rust::xxh3::xxh3_64;

/// Words of a value that are looked at; a text longer than that is compared by its beginning.
const WORDS_MAX: usize = 40;
/// Characters of a value that are looked at.
const CHARS_MAX: usize = 400;

/// A value in the form in which its class is compared.
#[derive(Debug, Clone)]
pub(crate) struct Normal {
    pub text: CompactString,
    /// Of the text; equal texts are told by it.
    pub hash: u64,
    /// The words of classes that have words, sorted by their hash, each once.
    pub words: Vec<Word>,
    /// How much the words weigh together, squared and summed.
    pub weight: f32,
}

#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub text: CompactString,
    pub hash: u64,
    /// How rare it is: the logarithm of how many records there are for each that has it.
    pub rarity: f32,
}

impl Normal {
    /// Brings a value into its form, or returns none when nothing of it is left, as of "n/a" and "-".
    pub fn of(class: Class, value: &str) -> Option<Self> {
        let value: &str = match value.char_indices().nth(CHARS_MAX) {
            Some((end, _)) => &value[..end],
            None => value,
        };
        let text = match class {
            Class::Phone => digits_of_phone(value),
            Class::Email => email(value),
            Class::Web => host(value),
            Class::Code => value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect(),
            Class::Date => date(value),
            Class::Number => number(value),
            Class::Address => {
                let folded = fold(value);
                join(folded.split(' ').map(written_out))
            }
            Class::Organisation => without_legal_form(&fold(&joined_codes(value))).into(),
            Class::Text => fold(&joined_codes(value)),
            Class::Person | Class::Place | Class::Category => fold(value),
        };
        if text.is_empty() || says_nothing(&text) {
            return None;
        }
        let mut words: Vec<Word> = Vec::new();
        if class == Class::Email {
            // How common the domain is tells a firm's from a slip of the pen.
            words.extend(text.rsplit_once('@').map(|(_, domain)| Word::new(domain)));
        } else if class.has_words() {
            words = text.split(' ').take(WORDS_MAX).map(Word::new).collect();
            words.sort_by_key(|word| word.hash);
            words.dedup_by_key(|word| word.hash);
        }
        Some(Self { hash: xxh3_64(text.as_bytes()), text, words, weight: 0.0 })
    }

    /// Sets how rare each word is.
    pub fn weigh(&mut self, rarity: impl Fn(u64) -> f32) {
        for word in &mut self.words {
            word.rarity = rarity(word.hash);
        }
        self.weight = self.words.iter().map(|word| word.rarity * word.rarity).sum();
    }

    /// Returns the first number among the words, as of a house.
    pub fn house(&self) -> Option<&str> {
        self.text.split(' ').find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && !word.ends_with("th"))
    }
}

impl Word {
    fn new(text: &str) -> Self {
        Self { text: text.into(), hash: xxh3_64(text.as_bytes()), rarity: 1.0 }
    }
}

fn says_nothing(text: &str) -> bool {
    matches!(
        text,
        "na" | "n a" | "none" | "null" | "unknown" | "nan" | "tbd" | "test" | "missing" | "not available" | "xxx"
    ) || (text.len() > 4 && text.bytes().all(|byte| byte == b'0'))
}

fn join<'w>(words: impl Iterator<Item = &'w str>) -> CompactString {
    let mut joined = CompactString::default();
    for word in words {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    joined
}

/// Digits alone, without the zeros of a trunk prefix or the sign of a country; an extension is left out.
fn digits_of_phone(value: &str) -> CompactString {
    let lower = value.to_lowercase();
    let main = lower.split("ext").next().unwrap_or_default();
    let main = main.split(" x").next().unwrap_or_default();
    let digits: CompactString = main.chars().filter(char::is_ascii_digit).collect();
    let bare = digits.trim_start_matches('0');
    // The one country whose numbers are often written both with and without its code.
    let bare = if bare.len() == 11 { bare.strip_prefix('1').unwrap_or(bare) } else { bare };
    if bare.len() < 5 { CompactString::default() } else { bare.into() }
}

/// Lower case, without what providers ignore: what follows a plus.
fn email(value: &str) -> CompactString {
    let lower = value.trim().trim_start_matches("mailto:").to_lowercase();
    let Some((local, domain)) = lower.rsplit_once('@') else { return lower.as_str().into() };
    let local = local.split('+').next().unwrap_or_default();
    if local.is_empty() || domain.is_empty() {
        return CompactString::default();
    }
    let mut email = CompactString::from(local);
    email.push('@');
    email.push_str(domain);
    email
}

fn host(value: &str) -> CompactString {
    let lower = value.trim().to_lowercase();
    // What stands behind a space is a remark.
    let lower = lower.split_whitespace().next().unwrap_or_default();
    let rest = lower.split_once("://").map_or(lower, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).into()
}

/// Eight digits, year first, wherever the order can be told; else the digits as they stand.
fn date(value: &str) -> CompactString {
    if let Some(date) = date_in_words(value) {
        return date;
    }
    let day = value.trim().split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    if let [a, b, c] = parts[..]
        && [a, b, c].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        let (year, month, day) = match (a.len(), c.len()) {
            (4, _) => (a, b, c),
            // Dots are written where the day comes first; with slashes only a number above twelve tells.
            (_, 4) if value.contains('.') || a.parse::<u8>().is_ok_and(|first| first > 12) => (c, b, a),
            (_, 4) => (c, a, b),
            _ => (a, b, c),
        };
        return format!("{year:0>4}{month:0>2}{day:0>2}").into();
    }
    day.chars().filter(char::is_ascii_digit).collect()
}

/// A date whose month is written as a word: "July 31, 2015", "31-Jul-15", "31 July 2015".
pub(crate) fn date_in_words(value: &str) -> Option<CompactString> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let lower = value.to_lowercase();
    let mut parts: Vec<&str> =
        lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let at = parts.iter().position(|part| part.len() >= 3 && MONTHS.contains(&part.get(..3).unwrap_or_default()))?;
    let month = MONTHS.iter().position(|month| parts[at].starts_with(month))? + 1;
    parts.remove(at);
    let [day, year]: &[&str; 2] = parts.get(..2)?.try_into().ok()?;
    let day: u32 = day.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().ok().filter(|day| *day <= 31)?;
    let year: u32 = year.parse().ok()?;
    // Two digits are of the century that is nearer.
    let year = match year {
        0..50 => 2000 + year,
        50..100 => 1900 + year,
        _ => year,
    };
    Some(format!("{year:0>4}{month:0>2}{day:0>2}").into())
}

fn number(value: &str) -> CompactString {
    let bare: String = value.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | 'e')).collect();
    match bare.parse::<f64>() {
        // Nothing is what is written where nobody knows.
        Ok(number) if number.is_finite() && number != 0.0 => format!("{number}").into(),
        _ => CompactString::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(class: Class, value: &str) -> String {
        Normal::of(class, value).map(|normal| normal.text.to_string()).unwrap_or_default()
    }

    #[test]
    fn one_thing_written_in_two_ways_has_one_form() {
        for (class, a, b) in [
            (Class::Phone, "(310) 246-1501", "+1 310/246.1501"),
            (Class::Phone, "+49 89 1234567", "0049-89-1234567 ext 12"),
            (Class::Email, "Ann.Lee+crm@Example.com ", "ann.lee@example.com"),
            (Class::Web, "https://www.example.com/about?x=1", "example.com"),
            (Class::Organisation, "Müller & Söhne GmbH", "MUELLER AND SOEHNE"),
            (Class::Organisation, "The J.P. Morgan Co.", "JP Morgan"),
            (Class::Address, "435 S. La Cienega Blv.", "435 south la cienega boulevard"),
            (Class::Date, "1960-02-10", "19600210"),
            (Class::Date, "10.2.1960", "1960-02-10T00:00:00Z"),
            (Class::Date, "25/12/1960", "1960-12-25"),
            (Class::Date, "July 31, 2015", "31-Jul-15"),
            (Class::Organisation, "Jørgsen Aktiengesellschaft", "Joergsen AG"),
            (Class::Organisation, "Kowalski Sp. z o.o.", "Kowalski"),
            (Class::Code, "DE 123-456", "de123456"),
            (Class::Number, "1,200.50", "1200.5"),
        ] {
            assert_eq!(text(class, a), text(class, b), "{a} and {b}");
        }
    }

    #[test]
    fn what_stands_for_nothing_is_no_value() {
        for (class, value) in [
            (Class::Text, "N/A"),
            (Class::Phone, "000-0000"),
            (Class::Person, " - "),
            (Class::Code, "00000"),
            (Class::Email, "@"),
        ] {
            assert!(Normal::of(class, value).is_none(), "{value}");
        }
    }
}

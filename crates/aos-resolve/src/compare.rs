//! How much two values are alike, in five levels. What a level is worth is the model's business.

use crate::class::Class;
use crate::mail::{is_desk, plain};
use crate::normal::{Normal, Word};
use crate::numbers;
use serde::{Deserialize, Serialize};
use strsim::{jaro_winkler, osa_distance};

pub(crate) const LEVELS: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Equal,
    /// A slip of the pen, or another way of writing it.
    Nearly,
    Similar,
    Loosely,
    Different,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Nearly => "nearly",
            Self::Similar => "similar",
            Self::Loosely => "loosely",
            Self::Different => "different",
        }
    }
}

/// Compares two values of one class.
pub(crate) fn compare(class: Class, a: &Normal, b: &Normal) -> Level {
    if a.hash == b.hash {
        // All who sit at a desk share its address.
        let is_shared = class == Class::Email && is_desk(&a.text);
        return if is_shared { Level::Similar } else { Level::Equal };
    }
    match class {
        Class::Person => person(a, b),
        Class::Organisation | Class::Text => words(a, b),
        Class::Address => address(a, b),
        Class::Place | Class::Category => place(a, b),
        Class::Code => code(&a.text, &b.text),
        Class::Phone => phone(&a.text, &b.text),
        Class::Email => email(&a.text, &b.text),
        Class::Web => web(&a.text, &b.text),
        Class::Date => date(&a.text, &b.text),
        Class::Number => number(&a.text, &b.text),
    }
}

fn person(a: &Normal, b: &Normal) -> Level {
    if let (Some(one), Some(other)) = (generation(&a.text), generation(&b.text))
        && one != other
    {
        return Level::Different;
    }
    let (short, long) = if a.text.len() <= b.text.len() { (&a.text, &b.text) } else { (&b.text, &a.text) };
    let alike = jaro_winkler(short, long);
    if alike >= 0.94 || (short.len() >= 4 && within(short, long, 1)) || equal_words(a, b) {
        return Level::Nearly;
    }
    // An initial, a name cut short, or a name with and without its second part.
    let begins = short.len() >= 3 && long.starts_with(short.as_str());
    if alike >= 0.88 || begins || contains(a, b) || (short.len() == 1 && long.starts_with(short.as_str())) {
        return Level::Similar;
    }
    if alike >= 0.8 || (short.len() >= 6 && within(short, long, 2)) { Level::Loosely } else { Level::Different }
}

/// What tells a father from a son of the same name.
pub(crate) fn generation(name: &str) -> Option<&str> {
    let last = name.rsplit(' ').next()?;
    ["sr", "jr", "ii", "iii", "iv"].contains(&last).then_some(last)
}

fn words(a: &Normal, b: &Normal) -> Level {
    if equal_words(a, b) || joined(&a.text) == joined(&b.text) {
        return Level::Nearly;
    }
    let (alike, covered) = soft(a, b);
    let short = a.text.len().min(b.text.len());
    let level = if alike >= 0.9 || (short >= 6 && jaro_winkler(&a.text, &b.text) >= 0.96) {
        Level::Nearly
    } else if alike >= 0.7 || covered >= 0.95 {
        Level::Similar
    } else if alike >= 0.4 || covered >= 0.7 {
        Level::Loosely
    } else {
        Level::Different
    };
    numbers::bend(level, a, b)
}

fn address(a: &Normal, b: &Normal) -> Level {
    let (alike, covered) = soft(a, b);
    let same_house = match (a.house(), b.house()) {
        (Some(a), Some(b)) => Some(a == b),
        _ => None,
    };
    match same_house {
        _ if alike >= 0.95 || equal_words(a, b) => Level::Nearly,
        Some(true) if alike >= 0.7 || covered >= 0.9 => Level::Nearly,
        Some(true) if alike >= 0.4 || covered >= 0.6 => Level::Similar,
        None if alike >= 0.8 => Level::Similar,
        None if covered >= 0.9 => Level::Similar,
        _ if alike >= 0.6 => Level::Loosely,
        Some(true) => Level::Loosely,
        _ => Level::Different,
    }
}

fn place(a: &Normal, b: &Normal) -> Level {
    let (short, long) = if a.text.len() <= b.text.len() { (&a.text, &b.text) } else { (&b.text, &a.text) };
    if equal_words(a, b) || (short.len() >= 5 && within(short, long, 1)) {
        return Level::Nearly;
    }
    let alike = jaro_winkler(short, long);
    if contains(a, b) || initials(long).as_str() == short.as_str() || (short.len() >= 4 && alike >= 0.9) {
        return Level::Similar;
    }
    let (soft, covered) = soft(a, b);
    if soft >= 0.4 || covered >= 0.6 || (short.len() >= 4 && alike >= 0.82) { Level::Loosely } else { Level::Different }
}

fn code(a: &str, b: &str) -> Level {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() >= 4 && within(short, long, 1) {
        Level::Nearly
    } else if short.len() >= 6 && (within(short, long, 2) || long.ends_with(short) || long.starts_with(short)) {
        Level::Similar
    } else if short.len() >= 4 && common_prefix(a, b) * 2 > long.len() {
        Level::Loosely
    } else {
        Level::Different
    }
}

fn phone(a: &str, b: &str) -> Level {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    // The digits stay when two change their places; another digit is the next desk's number as often as a slip.
    let is_slip = short.len() >= 7 && within(short, long, 1);
    let is_another = is_slip && short.len() == long.len() && sorted(short) != sorted(long);
    if (short.len() >= 8 && long.ends_with(short)) || (is_slip && !is_another) {
        Level::Nearly
    } else if is_another {
        Level::Loosely
    } else if short.len() >= 7 && tail(short, 7) == tail(long, 7) {
        Level::Similar
    } else if short.len() >= 9 && common_prefix(a, b) + 4 >= short.len() {
        Level::Loosely
    } else {
        Level::Different
    }
}

fn email(a: &str, b: &str) -> Level {
    let (Some((local_a, domain_a)), Some((local_b, domain_b))) = (a.rsplit_once('@'), b.rsplit_once('@')) else {
        return if within(a, b, 1) { Level::Nearly } else { Level::Different };
    };
    let (local_a, local_b) = (plain(local_a), plain(local_b));
    if domain_a == domain_b && are_two_locals(&local_a, &local_b) {
        return Level::Loosely;
    }
    if within(a, b, 1) {
        // The first letter stands for a given name: "a.lee" and "e.lee" are two persons.
        let two_initials =
            domain_a == domain_b && local_a.len() == local_b.len() && common_prefix(&local_a, &local_b) == 0;
        return if two_initials { Level::Loosely } else { Level::Nearly };
    }
    if local_a == local_b && local_a.len() >= 5 {
        return if domain_a == domain_b { Level::Nearly } else { Level::Similar };
    }
    if domain_a == domain_b && jaro_winkler(&local_a, &local_b) >= 0.9 { Level::Loosely } else { Level::Different }
}

/// Whether two local parts that are nearly equal are of two people: a provider numbers those of one name ("wei.zhang2"), and a letter
/// in front is the initial of a given name ("miller" and "jmiller").
fn are_two_locals(a: &str, b: &str) -> bool {
    let letters = |local: &str| local.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let is_numbered = a != b && letters(a) == letters(b);
    let has_initial = long.len() == short.len() + 1 && long.ends_with(short);
    is_numbered || has_initial
}

fn web(a: &str, b: &str) -> Level {
    // Of "shop.example.co.uk" the longest label is taken for the name.
    let name = |host: &str| host.split('.').max_by_key(|label| label.len()).unwrap_or_default().to_owned();
    let (name_a, name_b) = (name(a), name(b));
    if name_a == name_b {
        if a.ends_with(b) || b.ends_with(a) { Level::Nearly } else { Level::Similar }
    } else if name_a.len().min(name_b.len()) >= 5 && within(&name_a, &name_b, 1) {
        Level::Loosely
    } else {
        Level::Different
    }
}

fn date(a: &str, b: &str) -> Level {
    if within(a, b, 1) {
        return Level::Nearly;
    }
    if a.len() != 8 || b.len() != 8 || !a.is_ascii() || !b.is_ascii() {
        return Level::Different;
    }
    let ((year_a, month_a, day_a), (year_b, month_b, day_b)) =
        ((&a[..4], &a[4..6], &a[6..]), (&b[..4], &b[4..6], &b[6..]));
    if year_a == year_b && month_a == day_b && day_a == month_b {
        return Level::Nearly;
    }
    let equal = usize::from(year_a == year_b) + usize::from(month_a == month_b) + usize::from(day_a == day_b);
    match equal {
        2 => Level::Similar,
        _ if within(a, b, 2) || year_a == year_b => Level::Loosely,
        _ => Level::Different,
    }
}

fn number(a: &str, b: &str) -> Level {
    let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else { return Level::Different };
    let is_year = |number: f64| (1800.0..2100.0).contains(&number) && number.fract() == 0.0;
    if is_year(a) && is_year(b) {
        return match (a - b).abs() {
            apart if apart <= 1.0 => Level::Similar,
            apart if apart <= 3.0 => Level::Loosely,
            _ => Level::Different,
        };
    }
    let apart = (a - b).abs() / a.abs().max(b.abs()).max(f64::MIN_POSITIVE);
    match apart {
        apart if apart <= 0.01 => Level::Nearly,
        apart if apart <= 0.1 => Level::Similar,
        apart if apart <= 0.3 => Level::Loosely,
        _ => Level::Different,
    }
}

/// Returns how much two sets of words are alike, and how much of the smaller one the other covers; both 0 to 1.
///
/// Words count by how rare they are and match also when they are nearly equal: the soft TF-IDF of Cohen, Ravikumar and Fienberg (2003).
fn soft(a: &Normal, b: &Normal) -> (f64, f64) {
    if a.words.is_empty() || b.words.is_empty() {
        return (0.0, 0.0);
    }
    let (small, large) = if a.weight <= b.weight { (a, b) } else { (b, a) };
    let (mut product, mut covered) = (0.0f64, 0.0f64);
    for word in &small.words {
        let (likeness, rarity) = match large.words.binary_search_by_key(&word.hash, |other| other.hash) {
            Ok(at) => (1.0, large.words[at].rarity),
            Err(_) => nearest(word, &large.words),
        };
        product += likeness * f64::from(word.rarity) * f64::from(rarity);
        covered += likeness * f64::from(word.rarity) * f64::from(word.rarity);
    }
    let lengths = (f64::from(a.weight) * f64::from(b.weight)).sqrt();
    ((product / lengths.max(f64::MIN_POSITIVE)).min(1.0), covered / f64::from(small.weight).max(f64::MIN_POSITIVE))
}

/// The word most like this one, if any is like it: a slip of the pen, or one is the beginning of the other.
fn nearest(word: &Word, others: &[Word]) -> (f64, f32) {
    let mut best = (0.0, 0.0);
    for other in others {
        let (short, long) = if word.text.len() <= other.text.len() { (word, other) } else { (other, word) };
        let is_initial = short.text.len() == 1 && short.text.as_bytes()[0].is_ascii_alphabetic();
        if !is_initial && (short.text.len() < 3 || long.text.len() > short.text.len() * 3) {
            continue;
        }
        let likeness = if numbers::has_digit(&short.text) || numbers::has_digit(&long.text) {
            // One letter of a code is another thing.
            if numbers::are_one(&short.text, &long.text) { 0.95 } else { 0.0 }
        } else if long.text.starts_with(short.text.as_str()) {
            0.9
        } else if short.text.as_bytes()[0] == long.text.as_bytes()[0] || short.text.len() > 4 {
            jaro_winkler(&short.text, &long.text)
        } else {
            0.0
        };
        if likeness >= 0.9 && likeness > best.0 {
            best = (likeness, other.rarity);
        }
    }
    best
}

fn equal_words(a: &Normal, b: &Normal) -> bool {
    !a.words.is_empty() && a.words.len() == b.words.len() && a.words.iter().zip(&b.words).all(|(a, b)| a.hash == b.hash)
}

/// Whether all words of one are among the other's.
fn contains(a: &Normal, b: &Normal) -> bool {
    let (few, many) = if a.words.len() <= b.words.len() { (a, b) } else { (b, a) };
    !few.words.is_empty()
        && few.words.iter().all(|word| many.words.binary_search_by_key(&word.hash, |other| other.hash).is_ok())
}

fn joined(text: &str) -> String {
    text.chars().filter(|c| *c != ' ').collect()
}

fn initials(text: &str) -> String {
    text.split(' ').filter_map(|word| word.chars().next()).collect()
}

/// Whether two texts are at most so many slips apart (a letter more, less, changed or exchanged with its neighbour).
fn within(a: &str, b: &str, slips: usize) -> bool {
    a.len().abs_diff(b.len()) <= slips * 4 && osa_distance(a, b) <= slips
}

fn sorted(digits: &str) -> Vec<u8> {
    let mut sorted = digits.as_bytes().to_vec();
    sorted.sort_unstable();
    sorted
}

fn common_prefix(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

fn tail(text: &str, length: usize) -> &[u8] {
    let bytes = text.as_bytes();
    &bytes[bytes.len().saturating_sub(length)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(class: Class, a: &str, b: &str) -> Level {
        let normal = |value| {
            let mut normal = Normal::of(class, value).unwrap();
            normal.weigh(|_| 1.0);
            normal
        };
        let (a, b) = (normal(a), normal(b));
        assert_eq!(compare(class, &a, &b), compare(class, &b, &a), "the order does not matter");
        compare(class, &a, &b)
    }

    #[test]
    fn what_tells_two_people_apart_is_no_slip_of_the_pen() {
        assert_eq!(level(Class::Email, "wei.zhang@acme.com", "wei.zhang2@acme.com"), Level::Loosely);
        assert_eq!(level(Class::Email, "miller@gmail.com", "jmiller@gmail.com"), Level::Loosely);
        assert_eq!(level(Class::Email, "info@huber-bau.de", "info@huber-bau.de"), Level::Similar);
        assert_eq!(level(Class::Email, "karl.huber@huber-bau.de", "karl.hubre@huber-bau.de"), Level::Nearly);
        assert_eq!(level(Class::Phone, "+1 415 555 0001", "+1 415 555 0002"), Level::Loosely);
        assert_eq!(level(Class::Phone, "+49 89 5551234", "+49 89 555134"), Level::Nearly);
        assert_eq!(level(Class::Person, "Miller Sr.", "Miller Jr."), Level::Different);
        assert_eq!(level(Class::Person, "Miller", "Miller Jr."), Level::Similar);
    }

    #[test]
    fn the_nearer_two_values_are_the_better_their_level() {
        assert_eq!(level(Class::Person, "isabella", "isabela"), Level::Nearly);
        assert_eq!(level(Class::Person, "J", "Jonathan"), Level::Similar);
        assert_eq!(level(Class::Person, "maria", "henry"), Level::Different);
        assert_eq!(level(Class::Organisation, "hotel bel-air", "bel-air hotel"), Level::Nearly);
        assert_eq!(level(Class::Organisation, "arts deli", "arts delicatessen"), Level::Nearly);
        assert_eq!(level(Class::Organisation, "Acme", "Globex"), Level::Different);
        assert_eq!(level(Class::Organisation, "Alon Sellin, Gail Cluett", "A. Sellin, G. Cluett"), Level::Nearly);
        assert_eq!(level(Class::Address, "8358 sunset blvd. west", "8358 Sunset Blvd."), Level::Nearly);
        assert_eq!(level(Class::Address, "12 main street", "14 main street"), Level::Loosely);
        assert_eq!(level(Class::Phone, "310-246-1501", "310-246-1510"), Level::Nearly);
        assert_eq!(level(Class::Phone, "310 246 1501", "213 246 1501"), Level::Similar);
        assert_eq!(level(Class::Date, "1960-02-10", "1960-10-02"), Level::Nearly);
        assert_eq!(level(Class::Date, "1960-02-10", "1971-11-23"), Level::Different);
        assert_eq!(level(Class::Email, "ann.lee@a.com", "annlee@b.com"), Level::Similar);
        assert_eq!(level(Class::Web, "example.com", "example.de"), Level::Similar);
        assert_eq!(level(Class::Place, "w. hollywood", "hollywood"), Level::Similar);
        assert_eq!(level(Class::Place, "la", "los angeles"), Level::Similar);
        assert_eq!(level(Class::Code, "5304218", "5304281"), Level::Nearly);
        assert_eq!(level(Class::Number, "100", "100.5"), Level::Nearly);
    }
}

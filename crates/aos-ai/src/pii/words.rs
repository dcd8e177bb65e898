//! Lists of words that are compiled in: names of persons, words that look like names and are none, and words of streets.

use std::collections::HashSet;
use std::sync::LazyLock;

pub(super) static GIVEN: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/given.txt")));
pub(super) static SURNAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/surname.txt")));
pub(super) static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/common.txt")));

/// What stands in front of a word for a house without naming one: `Renewable Energy`, `Marketing Group`.
pub(super) static GENERIC: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/generic.txt")));

pub(super) static STREETS_ENGLISH: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/streets/english.txt")));
pub(super) static STREETS_SURE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/streets/sure.txt")));
pub(super) static STREETS_LEADING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/streets/leading.txt")));
pub(super) static STREETS_FRENCH: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/streets/french.txt")));
pub(super) static STREETS_SMALL: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/streets/small.txt")));
pub(super) static STREET_ENDINGS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/streets/ending.txt")));
/// Words that make the name of a street, a house or an honour of a person's name in front of them.
pub(super) static HOUSES: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/persons/houses.txt")));
pub(super) static TITLES: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/persons/titles.txt")));
pub(super) static GREETINGS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/persons/greetings.txt")));
pub(super) static INTRODUCTIONS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/persons/introductions.txt")));
pub(super) static ACTS: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/persons/acts.txt")));
pub(super) static DONE: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/persons/done.txt")));
pub(super) static TITLES_SMALL: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/persons/titles_small.txt")));
pub(super) static ROLLS: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/persons/rolls.txt")));
pub(super) static FAMILY_ENDINGS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/persons/family_endings.txt")));
/// Given names that are something else as well.
pub(super) static AMBIGUOUS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/persons/ambiguous.txt")));
/// What stands in front of places and things.
pub(super) static PLACES: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/persons/places.txt")));
pub(super) static TOWARDS: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/persons/towards.txt")));
pub(super) static PARTICLES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/persons/particles.txt")));

const FAMILY_BEGINNINGS: [&str; 3] = ["o'", "o’", "mc"];

/// Whether a lower-case word is a family name, by the list or by its ending.
pub(super) fn is_family(word: &str) -> bool {
    let is_ended = || {
        word.char_indices()
            .rev()
            .map(|(at, _)| &word[at..])
            .skip(1)
            .take(6)
            .any(|ending| FAMILY_ENDINGS.contains(ending))
    };
    // `O'Neil`, `McAllister`
    let is_begun =
        || FAMILY_BEGINNINGS.iter().any(|begin| word.strip_prefix(begin).is_some_and(|rest| rest.chars().count() > 3));
    SURNAMES.contains(word) || (word.chars().count() > 5 && !COMMON.contains(word) && (is_begun() || is_ended()))
}

fn words(list: &'static str) -> HashSet<&'static str> {
    list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
}

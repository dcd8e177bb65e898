//! Lists of words that are compiled in: names of persons, words that look like names and are none, and words of streets.

use std::collections::HashSet;
use std::sync::LazyLock;

pub(super) static GIVEN: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/given.txt")));
pub(super) static SURNAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/surname.txt")));
pub(super) static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/common.txt")));

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
pub(super) static TITLES: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/persons/titles.txt")));
pub(super) static GREETINGS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/persons/greetings.txt")));
pub(super) static INTRODUCTIONS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/persons/introductions.txt")));
pub(super) static ACTS: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/persons/acts.txt")));
pub(super) static DONE: LazyLock<HashSet<&str>> = LazyLock::new(|| words(include_str!("words/persons/done.txt")));
pub(super) static PARTICLES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("words/persons/particles.txt")));

fn words(list: &'static str) -> HashSet<&'static str> {
    list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
}

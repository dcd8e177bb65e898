//! Which records are compared at all: those that share a key. A key that too many share is narrowed by a second one.

use crate::class::Class;
use crate::model::Prepared;
use crate::normal::Normal;
use std::collections::{HashMap, HashSet};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// How many records may share a key at most, whatever the budget says.
const BLOCK_MAX: usize = 120;
const BLOCK_MIN: usize = 8;
/// How many pairs the keys may make for each record. Most are the same pairs over again: records of one thing share twenty keys.
const PAIRS_PER_RECORD: usize = 100;
/// So few records may be compared with as many others as there are.
const PAIRS_MIN: usize = 200_000;

/// Finds the keys that too many records share, within the budget of comparisons. Sorted.
pub(crate) fn common_keys(classes: &[Class], records: &[Prepared]) -> Vec<u64> {
    let mut counts: HashMap<u64, u32> = HashMap::new();
    let own: Vec<Vec<u64>> = records.iter().map(|record| own_keys(classes, record)).collect();
    for key in own.iter().flatten() {
        *counts.entry(*key).or_default() += 1;
    }
    let cap = cap(counts.values().copied(), records.len());
    let mut common: HashSet<u64> = over(&counts, cap).collect();
    // Narrowed keys are counted apart: there are far more of them, and most are of one record.
    let mut narrowed: HashMap<u64, u32> = HashMap::new();
    for (record, own) in records.iter().zip(&own) {
        for key in narrowed_keys(classes, record, own.iter().copied().filter(|key| common.contains(key))) {
            *narrowed.entry(key).or_default() += 1;
        }
    }
    let single: Vec<u32> = counts.into_values().filter(|count| *count as usize <= cap).collect();
    let cap = self::cap(single.into_iter().chain(narrowed.values().copied()), records.len()).min(cap);
    common.extend(over(&narrowed, cap));
    let mut common: Vec<u64> = common.into_iter().collect();
    common.sort_unstable();
    common
}

fn over(counts: &HashMap<u64, u32>, cap: usize) -> impl Iterator<Item = u64> {
    counts.iter().filter(move |(_, count)| **count as usize > cap).map(|(key, _)| *key)
}

/// Returns the keys under which a record is found.
pub(crate) fn keys(classes: &[Class], record: &Prepared, common: &[u64]) -> Vec<u64> {
    let is_common = |key: &u64| common.binary_search(key).is_ok();
    let (wide, mut keys): (Vec<u64>, Vec<u64>) = own_keys(classes, record).into_iter().partition(is_common);
    keys.extend(narrowed_keys(classes, record, wide.into_iter()).filter(|key| !is_common(key)));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The greatest number of records per key that stays within the budget.
fn cap(counts: impl Iterator<Item = u32>, records: usize) -> usize {
    let mut sizes = vec![0usize; BLOCK_MAX + 1];
    for count in counts {
        if let Some(blocks) = sizes.get_mut(count as usize) {
            *blocks += 1;
        }
    }
    let budget = (records * PAIRS_PER_RECORD).max(PAIRS_MIN);
    let (mut cap, mut pairs) = (BLOCK_MIN, 0);
    for (size, blocks) in sizes.iter().enumerate() {
        pairs += blocks * size * size.saturating_sub(1) / 2;
        if size > cap && pairs > budget {
            break;
        }
        cap = cap.max(size);
    }
    cap
}

fn own_keys(classes: &[Class], record: &Prepared) -> Vec<u64> {
    let mut keys = Vec::new();
    for (at, (class, cell)) in classes.iter().zip(&record.cells).enumerate() {
        if let Some(cell) = cell {
            // Names of one class share their keys, so that exchanged ones meet.
            let seed = if *class == Class::Person { 1 } else { 16 + at as u64 };
            keys_of(*class, cell, |text, kind| keys.push(xxh3_64_with_seed(text.as_bytes(), seed * 8 + kind)));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn keys_of(class: Class, cell: &Normal, mut key: impl FnMut(&str, u64)) {
    let text = cell.text.as_str();
    key(text, 0);
    match class {
        Class::Person => {
            for word in text.split(' ').filter(|word| word.len() >= 3) {
                key(&sound(word), 1);
            }
        }
        Class::Organisation | Class::Text | Class::Address => {
            for word in cell.words.iter().filter(|word| word.text.chars().count() >= 2) {
                key(&word.text, 2);
                if word.text.chars().count() >= 5 {
                    key(&beginning(&word.text, 4), 3);
                }
            }
        }
        Class::Phone if text.len() >= 7 => key(&text[text.len() - 7..], 4),
        Class::Email => key(text.rsplit_once('@').map_or(text, |(local, _)| local), 4),
        Class::Web => key(text.split('.').max_by_key(|label| label.len()).unwrap_or_default(), 4),
        _ => {}
    }
}

/// Narrows wide keys by the beginning of each field.
fn narrowed_keys<'k>(
    classes: &'k [Class],
    record: &'k Prepared,
    wide: impl Iterator<Item = u64> + 'k,
) -> impl Iterator<Item = u64> + 'k {
    let beginnings: Vec<u64> = classes
        .iter()
        .zip(&record.cells)
        .enumerate()
        .filter_map(|(at, (_, cell))| {
            let begin = beginning(&cell.as_ref()?.text, 4);
            Some(xxh3_64_with_seed(begin.as_bytes(), 4096 + at as u64))
        })
        .collect();
    wide.flat_map(move |key| beginnings.clone().into_iter().map(move |begin| key.rotate_left(17) ^ begin))
}

fn beginning(text: &str, letters: usize) -> String {
    text.chars().take(letters).collect()
}

/// How a name sounds, roughly, after Soundex (Russell, 1918): its first letter and the classes of the consonants that follow.
fn sound(word: &str) -> String {
    let mut sound = String::with_capacity(5);
    let mut before = '0';
    for (at, letter) in word.chars().enumerate() {
        let class = match letter {
            'b' | 'f' | 'p' | 'v' | 'w' => '1',
            'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => '2',
            'd' | 't' => '3',
            'l' => '4',
            'm' | 'n' => '5',
            'r' => '6',
            _ => '0',
        };
        if at == 0 {
            sound.push(letter);
        } else if class != '0' && class != before {
            sound.push(class);
        }
        before = class;
        if sound.len() >= 5 {
            break;
        }
    }
    sound
}

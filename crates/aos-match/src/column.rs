//! A table's columns as the matcher reads them: words of name and label, nesting, value profile, what makes them key-like.

use crate::field::EntityWords;
use crate::lexicon::Role;
use crate::values::ValueProfile;
use crate::words::{Word, segments, split_words, squeeze};
use aos_core::shape::{ColumnShape, StreamShape, ValueKind};
use std::collections::{HashMap, HashSet};

#[derive(Debug, Clone)]
pub(crate) struct ColumnInfo {
    pub words: Vec<Word>,
    pub label: Vec<Word>,
    /// Letters and digits of the name's meaningful part.
    pub squeezed: String,
    /// How many objects the value lies within, wrappers not counted.
    pub depth: usize,
    /// A value reached through a list: there may be several per record.
    pub many: bool,
    pub kind: ValueKind,
    pub profile: ValueProfile,
    pub position: usize,
    /// Nothing but `id`.
    pub bare_id: bool,
    /// Other columns are values within this one.
    pub container: bool,
    /// One of several values of an object that also has a name: a reference with its target beside it.
    pub described: bool,
    /// Enough values were seen, and all differ; or some are the same.
    pub unique: bool,
    pub repeats: bool,
    /// Seen often enough, and always the same.
    pub constant: bool,
    /// Records were looked at and none had a value.
    pub empty: bool,
    pub range: Option<(f64, f64)>,
}

/// Rows needed before "always the same" means anything.
const ROWS_FOR_CONSTANT: u64 = 3;
/// Rows needed before "all different" means anything.
const ROWS_FOR_UNIQUE: u64 = 4;

pub(crate) fn read_columns(table: &StreamShape, words: &EntityWords) -> Vec<ColumnInfo> {
    let shared = SharedPrefixes::of(table);
    let objects = Objects::of(table);
    table
        .columns
        .iter()
        .enumerate()
        .map(|(position, column)| read_column(table, column, position, words, &shared, &objects))
        .collect()
}

fn read_column(
    table: &StreamShape,
    column: &ColumnShape,
    position: usize,
    words: &EntityWords,
    shared: &SharedPrefixes,
    objects: &Objects,
) -> ColumnInfo {
    let parts = segments(&column.path);
    let mut read = words.read_name(&column.path);
    shared.mark(&column.path, &parts, words, &mut read);
    mark_around(&parts, words, &mut read);
    // The system's own name in a column's says nothing about the column.
    let system = squeeze(&table.system);
    read.iter_mut()
        .filter(|word| word.text.len() >= 4 && system.contains(&word.text))
        .for_each(|word| word.role = Role::Noise);
    let mut label = column.label.as_deref().map(|label| words.read_name(label)).unwrap_or_default();
    if label.iter().all(|said| read.iter().any(|word| word.id == said.id)) {
        label.clear(); // it says nothing that the name does not
    }
    ColumnInfo {
        squeezed: squeeze(&parts.concat()),
        // The id or value of an object stands for the object itself.
        depth: parts.len().saturating_sub(if parts.last().is_some_and(|leaf| leaf.eq_ignore_ascii_case("id")) {
            2
        } else {
            1
        }),
        bare_id: read.len() == 1 && read[0].text == "id",
        container: objects.members.contains_key(&column.path),
        described: parent(&column.path).is_some_and(|parent| objects.named.contains(parent)),
        many: column.path.contains("[]"),
        words: read,
        label,
        kind: column.kind,
        profile: ValueProfile::of(column),
        position,
        unique: column.is_unique() && column.present >= ROWS_FOR_UNIQUE,
        repeats: column.present >= ROWS_FOR_UNIQUE && column.distinct < column.present,
        constant: column.distinct == 1 && column.present >= ROWS_FOR_CONSTANT,
        empty: table.sampled > 0 && column.present == 0 && column.nulls + column.absent > 0,
        range: column.min.zip(column.max),
    }
}

/// Marks the words that only the surrounding objects contribute.
fn mark_around(parts: &[&str], words: &EntityWords, read: &mut [Word]) {
    let [around @ .., leaf] = parts else { return };
    if around.is_empty() || leaf.eq_ignore_ascii_case("id") || leaf.eq_ignore_ascii_case("name") {
        return;
    }
    let own = words.read_name(leaf);
    read.iter_mut().filter(|word| !own.iter().any(|other| other.id == word.id)).for_each(|word| word.around = true);
}

/// The objects among a table's columns.
struct Objects {
    /// Path of an object -> how many columns lie within it.
    members: HashMap<String, usize>,
    /// Paths of objects with a name among their members.
    named: HashSet<String>,
}

impl Objects {
    fn of(table: &StreamShape) -> Self {
        let mut objects = Self { members: HashMap::new(), named: HashSet::new() };
        for column in &table.columns {
            let Some(parent) = parent(&column.path) else { continue };
            *objects.members.entry(parent.to_owned()).or_default() += 1;
            if matches!(squeeze(&column.path[parent.len()..]).as_str(), "name" | "displayname" | "title") {
                objects.named.insert(parent.to_owned());
            }
        }
        objects
    }
}

fn parent(path: &str) -> Option<&str> {
    let (parent, _) = path.rsplit_once('.')?;
    Some(parent.trim_end_matches("[]"))
}

/// Leading words that so many columns share that they name the table, not the column.
struct SharedPrefixes {
    segments: Vec<String>,
    word: Option<String>,
}

impl SharedPrefixes {
    fn of(table: &StreamShape) -> Self {
        let total = table.columns.len();
        let mut leading_segments: HashMap<String, usize> = HashMap::new();
        let mut leading_words: HashMap<String, usize> = HashMap::new();
        for column in &table.columns {
            let parts = segments(&column.path);
            if parts.len() > 1 {
                *leading_segments.entry(parts[0].to_owned()).or_default() += 1;
            }
            let words = split_words(parts.first().copied().unwrap_or_default());
            if words.len() > 1 {
                *leading_words.entry(words[0].clone()).or_default() += 1;
            }
        }
        let often = |count: usize, share: f64| count >= 4 && count as f64 >= share * total as f64;
        Self {
            segments: leading_segments
                .into_iter()
                .filter(|(_, count)| often(*count, 0.3))
                .map(|(segment, _)| segment)
                .collect(),
            word: leading_words.into_iter().find(|(_, count)| often(*count, 0.6)).map(|(word, _)| word),
        }
    }

    fn mark(&self, path: &str, parts: &[&str], words: &EntityWords, read: &mut Vec<Word>) {
        let Some(&leading_part) = parts.first() else { return };
        let by_segment = parts.len() > 1 && self.segments.iter().any(|segment| segment == leading_part);
        if by_segment {
            let leading = words.read_name(leading_part);
            read.iter_mut()
                .filter(|word| leading.iter().any(|lead| lead.id == word.id))
                .for_each(|word| word.shared = true);
        }
        let by_word =
            self.word.as_deref().filter(|word| split_words(leading_part).first().is_some_and(|first| first == word));
        if let Some(prefix) = by_word {
            // Read once more without the prefix: `cust_employees` is `employees`.
            let rest = &path
                [path.len().min(path.char_indices().nth(prefix.chars().count()).map_or(path.len(), |(at, _)| at))..];
            let without = words.read_name(rest.trim_start_matches(|c: char| !c.is_alphanumeric()));
            if !without.is_empty() && parts.len() == 1 {
                let mut kept: Vec<Word> = words.read_name(prefix);
                kept.retain(|word| !without.iter().any(|other| other.id == word.id));
                kept.iter_mut().for_each(|word| word.shared = true);
                kept.extend(without);
                *read = kept;
            }
        }
    }
}

//! What was decided about columns of other tables, as evidence for the columns of this one: how alike two columns are, and what that is worth.
//!
//! How alike they are is said by their names (here), or by the vectors of what they are described as (elsewhere); it says how much of a
//! table is known. Evidence is narrower: a decision speaks for the column of the same name in a stream of the same name, and strongly so
//! in the same system. Persons are taken to be right 97 times in 100, and a wrong one to name any of about a hundred fields, which by
//! Bayes' rule makes the odds of such a pair 0.97 / (0.03 / 100) times what they were. What columns of other systems are worth was weighed
//! on the labelled cases of the benchmark, each system left out in turn (`examples/matching`, command `memory`).

use crate::Matcher;
use crate::column::{ColumnInfo, read_columns};
use crate::field::{FieldInfo, Part, PhraseInfo};
use crate::hint::Hint;
use crate::lexicon::Role;
use crate::matcher::table_words;
use crate::name::fit;
use crate::words::{Word, segments, squeeze};
use aos_core::ontology::FieldType;
use aos_core::shape::{StreamShape, ValueKind};

/// A pair that somebody, or the matcher, decided before.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    pub system: String,
    pub stream: String,
    pub column: String,
    pub kind: ValueKind,
    pub entity: String,
    pub field: String,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A person said that it is right.
    Right,
    /// A person said that it is wrong.
    Wrong,
    /// The matcher decided it, or that the column feeds nothing (entity and field are empty then), and nobody has looked. It is remembered, and teaches nothing: what learns from itself gets surer, not righter.
    Unseen,
}

/// A remembered pair that a column is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alike {
    /// Its place in what is remembered.
    pub decided: usize,
    /// From 0 to 1.
    pub similarity: f64,
}

/// From this similarity on a column counts as known.
pub const COVERED_ABOVE: f64 = 0.8;

/// How much a decision about another column is worth for this one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Worth {
    /// By how much it moves the log-odds of the pair, of the other fields of its entity, and of a pair that was rejected.
    right: f64,
    otherwise: f64,
    wrong: f64,
    /// The probability of the pair where the matcher sees nothing in it.
    alone: f64,
}

/// This very column of the same system: ln(0.97 / (0.03 / 100)), and ln(0.03 / 0.97) for anything else.
const SAME_COLUMN: Worth = Worth { right: 8.08, otherwise: -3.48, wrong: -3.48, alone: 0.97 };
/// A column called the same in a stream called the same, of another system.
const SAME_NAMES: Worth = Worth { right: 2.5, otherwise: -0.5, wrong: -1.0, alone: 0.8 };
/// What is less alike than this is not worth keeping.
const WORTH_KEEPING: f64 = 0.5;
/// Of the remembered pairs that a column is like, the likest count.
const KEPT_MAX: usize = 8;

/// What is remembered, prepared for comparing.
#[derive(Debug)]
pub struct Recollection {
    matcher: Matcher,
    decided: Vec<Decided>,
    read: Vec<Read>,
}

/// A remembered column as the matcher reads it: its name as one more name of its field.
#[derive(Debug)]
struct Read {
    field: Option<FieldInfo>,
    /// The name says nothing without the table's.
    bare: bool,
    table: Vec<Word>,
}

impl Recollection {
    pub fn new(matcher: &Matcher, decided: Vec<Decided>) -> Self {
        let read = decided.iter().map(|one| read(matcher, one)).collect();
        Self { matcher: matcher.clone(), decided, read }
    }

    pub fn decided(&self) -> &[Decided] {
        &self.decided
    }

    /// Says for each column of a table which remembered ones its name is like, the likest first. The comparison is the one by which the
    /// matcher compares a name with the names of a field.
    pub fn by_names(&self, table: &StreamShape) -> Vec<Vec<Alike>> {
        let words = &self.matcher.compiled.words;
        let name = words.read(&table_words(table));
        let columns = read_columns(table, words);
        columns.iter().map(|column| self.alike(column, &name)).collect()
    }

    fn alike(&self, column: &ColumnInfo, table: &[Word]) -> Vec<Alike> {
        let mut alike = Vec::new();
        for (at, (decided, read)) in self.decided.iter().zip(&self.read).enumerate() {
            let Some(field) = &read.field else { continue };
            let name = fit(&column.words, &column.squeezed, field).score;
            if name < WORTH_KEEPING {
                continue;
            }
            let context = if read.bare {
                0.5 + 0.5 * overlap(table, &read.table)
            } else {
                0.85 + 0.15 * overlap(table, &read.table)
            };
            let similarity = name.min(1.0) * context * kinds(column.kind, decided.kind);
            if similarity >= WORTH_KEEPING {
                alike.push(Alike { decided: at, similarity });
            }
        }
        kept(alike)
    }

    /// Turns likeness into what speaks for and against the pairs of a table.
    pub fn hints(&self, table: &StreamShape, alike: &[Vec<Alike>]) -> Vec<Hint> {
        let mut hints = Vec::new();
        for (column, alike) in alike.iter().enumerate().take(table.columns.len()) {
            let near: Vec<(&Decided, Worth)> = alike
                .iter()
                .map(|one| &self.decided[one.decided])
                .filter(|decided| decided.verdict != Verdict::Unseen)
                .filter_map(|decided| Some((decided, worth(table, column, decided)?)))
                .collect();
            self.add_hints(column, &near, &mut hints);
        }
        hints
    }

    fn add_hints(&self, column: usize, near: &[(&Decided, Worth)], hints: &mut Vec<Hint>) {
        let mut done: Vec<(&str, &str)> = Vec::new();
        for (decided, _) in near {
            let pair = (decided.entity.as_str(), decided.field.as_str());
            if done.contains(&pair) {
                continue;
            }
            done.push(pair);
            let of_pair = |verdict: Verdict| {
                let is = |one: &Decided| (one.entity.as_str(), one.field.as_str()) == pair && one.verdict == verdict;
                let of = near.iter().filter(|(one, _)| is(one));
                of.max_by(|(_, a), (_, b)| a.right.total_cmp(&b.right))
            };
            let hint = |field: &str, log_odds: f64, alone: f64, said: String| Hint {
                column,
                entity: pair.0.to_owned(),
                field: field.to_owned(),
                log_odds,
                alone,
                said,
            };
            if let Some((one, worth)) = of_pair(Verdict::Right) {
                let said = format!("decided before: {} is {}.{}", place(one), pair.0, pair.1);
                hints.push(hint(pair.1, worth.right, worth.alone, said.clone()));
                // It speaks against the other fields of its entity.
                let others = self.fields_of(pair.0).filter(|field| *field != pair.1);
                hints.extend(others.map(|field| hint(field, worth.otherwise, 0.0, format!("otherwise {said}"))));
            }
            if let Some((one, worth)) = of_pair(Verdict::Wrong) {
                let said = format!("rejected before: {} is not {}.{}", place(one), pair.0, pair.1);
                hints.push(hint(pair.1, worth.wrong, 0.0, said));
            }
        }
    }

    fn fields_of(&self, entity: &str) -> impl Iterator<Item = &str> {
        let compiled = &self.matcher.compiled;
        let fields = compiled.entities.iter().find(|known| known.name == entity).map(|known| known.fields.clone());
        fields.into_iter().flatten().map(|at| compiled.fields[at].name.as_str())
    }
}

/// What a decision is worth for a column; none where it is about a column that is only like it: the benchmark shows nothing that is gained by
/// those, and a little that is lost.
fn worth(table: &StreamShape, column: usize, decided: &Decided) -> Option<Worth> {
    let own = &table.columns[column];
    let named = own.path == decided.column
        && table.stream.eq_ignore_ascii_case(&decided.stream)
        && kinds(own.kind, decided.kind) > 0.9;
    let same_system = table.system.eq_ignore_ascii_case(&decided.system);
    named.then_some(if same_system { SAME_COLUMN } else { SAME_NAMES })
}

/// Counts the columns of which a pair is remembered that was not rejected, and names the others.
pub fn covered<'t>(table: &'t StreamShape, alike: &[Vec<Alike>], recollection: &Recollection) -> (usize, Vec<&'t str>) {
    let known = |alike: &Vec<Alike>| {
        alike
            .iter()
            .any(|one| one.similarity > COVERED_ABOVE && recollection.decided[one.decided].verdict != Verdict::Wrong)
    };
    let missing: Vec<&str> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(at, _)| !alike.get(*at).is_some_and(known))
        .map(|(_, column)| column.path.as_str())
        .collect();
    (table.columns.len() - missing.len(), missing)
}

fn read(matcher: &Matcher, decided: &Decided) -> Read {
    let compiled = &matcher.compiled;
    let shape = StreamShape::of_names(decided.stream.clone(), [decided.column.clone()]);
    let words = compiled.words.read_name(&decided.column);
    let bare = words.iter().all(|word| matches!(word.role, Role::Form | Role::Noise) || word.text == "name");
    let field = compiled
        .fields
        .iter()
        .find(|field| field.name == decided.field && compiled.entities[field.entity].name == decided.entity);
    let field = (!words.is_empty()).then(|| FieldInfo {
        phrases: vec![PhraseInfo {
            text: decided.column.clone(),
            squeezed: squeeze(&segments(&decided.column).concat()),
            alias: false,
            words,
        }],
        ..field.cloned().unwrap_or_else(no_field)
    });
    Read { field, bare, table: compiled.words.read(&table_words(&shape)) }
}

/// What the name of a column that feeds nothing is read as.
fn no_field() -> FieldInfo {
    FieldInfo {
        // No word stands for the last entity that words can name.
        entity: 31,
        name: String::new(),
        kind: FieldType::String,
        part: Part::Plain,
        target: None,
        phrases: Vec::new(),
        expected: Vec::new(),
        range: None,
        exclusive: false,
    }
}

/// The share of words that two names of tables have in common, by meaning.
fn overlap(one: &[Word], other: &[Word]) -> f64 {
    let same = |a: &Word, b: &Word| a.id == b.id || a.entities & b.entities != 0;
    let common = one.iter().filter(|word| other.iter().any(|known| same(word, known))).count();
    common as f64 / one.len().max(other.len()).max(1) as f64
}

/// How well two types go together.
fn kinds(one: ValueKind, other: ValueKind) -> f64 {
    use ValueKind as V;
    match (one, other) {
        _ if one == other => 1.0,
        (V::Unknown, _) | (_, V::Unknown) => 1.0,
        (V::Integer | V::Decimal, V::Integer | V::Decimal) | (V::Date | V::Datetime, V::Date | V::Datetime) => 0.95,
        _ => 0.7,
    }
}

fn place(decided: &Decided) -> String {
    let system = if decided.system.is_empty() { String::new() } else { format!("{} ", decided.system) };
    format!("{system}{}.{}", decided.stream, decided.column)
}

fn kept(mut alike: Vec<Alike>) -> Vec<Alike> {
    alike.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.decided.cmp(&b.decided)));
    alike.truncate(KEPT_MAX);
    alike
}

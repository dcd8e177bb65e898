//! What is still uncertain, and what an answer of a model is worth.

use super::Recalled;
use aos_core::shape::StreamShape;
use aos_match::memory::{COVERED_ABOVE, covered};
use aos_match::{Hint, TableMatch};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// A decision from this confidence on is not asked about: it is one that is applied without a person.
const SURE_FROM: f64 = 0.85;
/// Columns of one source that a model is asked about, at most.
const ASKED_MAX: usize = 200;
/// Columns without a memory that are named to people.
const MISSING_NAMED: usize = 5;
/// Where the matcher sees something in a pair already, a model that errs does so on the same few look-alikes.
const LOOK_ALIKES: f64 = 3.0;
/// How reasons begin that rest on what was decided before.
const DECIDED_BEFORE: &str = "decided before: ";

/// A column, by its table's place and its own.
pub(crate) type Place = (usize, usize);

/// What matcher and memory leave open.
#[derive(Debug, Default)]
pub(crate) struct Uncertain {
    /// Columns that a model would be asked about.
    pub asked: Vec<Place>,
    /// Columns that it would have been asked about, if nothing were remembered of them.
    pub spared: usize,
    pub fields: usize,
    pub covered: usize,
    /// Some columns that nothing is remembered of.
    pub missing: Vec<String>,
}

/// The columns of a stream that were decided with more than names and values, as it stands beside the mapping.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Advised {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub memory: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub model: BTreeSet<String>,
}

/// What a model said of columns: entity and field, or nothing where it says that none fits.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub said: HashMap<Place, (String, String)>,
    pub model: String,
}

/// Lists what is uncertain of a source.
pub(crate) fn uncertain(shapes: &[StreamShape], matches: &[TableMatch], recalled: &Recalled) -> Uncertain {
    let mut open = Uncertain::default();
    for (table, (shape, found)) in shapes.iter().zip(matches).enumerate() {
        let alike = &recalled.alike[table];
        let (known, missing) = covered(shape, alike, &recalled.recollection);
        open.fields += shape.columns.len();
        open.covered += known;
        let room = MISSING_NAMED.saturating_sub(open.missing.len());
        open.missing.extend(missing.iter().take(room).map(|path| format!("{}.{path}", shape.stream)));
        for (at, column) in found.columns.iter().enumerate() {
            let sure = column.decision.as_ref().is_some_and(|decision| decision.confidence >= SURE_FROM);
            // A column that was always empty tells a model no more than its name told the matcher, and feeds nothing.
            let empty = shape.sampled > 0 && shape.columns[at].present == 0;
            if sure || empty {
                continue;
            }
            if alike.get(at).is_some_and(|alike| alike.iter().any(|one| one.similarity > COVERED_ABOVE)) {
                open.spared += 1;
            } else if open.asked.len() < ASKED_MAX {
                open.asked.push((table, at));
            }
        }
    }
    open
}

impl Uncertain {
    /// The share of columns that something is remembered of.
    pub fn coverage(&self) -> f64 {
        if self.fields == 0 { 0.0 } else { self.covered as f64 / self.fields as f64 }
    }
}

impl Advised {
    pub fn by_memory(found: &TableMatch) -> Self {
        let rests = |evidence: &[String]| evidence.iter().any(|said| said.starts_with(DECIDED_BEFORE));
        let columns = found
            .columns
            .iter()
            .filter(|column| column.decision.as_ref().is_some_and(|decision| rests(&decision.evidence)));
        Self { memory: columns.map(|column| column.column.clone()).collect(), model: BTreeSet::new() }
    }
}

impl Answers {
    /// Adds what the model said to what is known already. `accuracy` is how often it was right.
    pub fn added_to(&self, hints: &[Vec<Hint>], accuracy: f64) -> Vec<Vec<Hint>> {
        let mut hints = hints.to_vec();
        let right = accuracy.clamp(0.05, 0.95);
        let percent = right * 100.0;
        for ((table, column), (entity, field)) in &self.said {
            if let Some(hints) = hints.get_mut(*table) {
                hints.push(Hint {
                    column: *column,
                    entity: entity.clone(),
                    field: field.clone(),
                    log_odds: (right / ((1.0 - right) / LOOK_ALIKES)).ln().max(0.0),
                    alone: right,
                    said: format!(
                        "the model {} says {entity}.{field}; here it is right {percent:.0} times in 100",
                        self.model
                    ),
                });
            }
        }
        hints
    }

    /// Which columns rest on what, once everything was weighed.
    pub fn advised(&self, matches: &[TableMatch]) -> Vec<Advised> {
        let of_table = |(table, found): (usize, &TableMatch)| {
            let agrees = (0..found.columns.len()).filter(|at| self.agrees(found, (table, *at)));
            let model = agrees.map(|at| found.columns[at].column.clone()).collect();
            Advised { model, ..Advised::by_memory(found) }
        };
        matches.iter().enumerate().map(of_table).collect()
    }

    /// Counts the columns that are decided because of the model.
    pub fn taken(&self, before: &[TableMatch], after: &[TableMatch]) -> u64 {
        let is_new = |place: &&Place| {
            let (table, _) = **place;
            self.agrees(&after[table], **place) && !self.agrees(&before[table], **place)
        };
        self.said.keys().filter(is_new).count() as u64
    }

    fn agrees(&self, found: &TableMatch, place: Place) -> bool {
        let decision = found.columns[place.1].decision.as_ref();
        self.said.get(&place).is_some_and(|(entity, field)| {
            decision.is_some_and(|decision| (&decision.entity, &decision.field) == (entity, field))
        })
    }
}

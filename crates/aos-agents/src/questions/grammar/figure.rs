//! Figures: what is added up, averaged, or looked for at its ends.

use super::draft::{Draft, Needed};
use super::{Found, Reader};
use crate::questions::plan::{Filter, Measure, MeasureOp};
use crate::questions::refusal::{Refusal, RefusalCode};
use aos_core::ontology::FieldType;

const AGGREGATES: [(&str, MeasureOp); 24] = [
    ("total", MeasureOp::Sum),
    ("sum", MeasureOp::Sum),
    ("sum of", MeasureOp::Sum),
    ("total of", MeasureOp::Sum),
    ("combined", MeasureOp::Sum),
    ("overall", MeasureOp::Sum),
    ("average", MeasureOp::Avg),
    ("mean", MeasureOp::Avg),
    ("avg", MeasureOp::Avg),
    ("average of", MeasureOp::Avg),
    ("maximum", MeasureOp::Max),
    ("max", MeasureOp::Max),
    ("highest", MeasureOp::Max),
    ("largest", MeasureOp::Max),
    ("greatest", MeasureOp::Max),
    ("biggest", MeasureOp::Max),
    ("latest", MeasureOp::Max),
    ("minimum", MeasureOp::Min),
    ("min", MeasureOp::Min),
    ("lowest", MeasureOp::Min),
    ("smallest", MeasureOp::Min),
    ("least", MeasureOp::Min),
    ("earliest", MeasureOp::Min),
    ("oldest", MeasureOp::Min),
];

/// Returns the words that ask for figures.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    AGGREGATES.iter().map(|(words, _)| *words)
}

impl Reader<'_> {
    pub(super) fn aggregated(&self, start: usize) -> Found<Draft> {
        let mut found = Vec::new();
        for (end, measure, filters) in self.measure(start) {
            found.push((end, Draft { measures: vec![measure], filters, ..Draft::default() }));
        }
        found
    }

    /// Reads `total amount of the open opportunities`, `average ticket score`, or a field alone that only one entity has.
    pub(super) fn measure(&self, start: usize) -> Vec<(usize, Measure, Vec<Filter>)> {
        let start = self.skip(start, &["the"]);
        let mut found = Vec::new();
        for (words, op) in AGGREGATES {
            let Some(at) = self.phrase(start, &[words]) else { continue };
            let at = if op == MeasureOp::Sum { at } else { self.skip(at, &["number of", "of the"]) };
            found.extend(self.of_fields(at, op, self.field(at)));
            // `total number of active users`: of what a field counts the numbers add up.
            if let (MeasureOp::Sum, Some(at)) = (op, self.phrase(at, &["number of"])) {
                let mut counts = self.field(at);
                let kind = |path: &str| self.lexicon.resolve(self.entity, path).map(|found| found.kind);
                counts.retain(|(_, path)| kind(path) == Some(FieldType::Integer));
                found.extend(self.of_fields(at, op, counts));
            }
            // `total won opportunity amount`.
            for (end, filters) in self.noun(at) {
                if filters.is_empty() {
                    continue;
                }
                for (end, path) in self.field(end) {
                    found.push((end, Measure::of(op, &path), filters.clone()));
                }
            }
        }
        found
    }

    fn of_fields(&self, at: usize, op: MeasureOp, fields: Found<String>) -> Vec<(usize, Measure, Vec<Filter>)> {
        let mut found = Vec::new();
        for (end, path) in fields {
            let measure = Measure::of(op, &path);
            for (end, filters) in self.of_noun(end) {
                found.push((end, measure.clone(), filters));
            }
            let named = self.entity_at(self.skip(at, &["the"]), self.entity).iter().any(|after| *after < end);
            if named || self.is_implied(at, end, &path) {
                found.push((end, measure, Vec::new()));
            }
        }
        found
    }

    /// `cost by service category`: an amount that is split is a total of each part.
    pub(super) fn amounts(&self, start: usize) -> Found<Draft> {
        let own =
            |path: &str| self.lexicon.resolve(self.entity, path).is_some_and(|found| found.is_money() && !found.far);
        let mut found = Vec::new();
        for (end, path) in self.field(start).into_iter().filter(|(_, path)| own(path)) {
            let draft = Draft {
                measures: vec![Measure::of(MeasureOp::Sum, &path)],
                needs_group: Some(Needed::Split),
                ..Draft::default()
            };
            // `The amount of deals` is how many there are to some.
            let may_be_number = matches!(self.word(end - 1), "amount" | "volume");
            for (end, filters) in self.of_noun(end) {
                if may_be_number {
                    let reason = "whether the number of records or the total of their amounts is meant is not said";
                    let near = ["how many", "total amount of"];
                    self.search.refuse(Refusal::new(RefusalCode::Ambiguous, reason).missing("number or total", near));
                } else {
                    found.push((end, Draft { filters, ..draft.clone() }));
                }
            }
            if self.is_implied(start, end, &path) {
                found.push((end, draft));
            }
        }
        found
    }
}

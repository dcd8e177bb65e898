//! How a question begins: what is counted, added up, ranked or listed.

use super::draft::Draft;
use super::noun::DETERMINERS;
use super::token::Kind;
use super::{Found, Reader, ranking};
use crate::questions::plan::{Filter, Measure, MeasureOp};

const OPENERS: [&str; 33] = [
    "what is",
    "what s",
    "whats",
    "what are",
    "what was",
    "what were",
    "what is the",
    "what s the",
    "what are the",
    "what was the",
    "show",
    "show me",
    "show me the",
    "give me",
    "give me the",
    "tell me",
    "tell me the",
    "list",
    "list the",
    "please",
    "calculate",
    "compute",
    "get",
    "find",
    "display",
    "return",
    "how much is",
    "how much is the",
    "how high is",
    "how large is",
    "i need",
    "i want",
    "can you show me",
];
const COUNTS: [&str; 11] = [
    "how many",
    "number of",
    "the number of",
    "total number of",
    "the total number of",
    "count",
    "count of",
    "the count of",
    "count the",
    "a count of",
    "how many of",
];
/// Words after an entity that ask for the number of its records.
const COUNTED: [&str; 3] = ["count", "counts", "volume"];
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
/// Returns the phrases that questions begin with.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    let aggregates = AGGREGATES.iter().map(|(words, _)| *words);
    OPENERS.into_iter().chain(COUNTS).chain(aggregates).chain(ranking::words()).chain(COUNTED).chain(["split"])
}

impl Reader<'_> {
    /// Returns the ways in which the question may begin.
    pub(super) fn heads(&self) -> Found<Draft> {
        let mut starts = vec![0];
        if let Some(start) = self.phrase(0, &OPENERS) {
            starts.push(start);
            starts.extend(self.phrase(start, &["the"]));
        }
        let mut found = Vec::new();
        for start in starts {
            found.extend(self.counted(start));
            found.extend(self.aggregated(start));
            found.extend(self.ranked(start));
            found.extend(self.newest(start));
            found.extend(self.share(start));
            found.extend(self.periodic(start));
        }
        found.extend(self.most());
        found.extend(self.commonest());
        found.extend(self.listed());
        found
    }

    fn counted(&self, start: usize) -> Found<Draft> {
        let count = |filters| Draft { measures: vec![Measure::count()], filters, ..Draft::default() };
        let Some(at) = self.phrase(start, &COUNTS) else {
            // `open ticket count by priority`.
            let nouns = self.noun(start).into_iter();
            let counted = nouns.filter_map(|(end, filters)| Some((self.phrase(end, &COUNTED)?, count(filters))));
            return counted.collect();
        };
        let mut found: Found<Draft> = self.noun(at).into_iter().map(|(end, filters)| (end, count(filters))).collect();
        let Some(at) = self.phrase(at, &["different", "distinct", "unique"]) else { return found };
        for (end, path) in self.field(at) {
            let distinct = |filters| Draft {
                measures: vec![Measure::of(MeasureOp::CountDistinct, &path)],
                filters,
                ..Draft::default()
            };
            let after = self.skip(end, &["are there", "do we have", "exist"]);
            for (end, filters) in self.of_noun(after) {
                found.push((end, distinct(filters)));
            }
            if self.is_implied(at, end, &path) {
                found.push((end, distinct(Vec::new())));
            }
        }
        found
    }

    /// `of our open opportunities`.
    pub(super) fn of_noun(&self, at: usize) -> Found<Vec<Filter>> {
        let Some(at) = self.phrase(
            at,
            &["of", "for", "across", "among", "in", "over", "do", "from", "on", "of all", "across all", "for all"],
        ) else {
            return Vec::new();
        };
        self.noun(at)
    }

    /// Whether a field says by its own name which entity is meant, since no other has it. `Our revenue` is no field of anybody's account.
    fn is_implied(&self, at: usize, end: usize, path: &str) -> bool {
        let at = self.skip(at, &["the"]);
        let ours = self.tokens.iter().any(|token| matches!(token.folded(), "our" | "we" | "my" | "us" | "i"));
        let owners = self.lexicon.owners(&self.tokens[at.min(end)..end]);
        !ours && self.entity != "account" && owners == [(self.entity, path)]
    }

    fn aggregated(&self, start: usize) -> Found<Draft> {
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
            for (end, path) in self.field(at) {
                let measure = Measure::of(op, &path);
                for (end, filters) in self.of_noun(end) {
                    found.push((end, measure.clone(), filters));
                }
                let named = self.entity_at(self.skip(at, &["the"]), self.entity).iter().any(|after| *after < end);
                if named || self.is_implied(at, end, &path) {
                    found.push((end, measure, Vec::new()));
                }
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

    /// `what percentage of tickets are urgent`.
    fn share(&self, start: usize) -> Found<Draft> {
        let start = self.skip(start, &["what", "which", "the"]);
        let of = ["percentage of", "percent of", "share of", "proportion of", "fraction of"];
        let sign = matches!(self.tokens.get(start).map(|token| &token.kind), Some(Kind::Sign("%")));
        let by_sign = if sign { self.phrase(start + 1, &["of"]) } else { None };
        let Some(at) = self.phrase(start, &of).or(by_sign) else { return Vec::new() };
        let mut found = Vec::new();
        for (end, filters) in self.noun(at) {
            // Up to the verb it is said what the whole is; that may be further down.
            for verb in end..self.tokens.len() {
                let Some(after) = self.phrase(
                    verb,
                    &["are", "is", "were", "was", "have", "has", "come from", "comes from", "that are", "with"],
                ) else {
                    continue;
                };
                let whole = Reader { tokens: &self.tokens[..verb], ..*self };
                for draft in whole.tails(end, Draft { filters: filters.clone(), ..Draft::default() }) {
                    found.push((after, Draft { part: Some(Vec::new()), ..draft }));
                }
            }
        }
        found
    }

    /// `monthly number of tickets`, `the trend of tickets by month`.
    fn periodic(&self, start: usize) -> Found<Draft> {
        let Some(at) = self.phrase(
            start,
            &[
                "trend of",
                "the trend of",
                "trend in",
                "trend for",
                "development of",
                "distribution of",
                "breakdown of",
                "split of",
                "the split of",
                "a breakdown of",
                "the breakdown of",
            ],
        ) else {
            return Vec::new();
        };
        let at = self.skip(at, &["the"]);
        let mut found = Vec::new();
        for (end, draft) in self.counted(at).into_iter().chain(self.aggregated(at)) {
            found.push((end, Draft { needs_group: true, ..draft }));
        }
        for (end, filters) in self.noun(at) {
            found.push((
                end,
                Draft { measures: vec![Measure::count()], filters, needs_group: true, ..Draft::default() },
            ));
        }
        found
    }

    /// Records themselves, or their number by group: `tickets by priority`.
    fn listed(&self) -> Found<Draft> {
        let mut found = Vec::new();
        let verbs = [
            "list",
            "show",
            "show me",
            "which",
            "what",
            "give me",
            "find",
            "display",
            "return",
            "get",
            "list all",
            "show all",
            "show me all",
            "list of",
            "a list of",
            "give me a list of",
            "show me a list of",
            "who are",
            "what are",
        ];
        let asked = self.phrase(0, &verbs);
        if let Some(at) = asked {
            for (end, filters) in self.noun(at) {
                found.push((end, Draft { filters, ..Draft::default() }));
            }
        }
        for at in [Some(0), asked].into_iter().flatten() {
            for (end, filters) in self.noun(at) {
                found.push((
                    end,
                    Draft { measures: vec![Measure::count()], filters, needs_group: true, ..Draft::default() },
                ));
            }
        }
        // A bare determiner begins no question.
        if self.phrase(0, &DETERMINERS).is_some() && asked.is_none() {
            found.retain(|(_, draft)| draft.needs_group);
        }
        found
    }
}

//! How a question begins: what is counted, added up, ranked or listed.

use super::draft::{Draft, Group, Needed};
use super::noun::DETERMINERS;
use super::{Found, Reader, figure, ranking};
use crate::questions::plan::{Bucket, Filter, Measure, MeasureOp};

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
/// `monthly number of tickets`.
const PERIODIC: [(&str, Bucket); 6] = [
    ("daily", Bucket::Day),
    ("weekly", Bucket::Week),
    ("monthly", Bucket::Month),
    ("quarterly", Bucket::Quarter),
    ("yearly", Bucket::Year),
    ("annual", Bucket::Year),
];

/// Returns the phrases that questions begin with.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    let periods = PERIODIC.iter().map(|(word, _)| *word);
    OPENERS
        .into_iter()
        .chain(periods)
        .chain(COUNTS)
        .chain(figure::words())
        .chain(ranking::words())
        .chain(COUNTED)
        .chain(["split"])
}

impl Reader<'_> {
    /// Returns the ways in which the question may begin.
    pub(super) fn heads(&self) -> Found<Draft> {
        let mut starts = vec![0];
        if let Some(start) = self.phrase(0, &OPENERS) {
            starts.push(start);
            starts.extend(self.phrase(start, &["the", "our"]));
        }
        let mut found = Vec::new();
        for start in starts {
            found.extend(self.counted(start));
            found.extend(self.aggregated(start));
            found.extend(self.ranked(start));
            found.extend(self.newest(start));
            found.extend(self.share(start));
            found.extend(self.periodic(start));
            found.extend(self.amounts(start));
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
    pub(super) fn is_implied(&self, at: usize, end: usize, path: &str) -> bool {
        let at = self.skip(at, &["the"]);
        let ours = self.tokens.iter().any(|token| matches!(token.folded(), "our" | "we" | "my" | "us" | "i"));
        let owners = self.lexicon.owners(&self.tokens[at.min(end)..end], self.is_loose);
        let is_own = if self.is_loose {
            owners.contains(&(self.entity, path))
        } else {
            self.entity != "account" && owners == [(self.entity, path)]
        };
        !ours && is_own
    }

    /// `monthly number of tickets`, `the trend of tickets by month`.
    fn periodic(&self, start: usize) -> Found<Draft> {
        if let Some((_, bucket)) = PERIODIC.iter().find(|(word, _)| self.word(start) == *word) {
            // Of totals and averages it would be open whether each month has one, or all months together.
            let split = |draft| Draft { groups: vec![Group::Bucket(None, *bucket)], ..draft };
            return self.counted(start + 1).into_iter().map(|(end, draft)| (end, split(draft))).collect();
        }
        let Some(at) = self.phrase(
            start,
            &[
                "trend of",
                "the trend of",
                "trend in",
                "trend for",
                "development of",
                "distribution of",
                "break down",
                "split",
                "group",
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
            found.push((end, Draft { needs_group: Some(Needed::Split), ..draft }));
        }
        for (end, filters) in self.noun(at) {
            found.push((
                end,
                Draft {
                    measures: vec![Measure::count()],
                    filters,
                    needs_group: Some(Needed::Split),
                    ..Draft::default()
                },
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
                    Draft {
                        measures: vec![Measure::count()],
                        filters,
                        needs_group: Some(Needed::Verb),
                        ..Draft::default()
                    },
                ));
            }
        }
        // A bare determiner begins no question.
        if self.phrase(0, &DETERMINERS).is_some() && asked.is_none() {
            found.retain(|(_, draft)| draft.needs_group.is_some());
        }
        found
    }
}

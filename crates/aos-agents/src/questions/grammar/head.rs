//! How a question begins: what is counted, added up, ranked or listed.

use super::draft::Group;
use super::draft::{Draft, Ordering};
use super::noun::DETERMINERS;
use super::token::{Kind, singular};
use super::{Found, Reader};
use crate::questions::plan::{Filter, FilterOp, Measure, MeasureOp};

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
const GREATEST: [&str; 8] = ["highest", "most", "largest", "greatest", "biggest", "maximum", "top", "best"];
const LEAST: [&str; 7] = ["lowest", "fewest", "smallest", "least", "minimum", "bottom", "worst"];
const NUMBERS: [(&str, u32); 11] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("twenty", 20),
];
const LISTED_MAX: u32 = 1_000;
/// How many a ranking shows that does not say how many.
const RANKED: u32 = 10;

/// Returns the phrases that questions begin with.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    let aggregates = AGGREGATES.iter().map(|(words, _)| *words);
    let numbers = NUMBERS.iter().map(|(word, _)| *word);
    OPENERS.into_iter().chain(COUNTS).chain(GREATEST).chain(LEAST).chain(aggregates).chain(numbers)
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
        let Some(at) = self.phrase(start, &COUNTS) else { return Vec::new() };
        let count = |filters| Draft { measures: vec![Measure::count()], filters, ..Draft::default() };
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
    fn of_noun(&self, at: usize) -> Found<Vec<Filter>> {
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
    fn measure(&self, start: usize) -> Vec<(usize, Measure, Vec<Filter>)> {
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

    /// `top 5 industries by number of accounts`, `5 largest opportunities by amount`.
    fn ranked(&self, start: usize) -> Found<Draft> {
        let mut found = Vec::new();
        for (end, descending, limit) in self.rank(start) {
            // `the largest account` is one, `the largest accounts` are some.
            let limited = |end: usize| {
                let one = singular(self.word(end - 1)) == self.word(end - 1);
                Draft { limit: Some(limit.unwrap_or(if one { 1 } else { RANKED })), ..Draft::default() }
            };
            for (end, filters) in self.noun(end) {
                let draft = limited(end);
                found.extend(self.by_field(end, descending, &Draft { filters, ..draft.clone() }));
            }
            for (end, group) in self.group_item(end) {
                let grouped = Draft { groups: vec![group], ..limited(end) };
                let Some(at) = self
                    .phrase(end, &["by", "by the", "with the most", "with the highest", "in terms of", "with most"])
                else {
                    continue;
                };
                found.extend(self.by_measure(at, descending, &grouped));
            }
        }
        found
    }

    fn rank(&self, start: usize) -> Vec<(usize, bool, Option<u32>)> {
        let mut found = Vec::new();
        let start = self.skip(start, &["the", "which are the", "what are the"]);
        for (words, descending) in [(&GREATEST[..], true), (&LEAST[..], false)] {
            if let Some(at) = self.phrase(start, words) {
                let numbered = self.how_many(at).map(|(end, limit)| (end, Some(limit)));
                let (end, limit) = numbered.unwrap_or((at, None));
                found.push((end, descending, limit));
            }
        }
        if let Some((at, limit)) = self.how_many(start) {
            found.extend(self.phrase(at, &GREATEST).map(|end| (end, true, Some(limit))));
            found.extend(self.phrase(at, &LEAST).map(|end| (end, false, Some(limit))));
        }
        found
    }

    fn how_many(&self, at: usize) -> Option<(usize, u32)> {
        let number = match &self.tokens.get(at)?.kind {
            Kind::Number(number) => number.parse().ok()?,
            Kind::Word(word) => NUMBERS.iter().find(|(name, _)| name == word)?.1,
            _ => return None,
        };
        (1..=LISTED_MAX).contains(&number).then_some((at + 1, number))
    }

    /// Records, by one of their fields.
    fn by_field(&self, at: usize, descending: bool, draft: &Draft) -> Found<Draft> {
        let Some(at) = self.phrase(at, &["by", "by the", "in terms of"]) else { return Vec::new() };
        let fields = self.field(at).into_iter();
        let ranked = fields
            .map(|(end, path)| (end, Draft { order: Some((Ordering::Field(path), descending)), ..draft.clone() }));
        ranked.collect()
    }

    /// Groups, by what is measured of each: a number of records, a named aggregate, or a field that adds up.
    fn by_measure(&self, at: usize, descending: bool, draft: &Draft) -> Found<Draft> {
        let order = Some((Ordering::Measure, descending));
        let ranked =
            |measure, filters| Draft { measures: vec![measure], filters, order: order.clone(), ..draft.clone() };
        let mut found = Vec::new();
        let counted = self.phrase(
            at,
            &["number of", "the number of", "count of", "most", "fewest", "highest number of", "lowest number of"],
        );
        for (end, filters) in counted.map(|at| self.noun(at)).into_iter().flatten() {
            found.push((end, ranked(Measure::count(), filters)));
        }
        for end in self.entity_at(at, self.entity) {
            found.extend(self.phrase(end, &["count"]).map(|end| (end, ranked(Measure::count(), Vec::new()))));
        }
        for (end, measure, filters) in self.measure(at) {
            if matches!(measure.op, MeasureOp::Sum | MeasureOp::Avg | MeasureOp::Max | MeasureOp::Min) {
                found.push((end, ranked(measure, filters)));
            }
        }
        found
    }

    /// `which industry has the most accounts`, `which opportunity has the highest amount`.
    fn most(&self) -> Found<Draft> {
        let Some(at) = self.phrase(0, &["which", "what", "which of the"]) else { return Vec::new() };
        let mut found = Vec::new();
        let has = ["has the", "have the", "had the", "with the", "has", "have"];
        let draft = Draft { limit: Some(1), ..Draft::default() };
        // Of how many the highest are meant is not said where there are to be several.
        let is_one = |end: &usize| singular(self.word(end - 1)) == self.word(end - 1);
        for (end, group) in self.group_item(at).into_iter().filter(|(end, _)| is_one(end)) {
            let Some(at) = self.phrase(end, &has) else { continue };
            let grouped = Draft { groups: vec![group], ..draft.clone() };
            for (words, descending) in [
                (&["most", "highest number of", "largest number of"][..], true),
                (&["fewest", "least", "lowest number of", "smallest number of"][..], false),
            ] {
                for (end, filters) in self.phrase(at, words).map(|at| self.noun(at)).into_iter().flatten() {
                    let order = Some((Ordering::Measure, descending));
                    found.push((end, Draft { measures: vec![Measure::count()], filters, order, ..grouped.clone() }));
                }
            }
            for (words, descending) in [(&GREATEST[..], true), (&LEAST[..], false)] {
                let Some(at) = self.phrase(at, words) else { continue };
                found.extend(
                    self.by_measure(at, descending, &grouped)
                        .into_iter()
                        .filter(|(_, draft)| draft.measures.iter().all(|measure| measure.op != MeasureOp::Count)),
                );
            }
        }
        for (end, filters) in self.noun(at).into_iter().filter(|(end, _)| is_one(end)) {
            let Some(at) = self.phrase(end, &has) else { continue };
            for (words, descending) in [(&GREATEST[..], true), (&LEAST[..], false)] {
                for (end, path) in self.phrase(at, words).map(|at| self.field(at)).into_iter().flatten() {
                    let order = Some((Ordering::Field(path), descending));
                    found.push((end, Draft { filters: filters.clone(), order, ..draft.clone() }));
                }
            }
        }
        found
    }

    /// `what is the most common priority of tickets`.
    fn commonest(&self) -> Found<Draft> {
        let at = self.skip(0, &["what is", "which is", "what s", "show me"]);
        let at = self.skip(at, &["the"]);
        let mut found = Vec::new();
        for (words, descending) in
            [(&["most common", "most frequent"][..], true), (&["least common", "rarest"][..], false)]
        {
            for (end, path) in self.phrase(at, words).map(|at| self.field(at)).into_iter().flatten() {
                let draft = Draft {
                    measures: vec![Measure::count()],
                    groups: vec![Group::Field(path.clone())],
                    order: Some((Ordering::Measure, descending)),
                    limit: Some(1),
                    ..Draft::default()
                };
                // What is common is a value, not that there is none.
                let given = Filter::of(&path, FilterOp::NotNull, []);
                for (end, filters) in self.of_noun(end) {
                    let filters = filters.into_iter().chain([given.clone()]).collect();
                    found.push((end, Draft { filters, ..draft.clone() }));
                }
                if self.entity_at(at, self.entity).iter().any(|after| *after < end) {
                    found.push((end, Draft { filters: vec![given.clone()], ..draft.clone() }));
                }
            }
        }
        found
    }

    /// `what percentage of tickets are urgent`.
    fn share(&self, start: usize) -> Found<Draft> {
        let start = self.skip(start, &["what", "which", "the"]);
        let of = ["percentage of", "percent of", "share of", "proportion of", "fraction of"];
        let Some(at) = self.phrase(start, &of) else { return Vec::new() };
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

    /// `newest 5 contacts`.
    fn newest(&self, start: usize) -> Found<Draft> {
        let mut found = Vec::new();
        for (words, descending) in [
            (&["newest", "latest", "most recent", "most recently created", "last"][..], true),
            (&["oldest", "earliest", "first"][..], false),
        ] {
            let mut ends = Vec::new();
            if let Some(at) = self.phrase(start, words) {
                ends.extend(self.how_many(at));
            }
            if let Some((at, limit)) = self.how_many(start) {
                ends.extend(self.phrase(at, words).map(|end| (end, limit)));
            }
            for (end, limit) in ends {
                for (end, filters) in self.noun(end) {
                    let order = Some((Ordering::Age, descending));
                    found.push((end, Draft { filters, order, limit: Some(limit), ..Draft::default() }));
                }
            }
        }
        found
    }

    /// `monthly number of tickets`, `the trend of tickets by month`.
    fn periodic(&self, start: usize) -> Found<Draft> {
        let Some(at) = self.phrase(
            start,
            &["trend of", "the trend of", "trend in", "trend for", "development of", "distribution of", "breakdown of"],
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

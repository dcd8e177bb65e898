//! Questions that rank: the most, the greatest, the newest, the commonest.

use super::draft::{Draft, Group, Ordering};
use super::token::{Kind, Token, singular};
use super::{Found, Reader};
use crate::questions::plan::{Filter, FilterOp, Measure, MeasureOp};
use crate::questions::refusal::Refusal;

const GREATEST: [&str; 8] = ["highest", "most", "largest", "greatest", "biggest", "maximum", "top", "best"];
const LEAST: [&str; 7] = ["lowest", "fewest", "smallest", "least", "minimum", "bottom", "worst"];
/// Words that rank by an amount, also when it is not named.
const SIZES: [&str; 3] = ["largest", "biggest", "smallest"];
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
/// Places in a ranking.
const PLACES: [(&str, u32); 13] = [
    ("second", 2),
    ("2nd", 2),
    ("next", 2),
    ("third", 3),
    ("3rd", 3),
    ("fourth", 4),
    ("4th", 4),
    ("fifth", 5),
    ("5th", 5),
    ("sixth", 6),
    ("6th", 6),
    ("tenth", 10),
    ("10th", 10),
];
const LISTED_MAX: u32 = 1_000;
/// How many a ranking shows that does not say how many.
const RANKED: u32 = 10;

/// Returns the words that rankings are made of.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    let numbers = NUMBERS.iter().map(|(word, _)| *word);
    GREATEST.into_iter().chain(LEAST).chain(numbers)
}

/// Refuses `the second largest`: a ranking begins with the first.
pub(super) fn place(tokens: &[Token]) -> Result<(), Refusal> {
    for pair in tokens.windows(2) {
        let [place, rank] = [pair[0].folded(), pair[1].folded()];
        let named = PLACES.iter().find(|(name, _)| *name == place);
        let is_ranked = GREATEST.contains(&rank) || LEAST.contains(&rank);
        if let Some((_, number)) = named.filter(|_| is_ranked) {
            let reason = format!(
                "one place of a ranking is not told alone, and `{place} {rank}` is one; ask for the first {number} and look at the last of them"
            );
            let near = [format!("{rank} {number}")];
            return Err(Refusal::not_possible(reason).missing(format!("{place} {rank}"), near));
        }
    }
    Ok(())
}

impl Reader<'_> {
    /// `top 5 industries by number of accounts`, `5 largest opportunities by amount`.
    pub(super) fn ranked(&self, start: usize) -> Found<Draft> {
        let mut found = Vec::new();
        for (end, descending, limit) in self.rank(start) {
            // `the largest account` is one, `the largest accounts` are some.
            let limited = |end: usize| {
                let one = singular(self.word(end - 1)) == self.word(end - 1);
                Draft { limit: Some(limit.unwrap_or(if one { 1 } else { RANKED })), ..Draft::default() }
            };
            for (end, filters) in self.noun(end) {
                let draft = Draft { filters, ..limited(end) };
                found.extend(self.by_field(end, descending, &draft));
                found.extend(self.by_size(start, end, descending, draft));
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
        let start =
            self.skip(start, &["the", "our", "my", "which are the", "what are the", "which are our", "what are our"]);
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

    /// `the largest opportunity in EUR`: by its amount, where records have one amount and say in which currency it is.
    fn by_size(&self, start: usize, end: usize, descending: bool, draft: Draft) -> Option<(usize, Draft)> {
        let words = (start..end).map(|at| self.word(at)).any(|word| SIZES.contains(&word));
        let [amount] = self.lexicon.money(self.entity)[..] else { return None };
        let ordered = Draft { order: Some((Ordering::Field(amount.to_owned()), descending)), ..draft };
        (words && self.lexicon.has_currency(self.entity)).then_some((end, ordered))
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
        // `top 3 regions by monthly cost`: an amount that is split is a total of each part.
        let is_amount =
            |path: &str| self.lexicon.resolve(self.entity, path).is_some_and(|found| found.is_money() && !found.far);
        for (end, path) in self.field(at).into_iter().filter(|(_, path)| is_amount(path)) {
            let total = Measure::of(MeasureOp::Sum, &path);
            // The `amount of deals` is how many there are to some.
            let may_be_number = matches!(self.word(end - 1), "amount" | "volume");
            let nouns = if may_be_number { Vec::new() } else { self.of_noun(end) };
            found.extend(nouns.into_iter().map(|(end, filters)| (end, ranked(total.clone(), filters))));
            if self.is_implied(at, end, &path) {
                found.push((end, ranked(total, Vec::new())));
            }
        }
        for (end, measure, filters) in self.measure(at) {
            if matches!(measure.op, MeasureOp::Sum | MeasureOp::Avg | MeasureOp::Max | MeasureOp::Min) {
                found.push((end, ranked(measure, filters)));
            }
        }
        found
    }

    /// `which industry has the most accounts`, `which opportunity has the highest amount`.
    pub(super) fn most(&self) -> Found<Draft> {
        let asked =
            ["which", "what", "which of the", "what is the", "what s the", "which is the", "show me the", "find the"];
        let Some(at) = self.phrase(0, &asked) else { return Vec::new() };
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
    pub(super) fn commonest(&self) -> Found<Draft> {
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

    /// `newest 5 contacts`.
    pub(super) fn newest(&self, start: usize) -> Found<Draft> {
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
            // `the oldest open ticket` is one; of `the oldest tickets` it is not said how many.
            let at = self.phrase(self.skip(start, &["the", "our"]), words);
            for (end, filters) in at.map(|at| self.noun(at)).into_iter().flatten() {
                if singular(self.word(end - 1)) == self.word(end - 1) {
                    let order = Some((Ordering::Age, descending));
                    found.push((end, Draft { filters, order, limit: Some(1), ..Draft::default() }));
                }
            }
        }
        found
    }
}

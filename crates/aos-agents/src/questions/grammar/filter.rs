//! Filters: what must hold for a record to count.

use super::token::{Kind, Token};
use super::{Found, Reader, presence, within};
use crate::questions::check::{SOURCE, STEPS_MAX};
use crate::questions::plan::{Filter, FilterOp};
use crate::questions::refusal::{Refusal, RefusalCode};
use aos_core::ontology::FieldType;

const COPULA: [&str; 9] = ["is", "are", "was", "were", "of", "being", "equal to", "is equal to", "in"];
const MORE: [(&str, FilterOp); 24] = [
    ("over", FilterOp::Gt),
    ("above", FilterOp::Gt),
    ("more than", FilterOp::Gt),
    ("greater than", FilterOp::Gt),
    ("higher than", FilterOp::Gt),
    ("larger than", FilterOp::Gt),
    ("bigger than", FilterOp::Gt),
    ("exceeding", FilterOp::Gt),
    ("exceeds", FilterOp::Gt),
    ("under", FilterOp::Lt),
    ("below", FilterOp::Lt),
    ("less than", FilterOp::Lt),
    ("fewer than", FilterOp::Lt),
    ("lower than", FilterOp::Lt),
    ("smaller than", FilterOp::Lt),
    ("at least", FilterOp::Gte),
    ("no less than", FilterOp::Gte),
    ("greater than or equal to", FilterOp::Gte),
    ("more than or equal to", FilterOp::Gte),
    ("at most", FilterOp::Lte),
    ("up to", FilterOp::Lte),
    ("no more than", FilterOp::Lte),
    ("less than or equal to", FilterOp::Lte),
    ("exactly", FilterOp::In),
];
/// Words of two numbers and what stands between them.
const NUMBERS_WORDS_MAX: usize = 5;
/// How a sale is said to have ended, as what is said of deals.
const OUTCOMES: [(&[&str], &str); 2] = [
    (&["did we win", "have we won", "we won", "we have won", "we ve won"], "won"),
    (&["did we lose", "have we lost", "we lost", "we have lost", "we ve lost"], "lost"),
];

/// Returns the phrases that filters are made of.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    MORE.iter()
        .map(|(words, _)| *words)
        .chain(COPULA)
        .chain(presence::words())
        .chain(OUTCOMES.iter().flat_map(|(words, _)| words.iter().copied()))
        .chain(["named", "called", "not"])
}

impl Reader<'_> {
    /// Reads one filter at this place.
    pub(super) fn filter(&self, at: usize) -> Found<Filter> {
        if !self.search.step(at) {
            return Vec::new();
        }
        let mut found = self.values(at);
        found.extend(
            self.source(at)
                .into_iter()
                .map(|(end, filter)| (self.skip(end, &["system", "source", "connection"]), filter)),
        );
        found.extend(self.negated(at));
        found.extend(self.presence(at));
        found.extend(self.of_field(at));
        found.extend(self.of_money(at));
        found.extend(self.of_number(at));
        found.extend(self.named(at));
        found.extend(self.outcome(at));
        found.extend(self.of_related(at));
        found
    }

    /// `not closed`: everything else, which says something only where every record has a value.
    fn negated(&self, at: usize) -> Found<Filter> {
        let Some(at) = self.phrase(
            at,
            &[
                "not",
                "not in",
                "other than",
                "except",
                "except for",
                "excluding",
                "outside",
                "outside of",
                "apart from",
            ],
        ) else {
            return Vec::new();
        };
        let elsewhere = self.skip(at, &["from", "from the", "in", "in the", "coming from", "those from", "those in"]);
        let named = self.values(at).into_iter().chain(self.source(elsewhere));
        named.filter_map(|(end, filter)| Some((end, self.inverted(filter)?))).collect()
    }

    fn inverted(&self, filter: Filter) -> Option<Filter> {
        if filter.field == SOURCE || self.is_always_given(&filter.field) {
            return Some(Filter { op: FilterOp::NotIn, ..filter });
        }
        let reason = format!("some records have no {}, and whether they are meant by `not` is not said", filter.field);
        let near = [format!("with {} other values named", filter.field)];
        self.search.refuse(Refusal::new(RefusalCode::Ambiguous, reason).missing(filter.field.as_str(), near));
        None
    }

    fn is_always_given(&self, path: &str) -> bool {
        !path.contains('.') && self.lexicon.given(self.entity, path) == self.lexicon.count(self.entity)
    }

    /// `amount over 50,000`, `priority is high`, `department is missing`.
    fn of_field(&self, at: usize) -> Found<Filter> {
        let mut found = Vec::new();
        for (end, path) in self.field(at) {
            found.extend(self.compared(end, &path));
            let after = self.skip(end, &["is", "are", "was", "were"]);
            if let Some(end) = self.phrase(after, &presence::NOTHING) {
                found.push((end, Filter::of(&path, FilterOp::IsNull, [])));
            }
            let equal = self.equals_sign(end).unwrap_or_else(|| self.skip(end, &COPULA));
            let not = self.phrase(equal, &["not"]);
            for (end, filter) in self.equal(not.unwrap_or(equal), &path) {
                match not {
                    Some(_) => found.extend(self.inverted(filter).map(|filter| (end, filter))),
                    None => found.push((end, filter)),
                }
            }
            if let Some(at) =
                self.phrase(after, &["contains", "contain", "containing", "includes", "including", "like"])
            {
                let text = self.text(at).or_else(|| self.last_word(at));
                found.extend(text.map(|(end, text)| (end, Filter::of(&path, FilterOp::Contains, [text]))));
            }
        }
        found
    }

    fn equals_sign(&self, at: usize) -> Option<usize> {
        matches!(self.tokens.get(at).map(|token| &token.kind), Some(Kind::Sign("="))).then_some(at + 1)
    }

    /// Reads the values that a field is said to have.
    fn equal(&self, at: usize, path: &str) -> Found<Filter> {
        let mut found: Found<Filter> = self.values(at).into_iter().filter(|(_, filter)| filter.field == path).collect();
        let (entity, field) = self.place(path);
        for (end, name, _) in self.one_value(at, entity) {
            if name == field
                && let Some(values) = self.literal_value(at, end, entity, field)
            {
                found.push((end, Filter::of(path, FilterOp::In, values)));
            }
        }
        if path.contains('.') {
            for (end, name, values) in self.one_value(at, entity) {
                if name == field {
                    found.push((end, Filter::of(path, FilterOp::In, values)));
                }
            }
        }
        // A text in quotes is meant as it stands.
        if let (true, Some((end, text)), Some(FieldType::String)) =
            (found.is_empty(), self.text(at), self.lexicon.resolve(self.entity, path).map(|found| found.kind))
        {
            found.push((end, Filter::of(path, FilterOp::In, [text])));
        }
        found
    }

    /// Returns the entity and field that a path leads to.
    fn place<'p>(&'p self, path: &'p str) -> (&'p str, &'p str) {
        self.lexicon.resolve(self.entity, path).map_or((self.entity, path), |found| (found.entity, found.name))
    }

    fn compared(&self, at: usize, path: &str) -> Found<Filter> {
        let at = self.skip(at, &["is", "are", "of", "was", "were"]);
        let mut found = Vec::new();
        if let Some((end, op)) = self.comparison(at)
            && let Some((end, number)) = self.number(end, path)
        {
            found.push((end, Filter::of(path, op, [number])));
        }
        if let Some(first) = self.phrase(at, &["between", "from"])
            && let Some((end, low)) = self.number(first, path)
            && let Some(second) = self.phrase(end, &["and", "to"])
            && let Some((end, high)) = self.number(second, path)
        {
            found.push((end, Filter::of(path, FilterOp::Between, [low, high])));
        }
        let is_plain = self.equals_sign(at).or(Some(at)).and_then(|at| self.number(at, path));
        found.extend(is_plain.map(|(end, number)| (end, Filter::of(path, FilterOp::In, [number]))));
        found
    }

    pub(super) fn comparison(&self, at: usize) -> Option<(usize, FilterOp)> {
        if let Some(Kind::Sign(sign)) = self.tokens.get(at).map(|token| &token.kind) {
            let op = match *sign {
                ">" => FilterOp::Gt,
                ">=" => FilterOp::Gte,
                "<" => FilterOp::Lt,
                "<=" => FilterOp::Lte,
                "=" => FilterOp::In,
                _ => return None,
            };
            return Some((at + 1, op));
        }
        MORE.iter().filter_map(|(words, op)| Some((self.phrase(at, &[words])?, *op))).max_by_key(|(end, _)| *end)
    }

    /// `over 50,000`, where records have one amount that can be meant.
    fn of_money(&self, at: usize) -> Found<Filter> {
        let [amount] = self.lexicon.money(self.entity)[..] else { return Vec::new() };
        let at = self.skip(at, &["worth", "valued at"]);
        let is_comparison = self.comparison(at).is_some() || self.word(at) == "between";
        if is_comparison { self.compared(at, amount) } else { Vec::new() }
    }

    /// `more than 1000 employees`, `between 2 and 8 vcpus`: a number before the name of what it counts.
    fn of_number(&self, at: usize) -> Found<Filter> {
        let after = match self.word(at) {
            "between" => Some(at + 1),
            _ => self.comparison(at).map(|(end, _)| end),
        };
        let Some(first) = after else { return Vec::new() };
        let counts = |path: &str| {
            let found = self.lexicon.resolve(self.entity, path).filter(|found| !found.far && !found.is_money());
            found.is_some_and(|found| matches!(found.kind, FieldType::Integer | FieldType::Decimal))
        };
        let mut found = Vec::new();
        for start in first + 1..=(first + NUMBERS_WORDS_MAX).min(self.tokens.len()) {
            for (end, path) in self.field(start).into_iter().filter(|(_, path)| counts(path)) {
                // The name may be the unit as well, and is read with the number then.
                let compared = self.compared(at, &path).into_iter();
                let before = compared.filter(|(number_end, _)| *number_end == start || *number_end == end);
                found.extend(before.map(|(_, filter)| (end, filter)));
            }
        }
        found
    }

    /// `named "Acme"`.
    fn named(&self, at: usize) -> Found<Filter> {
        let Some(at) = self.phrase(at, &["named", "called"]) else { return Vec::new() };
        let Some(name) = self.lexicon.title(self.entity) else { return Vec::new() };
        let mut found: Found<Filter> =
            self.text(at).map(|(end, text)| (end, Filter::of(name, FilterOp::In, [text]))).into_iter().collect();
        found.extend(self.values(at).into_iter().filter(|(_, filter)| filter.field == name));
        found
    }

    /// `did we win`.
    fn outcome(&self, at: usize) -> Found<Filter> {
        let mut found = Vec::new();
        for (phrases, outcome) in OUTCOMES {
            let Some(end) = self.phrase(at, phrases) else { continue };
            let word = Token { text: outcome.to_owned(), kind: Kind::Word(outcome.to_owned()) };
            for (field, mut values) in self.lexicon.values(self.entity, &[word]) {
                values.sort_unstable();
                found.push((end, Filter::of(field, FilterOp::In, values)));
            }
        }
        found
    }

    fn text(&self, at: usize) -> Option<(usize, String)> {
        match &self.tokens.get(at)?.kind {
            Kind::Quoted(text) => Some((at + 1, text.clone())),
            _ => None,
        }
    }

    /// A word that ends the question, and so is all of a text that is said to be in another one.
    fn last_word(&self, at: usize) -> Option<(usize, String)> {
        let token = self.tokens.get(at).filter(|token| token.is_word() && at + 1 == self.tokens.len())?;
        Some((at + 1, token.text.clone()))
    }

    /// `accounts in the Energy industry`, of records that refer to accounts.
    fn of_related(&self, at: usize) -> Found<Filter> {
        let mut found = Vec::new();
        let at = self.skip(at, &["the", "our", "an", "a"]);
        for (end, (reference, target)) in self.related_at(at) {
            let other = Reader { entity: target, ..*self };
            let mut at = end;
            while let Some(next) = other.phrase(
                at,
                &[
                    "in",
                    "in the",
                    "with",
                    "with a",
                    "with an",
                    "from",
                    "that are",
                    "that have",
                    "whose",
                    "where",
                    "of",
                    "of the",
                    "named",
                    "called",
                ],
            ) {
                at = next;
            }
            let filters = other.values(at).into_iter().chain(other.of_field(at)).chain(other.of_number(at));
            for (end, mut filter) in filters {
                let steps =
                    [reference, filter.field.as_str()].iter().map(|path| path.matches('.').count()).sum::<usize>() + 1;
                if steps <= STEPS_MAX && filter.field != SOURCE {
                    within(std::slice::from_mut(&mut filter), reference);
                    found.push((end, filter));
                }
            }
        }
        found
    }
}

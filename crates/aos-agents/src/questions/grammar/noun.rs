//! Nouns: an entity with what stands before it, fields, values, numbers.

use super::token::{Kind, key, shifted};
use super::{Found, Reader, within};
use crate::questions::check::SOURCE;
use crate::questions::lexicon::Lexicon;
use crate::questions::plan::{Filter, FilterOp};
use crate::questions::refusal::{Refusal, RefusalCode};

const NAME_WORDS_MAX: usize = 5;
const VALUE_WORDS_MAX: usize = 12;
/// Values that may be listed one after the other.
const VALUES_LISTED_MAX: usize = 12;
pub(super) const DETERMINERS: [&str; 18] = [
    "the",
    "our",
    "my",
    "all",
    "all the",
    "all our",
    "all of the",
    "all of our",
    "of the",
    "of our",
    "of all",
    "of",
    "these",
    "a",
    "an",
    "currently",
    "all currently",
    "the currently",
];
/// Words behind a number, and how many zeros they stand for.
const SCALES: [(&str, usize); 3] = [("thousand", 3), ("million", 6), ("billion", 9)];
pub(super) const RECORDS: [&str; 6] = ["record", "records", "row", "rows", "entry", "entries"];

impl<'a> Reader<'a> {
    /// Reads the entity with the values before it: `the open high priority tickets`.
    pub(super) fn noun(&self, at: usize) -> Found<Vec<Filter>> {
        let mut found = Vec::new();
        let at = self.skip(at, &DETERMINERS);
        self.noun_after(at, Vec::new(), &mut found);
        if self.is_made_new(at) {
            self.noun_after(at + 1, Vec::new(), &mut found);
        }
        found
    }

    /// `new contacts`, where no value is called new: those that were made at a time that is said.
    fn is_made_new(&self, at: usize) -> bool {
        self.word(at) == "new"
            && self.lexicon.has_data(self.entity, "created_at")
            && self.lexicon.values(self.entity, &self.tokens[at..=at]).is_empty()
    }

    /// Whether the question is about records that are new.
    pub(super) fn says_new(&self) -> bool {
        let follows = |at: usize| {
            let mut found = Vec::new();
            self.noun_after(at, Vec::new(), &mut found);
            !found.is_empty()
        };
        (0..self.tokens.len()).any(|at| self.is_made_new(at) && follows(at + 1))
    }

    fn noun_after(&self, at: usize, filters: Vec<Filter>, found: &mut Found<Vec<Filter>>) {
        if !self.search.step(at) {
            return;
        }
        let by_kind = filters.iter().any(|filter| filter.field.ends_with("_type") && filter.op == FilterOp::In);
        for end in self.entity_at(at, self.entity) {
            found.push((end, filters.clone()));
        }
        for (end, words) in self.windows(at, 2) {
            if by_kind && Lexicon::is_kind_noun(words) {
                found.push((end, filters.clone()));
            }
        }
        let mut premodifiers = self.values(at);
        premodifiers.extend(self.source(at));
        for (end, filter) in premodifiers {
            let mut filters = filters.clone();
            filters.push(filter);
            self.noun_after(end, filters, found);
        }
    }

    /// Returns where words that name this entity end. A word that is one of its values as well may mean only those.
    pub(super) fn entity_at(&self, at: usize, entity: &str) -> Vec<usize> {
        let mut ends = Vec::new();
        for (end, words) in self.windows(at, NAME_WORDS_MAX) {
            if !self.lexicon.entities(words).any(|name| name == entity) {
                continue;
            }
            if let Some(field) = self.lexicon.is_value_as_well(entity, words) {
                let word = &self.tokens[at].text;
                let reason = format!("`{word}` is another word for {entity} and a value of its {field} as well");
                let near = [format!("{entity} records"), format!("{entity} records with {field} {word}")];
                self.search.refuse(Refusal::new(RefusalCode::Ambiguous, reason).missing(word.as_str(), near));
                continue;
            }
            ends.push(self.skip(end, &RECORDS));
        }
        ends
    }

    /// Returns the ways from this entity to others, as far as this reading goes.
    pub(super) fn ways(&self) -> Vec<&'a (String, String)> {
        let unreached: &[(String, String)] = if self.is_beyond { self.lexicon.unreached(self.entity) } else { &[] };
        self.lexicon.paths(self.entity).iter().chain(unreached).collect()
    }

    /// Returns the reference that leads from this entity to another, where there is just one, and where the words for the other end.
    pub(super) fn related_at(&self, at: usize) -> Found<(&'a str, &'a str)> {
        let references = self.ways();
        let mut found = Vec::new();
        for (reference, target) in &references {
            let one = references.iter().filter(|(_, other)| other == target).count() == 1;
            if one && *target != self.entity {
                let way = (reference.as_str(), target.as_str());
                found.extend(self.entity_at(at, target).into_iter().map(|end| (end, way)));
            }
        }
        found
    }

    /// Reads a field, as a plan's path: of this entity, or of one that it refers to.
    pub(super) fn field(&self, at: usize) -> Found<String> {
        let at = self.skip(at, &["the", "a", "an", "its", "their"]);
        let mut found = self.own_field(at, self.entity);
        for end in self.entity_at(at, self.entity) {
            found.extend(self.own_field(end, self.entity));
        }
        for (end, (reference, target)) in self.related_at(at) {
            let fields = self.own_field(end, target).into_iter();
            found.extend(fields.map(|(end, field)| (end, format!("{reference}.{field}"))));
        }
        if found.is_empty() {
            found = self.far_field(at);
        }
        found
    }

    fn own_field(&self, at: usize, entity: &str) -> Found<String> {
        let mut found = Vec::new();
        for (end, words) in self.windows(at, NAME_WORDS_MAX) {
            found.extend(self.lexicon.fields(entity, words).map(|named| (end, named.field.clone())));
        }
        if self
            .phrase(at, &["source", "sources", "source system", "source systems", "system", "systems", "connection"])
            .is_some()
        {
            let end = self
                .skip(at, &["source", "sources", "source system", "source systems", "system", "systems", "connection"]);
            if entity == self.entity && !found.iter().any(|(other, _)| *other == end) {
                found.push((end, SOURCE.to_owned()));
            }
        }
        found
    }

    /// Reads a field that only a record has which this entity refers to, by its own name.
    fn far_field(&self, at: usize) -> Found<String> {
        let mut found = Vec::new();
        let references = self.ways();
        for (reference, target) in &references {
            if references.iter().filter(|(_, other)| other == target).count() > 1 {
                continue;
            }
            for (end, words) in self.windows(at, NAME_WORDS_MAX) {
                let named = self.lexicon.fields(target, words).filter(|named| named.exact);
                found.extend(named.map(|named| (end, format!("{reference}.{}", named.field))));
            }
        }
        found
    }

    /// Reads values with the field that they are of: `high priority`, `EC2 or S3`.
    pub(super) fn values(&self, at: usize) -> Found<Filter> {
        let mut found = self.values_of(at, self.entity);
        // A value of another record, when a field that only that one has, or the record itself, is named beside it.
        for (reference, target) in self.ways() {
            for (end, mut filter) in self.values_of(at, target) {
                let mut far = self.far_field(end);
                far.retain(|(_, path)| *path == format!("{reference}.{}", filter.field));
                let named = self.related_at(end).into_iter().filter(|(_, (by, _))| by == reference).map(|(end, _)| end);
                let ends: Vec<usize> = far.into_iter().map(|(end, _)| end).chain(named).collect();
                within(std::slice::from_mut(&mut filter), reference);
                found.extend(ends.into_iter().map(|end| (end, filter.clone())));
            }
        }
        found
    }

    fn values_of(&self, at: usize, entity: &str) -> Found<Filter> {
        let mut found = Vec::new();
        for (end, field, values) in self.one_value(at, entity) {
            let mut lists = vec![(end, values)];
            let mut next = 0;
            while let Some((end, values)) = lists.get(next).cloned() {
                next += 1;
                let mut filter = Filter::of(&field, FilterOp::In, values.clone());
                filter.values.sort_unstable();
                filter.values.dedup();
                found.push((end, filter.clone()));
                // `high priority`: the field's name after its value says nothing new.
                let named = self.own_field(end, entity).into_iter().filter(|(_, name)| *name == field);
                found.extend(named.map(|(end, _)| (end, filter.clone())));
                if lists.len() < VALUES_LISTED_MAX {
                    let after = self
                        .phrase(end, &["and", "or", "and or", "and in", "or in", "and the", "or the"])
                        .or_else(|| self.comma(end));
                    for (end, other, more) in after.map(|at| self.one_value(at, entity)).into_iter().flatten() {
                        if other == field {
                            lists.push((end, values.iter().cloned().chain(more).collect()));
                        }
                    }
                }
            }
        }
        found
    }

    fn comma(&self, at: usize) -> Option<usize> {
        let is_comma = |at: usize| matches!(self.tokens.get(at).map(|token| &token.kind), Some(Kind::Sign(",")));
        is_comma(at).then(|| self.skip(at + 1, &["and", "or"]))
    }

    pub(super) fn one_value(&self, at: usize, entity: &str) -> Vec<(usize, String, Vec<String>)> {
        let mut found = Vec::new();
        for (end, words) in self.windows(at, VALUE_WORDS_MAX) {
            for (field, values) in self.lexicon.values(entity, words) {
                found.push((end, field.to_owned(), values));
            }
        }
        found
    }

    /// Returns what is written exactly like the words where several values are meant by them.
    pub(super) fn literal_value(&self, at: usize, end: usize, entity: &str, field: &str) -> Option<Vec<String>> {
        self.lexicon.literally(entity, field, &self.tokens[at..end])
    }

    /// Reads the name of a connection.
    pub(super) fn source(&self, at: usize) -> Found<Filter> {
        let mut found = Vec::new();
        for (end, words) in self.windows(at, 3) {
            if let Some(source) = self.lexicon.sources(words) {
                let mut sources = vec![source.to_owned()];
                let mut end = end;
                while let Some((after, other)) =
                    self.phrase(end, &["and", "or", "and or"]).or_else(|| self.comma(end)).and_then(|at| {
                        self.windows(at, 3).find_map(|(end, words)| Some((end, self.lexicon.sources(words)?)))
                    })
                {
                    sources.push(other.to_owned());
                    end = after;
                }
                sources.sort_unstable();
                found.push((end, Filter::of(SOURCE, FilterOp::In, sources)));
            }
        }
        found
    }

    /// Reads a number for a field, with the field's unit after it.
    pub(super) fn number(&self, at: usize, path: &str) -> Option<(usize, String)> {
        let sign = |at: usize, signs: &[&str]| matches!(self.tokens.get(at).map(|token| &token.kind), Some(Kind::Sign(sign)) if signs.contains(sign));
        let money = sign(at, &["$", "€", "£"]);
        let first = at + usize::from(money);
        // `a million`
        let one =
            matches!(self.word(first), "a" | "one") && SCALES.iter().any(|(word, _)| self.word(first + 1) == *word);
        let number = match self.tokens.get(first).map(|token| &token.kind) {
            Some(Kind::Number(number)) => number.clone(),
            _ if one => "1".to_owned(),
            _ => return None,
        };
        let field = self.lexicon.resolve(self.entity, path)?;
        if money && (!field.is_money() || self.lexicon.has_currency(self.entity)) {
            let reason = "a sign does not say of which currency the amounts are that are meant";
            self.search.refuse(
                Refusal::new(RefusalCode::MixedUnits, reason).missing("a currency", ["a code such as `in USD`"]),
            );
            return None;
        }
        let mut end = first + 1;
        let mut number = number;
        for (word, zeros) in SCALES {
            if self.word(end) == word {
                number = shifted(&number, zeros)?;
                end += 1;
            }
        }
        let unit = field.unit().unwrap_or_default();
        if sign(end, &["%"]) || self.word(end) == "percent" {
            return (unit == "percent").then_some((end + 1, number));
        }
        let said = self.tokens.get(end).map(|token| key(&token.text)).unwrap_or_default();
        let is_unit = !unit.is_empty() && (said == key(unit) || said == format!("{}s", key(unit)));
        Some((end + usize::from(is_unit), number))
    }
}

//! What words mean to one tenant: entities and fields by their names, values by what the data really holds.

use super::check::{Found, SOURCE};
use super::grammar::token::{Token, key, name_key, singular, tokens};
use super::spoken::{CONCEPTS, KIND_NOUNS, NARROWER, SPOKEN};
use aos_core::Ontology;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Values of a field that are looked up by name; a field with more is no list of words.
pub const VALUES_MAX: usize = 2_000;
/// Words of one value.
const VALUE_WORDS_MAX: usize = 12;

/// Everything that questions of one tenant may name.
#[derive(Debug)]
pub struct Lexicon {
    pub ontology: Arc<Ontology>,
    pub sources: Vec<String>,
    /// By entity, how many records there are.
    pub records: BTreeMap<String, u64>,
    /// By entity and field, how many records have a value.
    pub given: HashMap<(String, String), u64>,
    /// By entity and source, how many records there are.
    records_in: HashMap<(String, String), u64>,
    /// By entity, source and field, how many records have a value.
    given_in: HashMap<(String, String, String), u64>,
    /// By entity and reference, how many records refer to one that is there.
    pub found: HashMap<(String, String), u64>,
    /// By entity and field, the values that there are.
    values: HashMap<(String, String), Vec<String>>,
    by_value: HashMap<String, BTreeSet<(String, String)>>,
    entities: HashMap<String, BTreeSet<String>>,
    fields: HashMap<(String, String), BTreeSet<Named>>,
    /// Every word of any name or value.
    words: HashSet<String>,
    /// Words of names, as one and as several, but of no values.
    names: BTreeSet<String>,
    /// By entity, how others are reached.
    pub(super) paths: HashMap<String, Vec<(String, String)>>,
    /// By entity, how others would be reached if references led to records.
    pub(super) unreached: HashMap<String, Vec<(String, String)>>,
}

/// A field as a word names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub field: String,
    /// By its own name, and not by another word for it.
    pub exact: bool,
}

/// What was read of the data for a lexicon.
#[derive(Debug, Default)]
pub struct Facts {
    pub sources: Vec<String>,
    pub records: BTreeMap<String, u64>,
    pub given: HashMap<(String, String), u64>,
    /// Records of an entity, by source.
    pub records_in: HashMap<(String, String), u64>,
    /// Records of an entity that state a field: by entity, source and field.
    pub given_in: HashMap<(String, String, String), u64>,
    pub found: HashMap<(String, String), u64>,
    pub values: HashMap<(String, String), Vec<String>>,
}

impl Lexicon {
    pub fn new(ontology: Arc<Ontology>, facts: Facts) -> Self {
        let mut entities: HashMap<String, BTreeSet<String>> = HashMap::new();
        let mut fields: HashMap<(String, String), BTreeSet<Named>> = HashMap::new();
        let named = ontology.entities.iter().flat_map(|(name, of)| [name, &of.label].into_iter().chain(&of.aliases));
        let things: HashSet<String> = named.map(|name| folded(name)).collect();
        for (entity, definition) in &ontology.entities {
            let narrower = NARROWER.iter().filter(|(of, _)| of == entity).flat_map(|(_, words)| words.iter());
            let narrower: Vec<&str> = narrower.copied().collect();
            let aliases = definition.aliases.iter().map(String::as_str).filter(|alias| !narrower.contains(alias));
            for name in [entity.as_str(), definition.label.as_str()].into_iter().chain(aliases) {
                entities.entry(folded(name)).or_default().insert(entity.clone());
            }
            for (field, of_field) in &definition.fields {
                let exact = [(field.as_str(), true)].into_iter();
                let spoken = SPOKEN.iter().filter(|(of, name, _)| of == entity && name == field);
                let spoken = spoken.flat_map(|(_, _, words)| words.iter().copied());
                // Who answers a ticket is its assignee, though the field is called `assignee_id`.
                let stem = field.strip_suffix("_id").filter(|_| *field != definition.key);
                let stem = stem.filter(|stem| !things.contains(&folded(stem)));
                let aliases = of_field.aliases.iter().map(String::as_str);
                let others = aliases.chain(stem).chain(spoken).map(|alias| (alias, false));
                for (name, exact) in exact.chain(others) {
                    let named = fields.entry((entity.clone(), folded(name))).or_default();
                    named.insert(Named { field: field.clone(), exact });
                }
            }
        }
        // A name that a field has for its own is no other one's alias.
        for named in fields.values_mut().filter(|named| named.iter().any(|one| one.exact)) {
            named.retain(|one| one.exact);
        }
        entities.retain(|word, _| !word.is_empty());
        let mut by_value: HashMap<String, BTreeSet<(String, String)>> = HashMap::new();
        for (place, values) in &facts.values {
            for value in values.iter().filter(|value| !key(value).is_empty()) {
                by_value.entry(key(value)).or_default().insert(place.clone());
            }
        }
        for (entity, field, word, _) in CONCEPTS {
            let place = (entity.to_owned(), field.to_owned());
            if facts.values.contains_key(&place) {
                by_value.entry(word.to_owned()).or_default().insert(place);
            }
        }
        let Facts { sources, records, given, records_in, given_in, found, values } = facts;
        let definitions = ontology.entities.iter();
        let names = definitions.clone().flat_map(|(name, entity)| {
            let fields = entity.fields.iter().flat_map(|(name, field)| std::iter::once(name).chain(&field.aliases));
            [name, &entity.label].into_iter().chain(&entity.aliases).chain(fields)
        });
        let parts =
            |name: &str| -> Vec<String> { name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect() };
        let spoken = SPOKEN.iter().flat_map(|(_, _, words)| words.iter().copied());
        let structure: BTreeSet<String> = names.map(String::as_str).chain(spoken).flat_map(parts).collect();
        let others = sources.iter().chain(values.values().flatten()).flat_map(|name| parts(name));
        let words = structure.iter().cloned().chain(others).map(|word| singular(&word)).collect();
        let names = structure.into_iter().flat_map(|word| [plural(&word), word]).collect();
        let (paths, unreached) = (HashMap::new(), HashMap::new());
        let mut lexicon = Self {
            ontology,
            sources,
            records,
            records_in,
            given_in,
            given,
            found,
            values,
            by_value,
            entities,
            fields,
            words,
            names,
            paths,
            unreached,
        };
        let names: Vec<String> = lexicon.ontology.entities.keys().cloned().collect();
        lexicon.paths = names.iter().map(|entity| (entity.clone(), lexicon.ways(entity))).collect();
        lexicon.unreached = names.iter().map(|entity| (entity.clone(), lexicon.dead_ends(entity))).collect();
        lexicon
    }

    /// Returns the entities that words name.
    pub fn entities(&self, words: &[Token]) -> impl Iterator<Item = &str> {
        self.entities.get(&name_of(words)).into_iter().flatten().map(String::as_str)
    }

    /// Returns whether words are a noun for a kind of record that only a value before them tells.
    pub fn is_kind_noun(words: &[Token]) -> bool {
        KIND_NOUNS.contains(&name_of(words).as_str())
    }

    /// Returns the fields of an entity that words name.
    pub fn fields(&self, entity: &str, words: &[Token]) -> impl Iterator<Item = &Named> {
        self.fields.get(&(entity.to_owned(), name_of(words))).into_iter().flatten()
    }

    /// Returns the entities that have a field of exactly this name, with data, and where `loosely` also those that have another word for it.
    pub fn owners(&self, words: &[Token], loosely: bool) -> Vec<(&str, &str)> {
        let name = name_of(words);
        let mut owners = Vec::new();
        for entity in self.ontology.entities.keys() {
            for named in self.fields.get(&(entity.clone(), name.clone())).into_iter().flatten() {
                if (named.exact || loosely) && self.has_data(entity, &named.field) {
                    owners.push((entity.as_str(), named.field.as_str()));
                }
            }
        }
        owners
    }

    /// Returns the fields of an entity that have a value like these words, with the values.
    pub fn values(&self, entity: &str, words: &[Token]) -> Vec<(&str, Vec<String>)> {
        if words.is_empty() || words.len() > VALUE_WORDS_MAX {
            return Vec::new();
        }
        let written: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let said = match words {
            [one] if matches!(one.kind, super::grammar::token::Kind::Quoted(_)) => key(&one.text),
            // A word as short as `it` is only meant when it is written like the value.
            [one] if one.text.len() <= 2 && one.text.to_uppercase() != one.text => return Vec::new(),
            _ => words.iter().map(|word| key(&word.text)).collect(),
        };
        let exactly = matches!(words, [Token { kind: super::grammar::token::Kind::Quoted(_), .. }]);
        let places = self.by_value.get(&said).into_iter().flatten().filter(|(of, _)| of == entity);
        let mut found = Vec::new();
        for place in places {
            let values = &self.values[place];
            let matching: Vec<String> = if exactly {
                values.iter().filter(|value| **value == written.concat()).cloned().collect()
            } else {
                self.meant(place, &said)
            };
            if !matching.is_empty() {
                found.push((place.1.as_str(), matching));
            }
        }
        found
    }

    /// Returns the values that are written exactly like these words, where others are meant as well.
    pub fn literally(&self, entity: &str, field: &str, words: &[Token]) -> Option<Vec<String>> {
        let said: String = words.iter().map(|word| key(&word.text)).collect();
        let place = (entity.to_owned(), field.to_owned());
        let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let exact = self.values.get(&place)?.iter().find(|value| split(value) == text)?;
        (self.meant(&place, &said).len() > 1).then(|| vec![exact.clone()])
    }

    fn meant(&self, place: &(String, String), said: &str) -> Vec<String> {
        let values = &self.values[place];
        let concept =
            CONCEPTS.iter().find(|(entity, field, word, _)| place.0 == *entity && place.1 == *field && *word == said);
        match concept {
            Some((_, _, _, ["!", others @ ..])) => {
                values.iter().filter(|value| !others.contains(&key(value).as_str())).cloned().collect()
            }
            Some((_, _, _, own)) => values.iter().filter(|value| own.contains(&key(value).as_str())).cloned().collect(),
            None => values.iter().filter(|value| key(value) == said).cloned().collect(),
        }
    }

    /// Returns all values of a field, where they are few enough to be words.
    pub fn known_values(&self, entity: &str, field: &str) -> Option<&[String]> {
        self.values.get(&(entity.to_owned(), field.to_owned())).map(Vec::as_slice)
    }

    /// Returns the field that has a word for an entity among its values.
    pub fn is_value_as_well(&self, entity: &str, words: &[Token]) -> Option<&str> {
        let own = [entity, self.ontology.entity(entity)?.label.as_str()]
            .into_iter()
            .any(|name| folded(name) == name_of(words));
        let places = self.by_value.get(&name_of(words)).into_iter().flatten();
        let field = places.filter(|(of, _)| of == entity).map(|(_, field)| field.as_str()).next();
        field.filter(|_| !own)
    }

    pub fn sources(&self, words: &[Token]) -> Option<&str> {
        let said: String = words.iter().map(|word| key(&word.text)).collect();
        self.sources.iter().map(String::as_str).find(|source| key(source) == said)
    }

    pub fn has_data(&self, entity: &str, field: &str) -> bool {
        self.given(entity, field) > 0
    }

    pub fn given(&self, entity: &str, field: &str) -> u64 {
        self.given.get(&(entity.to_owned(), field.to_owned())).copied().unwrap_or(0)
    }

    /// Returns how many records of an entity a source has.
    pub fn count_in(&self, entity: &str, source: &str) -> u64 {
        self.records_in.get(&(entity.to_owned(), source.to_owned())).copied().unwrap_or(0)
    }

    /// Returns how many records of a source state a field.
    pub fn given_in(&self, entity: &str, source: &str, field: &str) -> u64 {
        self.given_in.get(&(entity.to_owned(), source.to_owned(), field.to_owned())).copied().unwrap_or(0)
    }

    /// Returns the sources that have records of an entity and state a field in none of them.
    pub fn silent(&self, entity: &str, field: &str) -> Vec<&str> {
        let of_entity = self.sources.iter().filter(|source| self.count_in(entity, source) > 0);
        of_entity.filter(|source| self.given_in(entity, source, field) == 0).map(String::as_str).collect()
    }

    pub fn count(&self, entity: &str) -> u64 {
        self.records.get(entity).copied().unwrap_or(0)
    }

    /// Returns whether a word is part of any name or value.
    pub fn knows(&self, word: &str) -> bool {
        self.words.contains(&singular(word)) || self.by_value.contains_key(word)
    }

    /// Returns every word that names an entity or a field, as one and as several.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Returns words that are like one that is not known.
    pub fn near(&self, word: &str) -> Vec<String> {
        let like = |known: &str| {
            let common = known.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count();
            word.len() >= 3 && known.contains(word)
                || known.len() > 3 && word.contains(known)
                || common >= 4 && common * 2 >= word.len()
        };
        let mut near: BTreeSet<String> = BTreeSet::new();
        for entity in self.ontology.entities.keys().filter(|entity| like(&key(entity))) {
            near.insert(entity.replace('_', " "));
        }
        for (entity, word) in self.fields.keys().filter(|(_, known)| like(known)) {
            let named = self.fields[&(entity.clone(), word.clone())].iter().map(|named| &named.field);
            near.extend(named.filter(|field| self.has_data(entity, field)).map(|field| format!("{entity}.{field}")));
        }
        for (known, places) in self.by_value.iter().filter(|(known, _)| {
            word.len() >= 4 && known.starts_with(word) || known.len() >= 4 && word.starts_with(known.as_str())
        }) {
            for place in places {
                let values = self.values[place].iter().filter(|value| key(value) == *known);
                near.extend(values.map(|value| format!("{}.{} {value:?}", place.0, place.1)));
            }
        }
        near.into_iter().take(8).collect()
    }

    /// Finds what a plan's path names.
    pub fn resolve<'o>(&'o self, entity: &str, path: &str) -> Option<Found<'o>> {
        if path == SOURCE || !path.is_empty() { Found::of(&self.ontology, entity, path) } else { None }
    }
}

fn folded(name: &str) -> String {
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    name_key(words)
}

/// Returns the plural of an English noun.
fn plural(word: &str) -> String {
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{word}s"),
    }
}

fn name_of(words: &[Token]) -> String {
    if words.iter().all(|word| word.is_word() || matches!(word.kind, super::grammar::token::Kind::Number(_))) {
        name_key(words.iter().map(Token::folded))
    } else {
        String::new()
    }
}

fn split(value: &str) -> Vec<String> {
    tokens(value).unwrap_or_default().into_iter().map(|token| token.text).collect()
}

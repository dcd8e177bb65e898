//! The ontology as the matcher reads it: every field with its phrases, its part in the record and the values it expects.

use crate::lexicon::Lexicon;
use crate::words::{Word, canonical, segments, squeeze};
use aos_core::ontology::{Entity, FieldType, Ontology, Pii};
use std::collections::HashMap;

/// The words that stand for entities: "company" for account, "deal" for opportunity.
#[derive(Debug, Clone, Default)]
pub(crate) struct EntityWords {
    single: HashMap<String, u32>,
    /// Several words, joined by a space, that stand for an entity together.
    joined: HashMap<String, u32>,
    longest: usize,
}

impl EntityWords {
    fn learn(&mut self, words: &[String], entity: usize) {
        let bit = 1 << entity;
        match words {
            [] => {}
            [word] => *self.single.entry(word.clone()).or_default() |= bit,
            several => {
                self.longest = self.longest.max(several.len());
                *self.joined.entry(several.join(" ")).or_default() |= bit;
            }
        }
    }

    /// Turns canonical words into words that know which entities they stand for.
    pub fn read(&self, words: &[String]) -> Vec<Word> {
        let mut out = Vec::with_capacity(words.len());
        let mut at = 0;
        while at < words.len() {
            let joined = (2..=self.longest.min(words.len() - at)).rev().find_map(|length| {
                let text = words[at..at + length].join(" ");
                self.joined.get(&text).map(|bits| (length, text, *bits))
            });
            let (length, text, bits) = joined.unwrap_or_else(|| {
                let bits = self.single.get(&words[at]).copied().unwrap_or_default();
                (1, words[at].clone(), bits)
            });
            out.push(Word::new(text, bits));
            at += length;
        }
        out
    }

    pub fn read_name(&self, path: &str) -> Vec<Word> {
        self.read(&canonical(&segments(path)))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct EntityInfo {
    pub name: String,
    pub phrases: Vec<Vec<Word>>,
    pub key: usize,
    pub fields: std::ops::Range<usize>,
    pub required: Vec<usize>,
}

/// The part a field plays in its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Key,
    /// Holds an identifier of something else.
    Reference,
    Plain,
}

#[derive(Debug, Clone)]
pub(crate) struct FieldInfo {
    pub entity: usize,
    pub name: String,
    pub kind: FieldType,
    pub part: Part,
    /// The entity a reference points to.
    pub target: Option<usize>,
    pub phrases: Vec<PhraseInfo>,
    pub expected: Vec<String>,
    pub range: Option<(f64, f64)>,
    /// No other entity has a field of this name.
    pub exclusive: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct PhraseInfo {
    pub text: String,
    pub squeezed: String,
    pub alias: bool,
    pub words: Vec<Word>,
}

/// The ontology prepared for matching.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub entities: Vec<EntityInfo>,
    pub fields: Vec<FieldInfo>,
    pub words: EntityWords,
    index: Index,
}

/// From a word to the fields whose phrases hold it, so that most pairs need not be fitted at all.
#[derive(Debug, Clone, Default)]
struct Index {
    by_word: HashMap<u64, Vec<usize>>,
    /// Per entity bit: keys and references whose phrases name the entity.
    by_entity: Vec<Vec<usize>>,
    /// Phrase words that a misspelling could stand for.
    long_words: Vec<(String, u64)>,
}

impl Index {
    fn of(fields: &[FieldInfo], entities: usize) -> Self {
        let mut index = Self { by_entity: vec![Vec::new(); entities], ..Self::default() };
        for (f, field) in fields.iter().enumerate() {
            for word in field.phrases.iter().flat_map(|phrase| &phrase.words) {
                let known = index.by_word.entry(word.id).or_default();
                if known.last() != Some(&f) {
                    known.push(f);
                }
                for e in (0..entities.min(32)).filter(|e| field.part != Part::Plain && word.entities & (1 << e) != 0) {
                    index.by_entity[e].push(f);
                }
                if word.text.len() >= 5 && !index.long_words.iter().any(|(_, id)| *id == word.id) {
                    index.long_words.push((word.text.clone(), word.id));
                }
            }
        }
        index
    }
}

impl Compiled {
    /// Marks the fields that have anything in common with the words.
    pub fn mark_fields(&self, words: &[Word], marked: &mut [bool]) {
        let mut mark = |id: u64| self.index.by_word.get(&id).into_iter().flatten().for_each(|&f| marked[f] = true);
        for word in words {
            mark(word.id);
            // Forms that may stand for each other, as `name::alike` reads them.
            match word.text.as_str() {
                "number" | "key" | "code" | "reference" => mark(crate::words::hash("id")),
                "amount" => mark(crate::words::hash("value")),
                "value" => mark(crate::words::hash("amount")),
                text if !word.known && text.len() >= 5 => {
                    let first = text.as_bytes()[0];
                    self.index
                        .long_words
                        .iter()
                        .filter(|(known, _)| known.as_bytes()[0] == first)
                        .for_each(|(_, id)| mark(*id));
                }
                _ => {}
            }
        }
        for (e, fields) in self.index.by_entity.iter().enumerate() {
            if words.iter().any(|word| word.entities & (1 << e) != 0) {
                fields.iter().for_each(|&f| marked[f] = true);
            }
        }
    }

    pub fn new(ontology: &Ontology) -> Self {
        let words = entity_words(ontology);
        let positions: HashMap<&str, usize> =
            ontology.entities.keys().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        let mut compiled = Self { entities: Vec::new(), fields: Vec::new(), words, index: Index::default() };
        for (at, (name, entity)) in ontology.entities.iter().enumerate() {
            let begin = compiled.fields.len();
            for (field_name, field) in &entity.fields {
                let target = field.references.as_ref().and_then(|target| positions.get(target.as_str()).copied());
                let part = match () {
                    () if *field_name == entity.key => Part::Key,
                    () if target.is_some() || field_name.ends_with("_id") => Part::Reference,
                    () => Part::Plain,
                };
                let mut phrases = phrases(field_name, &field.aliases, &compiled.words);
                if field_name == "name" {
                    phrases.extend(bare_entity(entity, &compiled.words));
                }
                if part == Part::Key && target.is_none() {
                    phrases.push(bare_id(&compiled.words));
                }
                compiled.fields.push(FieldInfo {
                    entity: at,
                    name: field_name.clone(),
                    kind: field.kind,
                    part,
                    target,
                    phrases,
                    expected: expected(name, field_name, field.pii),
                    range: field.range,
                    exclusive: ontology.entities.values().filter(|other| other.fields.contains_key(field_name)).count()
                        == 1,
                });
            }
            let fields = begin..compiled.fields.len();
            let required = fields.clone().filter(|&f| entity.fields[&compiled.fields[f].name].required).collect();
            let key = fields
                .clone()
                .find(|&f| compiled.fields[f].part == Part::Key)
                .unwrap_or(begin.min(compiled.fields.len().saturating_sub(1)));
            let names =
                [name.as_str(), entity.label.as_str()].into_iter().chain(entity.aliases.iter().map(String::as_str));
            let phrases = names.filter(|name| !name.is_empty()).map(|name| compiled.words.read_name(name)).collect();
            compiled.entities.push(EntityInfo { name: name.clone(), phrases, key, fields, required });
        }
        compiled.index = Index::of(&compiled.fields, compiled.entities.len());
        compiled
    }
}

fn entity_words(ontology: &Ontology) -> EntityWords {
    let mut words = EntityWords::default();
    for (at, (name, entity)) in ontology.entities.iter().enumerate().take(32) {
        words.learn(&canonical(&segments(name)), at);
        for alias in &entity.aliases {
            words.learn(&canonical(&[alias.as_str()]), at);
        }
    }
    words
}

fn phrases(name: &str, aliases: &[String], words: &EntityWords) -> Vec<PhraseInfo> {
    let texts =
        std::iter::once((name.replace('_', " "), false)).chain(aliases.iter().map(|alias| (alias.clone(), true)));
    let mut phrases: Vec<PhraseInfo> = Vec::new();
    for (text, alias) in texts {
        let read = words.read(&canonical(&[text.as_str()]));
        if !read.is_empty() && !phrases.iter().any(|known| known.words == read) {
            phrases.push(PhraseInfo { squeezed: squeeze(&text), text, alias, words: read });
        }
    }
    phrases
}

/// A column called just "Company" holds the company's name.
fn bare_entity(entity: &Entity, words: &EntityWords) -> Vec<PhraseInfo> {
    let read = |alias: &String| PhraseInfo {
        squeezed: squeeze(alias),
        text: alias.clone(),
        alias: true,
        words: words.read_name(alias),
    };
    entity.aliases.iter().map(read).filter(|phrase| phrase.words.len() == 1).collect()
}

/// What the key of a table is called where the table says the rest.
fn bare_id(words: &EntityWords) -> PhraseInfo {
    PhraseInfo { text: "id".to_owned(), squeezed: "id".to_owned(), alias: true, words: words.read_name("id") }
}

fn expected(entity: &str, field: &str, pii: Option<Pii>) -> Vec<String> {
    let listed = Lexicon::get().expected(entity, field);
    if !listed.is_empty() {
        return listed.to_vec();
    }
    match pii {
        Some(Pii::Email) => vec!["email".to_owned()],
        Some(Pii::Phone) => vec!["phone".to_owned()],
        _ => Vec::new(),
    }
}

//! The word knowledge of the field, read once from the files in `lexicon/`: synonyms, abbreviations, languages, the role a word
//! plays in a name, and the words that values are made of. No rule here knows a system or an entity.

use crate::words::{fold, split_words, stem};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::read);

/// What a word does in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Content,
    /// Says in which form a thing is held: its id, its code, its number.
    Form,
    /// Turns a thing into another thing: billing phone, previous owner.
    Qualifier,
    Noise,
}

pub(crate) struct Lexicon {
    /// Words joined by a space -> canonical words.
    rules: HashMap<String, Vec<String>>,
    /// The same written without separators.
    glued: HashMap<String, Vec<String>>,
    /// Whole names, as older systems abbreviate them.
    mnemonics: HashMap<String, Vec<String>>,
    longest_rule: usize,
    roles: HashMap<String, Role>,
    wrappers: HashSet<String>,
    kinds: HashSet<String>,
    abbreviations: HashMap<String, String>,
    vocabulary: HashSet<String>,
    expectations: HashMap<String, Vec<String>>,
    value_classes: Vec<&'static str>,
    /// Plain text -> classes of which it is a whole value, and classes of which it is a word.
    value_words: HashMap<String, (u32, u32)>,
}

/// Little words of names in other languages, left out before names are compared.
const ARTICLES: [&str; 24] = [
    "de", "du", "des", "la", "le", "les", "l", "d", "der", "die", "das", "dem", "den", "del", "della", "dell", "delle",
    "di", "do", "da", "dos", "von", "vom", "het",
];

impl Lexicon {
    pub fn get() -> &'static Self {
        &LEXICON
    }

    fn read() -> Self {
        let mut lexicon = Self {
            rules: HashMap::new(),
            glued: HashMap::new(),
            mnemonics: HashMap::new(),
            longest_rule: 1,
            roles: HashMap::new(),
            wrappers: HashSet::new(),
            kinds: HashSet::new(),
            abbreviations: HashMap::new(),
            vocabulary: HashSet::new(),
            expectations: HashMap::new(),
            value_classes: Vec::new(),
            value_words: HashMap::new(),
        };
        lexicon.read_roles(include_str!("../lexicon/roles.tsv"));
        lexicon.read_words(include_str!("../lexicon/words.tsv"));
        lexicon.read_vocabulary(include_str!("../lexicon/vocabulary.txt"));
        for cells in rows(include_str!("../lexicon/expectations.tsv")) {
            lexicon.expectations.insert(cells[0].to_owned(), items(cells[1]).map(str::to_owned).collect());
        }
        for cells in rows(include_str!("../lexicon/values.tsv")) {
            let bit = 1 << lexicon.value_classes.len();
            lexicon.value_classes.push(cells[0]);
            for item in items(cells[2]) {
                let known = lexicon.value_words.entry(item.to_owned()).or_default();
                known.0 |= bit;
                known.1 |= if cells[1] == "word" { bit } else { 0 };
            }
        }
        lexicon
    }

    fn read_roles(&mut self, text: &'static str) {
        for cells in rows(text) {
            for item in items(cells[1]) {
                if cells[0] == "wrapper" {
                    self.wrappers.insert(item.replace(' ', ""));
                    continue;
                }
                if cells[0] == "kind" {
                    self.kinds.insert(stem(item));
                    self.learn(item);
                    continue;
                }
                let role = match cells[0] {
                    "noise" => Role::Noise,
                    "form" => Role::Form,
                    _ => Role::Qualifier,
                };
                for word in item.split(' ') {
                    self.roles.entry(stem(word)).or_insert(role);
                    self.learn(word);
                }
            }
        }
    }

    fn read_words(&mut self, text: &'static str) {
        for cells in rows(text) {
            let canonical: Vec<String> = cells[1].split(' ').map(stem).collect();
            cells[1].split(' ').for_each(|word| self.learn(word));
            for variant in items(cells[2]) {
                if cells[0] == "abbr" && !variant.contains(' ') {
                    self.learn(variant);
                    self.abbreviations.insert(variant.to_owned(), cells[1].to_owned());
                    continue;
                }
                if cells[0] == "mnemonic" {
                    self.mnemonics.insert(variant.replace('_', ""), canonical.clone());
                    continue;
                }
                let words = split_words(variant);
                words.iter().for_each(|word| self.learn(word));
                let words = self.spelled_out(&words);
                self.longest_rule = self.longest_rule.max(words.len());
                if words.len() > 1 && variant.len() > 5 {
                    self.glued.entry(words.concat()).or_insert_with(|| canonical.clone());
                }
                self.rules.entry(words.join(" ")).or_insert_with(|| canonical.clone());
            }
        }
    }

    fn read_vocabulary(&mut self, text: &str) {
        for word in text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
            self.learn(word);
        }
    }

    fn learn(&mut self, word: &str) {
        if word.len() > 1 {
            self.vocabulary.insert(word.to_owned());
        }
    }

    pub fn knows(&self, word: &str) -> bool {
        self.vocabulary.contains(word)
    }

    pub fn is_wrapper(&self, segment: &str) -> bool {
        self.wrappers.contains(segment)
    }

    pub fn role(&self, stemmed: &str) -> Role {
        self.roles.get(stemmed).copied().unwrap_or(Role::Content)
    }

    pub fn mnemonic(&self, whole: &str) -> Option<&[String]> {
        self.mnemonics.get(whole).map(Vec::as_slice)
    }

    /// Rewrites words to their canonical ones, taking the longest rule that fits at each place.
    pub fn rewrite(&self, words: &[String]) -> Vec<String> {
        let words = &self.spelled_out(words);
        let stems: Vec<String> = words.iter().map(|word| stem(word)).collect();
        let mut out: Vec<String> = Vec::with_capacity(stems.len());
        let mut at = 0;
        while at < stems.len() {
            let longest = self.longest_rule.min(stems.len() - at);
            // As written first: "employees" is a count, "employee" is not.
            let written = |length: usize| self.rules.get(&words[at..at + length].join(" "));
            let stemmed = |length: usize| self.rules.get(&stems[at..at + length].join(" "));
            let rule =
                (1..=longest).rev().find_map(|length| Some((length, written(length).or_else(|| stemmed(length))?)));
            match rule {
                Some((length, canonical)) => {
                    out.extend(canonical.iter().cloned());
                    at += length;
                }
                None => {
                    out.push(stems[at].clone());
                    at += 1;
                }
            }
        }
        out.dedup();
        out
    }

    /// Writes abbreviations out and leaves articles out.
    pub fn spelled_out(&self, words: &[String]) -> Vec<String> {
        let kept = words.iter().filter(|word| words.len() == 1 || !ARTICLES.contains(&word.as_str()));
        kept.map(|word| self.abbreviations.get(word).unwrap_or(word).clone()).collect()
    }

    /// Tells whether the word names a thing that tables may be about, whatever the ontology.
    pub fn is_kind(&self, stemmed: &str) -> bool {
        self.kinds.contains(stemmed)
    }

    /// Cuts a word written without separators into known words, e.g. `numberofemployees`.
    pub fn cut(&self, word: &str) -> Vec<String> {
        if word.len() < 5 || self.knows(word) || !word.is_ascii() || word.len() > 64 {
            return vec![word.to_owned()];
        }
        if let Some(canonical) = self.glued.get(word) {
            return canonical.clone();
        }
        best_cut(word, |piece| self.knows(piece)).unwrap_or_else(|| vec![word.to_owned()])
    }

    /// The classes of values a field should hold, or nothing when any will do.
    pub fn expected(&self, entity: &str, field: &str) -> &[String] {
        let special = self.expectations.get(&format!("{entity}.{field}"));
        special.or_else(|| self.expectations.get(field)).map_or(&[], Vec::as_slice)
    }

    pub fn value_classes(&self) -> &[&'static str] {
        &self.value_classes
    }

    /// The classes of which the text is a whole value, and those of which it is a word, as bit sets.
    pub fn value_word(&self, text: &str) -> (u32, u32) {
        self.value_words.get(text).copied().unwrap_or_default()
    }
}

/// Finds the cut into known words with the fewest pieces; short pieces only when they are common little words.
fn best_cut(word: &str, knows: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    const LITTLE: [&str; 12] = ["id", "at", "on", "by", "no", "of", "is", "to", "in", "nr", "am", "de"];
    let fits = |piece: &str| if piece.len() < 3 { LITTLE.contains(&piece) } else { knows(piece) };
    let mut best: Vec<Option<(usize, usize)>> = vec![None; word.len() + 1]; // cost so far, where the last piece begins
    best[0] = Some((0, 0));
    for end in 1..=word.len() {
        for begin in end.saturating_sub(18)..end {
            let Some((cost, _)) = best[begin] else { continue };
            let piece = &word[begin..end];
            let price = cost + if piece.len() < 4 { 15 } else { 10 };
            if best[end].is_none_or(|(known, _)| price < known) && fits(piece) {
                best[end] = Some((price, begin));
            }
        }
    }
    let mut pieces = Vec::new();
    let mut end = word.len();
    while end > 0 {
        let (_, begin) = best[end]?;
        pieces.push(word[begin..end].to_owned());
        end = begin;
    }
    pieces.reverse();
    (pieces.len() <= 6).then_some(pieces)
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).map(|line| line.split('\t').collect())
}

fn items(cell: &'static str) -> impl Iterator<Item = &'static str> {
    cell.split('|').map(str::trim).filter(|item| !item.is_empty())
}

/// Reads a value as the lexicon writes its words: lower case, plain letters.
pub(crate) fn plain(value: &str) -> String {
    fold(value).trim().to_owned()
}

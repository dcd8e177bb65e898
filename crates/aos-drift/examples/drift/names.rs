//! New names for columns: other words, shorter words, other styles. The words come from `bench/drift/words.tsv`, which was written without
//! looking at the matcher's lexicon.

use crate::chance::Chance;
use std::collections::HashMap;
use std::path::Path;

/// Words of which each means something else than the others of its row.
const APART: [&[&str]; 20] = [
    &["billing", "shipping", "mailing"],
    &["first", "last", "middle"],
    &["created", "modified", "deleted"],
    &["start", "end"],
    &["min", "max", "avg"],
    &["gross", "net"],
    &["parent", "child"],
    &["open", "close"],
    &["actual", "estimated"],
    &["city", "county", "district"],
    &["phone", "fax"],
    &["amount", "tax", "discount", "fee"],
    &["status", "reason", "substatus"],
    &["type", "version"],
    &["date", "duration"],
    &["owner", "creator", "approver"],
    &["category", "class", "subcategory"],
    &["name", "alias", "slug"],
    &["region", "language"],
    &["cost", "price", "margin"],
];

pub struct Names {
    synonyms: HashMap<String, Vec<String>>,
}

impl Names {
    pub fn read(root: &Path) -> Result<Self, String> {
        let path = root.join("bench/drift/words.tsv");
        let text =
            std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let mut synonyms: HashMap<String, Vec<String>> = HashMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((word, others)) = line.split_once('\t') else { continue };
            synonyms.entry(word.to_owned()).or_default().extend(others.split('|').map(str::to_owned));
        }
        Ok(Self { synonyms })
    }

    /// The name with one of its words replaced by another of the same meaning.
    pub fn synonym(&self, path: &str, chance: &mut Chance) -> Option<String> {
        let (around, leaf) = split_leaf(path);
        let words = words(leaf);
        let known: Vec<usize> =
            (0..words.len()).filter(|at| self.synonyms.contains_key(&words[*at].to_lowercase())).collect();
        if known.is_empty() {
            return None;
        }
        let at = *chance.one(&known);
        let other = chance.one(&self.synonyms[&words[at].to_lowercase()]).clone();
        let mut named = words.clone();
        named[at] = other;
        Some(format!("{around}{}", like(leaf, &named)))
    }

    /// The name with one of its words replaced by one that means something else.
    pub fn other(&self, path: &str, chance: &mut Chance) -> Option<String> {
        let (around, leaf) = split_leaf(path);
        let words = words(leaf);
        let row = |word: &String| APART.iter().find(|row| row.contains(&word.to_lowercase().as_str()));
        let known: Vec<(usize, &&[&str])> =
            words.iter().enumerate().filter_map(|(at, word)| Some((at, row(word)?))).collect();
        let (at, row) = *known.get(chance.below(known.len()))?;
        let others: Vec<&&str> = row.iter().filter(|other| !words[at].eq_ignore_ascii_case(other)).collect();
        let mut named = words.clone();
        named[at] = (**chance.one(&others)).to_owned();
        Some(format!("{around}{}", like(leaf, &named)))
    }

    /// The name with its longest word cut to its beginning, or without its vowels.
    pub fn abbreviated(&self, path: &str) -> Option<String> {
        let (around, leaf) = split_leaf(path);
        let mut words = words(leaf);
        let at = (0..words.len()).max_by_key(|at| words[*at].len())?;
        if words[at].len() < 6 {
            return None;
        }
        let word = words[at].clone();
        let bare: String =
            word.chars().enumerate().filter(|(at, c)| *at == 0 || !"aeiouAEIOU".contains(*c)).map(|(_, c)| c).collect();
        words[at] = if word.len().is_multiple_of(2) { word.chars().take(4).collect() } else { bare };
        Some(format!("{around}{}", like(leaf, &words))).filter(|named| named != path)
    }

    pub fn restyled(&self, path: &str, chance: &mut Chance) -> Option<String> {
        let style = chance.below(4);
        Some(self.in_style(path, style)).filter(|named| named != path)
    }

    pub fn in_style(&self, path: &str, style: usize) -> String {
        let words = words(path);
        match style {
            0 => words.iter().map(|word| word.to_lowercase()).collect::<Vec<_>>().join("_"),
            1 => words.iter().map(|word| title(word)).collect(),
            2 => words.iter().map(|word| title(word)).collect::<Vec<_>>().join(" "),
            _ => words.iter().map(|word| word.to_uppercase()).collect::<Vec<_>>().join("_"),
        }
    }

    /// What the two halves of a column are called.
    pub fn parts(&self, path: &str) -> (String, String) {
        let lower = path.to_lowercase();
        if lower.contains("contact") || lower.contains("owner") || lower.contains("full") {
            return ("first_name".to_owned(), "last_name".to_owned());
        }
        (format!("{path}_1"), format!("{path}_2"))
    }
}

fn split_leaf(path: &str) -> (&str, &str) {
    path.rfind(['.', '/']).map_or(("", path), |at| path.split_at(at + 1))
}

fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for c in name.chars() {
        let begins = before.is_lowercase() && c.is_uppercase();
        if (begins || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.push(c);
        }
        before = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn title(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect())
}

/// Writes words the way the name was written.
fn like(name: &str, words: &[String]) -> String {
    let lower = || words.iter().map(|word| word.to_lowercase());
    let upper = !name.chars().any(char::is_lowercase);
    match () {
        () if upper => lower().map(|word| word.to_uppercase()).collect::<Vec<_>>().join("_"),
        () if name.contains('_') => lower().collect::<Vec<_>>().join("_"),
        () if name.contains(' ') => words.iter().map(|word| title(word)).collect::<Vec<_>>().join(" "),
        () if name.contains('-') => lower().collect::<Vec<_>>().join("-"),
        () if name.starts_with(char::is_uppercase) => words.iter().map(|word| title(word)).collect(),
        () => {
            let mut parts = lower();
            let first = parts.next().unwrap_or_default();
            first + &parts.map(|word| title(&word)).collect::<String>()
        }
    }
}

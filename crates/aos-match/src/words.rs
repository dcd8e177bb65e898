//! Names as words: paths, camel case, separators, glued words, plain letters. What the words mean is the lexicon's business.

use crate::lexicon::{Lexicon, Role};

/// One canonical word of a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Word {
    pub id: u64,
    pub text: String,
    pub role: Role,
    /// The entities this word may stand for, as a bit set.
    pub entities: u32,
    /// Comes from a leading path segment that many columns share, so it says little.
    pub shared: bool,
    /// Comes from an object around the value, not from the value's own name.
    pub around: bool,
    /// Found in the lexicon, so it is no misspelling of another word.
    pub known: bool,
}

impl Word {
    pub fn new(text: String, entities: u32) -> Self {
        let role = Lexicon::get().role(&text);
        let known = Lexicon::get().knows(&text);
        Self { id: hash(&text), text, role, entities, shared: false, around: false, known }
    }
}

/// Splits a path into its segments: `owner_id.value`, `lineItem/UsageAmount`, `email[].value`.
pub(crate) fn segments(path: &str) -> Vec<&str> {
    if path.contains(' ') && !path.contains('/') {
        return vec![path];
    }
    let mut parts: Vec<&str> = path
        .split(['.', '/', ':'])
        .map(|part| part.trim_end_matches("[]"))
        .filter(|part| part.chars().any(char::is_alphanumeric))
        .collect();
    if parts.len() > 1 {
        let lexicon = Lexicon::get();
        while parts.len() > 1 && lexicon.is_wrapper(&squeeze(parts[0])) {
            parts.remove(0);
        }
        // In a list of values the leaf only says that it is one: email[].value, phone_numbers[].number.
        let holders: &[&str] = if path.contains("[]") { &["value", "number", "address"] } else { &["value"] };
        if parts.len() > 1
            && parts.last().is_some_and(|leaf| holders.iter().any(|holder| leaf.eq_ignore_ascii_case(holder)))
        {
            parts.pop();
        }
    }
    parts
}

/// Reads one path segment as canonical words.
pub(crate) fn canonical(segments: &[&str]) -> Vec<String> {
    let lexicon = Lexicon::get();
    if let [only] = segments
        && let Some(words) = lexicon.mnemonic(&squeeze(only))
    {
        return words.to_vec();
    }
    let mut words = Vec::new();
    for segment in segments {
        for word in split_words(segment) {
            words.extend(lexicon.cut(&word));
        }
    }
    words.dedup();
    count_form(lexicon.rewrite(&words))
}

/// Brings "number of X", "num X" and "total X count" to one form: "X count".
fn count_form(mut words: Vec<String>) -> Vec<String> {
    let counts =
        words.len() > 1 && matches!(words[0].as_str(), "num" | "anzahl" | "nb" | "cantidad" | "aantal" | "anz");
    let number_of = words.len() > 2 && words[0] == "number" && words[1] == "of";
    if counts || number_of {
        words.drain(..if number_of { 2 } else { 1 });
        words.push("count".to_owned());
    }
    words
}

/// Splits a text at separators, case changes and between letters and digits; lower case, plain letters.
pub(crate) fn split_words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            if c == '#' || c == '%' {
                flush(&mut word, &mut words);
                words.push(if c == '#' { "number" } else { "percent" }.to_owned());
            }
            flush(&mut word, &mut words);
            continue;
        }
        if at > 0 && begins_word(chars[at - 1], c, chars.get(at + 1).copied()) {
            flush(&mut word, &mut words);
        }
        word.push(c);
    }
    flush(&mut word, &mut words);
    words
}

fn begins_word(before: char, here: char, after: Option<char>) -> bool {
    let up = before.is_lowercase() && here.is_uppercase();
    let acronym_ends = before.is_uppercase() && here.is_uppercase() && after.is_some_and(char::is_lowercase);
    up || acronym_ends || before.is_numeric() != here.is_numeric()
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(fold(word));
        word.clear();
    }
}

/// Lower case without accents; German umlauts become two letters, as they are written where letters are scarce.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'æ' => out.push_str("ae"),
            'ö' | 'œ' | 'ø' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'á' | 'à' | 'â' | 'ã' | 'å' | 'ą' => out.push('a'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ě' => out.push('e'),
            'í' | 'ì' | 'î' | 'ï' => out.push('i'),
            'ó' | 'ò' | 'ô' | 'õ' | 'ő' => out.push('o'),
            'ú' | 'ù' | 'û' | 'ů' => out.push('u'),
            'ç' | 'č' | 'ć' => out.push('c'),
            'ñ' | 'ń' => out.push('n'),
            'ł' => out.push('l'),
            'š' | 'ś' => out.push('s'),
            'ž' | 'ź' | 'ż' => out.push('z'),
            'ý' => out.push('y'),
            c => out.push(c),
        }
    }
    out
}

/// Takes a plural ending away.
pub(crate) fn stem(word: &str) -> String {
    let plural = word.len() > 3
        && word.ends_with('s')
        && !word.ends_with("ss")
        && !word.ends_with("us")
        && !word.ends_with("is");
    match word.strip_suffix("ies") {
        Some(root) if word.len() > 4 => format!("{root}y"),
        _ if plural => word[..word.len() - 1].to_owned(),
        _ => word.to_owned(),
    }
}

/// Letters and digits only, lower case.
pub(crate) fn squeeze(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// FNV-1a: small, stable over releases, good enough for a few thousand words.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> String {
        canonical(&segments(path)).join(" ")
    }

    #[test]
    fn names_written_in_many_ways_are_the_same_words() {
        for (path, words) in [
            ("numberofemployees", "employee count"),
            ("NumberOfEmployees", "employee count"),
            ("properties.numberofemployees", "employee count"),
            ("Anzahl Mitarbeiter", "employee count"),
            ("lastmodifieddate", "updated date"),
            ("LAST_MODIFIED_DATE", "updated date"),
            ("geändert am", "updated date"),
            ("KUNNR", "customer id"),
            ("owner_id.value", "owner id"),
            ("email[].value", "email"),
            ("AnnualRevenue__c", "annual revenue c"),
            ("createdon", "created date"),
            ("industrycode", "industry"),
            ("sessions_30d", "session 30d"),
        ] {
            assert_eq!(read(path), words, "{path}");
        }
    }
}

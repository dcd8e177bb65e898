//! Names out of judged words: what the labels of a model mean, and where one name ends and the next begins.

use crate::pii::{Class, Name};
use std::ops::Range;

/// What an output of the classifier stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// None where it is no name, or one of a kind that is not looked for.
    pub class: Option<Class>,
    pub begins: bool,
    pub ends: bool,
}

/// A word of a text with what the model takes it for.
pub struct Word {
    pub bytes: Range<usize>,
    /// How far its first token is from the nearer end of the window that judged it.
    pub depth: usize,
    pub judged: Judged,
}

#[derive(Clone, Copy)]
pub struct Judged {
    pub tag: Tag,
    /// The share of its class among all.
    pub share: f32,
}

impl Tag {
    pub fn of(label: &str) -> Self {
        let (place, kind) = label.split_once(['-', '_']).filter(|(place, _)| place.len() == 1).unwrap_or(("I", label));
        let class = match &*kind.to_ascii_uppercase() {
            "PER" | "PERSON" => Some(Class::PersonName),
            "ORG" | "ORGANIZATION" | "ORGANISATION" => Some(Class::Organization),
            "LOC" | "LOCATION" | "GPE" => Some(Class::Location),
            _ => None,
        };
        let is = |places: &str| places.contains(&place.to_ascii_uppercase());
        Self { class, begins: is("BSU"), ends: is("ESLU") }
    }
}

/// Makes names of words that follow each other.
pub fn joined(text: &str, words: impl Iterator<Item = Word>) -> Vec<Name> {
    struct Open {
        class: Class,
        bytes: Range<usize>,
        shares: Vec<f32>,
        is_closed: bool,
    }
    let mut names: Vec<Open> = Vec::new();
    let mut reached = 0;
    for word in words {
        let gap = text.get(reached..word.bytes.start).unwrap_or_default();
        let before = std::mem::replace(&mut reached, word.bytes.end);
        let Judged { tag, share } = word.judged;
        let Some(class) = tag.class else { continue };
        let goes_on = |open: &Open| {
            let is_open = !tag.begins && !open.is_closed && gap.matches('\n').count() < 2;
            // What is written together is one name, whatever its second half is called.
            open.bytes.end == before && open.class == class && (gap.is_empty() || is_open)
        };
        match names.last_mut() {
            Some(open) if goes_on(open) => {
                open.bytes.end = word.bytes.end;
                open.shares.push(share);
                open.is_closed = tag.ends;
            }
            _ => names.push(Open { class, bytes: word.bytes, shares: vec![share], is_closed: tag.ends }),
        }
    }
    let name = |open: Open| {
        let piece = text.get(open.bytes.clone())?;
        let start = open.bytes.start + piece.len() - piece.trim_start().len();
        let bytes = start..start + piece.trim().len();
        let score = open.shares.iter().sum::<f32>() / open.shares.len() as f32;
        piece.chars().any(char::is_alphanumeric).then_some(Name { class: open.class, bytes, score })
    };
    names.into_iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, tags: &[&str]) -> Vec<Word> {
        let mut at = 0;
        let spans = text.split(' ').map(|word| {
            let start = at;
            at += word.len() + 1;
            start..start + word.len()
        });
        let judged = |label: &&str| Judged { tag: Tag::of(label), share: 0.9 };
        spans.zip(tags.iter().map(judged)).map(|(bytes, judged)| Word { bytes, depth: 1, judged }).collect()
    }

    fn names(text: &str, tags: &[&str]) -> Vec<(Class, String)> {
        let names = joined(text, words(text, tags).into_iter());
        names.into_iter().map(|name| (name.class, text[name.bytes].to_owned())).collect()
    }

    #[test]
    fn tags_of_both_schemes_become_the_same_names() {
        let text = "Ana Ruiz Bo Kent of Quarn Ltd left";
        let expected = [
            (Class::PersonName, "Ana Ruiz".to_owned()),
            (Class::PersonName, "Bo Kent".to_owned()),
            (Class::Organization, "Quarn Ltd".to_owned()),
        ];
        for tags in [
            ["B-PER", "I-PER", "B-PER", "I-PER", "O", "B-ORG", "I-ORG", "O"],
            ["I-PER", "I-PER", "B-PER", "I-PER", "O", "I-ORG", "I-ORG", "O"],
            ["B-PER", "E-PER", "B-PER", "E-PER", "O", "B-ORG", "E-ORG", "O"],
            ["B-PERSON", "L-PERSON", "I-PERSON", "L-PERSON", "O", "B-ORG", "L-ORG", "B-MISC"],
        ] {
            assert_eq!(names(text, &tags), expected, "{tags:?}");
        }
        assert_eq!(names("Bo Ana", &["S-PER", "S-PER"]).len(), 2);
    }

    #[test]
    fn a_name_does_not_reach_over_a_word_that_is_none_or_over_an_empty_line() {
        assert_eq!(names("Ana saw Ruiz", &["B-PER", "O", "I-PER"]).len(), 2);
        let text = "Ana\n\nRuiz";
        let word = |bytes| Word { bytes, depth: 1, judged: Judged { tag: Tag::of("I-PER"), share: 0.9 } };
        assert_eq!(joined(text, [word(0..3), word(5..9)].into_iter()).len(), 2);
    }
}

//! What was found and where, and which of two findings holds where they overlap.

use super::Class;
use serde::Serialize;
use std::ops::Range;

/// A piece of a text, in both units at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Where it begins, in characters (Unicode scalar values) from the beginning of the text.
    pub start: usize,
    /// Where it has ended, in characters.
    pub end: usize,
    /// The same in bytes of UTF-8: first byte, and the byte behind the last.
    pub bytes: Range<usize>,
}

/// A piece of personal data in a text. It says where it stands and does not repeat it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    #[serde(rename = "type")]
    pub class: Class,
    /// What it is within its class, such as `us_ssn`, `jwt`, or the class's own name.
    pub kind: &'static str,
    #[serde(flatten)]
    pub span: Span,
    /// How sure it is, from 0 to 1: from what was checked (form, check digits, ranges) and from the words around it. It is a rank for
    /// a threshold and no measured probability.
    pub score: f32,
    /// What the score rests on: `form`, `check_digit`, `context`, `word_list`, `model`, `column`, `ontology`.
    pub because: Vec<&'static str>,
}

/// A finding whose place in characters is not counted yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub class: Class,
    pub kind: &'static str,
    pub bytes: Range<usize>,
    pub score: f32,
    pub because: Vec<&'static str>,
}

/// Keeps of overlapping findings the surest, of equally sure ones the longest, of those the first; and returns them in the order of the text.
pub(super) fn resolve(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by(|a, b| {
        let longer = b.bytes.len().cmp(&a.bytes.len());
        b.score.total_cmp(&a.score).then(longer).then(a.bytes.start.cmp(&b.bytes.start)).then(a.class.cmp(&b.class))
    });
    let mut kept: std::collections::BTreeMap<usize, Found> = std::collections::BTreeMap::new();
    for finding in found {
        let before = kept.range(..finding.bytes.end).next_back();
        if before.is_none_or(|(_, before)| before.bytes.end <= finding.bytes.start) {
            kept.insert(finding.bytes.start, finding);
        }
    }
    kept.into_values().collect()
}

/// Counts the characters in front of each finding, in one pass over the text.
pub(super) fn place(text: &str, found: Vec<Found>) -> Vec<Finding> {
    let (mut byte, mut character) = (0, 0);
    let mut count_to = |to: usize| {
        character += text[byte..to].chars().count();
        byte = to;
        character
    };
    let placed = found.into_iter().map(|Found { class, kind, bytes, score, because }| {
        let span = Span { start: count_to(bytes.start), end: count_to(bytes.end), bytes };
        Finding { class, kind, span, score, because }
    });
    placed.collect()
}

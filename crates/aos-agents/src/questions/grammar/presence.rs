//! Whether there is a value at all: `without a department`, `that don't have an email`, `with a phone`.

use super::{Found, Reader};
use crate::questions::plan::{Filter, FilterOp};

pub(super) const NOTHING: [&str; 10] =
    ["missing", "empty", "null", "blank", "unknown", "not set", "unset", "not known", "not given", "not stated"];
const WITHOUT: [&str; 37] = [
    "without",
    "without a",
    "without an",
    "without any",
    "with no",
    "with missing",
    "have no",
    "has no",
    "missing",
    "missing a",
    "missing an",
    "no",
    "having no",
    "not having",
    "not having a",
    "not having an",
    "lack",
    "lacks",
    "lacking",
    "don t have",
    "don t have any",
    "dont have",
    "dont have any",
    "do not have",
    "do not have any",
    "doesn t have",
    "doesn t have any",
    "does not have",
    "does not have any",
    "have not got",
    "haven t got",
    "don t state",
    "do not state",
    "doesn t state",
    "does not state",
    "never state",
    "with an unknown",
];
const WITH: [&str; 8] = ["with a", "with an", "with any", "have a", "have an", "has a", "has an", "with known"];

/// Returns the phrases that ask whether there is a value.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    NOTHING.into_iter().chain(WITHOUT).chain(WITH)
}

impl Reader<'_> {
    /// Returns where words end that say at this place that something is missing.
    pub(super) fn says_without(&self, at: usize) -> Option<usize> {
        self.phrase(at, &WITHOUT)
    }

    /// `without a department`, `with an e-mail address`.
    pub(super) fn presence(&self, at: usize) -> Found<Filter> {
        let mut found = Vec::new();
        for (phrases, op) in [(&WITHOUT[..], FilterOp::IsNull), (&WITH[..], FilterOp::NotNull)] {
            let Some(at) = self.phrase(at, phrases) else { continue };
            // What is compared or named next says more than that there is a value.
            let says_more = |end: usize| {
                let after = self.skip(end, &["of", "is", "in"]);
                self.comparison(after).is_some() || self.word(after) == "between" || self.word(end) == "of"
            };
            let fields = self.field(at).into_iter().filter(|(end, _)| !says_more(*end));
            found.extend(fields.map(|(end, path)| (end, Filter::of(&path, op, []))));
        }
        found
    }
}

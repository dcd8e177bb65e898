//! Times, and which date of a record they are said of.

use super::draft::Time;
use super::{Found, Reader, time};

/// Words that say which date a time is about: the words, and the fields that can be meant, the first that there is.
pub(super) const DATED: [(&[&str], &[&str]); 5] = [
    (
        &[
            "created",
            "created on",
            "opened",
            "added",
            "raised",
            "submitted",
            "came in",
            "come in",
            "coming in",
            "logged",
            "filed",
            "did we add",
            "have we added",
            "did we create",
            "have we created",
        ],
        &["created_at"],
    ),
    (&["updated", "last updated", "changed", "modified", "last modified"], &["updated_at", "last_updated"]),
    (&["closing", "close", "due to close", "expected to close"], &["close_date"]),
    (&["launched", "started"], &["created_at"]),
    (&["reported", "dated", "invoiced", "billed"], &["report_date"]),
];
/// ... of what comes in by itself.
const RECEIVED: (&[&str], &[&str]) = (
    &["did we get", "did we receive", "have we received", "have we got", "received", "were received", "arrived"],
    &["created_at"],
);

/// Returns the words that say of which date a time is.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    DATED.iter().chain([&RECEIVED]).flat_map(|(words, _)| words.iter().copied())
}

impl Reader<'_> {
    /// Reads a stretch of time, with the date it is about where that is said.
    pub(super) fn time(&self, at: usize) -> Found<Time> {
        let plain = |at: usize, field: Option<String>| {
            let ranges = time::range(&self.tokens[at.min(self.tokens.len())..], self.today).into_iter();
            ranges
                .map(move |(length, range)| (at + length, Time { field: field.clone(), range }))
                .collect::<Found<Time>>()
        };
        let mut found = plain(at, None);
        let start = self.skip(
            at,
            &[
                "that were",
                "which were",
                "that are",
                "were",
                "was",
                "have been",
                "has been",
                "that have been",
                "which have been",
                "that",
                "which",
                "and",
                "are",
                "with",
                "with a",
                "with the",
                "have",
                "have a",
                "has a",
                "having a",
                "whose",
                "where",
            ],
        );
        // Tickets are had when they come; deals may be had when they are won.
        let had: &[(&[&str], &[&str])] = if self.entity == "ticket" { &[RECEIVED] } else { &[] };
        for (words, fields) in DATED.iter().chain(had) {
            let field = fields.iter().find(|field| self.lexicon.has_data(self.entity, field));
            if let (Some(end), Some(field)) = (self.phrase(start, words), field) {
                found.extend(plain(end, Some((*field).to_owned())));
            }
        }
        for (end, path) in self.field(start) {
            if self.lexicon.resolve(self.entity, &path).is_some_and(|found| found.is_date()) {
                found.extend(plain(self.skip(end, &["is", "are", "was"]), Some(path)));
            }
        }
        found
    }
}

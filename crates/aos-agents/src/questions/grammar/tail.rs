//! What may follow the head of a question, in any order: filters, times, groupings, an order, and words that say nothing.

use super::draft::{Draft, Ordering};
use super::{Found, Reader, dated, group};
use crate::questions::check::SOURCE;
use crate::questions::plan::FilterOp;
use crate::questions::refusal::{Refusal, RefusalCode};

/// Words that say nothing further.
const FILLERS: [&str; 44] = [
    "are there",
    "is there",
    "do we have",
    "have we",
    "we have",
    "do i have",
    "there are",
    "exist",
    "exists",
    "are known",
    "in total",
    "altogether",
    "overall",
    "currently",
    "right now",
    "now",
    "at the moment",
    "please",
    "across all sources",
    "across all systems",
    "from all sources",
    "in all sources",
    "across sources",
    "in the system",
    "in our systems",
    "are",
    "is",
    "were there",
    "did we have",
    "was there",
    "still",
    "do we currently have",
    "we currently have",
    "have we got",
    "do we still have",
    "for me",
    "thanks",
    "thank you",
    "across the board",
    "all told",
    "that are still",
    "which are still",
    "that are currently",
    "which are currently",
];
/// Words that lead to a filter.
const LEADS: [&str; 70] = [
    "a",
    "an",
    "have a",
    "have an",
    "has a",
    "with a",
    "with an",
    "come from",
    "coming from",
    "comes from",
    "work in",
    "work in the",
    "working in",
    "working in the",
    "use",
    "use the",
    "using",
    "using the",
    "and",
    "and are",
    "and have",
    "and with",
    "with",
    "with the",
    "where",
    "where the",
    "whose",
    "that",
    "which",
    "who",
    "that are",
    "which are",
    "that were",
    "which were",
    "who are",
    "that have",
    "which have",
    "that is",
    "having",
    "have",
    "has",
    "are",
    "is",
    "were",
    "was",
    "in",
    "in the",
    "from",
    "from the",
    "for",
    "for the",
    "of",
    "of the",
    "on",
    "at",
    "belonging to",
    "have been",
    "has been",
    "been",
    "run in",
    "running in",
    "located in",
    "hosted in",
    "deployed in",
    "marked as",
    "marked",
    "flagged as",
    "labelled",
    "labeled",
    "classified as",
];
/// Further words of times and orders.
const SAID: [&str; 13] =
    ["last", "this", "next", "since", "before", "after", "between", "to", "until", "sorted", "months", "days", "new"];
/// Returns the phrases that stand between the parts of a question.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    FILLERS.into_iter().chain(LEADS).chain(group::words()).chain(dated::words()).chain(SAID)
}

impl Reader<'_> {
    /// Returns every reading of what follows that uses all words.
    pub(super) fn tails(&self, at: usize, draft: Draft) -> Vec<Draft> {
        if !self.search.step(at) {
            return Vec::new();
        }
        if at == self.tokens.len() {
            return vec![draft];
        }
        let mut found = Vec::new();
        for (end, draft) in self.tail(at, &draft) {
            // Nothing is read twice, so that every step goes on.
            if end > at {
                found.extend(self.tails(end, draft));
            }
        }
        found
    }

    fn tail(&self, at: usize, draft: &Draft) -> Found<Draft> {
        let mut found: Found<Draft> = Vec::new();
        if let Some(end) = self.phrase(at, &FILLERS) {
            found.push((end, draft.clone()));
        }
        // `how many departments do contacts have`
        if at + 1 == self.tokens.len() && matches!(self.word(at), "have" | "has") {
            found.push((at + 1, draft.clone()));
        }
        // After the part of a share, whether a time is said of the part or of the whole cannot be known.
        let times = if draft.part.is_none() { self.time(at) } else { Vec::new() };
        for (end, range) in times {
            let mut draft = draft.clone();
            draft.times.push(range);
            found.push((end, draft));
        }
        if draft.part.is_none() {
            for (end, groups) in self.groups(at).into_iter().chain(self.dated_groups(at)) {
                let mut draft = draft.clone();
                draft.groups.extend(groups);
                found.push((end, draft));
            }
        }
        if draft.measures.is_empty() && draft.order.is_none() {
            for (end, order) in self.sorted(at) {
                found.push((end, Draft { order: Some(order), ..draft.clone() }));
            }
        }
        for start in self.leads(at) {
            let said_of = start > 0 && matches!(self.word(start - 1), "is" | "are" | "was" | "were");
            for (end, filter) in self.filter(start) {
                // What is said to be this and that is no list of either.
                let is_and = |at: usize| self.word(at) == "and" && self.word(at + 1) != "or";
                let listed = filter.values.len() > 1 && (start..end).any(is_and);
                let in_both = filter.field == SOURCE && filter.op == FilterOp::In;
                if listed && in_both {
                    let reason = "whether records of either source or only what stands in both is meant is not said";
                    let near = [format!("from {}", filter.values.join(" or "))];
                    self.search.refuse(Refusal::new(RefusalCode::Ambiguous, reason).missing("which of the two", near));
                } else if !(listed && said_of) {
                    found.push((end, draft.clone().filter(filter)));
                }
            }
        }
        let mut different: Found<Draft> = Vec::with_capacity(found.len());
        for one in found {
            if !different.contains(&one) {
                different.push(one);
            }
        }
        different
    }

    /// Returns where a filter may begin: here, or after words that lead to one.
    fn leads(&self, at: usize) -> Vec<usize> {
        let mut starts = vec![at];
        let mut next = 0;
        while let Some(at) = starts.get(next).copied() {
            next += 1;
            for lead in LEADS {
                if let Some(end) = self.phrase(at, &[lead])
                    && !starts.contains(&end)
                    && next <= 3
                {
                    starts.push(end);
                }
            }
        }
        if let Some(after) = self.comma_at(at) {
            starts.push(after);
        }
        starts
    }

    pub(super) fn comma_at(&self, at: usize) -> Option<usize> {
        matches!(self.tokens.get(at)?.kind, super::token::Kind::Sign(",")).then_some(at + 1)
    }

    fn sorted(&self, at: usize) -> Found<(Ordering, bool)> {
        let Some(at) = self.phrase(at, &["sorted by", "ordered by", "sort by", "order by"]) else { return Vec::new() };
        let mut found = Vec::new();
        for (end, path) in self.field(at) {
            let down = self.phrase(end, &["descending", "desc", "from high to low", "highest first", "largest first"]);
            let up = self.phrase(end, &["ascending", "asc", "from low to high", "lowest first", "smallest first"]);
            match (down, up) {
                (Some(end), _) => found.push((end, (Ordering::Field(path), true))),
                (_, Some(end)) => found.push((end, (Ordering::Field(path), false))),
                _ => found.push((end, (Ordering::Field(path), false))),
            }
        }
        found
    }
}

//! Shares: which part of a whole.

use super::draft::Draft;
use super::token::Kind;
use super::{Found, Reader};

const VERBS: [&str; 11] =
    ["are", "is", "were", "was", "have", "has", "come from", "comes from", "that are", "with", "work"];

impl Reader<'_> {
    /// `what percentage of tickets are urgent`.
    pub(super) fn share(&self, start: usize) -> Found<Draft> {
        let start = self.skip(start, &["what", "which", "the"]);
        let of = ["percentage of", "percent of", "share of", "proportion of", "fraction of"];
        let sign = matches!(self.tokens.get(start).map(|token| &token.kind), Some(Kind::Sign("%")));
        let by_sign = if sign { self.phrase(start + 1, &["of"]) } else { None };
        let Some(at) = self.phrase(start, &of).or(by_sign) else { return Vec::new() };
        let mut found = Vec::new();
        for (end, filters) in self.noun(at) {
            // Up to the verb it is said what the whole is; that may be further down.
            for verb in end..self.tokens.len() {
                let said = self.phrase(verb, &VERBS);
                // `without` is a verb of its own where none follows.
                let is_last = |after: usize| (after..self.tokens.len()).all(|at| self.phrase(at, &VERBS).is_none());
                let without = self.says_without(verb).filter(|after| is_last(*after)).map(|_| verb);
                let begins: Vec<usize> = said.into_iter().chain(without).collect();
                if begins.is_empty() {
                    continue;
                }
                let whole = Reader { tokens: &self.tokens[..verb], ..*self };
                for draft in whole.tails(end, Draft { filters: filters.clone(), ..Draft::default() }) {
                    let part = Draft { part: Some(Vec::new()), ..draft };
                    found.extend(begins.iter().map(|after| (*after, part.clone())));
                }
            }
        }
        found
    }
}

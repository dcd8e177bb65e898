//! Groupings: what a number is asked for each of.

use super::dated::DATED;
use super::draft::Group;
use super::token::singular;
use super::{Found, Reader};
use crate::questions::plan::Bucket;
use crate::questions::refusal::Refusal;
use crate::questions::words;
use aos_core::ontology::FieldType;

const BY: [&str; 13] = [
    "by",
    "per",
    "for each",
    "for every",
    "in each",
    "grouped by",
    "group by",
    "broken down by",
    "split by",
    "by each",
    "of each",
    "and by",
    "for all",
];
const BUCKETS: [(&str, Bucket); 6] = [
    ("day", Bucket::Day),
    ("week", Bucket::Week),
    ("month", Bucket::Month),
    ("quarter", Bucket::Quarter),
    ("year", Bucket::Year),
    ("calendar month", Bucket::Month),
];
/// `how many deals does each rep have`.
const EACH: [&str; 6] = ["does each", "do each", "does every", "did each", "has each", "is there per"];

/// Returns the words that groupings are made of.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    BY.into_iter().chain(EACH).chain(BUCKETS.iter().map(|(word, _)| *word))
}

impl Reader<'_> {
    /// `created by month`.
    pub(super) fn dated_groups(&self, at: usize) -> Found<Vec<Group>> {
        let start = self.skip(at, &["that were", "which were", "were", "was", "are", "is"]);
        let mut found = Vec::new();
        for (words, fields) in DATED {
            let field = fields.iter().find(|field| self.lexicon.has_data(self.entity, field));
            let (Some(end), Some(field)) = (self.phrase(start, words), field) else { continue };
            for (end, mut groups) in self.groups(end) {
                let mut dated = false;
                for group in &mut groups {
                    if let Group::Bucket(date @ None, _) = group {
                        *date = Some((*field).to_owned());
                        dated = true;
                    }
                }
                if dated {
                    found.push((end, groups));
                }
            }
        }
        found
    }

    pub(super) fn groups(&self, at: usize) -> Found<Vec<Group>> {
        if let Some(start) = self.phrase(at, &EACH) {
            let of_each = self.each(start).into_iter();
            let had =
                of_each.filter_map(|(end, group)| Some((self.phrase(end, &["have", "has", "own"])?, vec![group])));
            return had.collect();
        }
        let Some(start) = self.phrase(at, &BY).or_else(|| self.over_time(at)) else { return Vec::new() };
        let mut found: Found<Vec<Group>> = Vec::new();
        let mut each = self.each(start);
        if matches!(self.word(at), "per" | "for" | "of") {
            each.retain(|(_, group)| !self.is_rate(group));
        }
        let mut lists = each.into_iter().map(|(end, group)| (end, vec![group])).collect::<Vec<_>>();
        let mut next = 0;
        while let Some((end, groups)) = lists.get(next).cloned() {
            next += 1;
            if let Some(after) = self.phrase(end, &["and", "and by", "by"]).or_else(|| self.comma_at(end))
                && groups.len() < 3
            {
                for (end, group) in self.each(after) {
                    lists.push((end, groups.iter().cloned().chain([group]).collect()));
                }
            }
            found.push((end, groups));
        }
        found
    }

    /// Whether it would be divided by a number, such as `cost per vcpu`, and says that nothing is.
    fn is_rate(&self, group: &Group) -> bool {
        let Group::Field(path) = group else { return false };
        let found = self.lexicon.resolve(self.entity, path);
        let is_rate = found.is_some_and(|found| matches!(found.kind, FieldType::Integer | FieldType::Decimal));
        if is_rate {
            let name = words::name(path);
            let reason = format!(
                "`per {name}` would divide by a number, and nothing is divided here; ask `by {name}` for a group of each"
            );
            self.search.refuse(Refusal::not_possible(reason).missing(format!("per {name}"), [format!("by {name}")]));
        }
        is_rate
    }

    /// Reads what a group is for each of: `by account`, and not `by accounts`, which may be who did it.
    fn each(&self, at: usize) -> Found<Group> {
        let mut found = self.group_item(at);
        found.retain(|(end, group)| {
            !matches!(group, Group::Record(_)) || singular(self.word(end - 1)) == self.word(end - 1)
        });
        found
    }

    /// `each month`, `every year`.
    fn over_time(&self, at: usize) -> Option<usize> {
        let after = self.phrase(at, &["each", "every", "over the"])?;
        BUCKETS.iter().any(|(word, _)| self.is_bucket(after, word)).then_some(after)
    }

    fn is_bucket(&self, at: usize, word: &str) -> bool {
        self.phrase(at, &[word, &format!("{word}s")]).is_some()
    }

    pub(super) fn group_item(&self, at: usize) -> Found<Group> {
        let at = self.skip(at, &["the", "their", "its"]);
        let mut found: Found<Group> = self.bucket(at, None);
        for (end, path) in self.field(at) {
            if self.lexicon.resolve(self.entity, &path).is_some_and(|found| found.is_date()) {
                found.extend(self.bucket(end, Some(&path)));
            } else if self.is_record(end, &path) {
                found.push((end, Group::Record(path)));
            } else {
                found.push((end, Group::Field(path)));
            }
        }
        for (words, fields) in [(["created", "creation"], "created_at"), (["close", "closing"], "close_date")] {
            if let (Some(end), true) = (self.phrase(at, &words), self.lexicon.has_data(self.entity, fields)) {
                found.extend(self.bucket(end, Some(fields)));
            }
        }
        found.extend(
            self.related_at(at).into_iter().map(|(end, (reference, _))| (end, Group::Record(reference.to_owned()))),
        );
        found
    }

    /// Whether who is referred to is meant, as in `by requester`, and not what the reference is.
    fn is_record(&self, end: usize, path: &str) -> bool {
        let leads = self.ways().iter().any(|(reference, _)| reference == path);
        leads && path.strip_suffix("_id").is_some_and(|stem| stem.ends_with(&singular(self.word(end - 1))))
    }

    fn bucket(&self, at: usize, field: Option<&str>) -> Found<Group> {
        let at = self.skip(at, &["by"]);
        let named = BUCKETS.iter().filter_map(|(word, bucket)| {
            let end = self.phrase(at, &[word, &format!("{word}s")])?;
            Some((end, Group::Bucket(field.map(str::to_owned), *bucket)))
        });
        named.collect()
    }
}

//! One stream, open for reading: in the order of ids or of changes, record by record or cell by cell.

use super::Account;
use super::field::{Field, Kind};
use super::journal::Journal;
use super::order::Order;
use super::time::DAY_MS;
use crate::random::{Random, seed_of};

/// What a stream is: its names, its fields, and how many records it was born with.
#[derive(Debug, Clone)]
pub struct Stream {
    /// What the vendor's API calls it.
    pub name: String,
    pub label: String,
    pub plural: String,
    /// Whether the account's owner has defined it.
    pub custom: bool,
    pub rows: u64,
    /// One of so many records is deleted from the beginning; 0 deletes none.
    pub deleted_one_in: u64,
    pub fields: Vec<Field>,
}

/// What the vendor itself keeps about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    pub created_ms: i64,
    pub changed_ms: i64,
    pub deleted: bool,
    /// How often it was drawn anew.
    pub revision: u32,
}

#[derive(Clone, Copy)]
pub struct Table<'a> {
    pub(super) account: &'a Account,
    pub stream: &'a Stream,
    pub(super) order: Order,
    pub(super) journal: &'a Journal,
}

impl<'a> Table<'a> {
    /// Says what is known of a record; none when there is none of that row, or it is gone for good.
    pub fn meta(&self, row: u64) -> Option<Meta> {
        match self.journal.revised.get(&row) {
            Some(revised) => (!revised.purged).then_some(revised.meta),
            None => (row < self.stream.rows).then(|| self.born(row)),
        }
    }

    /// What a record was like before anybody touched it.
    pub(super) fn born(&self, row: u64) -> Meta {
        let mut random = Random::at(seed_of(self.account.seed, &self.stream.name), row);
        let changed_ms = self.order.changed_ms(row);
        let age_ms = random.below(400 * DAY_MS as u64 / 1000) as i64 * 1000;
        let deleted = self.stream.deleted_one_in > 0 && random.below(self.stream.deleted_one_in) == 0;
        Meta { created_ms: changed_ms - age_ms, changed_ms, deleted, revision: 0 }
    }

    /// Yields rows in the order of their ids, deleted ones too.
    pub fn by_id(self, after: Option<u64>) -> impl Iterator<Item = u64> + use<'a> {
        let end = self.stream.rows + self.journal.added;
        (after.map_or(0, |after| after + 1)..end).filter(move |row| self.is_there(*row))
    }

    /// Yields rows with the time of their last change, earliest first and by id within one time, deleted ones too; all that were
    /// changed at the time given or later.
    pub fn by_change(self, at_least_ms: i64) -> impl Iterator<Item = (i64, u64)> + use<'a> {
        let mut born =
            self.order.from(at_least_ms).filter(move |(_, row)| !self.journal.revised.contains_key(row)).peekable();
        let mut changed = self.journal.order.range((at_least_ms, 0)..).copied().peekable();
        std::iter::from_fn(move || match (born.peek(), changed.peek()) {
            (Some(left), Some(right)) if right < left => changed.next(),
            (Some(_), _) => born.next(),
            (None, _) => changed.next(),
        })
    }

    /// The version of the newest change, whatever time it is stamped with; 0 before there is any.
    pub fn version(&self) -> u64 {
        self.journal.version
    }

    /// The version of a record's last change; 0 for one that nobody has touched.
    pub fn version_of(&self, row: u64) -> u64 {
        self.journal.revised.get(&row).map_or(0, |revised| revised.version)
    }

    /// Lists what was changed after a version, in the order of the changes, purged records too.
    pub fn changed_since(&self, version: u64) -> Vec<u64> {
        let newer = self.journal.revised.iter().filter(|(_, revised)| revised.version > version);
        let mut rows: Vec<(u64, u64)> = newer.map(|(row, revised)| (revised.version, *row)).collect();
        rows.sort_unstable();
        rows.into_iter().map(|(_, row)| row).collect()
    }

    fn is_there(&self, row: u64) -> bool {
        self.journal.revised.get(&row).is_none_or(|revised| !revised.purged)
    }

    /// The account that the stream is part of.
    pub fn account(&self) -> &'a Account {
        self.account
    }

    pub fn field(&self, name: &str) -> Option<&'a Field> {
        self.stream.fields.iter().find(|field| field.name == name)
    }

    /// Counts the records that are not deleted.
    pub fn living(&self) -> u64 {
        self.by_id(None).filter(|row| self.meta(*row).is_some_and(|meta| !meta.deleted)).count() as u64
    }

    pub(super) fn rows_linked(&self, kind: &Kind) -> u64 {
        match kind {
            Kind::Link { to } => self.account.rows_of(to),
            _ => 0,
        }
    }

    pub(super) fn seed(&self) -> u64 {
        seed_of(self.account.seed, &self.stream.name)
    }
}

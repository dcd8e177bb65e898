//! What was changed since the account was born: the records' new state, and the order of their changes.

use super::cell::Cell;
use super::table::Meta;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct Journal {
    pub revised: BTreeMap<u64, Revised>,
    /// Time of change and row of every revised record that is still there.
    pub order: BTreeSet<(i64, u64)>,
    /// Records that were added behind those the stream was born with.
    pub added: u64,
    /// How many revisions were kept: the version of the newest one.
    pub version: u64,
}

#[derive(Debug, Clone)]
pub struct Revised {
    pub meta: Meta,
    /// Gone for good, without leaving a mark.
    pub purged: bool,
    /// Under the slot of the field.
    pub cells: BTreeMap<String, Cell>,
    /// The place of this state among all that were kept of the stream, whatever its time of change says.
    pub version: u64,
}

impl Journal {
    /// Keeps the new state of a record in place of the one before.
    pub fn keep(&mut self, row: u64, mut revised: Revised) {
        self.version += 1;
        revised.version = self.version;
        if let Some(before) = self.revised.get(&row) {
            self.order.remove(&(before.meta.changed_ms, row));
        }
        if !revised.purged {
            self.order.insert((revised.meta.changed_ms, row));
        }
        self.revised.insert(row, revised);
    }
}

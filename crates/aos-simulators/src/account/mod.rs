//! What a simulated vendor holds: streams of records that are computed from the seed whenever they are asked for, and a journal of
//! what was changed since.
//!
//! A hundred thousand records take no memory until somebody edits one. Nothing here knows how a vendor writes a record.

mod cell;
mod change;
mod draw;
mod evaluate;
mod field;
mod journal;
mod order;
mod table;
pub mod time;
mod words;

pub use cell::Cell;
pub use change::{BROKEN_BYTE, Change, ChangeError};
pub use draw::Draw;
pub use field::{Choice, Field, Formula, Kind, choice, coded, decimal, money, several, text};
pub use table::{Meta, Stream, Table};

use journal::Journal;
use order::Order;

/// The streams of one account.
#[derive(Debug)]
pub struct Account {
    seed: u64,
    /// The finest step of the vendor's times, in milliseconds.
    resolution_ms: i64,
    tables: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    stream: Stream,
    order: Order,
    journal: Journal,
}

impl Account {
    pub fn new(seed: u64, resolution_ms: i64, streams: Vec<Stream>) -> Self {
        let held = |stream: Stream| Held { order: Order::of(stream.rows), journal: Journal::default(), stream };
        Self { seed, resolution_ms, tables: streams.into_iter().map(held).collect() }
    }

    /// Opens a stream for reading, by the name the vendor's API gives it.
    pub fn table(&self, name: &str) -> Option<Table<'_>> {
        let held = self.tables.iter().find(|held| held.stream.name == name)?;
        Some(self.open(held))
    }

    pub fn tables(&self) -> impl Iterator<Item = Table<'_>> {
        self.tables.iter().map(|held| self.open(held))
    }

    fn open<'a>(&'a self, held: &'a Held) -> Table<'a> {
        Table { account: self, stream: &held.stream, order: held.order, journal: &held.journal }
    }

    /// How many records a stream was born with; 0 when there is none of that name.
    fn rows_of(&self, name: &str) -> u64 {
        self.tables.iter().find(|held| held.stream.name == name).map_or(0, |held| held.stream.rows)
    }

    fn held_mut(&mut self, name: &str) -> Option<&mut Held> {
        self.tables.iter_mut().find(|held| held.stream.name == name)
    }

    /// Gives a stream's fields to be rewritten.
    pub(crate) fn fields_mut(&mut self, stream: &str) -> Option<&mut Vec<Field>> {
        Some(&mut self.held_mut(stream)?.stream.fields)
    }

    /// Takes a whole stream out of the account; whether there was one.
    pub(crate) fn drop_stream(&mut self, name: &str) -> bool {
        let before = self.tables.len();
        self.tables.retain(|held| held.stream.name != name);
        self.tables.len() < before
    }
}

//! What a whole read met: a hash per record, so that what it did not meet can be told, in memory that is bounded.

use aos_core::event::CanonicalEvent;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use xxhash_rust::xxh3::Xxh3;

/// More records than this are not remembered, and nothing is swept: about 150 MB.
const SEEN_MAX: usize = 8_000_000;

/// Hashes of records that were met. Two records with one hash hide the loss of one of them until the next read, and never cause one.
#[derive(Debug, Default)]
pub(super) struct Seen {
    hashes: HashSet<u64, BuildHasherDefault<Plain>>,
    /// Hashes of those that the source said are gone.
    gone: HashSet<u64, BuildHasherDefault<Plain>>,
    /// Whether there were too many to remember.
    overflown: bool,
    /// How many records were met, each counted once however often its source gave it.
    records: u64,
    /// How many could not be read, so that nobody knows which they are.
    unread: u64,
}

/// What is kept is a hash already.
#[derive(Debug, Default)]
struct Plain(u64);

impl Hasher for Plain {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Seen {
    /// Remembers what an event speaks of; `main` says whether it is the record itself, and not another one that it mentions.
    pub fn add(&mut self, event: &CanonicalEvent, main: bool) {
        if self.hashes.len() >= SEEN_MAX {
            self.overflown = true;
            return;
        }
        let new = self.hashes.insert(hash(&event.entity, &event.fragment, &event.record_id));
        self.records += u64::from(new && main);
    }

    /// Remembers a record that the source said is gone.
    pub fn add_gone(&mut self, event: &CanonicalEvent) {
        if self.gone.len() >= SEEN_MAX {
            self.overflown = true;
            return;
        }
        self.gone.insert(hash(&event.entity, &event.fragment, &event.record_id));
    }

    /// Notes records that are there and could not be read: any of those that were not met may be one of them.
    pub fn miss(&mut self, records: u64) {
        self.unread += records;
    }

    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// Counts the records that are there and those that are gone, each once.
    pub fn counts(&self) -> (u64, u64) {
        (self.records, self.gone.len() as u64)
    }

    pub fn has(&self, entity: &str, fragment: &str, record_id: &str) -> bool {
        self.hashes.contains(&hash(entity, fragment, record_id))
    }

    /// Whether everything that was met is remembered.
    pub fn is_complete(&self) -> bool {
        !self.overflown
    }
}

fn hash(entity: &str, fragment: &str, record_id: &str) -> u64 {
    let mut hash = Xxh3::new();
    for part in [entity, fragment, record_id] {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.digest()
}

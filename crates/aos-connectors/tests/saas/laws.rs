//! What must hold of every connector, whatever its vendor.

use crate::support::{Connection, Held, Record, account, storm};
use aos_connectors::{Deletes, ReadRequest, ReadWhat};
use aos_core::value::Value;
use aos_simulators::{Change, Running, Vendor, Which};
use std::collections::BTreeMap;

/// One stream of one vendor.
#[derive(Clone, Copy)]
pub struct Case {
    pub vendor: Vendor,
    /// As the connector calls it, and as the simulator does.
    pub stream: &'static str,
    pub simulated: &'static str,
    pub key: &'static str,
    pub connect: fn(&Running) -> futures_util::future::BoxFuture<'_, Connection>,
    /// Brings a record as the vendor has it into the shape in which it is read.
    pub shape: fn(Record) -> Record,
    /// Takes out of a record as it is read what the vendor's own record does not have.
    pub plain: fn(Record) -> Record,
    /// How long the vendor takes to show a change, in milliseconds.
    pub settles_ms: i64,
}

/// A record as it is.
pub fn as_it_is(record: Record) -> Record {
    record
}

impl Case {
    fn truth(&self, running: &Running) -> BTreeMap<String, Record> {
        let record = |json: String| {
            let Value::Object(members) = Value::parse_json(&json).unwrap() else { panic!("a record is an object") };
            let record = (self.shape)(members.into_iter().map(|(name, value)| (name.into(), value)).collect());
            (record[self.key].as_text().unwrap().to_owned(), record)
        };
        running.truth(self.simulated, Which::Living).map(record).collect()
    }

    fn check(&self, held: &Held, running: &Running) {
        let truth = self.truth(running);
        for (key, record) in &truth {
            let read = held.records.get(key).unwrap_or_else(|| panic!("{} {key} is lost", self.stream));
            let read = (self.plain)(read.clone());
            assert_eq!(&read, record, "{} {key}", self.stream);
        }
        let extra: Vec<_> = held.records.keys().filter(|key| !truth.contains_key(*key)).take(5).collect();
        assert!(extra.is_empty(), "{} of {}: {extra:?} are not there any more", extra.len(), self.stream);
        assert!(held.malformed.is_empty(), "{:?}", held.malformed.first());
    }

    /// A read from the start brings every record as the vendor has it, in about as few requests as can be.
    pub async fn a_full_read_is_the_truth(&self, size: u64, requests_max: u32) {
        let running = account(self.vendor, size).await;
        let connection = (self.connect)(&running).await;
        let held = connection.read_all(self.stream, self.key).await;
        self.check(&held, &running);
        assert!(!held.records.is_empty());
        assert!(held.requests <= requests_max, "{} requests", held.requests);
        held.end();
    }

    /// What was edited, added and deleted since is all that a later read needs to bring the holder up to date.
    pub async fn a_later_read_brings_what_changed(&self, size: u64) {
        let running = account(self.vendor, size).await;
        let connection = (self.connect)(&running).await;
        let told = self.deletes(&connection).await;
        let mut held = connection.read_all(self.stream, self.key).await;
        for round in 0..2 {
            self.change(&running, round, told);
            let request = ReadRequest { cursor: Some(held.end()), ..ReadRequest::of(self.stream) };
            let before = held.requests;
            (connection.read(request, &mut held)).await;
            assert!(held.requests > before);
            self.check(&held, &running);
        }
    }

    fn change(&self, running: &Running, round: u64, deletes: Deletes) {
        let stream = self.simulated.to_owned();
        running.change(&Change::Touch { stream: stream.clone(), count: 7, seed: round }).unwrap();
        running.change(&Change::Add { stream: stream.clone(), count: 3, set: serde_json::Map::new() }).unwrap();
        if deletes == Deletes::Tombstone {
            running.change(&Change::Delete { stream, row: 11 + round }).unwrap();
        }
        running.advance_ms(self.settles_ms);
    }

    async fn deletes(&self, connection: &Connection) -> Deletes {
        let streams = connection.discover().await;
        streams
            .iter()
            .find(|stream| stream.name == self.stream)
            .unwrap_or_else(|| panic!("{} is there", self.stream))
            .deletes
    }

    /// A reader that stops at any page and goes on later, as somebody else, misses nothing.
    pub async fn a_read_goes_on_at_any_checkpoint(&self, size: u64) {
        let running = account(self.vendor, size).await;
        let whole = (self.connect)(&running).await.read_all(self.stream, self.key).await;
        let pages = whole.checkpoints.len();
        assert!(pages > 1, "{pages} pages are too few to stop between them");
        for stop in 1..pages.min(5) {
            let mut held = Held::by(self.key);
            let first = (self.connect)(&running).await;
            first.read_some(ReadRequest::of(self.stream), &mut held, stop).await.unwrap();
            let (_, checkpoint) = held.checkpoints.last().unwrap().clone();
            assert!(!checkpoint.complete);
            let request = ReadRequest { cursor: Some(checkpoint.cursor), ..ReadRequest::of(self.stream) };
            let second = (self.connect)(&running).await;
            second.read(request, &mut held).await;
            self.check(&held, &running);
        }
    }

    /// Refused, cut off, repeated, reordered, slow and late answers change nothing of what is held in the end.
    pub async fn a_storm_loses_nothing(&self, size: u64) {
        let running = account(self.vendor, size).await;
        let connection = (self.connect)(&running).await;
        let told = self.deletes(&connection).await;
        running.set_chaos(storm());
        let stream = self.simulated.to_owned();
        // Each request is hindered twice, so the first one of the read takes these.
        for after in [1, 2] {
            let change = Change::Touch { stream: stream.clone(), count: 5, seed: after };
            running.change_after(running.requests().values().sum::<u64>() + after, change);
        }
        let mut held = connection.read_all(self.stream, self.key).await;
        self.change(&running, 0, told);
        let request = ReadRequest { cursor: Some(held.end()), ..ReadRequest::of(self.stream) };
        connection.read(request, &mut held).await;
        running.set_chaos(aos_simulators::Chaos::default());
        self.check(&held, &running);
    }

    /// A read of the keys alone meets every record that is there.
    pub async fn a_read_of_keys_meets_every_record(&self, size: u64) {
        let running = account(self.vendor, size).await;
        running.change(&Change::Delete { stream: self.simulated.to_owned(), row: 3 }).unwrap();
        running.advance_ms(self.settles_ms);
        let connection = (self.connect)(&running).await;
        let mut held = Held::by(self.key);
        let request = ReadRequest { what: ReadWhat::Keys, ..ReadRequest::of(self.stream) };
        connection.read(request, &mut held).await;
        let truth = self.truth(&running);
        assert!(held.records.keys().eq(truth.keys()), "{} of {}", held.records.len(), truth.len());
        assert!(held.checkpoints.is_empty(), "a sweep moves no cursor");
    }

    /// A column that is asked for alone comes with every record, as it is there, and without most of the others.
    pub async fn a_read_of_one_column_brings_it_of_every_record(&self, size: u64, column: &str) {
        let running = account(self.vendor, size).await;
        let connection = (self.connect)(&running).await;
        let mut held = Held::by(self.key);
        let request = ReadRequest { columns: vec![column.to_owned()], ..ReadRequest::of(self.stream) };
        connection.read(request, &mut held).await;
        let truth = self.truth(&running);
        assert!(held.records.keys().eq(truth.keys()), "{} of {}", held.records.len(), truth.len());
        let (top, member) = column.split_once('.').map_or((column, None), |(top, member)| (top, Some(member)));
        for (key, record) in &truth {
            let value = |record: &Record| match member {
                Some(member) => record.get(top)?.get(member).cloned(),
                None => record.get(top).cloned(),
            };
            let read = &held.records[key];
            assert_eq!(value(read), value(record), "{key}");
            let members = |record: &Record| match (member, record.get(top)) {
                (Some(_), Some(Value::Object(members))) => members.len(),
                _ => record.len(),
            };
            assert!(members(read) * 2 < members(record), "{} of {}", members(read), members(record));
        }
    }

    /// Some records are asked for as some records, and move no cursor.
    pub async fn a_sample_is_small_and_moves_no_cursor(&self, size: u64) {
        let running = account(self.vendor, size).await;
        let connection = (self.connect)(&running).await;
        let mut held = Held::by(self.key);
        let request = ReadRequest { records_max: Some(20), ..ReadRequest::of(self.stream) };
        connection.read_some(request, &mut held, 1).await.unwrap();
        let told = held.records.len() + held.deleted.len();
        assert!((10..=20).contains(&told), "{told}");
        assert!(held.checkpoints.is_empty());
    }

    /// A record whose bytes are no text is kept as evidence, and costs nobody else anything.
    pub async fn a_record_with_broken_bytes_costs_itself_only(&self, size: u64, field: &str) {
        let running = account(self.vendor, size).await;
        let broken = format!("bro{}ken", aos_simulators::BROKEN_BYTE);
        let set = serde_json::Map::from_iter([(field.to_owned(), broken.into())]);
        running.change(&Change::Edit { stream: self.simulated.to_owned(), row: 5, set }).unwrap();
        running.advance_ms(self.settles_ms);
        let connection = (self.connect)(&running).await;
        let held = connection.read_all(self.stream, self.key).await;
        assert_eq!(held.malformed.len(), 1);
        assert_eq!(held.malformed[0].code.as_str(), "encoding");
        assert_eq!(held.records.len() as u64 + 1, running.count(self.simulated, Which::Living));
    }

    /// A text of ten megabytes arrives as it is.
    pub async fn a_very_long_text_arrives_whole(&self, field: &str) {
        let running = account(self.vendor, 50).await;
        let long = "ä".repeat(5 << 20);
        let set = serde_json::Map::from_iter([(field.to_owned(), long.clone().into())]);
        running.change(&Change::Edit { stream: self.simulated.to_owned(), row: 5, set }).unwrap();
        running.advance_ms(self.settles_ms);
        let connection = (self.connect)(&running).await;
        let held = connection.read_all(self.stream, self.key).await;
        self.check(&held, &running);
    }
}

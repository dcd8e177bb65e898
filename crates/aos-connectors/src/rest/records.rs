//! What a read has met since its last page: records, deleted ones, and how far it has come.

use super::body::Body;
use super::moment::{self, Horizon};
use super::page::Deleted;
use super::rows::{Keep, Members, Rows};
use super::session::Session;
use crate::page::{ReadOptions, RecordPage};
use aos_core::value::Value;
use serde_json::value::RawValue;

pub(crate) struct Records {
    rows: Rows,
    deleted: Deleted,
    pub horizon: Horizon,
    key: String,
    cursor_field: Option<String>,
}

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    Deleted,
    /// It is none of this read's, and only tells how far the read has come.
    Passed,
}

impl Records {
    pub fn new(options: &ReadOptions, key: &str, cursor_field: Option<&str>) -> Self {
        Self {
            rows: Rows::new(options.record_bytes_max),
            deleted: Deleted::new(key, cursor_field),
            horizon: Horizon::default(),
            key: key.to_owned(),
            cursor_field: cursor_field.map(str::to_owned),
        }
    }

    /// Reads a record as it stands in an answer; `judge` may change it.
    pub fn read(&mut self, body: &Body<'_>, raw: &RawValue, judge: impl FnOnce(&mut Members) -> Fate) {
        let Self { rows, deleted, horizon, key, cursor_field } = self;
        rows.read(body, raw, |members| sort(judge(members), members, deleted, horizon, key, cursor_field.as_deref()));
    }

    /// Takes a record that is not written in JSON.
    pub fn add(&mut self, members: Members, judge: impl FnOnce(&mut Members) -> Fate) {
        let Self { rows, deleted, horizon, key, cursor_field } = self;
        rows.add(members, |members| sort(judge(members), members, deleted, horizon, key, cursor_field.as_deref()));
    }

    /// Notes a record that is not written in JSON and holds bytes that are no text.
    pub fn reject_damaged(&mut self, raw: &str) {
        self.rows.reject_damaged(raw);
    }

    /// Makes a page of what was met since the last one.
    pub fn page(&mut self, session: &Session) -> RecordPage {
        let taken = self.rows.take();
        RecordPage {
            deleted: self.deleted.take(),
            malformed: taken.malformed,
            requests: session.spent(),
            ..RecordPage::of(taken.batch)
        }
    }
}

fn sort(
    fate: Fate,
    members: &Members,
    deleted: &mut Deleted,
    horizon: &mut Horizon,
    key: &str,
    cursor_field: Option<&str>,
) -> Keep {
    let changed_at = cursor_field.and_then(|cursor| members.get(cursor));
    horizon.see(changed_at.and_then(Value::as_text).and_then(moment::parse));
    match (fate, members.get(key)) {
        (Fate::Kept, _) => return Keep::Record,
        (Fate::Deleted, Some(id)) => deleted.add(id.clone(), changed_at.cloned()),
        (Fate::Deleted | Fate::Passed, _) => {}
    }
    Keep::Nothing
}

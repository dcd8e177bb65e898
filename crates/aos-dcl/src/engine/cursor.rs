//! Opaque cursors of views: the sort values and the key of the last row, tied to the query they belong to.

use super::{Error, Result};
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};

const CURSOR_BYTES_MAX: usize = 8192;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Which entity, sort and filters it belongs to.
    query: u64,
    /// The sort values of the last row as text, `None` for a null.
    pub values: Vec<Option<String>>,
    pub connection: String,
    pub record_id: String,
}

impl Cursor {
    pub fn new(query: &impl Hash, values: Vec<Option<String>>, connection: String, record_id: String) -> Self {
        Self { query: hash(query), values, connection, record_id }
    }

    pub fn encode(&self) -> String {
        let json = serde_json::to_vec(self).expect("texts and numbers are always JSON");
        json.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn decode(text: &str, query: &impl Hash, values: usize) -> Result<Self> {
        let bytes = text.as_bytes();
        if bytes.len() > CURSOR_BYTES_MAX || !bytes.len().is_multiple_of(2) {
            return Err(Error::BadCursor);
        }
        let json: Option<Vec<u8>> = bytes
            .chunks(2)
            .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        let cursor: Self = serde_json::from_slice(&json.ok_or(Error::BadCursor)?).map_err(|_| Error::BadCursor)?;
        let fits = cursor.query == hash(query)
            && cursor.values.len() == values
            && uuid::Uuid::parse_str(&cursor.connection).is_ok();
        if fits { Ok(cursor) } else { Err(Error::BadCursor) }
    }
}

fn hash(query: &impl Hash) -> u64 {
    // Unkeyed on purpose: a cursor stays good across restarts of one build.
    let mut hasher = DefaultHasher::new();
    query.hash(&mut hasher);
    hasher.finish()
}

//! Keyset pages: a cursor is the last key of the page before, opaque to callers.

use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use uuid::Uuid;

pub const DEFAULT_LIMIT: u32 = 50;
pub const MAX_LIMIT: u32 = 1000;
const MAX_CURSOR: usize = 1024;

/// Which page of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub cursor: Option<String>,
    /// How many items; at most [`MAX_LIMIT`] are given.
    pub limit: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { cursor: None, limit: DEFAULT_LIMIT }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageOf<T> {
    pub items: Vec<T>,
    /// Leads to the next page; `None` on the last.
    pub next_cursor: Option<String>,
}

impl Page {
    pub fn first(limit: u32) -> Self {
        Self { cursor: None, limit }
    }

    pub fn after(cursor: impl Into<String>, limit: u32) -> Self {
        Self { cursor: Some(cursor.into()), limit }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit.clamp(1, MAX_LIMIT) as usize
    }

    /// Returns how many rows to ask for: one more than wanted tells whether there is a next page.
    pub(crate) fn fetch(&self) -> i64 {
        self.limit() as i64 + 1
    }

    pub(crate) fn after_text(&self) -> Result<Option<String>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        if cursor.len() > MAX_CURSOR {
            return Err(Error::BadCursor);
        }
        let key = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Error::BadCursor)?;
        String::from_utf8(key).map(Some).map_err(|_| Error::BadCursor)
    }

    pub(crate) fn after_id(&self) -> Result<Option<Uuid>> {
        self.after_text()?.map(|key| key.parse().map_err(|_| Error::BadCursor)).transpose()
    }

    /// Cuts the rows to the page and gives the cursor of the next.
    pub(crate) fn of<T, K: std::fmt::Display>(&self, mut items: Vec<T>, key: impl Fn(&T) -> K) -> PageOf<T> {
        let more = items.len() > self.limit();
        items.truncate(self.limit());
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|item| URL_SAFE_NO_PAD.encode(key(item).to_string()));
        PageOf { items, next_cursor }
    }
}

//! Where a reader stands in a relation.
//!
//! A *pass* reads the rows that were written at or after a mark, in the order of their key. The mark of the next pass is taken in the first
//! snapshot of this one, before anything is read: what is written meanwhile is read again next time and never skipped.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// The relation's own number, which changes when it is dropped and made again.
    pub relation: u32,
    /// Rows written before this were surely read; none while the first pass lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Mark>,
    /// The pass under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass: Option<Pass>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pass {
    /// What `since` becomes at the end of the pass.
    pub until: Option<Mark>,
    /// The key of the last row that was read, as the server writes it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// Rows read in this pass.
    #[serde(default)]
    pub rows: u64,
    /// How far before `since` the pass began, in seconds.
    #[serde(default)]
    pub overlap_s: u64,
}

/// A bound that tells rows written before from rows written after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mark {
    /// The oldest transaction that was still running, in 64 bits: all before it had ended and were seen.
    Transaction(i64),
    /// A value of the cursor column, as the server writes it.
    Value(String),
    /// A place in the write-ahead log.
    Log(String),
}

//! What a sync is asked to do.

use aos_core::kind::SyncMode;

/// What is to be read of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncRequest {
    pub mode: SyncMode,
    /// Only these streams; all of them when there are none.
    pub streams: Vec<String>,
    /// For a backfill of one stream: only these of its columns; all of them when there are none.
    pub columns: Vec<String>,
    /// Whether it is meant that most records of a stream are gone: a sweep is then not held back.
    pub accept_loss: bool,
    /// How many requests may be spent without asking; none for as many as it takes.
    pub requests_max: Option<u64>,
}

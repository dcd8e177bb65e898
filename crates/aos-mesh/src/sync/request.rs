//! What a sync is asked to do.

use aos_core::kind::SyncMode;

/// What is to be read of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncRequest {
    pub mode: SyncMode,
    /// Only these streams; all of them when there are none.
    pub streams: Vec<String>,
    /// Whether it is meant that most records of a stream are gone: a sweep is then not held back.
    pub accept_loss: bool,
}

//! What is known about a segment without opening it.

use aos_core::ConnectionId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The format written today; readers refuse later ones.
pub(crate) const FORMAT: u64 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SegmentId(pub Uuid);

impl std::fmt::Display for SegmentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A finished segment: the manifest entry that the store keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub id: SegmentId,
    pub connection: ConnectionId,
    pub stream: String,
    /// Relative to the lake; for people. The lake finds a segment by its tenant, connection and id.
    pub path: String,
    pub records: u64,
    pub malformed: u64,
    /// Positions of its first and last record, malformed ones included.
    pub first_position: Option<u64>,
    pub last_position: Option<u64>,
    /// Size in the lake, and before compression.
    pub bytes: u64,
    pub raw_bytes: u64,
    /// XXH3 (128 bits) of the file: against damage, not against forgery.
    pub checksum: String,
}

/// A record that could not be read from its source, kept with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Malformed {
    pub position: u64,
    pub code: String,
    pub message: String,
    pub raw: String,
}

//! The lines of an export, one JSON object each: how it begins, then every entry in its order. It ends with a signed head.

use super::{Entry, Link};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub const FORMAT: &str = "autonomos.audit.v1";

/// The first line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Begin {
    pub format: String,
    /// The tenant whose chain it is, or [`super::INSTALLATION`].
    pub chain: Uuid,
}

/// One entry of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportedEntry {
    pub seq: u64,
    #[serde(flatten)]
    pub entry: Entry,
    /// Stands for this entry and all before it.
    pub link: Link,
}

//! Where a reader stands in an object.

use crate::connector::Cursor;
use crate::error::Error;
use crate::rest::Horizon;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A place in a stream. `since` is what the whole read began with: none for a read from the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub(super) enum Saved {
    /// In the pages of a query: `next` leads to the next one for two days, and what was met by then begins a new query after that.
    Query {
        since: Option<DateTime<Utc>>,
        horizon: Horizon,
        next: String,
    },
    /// In the results of a bulk job, which are kept for seven days.
    Results {
        since: Option<DateTime<Utc>>,
        horizon: Horizon,
        job: String,
        locator: String,
    },
    /// In the links of documents: those up to this one are read.
    Links {
        after: String,
    },
    End {
        since: Option<DateTime<Utc>>,
    },
}

impl Saved {
    /// # Errors
    /// [`Error::Gone`] for a cursor that is none of ours.
    pub fn read(cursor: Cursor) -> Result<Self, Error> {
        serde_json::from_value(cursor)
            .map_err(|error| Error::Gone { what: "the place of the last read".to_owned(), said: error.to_string() })
    }

    pub fn write(&self) -> Cursor {
        serde_json::to_value(self).unwrap_or_default()
    }
}

//! What there is to read, and by which version of the API.

use crate::rest::{Fate, Members};
use crate::stream::{Deletes, Field, Stream};
use aos_core::value::Value;
use chrono::NaiveDateTime;
use std::time::Duration;

/// The most that one page holds, in both versions.
pub(super) const PAGE_RECORDS: u32 = 500;
pub(super) const LAG: Duration = Duration::from_secs(60);

// Times that v1 writes without a zone.
const V1_TIMES: [&str; 6] = ["add_time", "update_time", "archive_time", "created", "modified", "last_login"];

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Standard {
    pub name: &'static str,
    pub label: &'static str,
    /// Where pages of it are, one list after the other: what is archived is a list of its own.
    pub lists: &'static [&'static str],
    pub paging: Paging,
    /// Whether what changed since a time can be asked for.
    pub by_time: bool,
    /// Where its fields are described.
    pub fields: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// API v2: `cursor`.
    Cursor,
    /// API v1: `start` and `limit`.
    Offset,
    /// One answer holds all.
    Whole,
}

const fn v2(name: &'static str, label: &'static str, lists: &'static [&'static str], fields: &'static str) -> Standard {
    Standard { name, label, lists, paging: Paging::Cursor, by_time: true, fields: Some(fields) }
}

pub(super) const STREAMS: [Standard; 10] = [
    v2("deals", "Deals", &["v2/deals", "v2/deals/archived"], "v1/dealFields"),
    v2("persons", "People", &["v2/persons"], "v1/personFields"),
    v2("organizations", "Organizations", &["v2/organizations"], "v1/organizationFields"),
    v2("activities", "Activities", &["v2/activities"], "v1/activityFields"),
    v2("products", "Products", &["v2/products"], "v1/productFields"),
    Standard {
        name: "pipelines",
        label: "Pipelines",
        lists: &["v2/pipelines"],
        paging: Paging::Cursor,
        by_time: false,
        fields: None,
    },
    Standard {
        name: "stages",
        label: "Stages",
        lists: &["v2/stages"],
        paging: Paging::Cursor,
        by_time: false,
        fields: None,
    },
    Standard {
        name: "leads",
        label: "Leads",
        lists: &["v1/leads", "v1/leads/archived"],
        paging: Paging::Offset,
        by_time: false,
        fields: None,
    },
    Standard {
        name: "notes",
        label: "Notes",
        lists: &["v1/notes"],
        paging: Paging::Offset,
        by_time: false,
        fields: None,
    },
    Standard {
        name: "users",
        label: "Users",
        lists: &["v1/users"],
        paging: Paging::Whole,
        by_time: false,
        fields: None,
    },
];

impl Standard {
    pub fn find(name: &str) -> Option<&'static Self> {
        STREAMS.iter().find(|stream| stream.name == name)
    }

    pub fn cursor_field(&self) -> Option<&'static str> {
        self.by_time.then_some("update_time")
    }

    /// Only deals say that they were deleted, for thirty days; all others just are not there any more.
    pub fn tells_deleted(&self) -> bool {
        self.name == "deals"
    }

    /// Tells deleted records from those that are there, and gives the times of v1 the zone that they do not say.
    pub fn judge(&self, members: &mut Members) -> Fate {
        if self.paging != Paging::Cursor {
            V1_TIMES.into_iter().for_each(|name| say_utc(members, name));
        }
        let deleted =
            members.get("is_deleted") == Some(&Value::Bool(true)) || members.text("status") == Some("deleted");
        if deleted { Fate::Deleted } else { Fate::Kept }
    }

    pub fn stream(&self, system: &str, fields: Vec<Field>) -> Stream {
        Stream {
            label: Some(self.label.to_owned()),
            key: vec!["id".to_owned()],
            cursor_field: self.cursor_field().map(str::to_owned),
            // Times of change are whole seconds.
            lag: LAG,
            deletes: if self.tells_deleted() { Deletes::Tombstone } else { Deletes::Sweep },
            records_per_request: Some(PAGE_RECORDS),
            ..Stream::declared(self.name, system, fields)
        }
    }
}

/// Makes `2026-05-15 10:06:38`, which is UTC, say so.
fn say_utc(members: &mut Members, name: &str) {
    let told = members.text(name).and_then(|text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok());
    if let Some(told) = told {
        members.set(name, Value::text(told.format("%Y-%m-%dT%H:%M:%SZ").to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_first_version_say_their_zone() {
        let text = |text: &str| Value::text(text);
        let mut user = Members(vec![
            ("name".into(), text("2026-05-15 10:06:38")),
            ("created".into(), text("2026-05-15 10:06:38")),
            ("modified".into(), Value::Null),
            ("last_login".into(), text("2026-05-15T09:58:46.164Z")),
        ]);
        assert_eq!(Standard::find("users").map(|users| users.judge(&mut user)), Some(Fate::Kept));
        assert_eq!(user.text("created"), Some("2026-05-15T10:06:38Z"));
        assert_eq!(user.text("name"), Some("2026-05-15 10:06:38"));
        assert_eq!(user.get("modified"), Some(&Value::Null));
        assert_eq!(user.text("last_login"), Some("2026-05-15T09:58:46.164Z"));
    }
}

//! What there is to read in an account, and how each list is paged.

use crate::rest::{Fate, Members};
use crate::stream::{Deletes, Field, Stream};
use aos_core::value::Value;

pub(super) const EXPORT_RECORDS: u32 = 1_000;
pub(super) const LIST_RECORDS: u32 = 100;

/// A list that every account has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Standard {
    pub name: &'static str,
    pub label: &'static str,
    pub path: &'static str,
    pub paging: Paging,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// Incremental export with a cursor.
    CursorExport,
    /// Incremental export by time.
    TimeExport,
    /// A list with `page[size]` and `page[after]`, read whole each time.
    List,
}

pub(super) const STREAMS: [Standard; 9] = [
    Standard {
        name: "tickets",
        label: "Tickets",
        path: "incremental/tickets/cursor.json",
        paging: Paging::CursorExport,
    },
    Standard { name: "users", label: "Users", path: "incremental/users/cursor.json", paging: Paging::CursorExport },
    Standard {
        name: "organizations",
        label: "Organizations",
        path: "incremental/organizations.json",
        paging: Paging::TimeExport,
    },
    Standard { name: "groups", label: "Groups", path: "groups.json", paging: Paging::List },
    Standard { name: "brands", label: "Brands", path: "brands.json", paging: Paging::List },
    Standard { name: "ticket_fields", label: "Ticket fields", path: "ticket_fields.json", paging: Paging::List },
    Standard { name: "ticket_forms", label: "Ticket forms", path: "ticket_forms.json", paging: Paging::List },
    Standard { name: "ticket_metrics", label: "Ticket metrics", path: "ticket_metrics.json", paging: Paging::List },
    Standard {
        name: "satisfaction_ratings",
        label: "Satisfaction ratings",
        path: "satisfaction_ratings.json",
        paging: Paging::List,
    },
];

/// One stream of an account.
#[derive(Debug, Clone)]
pub(super) enum StreamKind {
    Standard(&'static Standard),
    /// The records of a custom object, by its key.
    Custom {
        key: String,
        title: Option<String>,
    },
}

const CUSTOM_PREFIX: &str = "custom_objects.";

impl StreamKind {
    pub fn of_name(name: &str) -> Option<Self> {
        let standard = STREAMS.iter().find(|stream| stream.name == name).map(Self::Standard);
        standard.or_else(|| {
            let key = name.strip_prefix(CUSTOM_PREFIX)?;
            let fits = !key.is_empty() && key.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
            fits.then(|| Self::Custom { key: key.to_owned(), title: None })
        })
    }

    pub fn name(&self) -> String {
        match self {
            Self::Standard(standard) => standard.name.to_owned(),
            Self::Custom { key, .. } => format!("{CUSTOM_PREFIX}{key}"),
        }
    }

    pub fn path(&self) -> String {
        match self {
            Self::Standard(standard) => standard.path.to_owned(),
            Self::Custom { key, .. } => format!("custom_objects/{key}/records"),
        }
    }

    /// The member of an answer that holds the records.
    pub fn list(&self) -> &'static str {
        match self {
            Self::Standard(standard) => standard.name,
            Self::Custom { .. } => "custom_object_records",
        }
    }

    pub fn paging(&self) -> Paging {
        match self {
            Self::Standard(standard) => standard.paging,
            Self::Custom { .. } => Paging::List,
        }
    }

    /// The column that says when a record changed, in streams that later reads continue.
    pub fn cursor_field(&self) -> Option<&'static str> {
        (self.paging() != Paging::List).then_some("updated_at")
    }

    /// Brings a record into shape, and tells deleted ones from those that are there.
    pub fn judge(&self, members: &mut Members) -> Fate {
        let deleted = match self.list() {
            "tickets" => {
                // The same list twice; as objects, so that each field can be mapped by its id.
                members.remove("fields");
                by_id(members, "custom_fields");
                members.text("status") == Some("deleted")
            }
            "users" => members.get("active") == Some(&Value::Bool(false)),
            "organizations" => members.get("deleted_at").is_some_and(|at| !at.is_null()),
            _ => false,
        };
        if deleted { Fate::Deleted } else { Fate::Kept }
    }

    pub fn stream(&self, system: &str, fields: Vec<Field>) -> Stream {
        let (label, exported) = match self {
            Self::Standard(standard) => (Some(standard.label.to_owned()), standard.paging != Paging::List),
            Self::Custom { title, .. } => (title.clone(), false),
        };
        Stream {
            label,
            key: vec!["id".to_owned()],
            cursor_field: self.cursor_field().map(str::to_owned),
            deletes: if exported { Deletes::Tombstone } else { Deletes::Sweep },
            records_per_request: Some(if exported { EXPORT_RECORDS } else { LIST_RECORDS }),
            ..Stream::declared(self.name(), system, fields)
        }
    }
}

/// Makes `[{id, value}, …]` an object with the ids as names. A list that is anything else stays as it is.
fn by_id(members: &mut Members, name: &str) {
    let Some(Value::List(items)) = members.get(name) else { return };
    let pair = |item: &Value| Some((item.get("id")?.as_text()?.into(), item.get("value")?.clone()));
    if let Some(object) = items.iter().map(pair).collect::<Option<Vec<_>>>() {
        members.set(name, Value::Object(object));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_fields_of_a_ticket_become_members_by_their_id() {
        let list = Value::parse_json(r#"[{"id":46406130043793,"value":null},{"id":7,"value":["a"]}]"#).unwrap();
        let mut members = Members(vec![("custom_fields".into(), list), ("fields".into(), Value::List(Vec::new()))]);
        let kind = StreamKind::of_name("tickets").unwrap();
        assert_eq!(kind.judge(&mut members), Fate::Kept);
        assert_eq!(
            serde_json::to_string(members.get("custom_fields").unwrap()).unwrap(),
            r#"{"46406130043793":null,"7":["a"]}"#
        );
        assert!(members.get("fields").is_none());
        members.set("status", Value::text("deleted"));
        assert_eq!(kind.judge(&mut members), Fate::Deleted);
    }
}

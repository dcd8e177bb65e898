//! Fields: those that the reference documents for every account, and the account's own.

use super::access::Account;
use super::streams::StreamKind;
use crate::error::Error;
use crate::stream::Field;
use aos_core::shape::ValueKind::{self, Boolean, Datetime, Integer, List, Object, String as Text};
use serde::Deserialize;

const TICKET: &[(&str, ValueKind)] = &[
    ("id", Integer),
    ("url", Text),
    ("external_id", Text),
    ("created_at", Datetime),
    ("updated_at", Datetime),
    ("generated_timestamp", Integer),
    ("type", Text),
    ("subject", Text),
    ("raw_subject", Text),
    ("description", Text),
    ("priority", Text),
    ("status", Text),
    ("recipient", Text),
    ("requester_id", Integer),
    ("submitter_id", Integer),
    ("assignee_id", Integer),
    ("organization_id", Integer),
    ("group_id", Integer),
    ("collaborator_ids", List),
    ("follower_ids", List),
    ("email_cc_ids", List),
    ("problem_id", Integer),
    ("has_incidents", Boolean),
    ("is_public", Boolean),
    ("due_at", Datetime),
    ("tags", List),
    ("via", Object),
    ("custom_fields", Object),
    ("satisfaction_rating", Object),
    ("ticket_form_id", Integer),
    ("brand_id", Integer),
    ("custom_status_id", Integer),
];

const USER: &[(&str, ValueKind)] = &[
    ("id", Integer),
    ("url", Text),
    ("name", Text),
    ("email", Text),
    ("created_at", Datetime),
    ("updated_at", Datetime),
    ("time_zone", Text),
    ("phone", Text),
    ("locale", Text),
    ("organization_id", Integer),
    ("role", Text),
    ("verified", Boolean),
    ("external_id", Text),
    ("tags", List),
    ("alias", Text),
    ("active", Boolean),
    ("last_login_at", Datetime),
    ("details", Text),
    ("notes", Text),
    ("suspended", Boolean),
    ("default_group_id", Integer),
    ("user_fields", Object),
];

const ORGANIZATION: &[(&str, ValueKind)] = &[
    ("id", Integer),
    ("url", Text),
    ("name", Text),
    ("shared_tickets", Boolean),
    ("shared_comments", Boolean),
    ("external_id", Text),
    ("created_at", Datetime),
    ("updated_at", Datetime),
    ("domain_names", List),
    ("details", Text),
    ("notes", Text),
    ("group_id", Integer),
    ("tags", List),
    ("organization_fields", Object),
    ("deleted_at", Datetime),
];

const CUSTOM_RECORD: &[(&str, ValueKind)] = &[
    ("id", Text),
    ("url", Text),
    ("name", Text),
    ("custom_object_key", Text),
    ("custom_object_fields", Object),
    ("created_at", Datetime),
    ("updated_at", Datetime),
    ("created_by_user_id", Text),
    ("updated_by_user_id", Text),
    ("external_id", Text),
];

/// A field that the account's administrators have added.
#[derive(Deserialize)]
struct Own {
    id: u64,
    key: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    title: Option<String>,
    #[serde(default = "yes")]
    removable: bool,
}

fn yes() -> bool {
    true
}

/// Lists the fields of a stream. Other lists than these document themselves only by their records.
pub(super) async fn of(account: &Account, kind: &StreamKind) -> Result<Vec<Field>, Error> {
    let (documented, path, list, within) = match (kind, kind.list()) {
        (StreamKind::Custom { key, .. }, _) => {
            (CUSTOM_RECORD, format!("custom_objects/{key}/fields"), "custom_object_fields", "custom_object_fields")
        }
        (_, "tickets") => (TICKET, "ticket_fields.json".to_owned(), "ticket_fields", "custom_fields"),
        (_, "users") => (USER, "user_fields.json".to_owned(), "user_fields", "user_fields"),
        (_, "organizations") => {
            (ORGANIZATION, "organization_fields.json".to_owned(), "organization_fields", "organization_fields")
        }
        _ => return Ok(Vec::new()),
    };
    let own: Vec<Own> = match account.list(&path, list).await {
        Err(Error::Gone { .. } | Error::MissingScope { .. }) => Vec::new(),
        own => own?,
    };
    // The system's own ticket fields stand in the ticket itself.
    let own = own.into_iter().filter(|field| field.removable);
    Ok(documented.iter().map(documented_field).chain(own.map(|field| own_field(field, within))).collect())
}

fn documented_field((name, kind): &(&str, ValueKind)) -> Field {
    Field {
        name: (*name).to_owned(),
        label: None,
        kind: *kind,
        declared: kind.as_str().to_owned(),
        nullable: *name != "id",
        custom: false,
    }
}

/// Ticket fields stand under their id, all others under their key.
fn own_field(own: Own, within: &str) -> Field {
    let name = match own.key.filter(|_| within != "custom_fields") {
        Some(key) => key,
        None => own.id.to_string(),
    };
    let kind = match own.kind.as_str() {
        "checkbox" => ValueKind::Boolean,
        "integer" => ValueKind::Integer,
        "decimal" => ValueKind::Decimal,
        "date" => ValueKind::Date,
        "multiselect" => ValueKind::List,
        _ => ValueKind::String,
    };
    Field { name: format!("{within}.{name}"), label: own.title, kind, declared: own.kind, nullable: true, custom: true }
}

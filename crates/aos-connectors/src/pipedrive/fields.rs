//! What a company says about the fields of its streams: names for the hashes of custom fields.

use super::access::Account;
use super::streams::{PAGE_RECORDS, Standard};
use crate::error::Error;
use crate::rest::{Doubt, envelope};
use crate::stream::Field;
use aos_core::shape::ValueKind;
use serde::Deserialize;

/// Custom fields are named by a hash of forty hexadecimal digits.
const HASH_CHARS: usize = 40;

#[derive(Deserialize)]
struct Answer {
    data: Option<Vec<Described>>,
    additional_data: Option<Additional>,
}

#[derive(Deserialize)]
struct Additional {
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
pub(super) struct Pagination {
    #[serde(default)]
    pub more_items_in_collection: bool,
    pub next_start: Option<u64>,
}

#[derive(Deserialize)]
struct Described {
    key: String,
    name: Option<String>,
    field_type: String,
}

/// Lists the fields of a stream, under the names they have in API v2.
pub(super) async fn of(account: &Account, standard: &Standard) -> Result<Vec<Field>, Error> {
    let Some(path) = standard.fields else { return Ok(Vec::new()) };
    let (mut described, mut start) = (Vec::new(), 0_u64);
    loop {
        let (from, limit) = (start.to_string(), PAGE_RECORDS.to_string());
        let request = account.get(path)?.query([("start", from.as_str()), ("limit", limit.as_str())]);
        let answer: Answer = account
            .session
            .ask(&request, &[], |reply| {
                let answer: Answer = envelope(reply.body().text())?;
                match answer.next() {
                    Some(next) if next <= start => Err(Doubt::new("its list of fields goes in a circle")),
                    _ => Ok(answer),
                }
            })
            .await?;
        let next = answer.next();
        described.extend(answer.data.unwrap_or_default());
        match next {
            Some(next) => start = next,
            None => break,
        }
    }
    Ok(described.into_iter().map(field).collect())
}

impl Answer {
    fn next(&self) -> Option<u64> {
        let pagination = self.additional_data.as_ref()?.pagination.as_ref()?;
        pagination.next_start.filter(|_| pagination.more_items_in_collection)
    }
}

fn field(described: Described) -> Field {
    let custom = described.key.len() == HASH_CHARS && described.key.bytes().all(|digit| digit.is_ascii_hexdigit());
    let name = if custom { format!("custom_fields.{}", described.key) } else { v2_name(described.key) };
    let kind = match described.field_type.as_str() {
        "int" | "org" | "people" | "user" | "stage" | "pipeline" => ValueKind::Integer,
        "double" => ValueKind::Decimal,
        // Amounts of custom fields come with their currency.
        "monetary" => {
            if custom {
                ValueKind::Object
            } else {
                ValueKind::Decimal
            }
        }
        "boolean" => ValueKind::Boolean,
        "timestamp" => ValueKind::Datetime,
        "date" if name.ends_with("_time") => ValueKind::Datetime,
        "date" => ValueKind::Date,
        "set" | "phone" => ValueKind::List,
        "daterange" | "timerange" | "address" => ValueKind::Object,
        _ => ValueKind::String,
    };
    Field { nullable: name != "id", name, label: described.name, kind, declared: described.field_type, custom }
}

/// Names that the descriptions, which are v1's, still have and v2's records do not (the guide to API v2).
fn v2_name(key: String) -> String {
    match key.as_str() {
        "user_id" => "owner_id",
        "label" => "label_ids",
        "email" => "emails",
        "phone" => "phones",
        "im" => "ims",
        _ => return key,
    }
    .to_owned()
}

//! Which documents a pass reads, in MongoDB's query language.

use super::position::Packed;
use super::read::KEY;
use mongodb::bson::{Bson, Document, doc};

/// Types in the order in which BSON compares them, in the words of `$type`. A comparison of two values knows no other type than theirs.
/// <https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/>
const TYPES: [&[&str]; 13] = [
    &["minKey"],
    &["undefined"],
    &["null"],
    &["double", "int", "long", "decimal"],
    &["string", "symbol"],
    &["object"],
    &["array"],
    &["binData"],
    &["objectId"],
    &["bool"],
    &["date"],
    &["timestamp"],
    &["regex", "dbPointer", "javascript", "javascriptWithScope", "maxKey"],
];

/// Documents whose id comes after one, also of types that come after its.
pub(super) fn beyond(id: &Bson) -> Document {
    let place = TYPES.iter().position(|types| types.contains(&type_of(id)));
    let later: Vec<&str> = place.map_or(&[][..], |place| &TYPES[place + 1..]).concat();
    if later.is_empty() {
        return doc! { KEY: { "$gt": id } };
    }
    doc! { "$or": [{ KEY: { "$gt": id } }, { KEY: { "$type": later } }] }
}

fn type_of(value: &Bson) -> &'static str {
    match value {
        Bson::MinKey => "minKey",
        Bson::Undefined => "undefined",
        Bson::Null => "null",
        Bson::Double(_) | Bson::Int32(_) | Bson::Int64(_) | Bson::Decimal128(_) => "double",
        Bson::String(_) | Bson::Symbol(_) => "string",
        Bson::Document(_) => "object",
        Bson::Array(_) => "array",
        Bson::Binary(_) => "binData",
        Bson::ObjectId(_) => "objectId",
        Bson::Boolean(_) => "bool",
        Bson::DateTime(_) => "date",
        Bson::Timestamp(_) => "timestamp",
        _ => "regex",
    }
}

/// Documents whose field is at or after a value. Those without the field, or with another type in it, could have changed at any time: they
/// come each time.
pub(super) fn changed_since(field: &str, since: &Packed, overlap_ms: i64) -> Document {
    let Some(since) = since.value() else { return doc! {} };
    let kind = match type_of(&since) {
        "double" => "number",
        other => other,
    };
    let from = match &since {
        Bson::DateTime(time) => {
            let millis = time.timestamp_millis().saturating_sub(overlap_ms);
            Bson::DateTime(mongodb::bson::DateTime::from_millis(millis))
        }
        other => other.clone(),
    };
    doc! { "$or": [{ field: { "$gte": from } }, { field: { "$not": { "$type": kind } } }] }
}

/// Returns the projection that leaves only these columns, the key and the cursor field of each document; none where whole documents are
/// wanted, or where a name is no path of MongoDB's.
///
/// A path asks for all of its first field: `address` and `address.city` in one projection would be refused as a collision.
pub(super) fn alone(columns: &[String], field: Option<&str>) -> Option<Document> {
    let names = columns.iter().map(String::as_str).chain(field);
    let mut projection = doc! { KEY: 1 };
    for name in names {
        let first = name.split(['.', '[']).next().unwrap_or_default();
        if first.is_empty() || first.starts_with('$') {
            return None;
        }
        projection.insert(first, 1);
    }
    (!columns.is_empty()).then_some(projection)
}

/// A time to come, written by mistake, does not hold later changes back.
pub(super) fn earlier(newest: &Bson, now: &Bson) -> Bson {
    match (newest, now) {
        (Bson::DateTime(newest), Bson::DateTime(now)) => Bson::DateTime(*newest.min(now)),
        _ => newest.clone(),
    }
}

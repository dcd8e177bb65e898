//! The canonical event: one record's say about one entity, in the ontology's words, with where it came from.

use crate::id::{ConnectionId, TenantId};
use chrono::{DateTime, Utc};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

pub const ENVELOPE_VERSION: &str = "1.0.0";

/// What all events of one page share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    pub tenant: TenantId,
    pub connection: ConnectionId,
    pub system: String,
    pub stream: String,
    pub trace_id: String,
    pub emitted_at: DateTime<Utc>,
    /// Fingerprint of the shape the records were read with.
    pub schema_version: String,
    /// The lake segment that holds the raw records.
    pub segment: Uuid,
    /// Counts the versions of a source that gives its records no time of change; distinguishes a value that came back.
    pub generation: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CanonicalEvent {
    pub entity: Arc<str>,
    /// The part of a record this event speaks for: its stream, or `stream#metric` for long formats.
    pub fragment: Arc<str>,
    pub op: Op,
    pub record_id: CompactString,
    /// Microseconds since the epoch of the record's last change; 0 when the source does not say.
    pub source_version: i64,
    pub mapping_version: u32,
    /// Position of the raw record in its stream.
    pub raw_position: u64,
    /// A JSON object of the entity's fields: a value, an explicit null, or not there at all.
    pub data: String,
    /// A JSON object of the columns that no rule reads.
    pub extras: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Op {
    Upsert,
    Delete,
}

impl CanonicalEvent {
    /// A delete of a record that a mapping gives no more, though its source has it: unlike other deletes it says so in its extras, so that
    /// a later mapping may give it again.
    pub fn not_given(entity: &str, fragment: &str, record_id: &str, mapping_version: u32) -> Self {
        Self {
            entity: entity.into(),
            fragment: fragment.into(),
            op: Op::Delete,
            record_id: record_id.into(),
            source_version: 0,
            mapping_version,
            raw_position: 0,
            data: "{}".to_owned(),
            extras: r#"{"given_no_more":true}"#.to_owned(),
        }
    }

    /// Hashes what the event says, so that an unchanged record is known.
    pub fn content_hash(&self) -> i64 {
        let seed = u64::from(self.op == Op::Delete);
        (xxh3_64(self.data.as_bytes()) ^ xxh3_64(self.extras.as_bytes()).rotate_left(17) ^ seed).cast_signed()
    }

    /// Returns the key under which a replay of this event is recognised. It contains the mapping version, so that the same raw
    /// record mapped anew is a new event.
    pub fn dedupe_key(&self, origin: &Origin) -> [u8; 16] {
        let mut hash = Xxh3::new();
        hash.update(origin.connection.0.as_bytes());
        for part in [self.entity.as_bytes(), self.fragment.as_bytes(), self.record_id.as_bytes()] {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(&self.mapping_version.to_le_bytes());
        hash.update(&self.source_version.to_le_bytes());
        hash.update(&self.content_hash().to_le_bytes());
        if self.source_version == 0 {
            hash.update(&origin.generation.to_le_bytes());
        }
        hash.digest128().to_be_bytes()
    }

    /// Returns the event in its envelope, as the API and event streams show it.
    pub fn to_json(&self, origin: &Origin) -> serde_json::Value {
        let parse = |text: &str| crate::Value::parse_json(text).map(|value| value.to_json()).unwrap_or_default();
        let extras = parse(&self.extras);
        let unknown: Vec<String> =
            extras.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default();
        serde_json::json!({
            "meta": { "version": ENVELOPE_VERSION, "tenant": origin.tenant, "trace_id": origin.trace_id, "emitted_at": origin.emitted_at },
            "source": {
                "system": origin.system, "connection_id": origin.connection, "stream": origin.stream, "schema_version": origin.schema_version,
                "record_id": self.record_id, "source_version": self.source_version, "mapping_version": self.mapping_version,
                "raw": { "segment": origin.segment, "position": self.raw_position },
            },
            "entity": &*self.entity,
            "op": self.op,
            "data": parse(&self.data),
            "extras": extras,
            "unknown_fields": unknown,
        })
    }
}

/// A record or a value that could not be taken, with its evidence. Never an error: the rest goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rejection {
    pub level: Level,
    pub code: Code,
    pub message: String,
    /// The column it is about, when it is about one.
    pub column: Option<String>,
    /// The record, or the value, as read.
    pub raw: String,
    pub position: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The whole record was set aside.
    Record,
    /// The record landed without this value, which is kept in its extras.
    Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The record has no value for the key of its entity.
    MissingKey,
    /// The value cannot be told in the field's type without loss.
    Uncastable,
    /// The value is not in a closed value table.
    UnknownValue,
    /// An expression failed on this record.
    ExpressionFailed,
    /// The record could not be read from its source: ragged, broken, too long.
    Malformed,
    /// Its source has changed, and the stream's contract keeps such values aside until someone decides.
    Drifted,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingKey => "missing_key",
            Self::Uncastable => "uncastable",
            Self::UnknownValue => "unknown_value",
            Self::ExpressionFailed => "expression_failed",
            Self::Malformed => "malformed",
            Self::Drifted => "drifted",
        }
    }
}

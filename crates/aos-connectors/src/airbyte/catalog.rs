//! What an Airbyte source has to read, from its CATALOG message, and what it is asked for.

use crate::stream::{Deletes, Field, Stream};
use aos_core::shape::ValueKind;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// When a record of a change log was deleted; null for records that are there. Connectors with change data capture add it.
pub(super) const DELETED_AT: &str = "_ab_cdc_deleted_at";
/// What the columns begin with that a connector adds to a change log: when and where in it.
const CHANGE_LOG: &str = "_ab_cdc_";

#[derive(Debug, Deserialize)]
pub(super) struct Catalog {
    pub streams: Vec<Value>,
}

/// A stream of a source, as it describes itself.
#[derive(Debug, Clone)]
pub(super) struct Described {
    /// As it came, for the way back.
    whole: Value,
    facts: Facts,
}

#[derive(Debug, Clone, Deserialize)]
struct Facts {
    name: String,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    json_schema: Map<String, Value>,
    #[serde(default)]
    supported_sync_modes: Vec<String>,
    #[serde(default)]
    source_defined_cursor: Option<bool>,
    #[serde(default)]
    default_cursor_field: Option<Vec<String>>,
    #[serde(default)]
    source_defined_primary_key: Option<Vec<Vec<String>>>,
}

impl Described {
    pub fn of(whole: Value) -> Result<Self, String> {
        let facts = Facts::deserialize(&whole).map_err(|error| error.to_string())?;
        Ok(Self { whole, facts })
    }

    /// Returns the stream's name with its namespace, which tells streams of one name apart.
    pub fn stream_name(&self) -> String {
        match &self.facts.namespace {
            Some(namespace) if !namespace.is_empty() => format!("{namespace}.{}", self.facts.name),
            _ => self.facts.name.clone(),
        }
    }

    pub fn name(&self) -> &str {
        &self.facts.name
    }

    pub fn is_named(&self, name: &str, namespace: Option<&str>) -> bool {
        let own = self.facts.namespace.as_deref().unwrap_or_default();
        self.facts.name == name && own == namespace.unwrap_or_default()
    }

    /// Returns the column by which the source finds what is new; `None` when it always reads everything.
    pub fn cursor(&self, chosen: Option<&str>) -> Option<Vec<String>> {
        if !self.facts.supported_sync_modes.iter().any(|mode| mode == "incremental") {
            return None;
        }
        let default = self.facts.default_cursor_field.clone().unwrap_or_default();
        match (self.facts.source_defined_cursor, chosen) {
            (Some(true), _) => Some(default),
            (_, Some(chosen)) => Some(chosen.split('.').map(str::to_owned).collect()),
            (_, None) => (!default.is_empty()).then_some(default),
        }
    }

    /// The columns that tell records apart; a key inside an object is written as a path.
    pub fn key(&self) -> Vec<String> {
        let paths = self.facts.source_defined_primary_key.iter().flatten();
        paths.map(|path| path.join(".")).collect()
    }

    pub fn has_tombstones(&self) -> bool {
        self.properties().is_some_and(|properties| properties.contains_key(DELETED_AT))
    }

    fn properties(&self) -> Option<&Map<String, Value>> {
        self.facts.json_schema.get("properties")?.as_object()
    }

    pub fn stream(&self, system: &str, chosen: Option<&str>) -> Stream {
        let fields = self.properties().into_iter().flatten().map(|(name, schema)| field(name, schema)).collect();
        let cursor = self.cursor(chosen);
        let deletes = match (self.has_tombstones(), &cursor) {
            (true, _) => Deletes::Tombstone,
            (false, None) => Deletes::Sweep,
            // Its later reads bring what changed; what is gone, it does not say.
            (false, Some(_)) => Deletes::Unknown,
        };
        Stream {
            key: self.key(),
            cursor_field: cursor.map(|path| path.join(".")),
            deletes,
            ..Stream::declared(self.stream_name(), system, fields)
        }
    }

    /// Returns the catalog that asks for this stream alone; with `columns`, for these, the key, the cursor and what a change log adds, by a
    /// schema without the others, as Airbyte's own platform asks. A connector may send more.
    pub fn asked(&self, chosen: Option<&str>, columns: &[String]) -> Value {
        let cursor = self.cursor(chosen);
        let mode = if cursor.is_some() { "incremental" } else { "full_refresh" };
        let key = self.facts.source_defined_primary_key.clone().unwrap_or_default();
        json!({ "streams": [{
            "stream": self.narrowed(cursor.as_deref(), columns),
            "sync_mode": mode,
            "cursor_field": cursor.unwrap_or_default(),
            "destination_sync_mode": if key.is_empty() { "append" } else { "append_dedup" },
            "primary_key": key,
        }]})
    }

    fn narrowed(&self, cursor: Option<&[String]>, columns: &[String]) -> Value {
        let mut whole = self.whole.clone();
        let schema = whole.get_mut("json_schema");
        let (Some(schema), false) = (schema.and_then(Value::as_object_mut), columns.is_empty()) else { return whole };
        let keys = self.facts.source_defined_primary_key.iter().flatten().filter_map(|path| path.first());
        let standing = keys.chain(cursor.and_then(<[String]>::first)).map(String::as_str);
        // A column may be called by its path (`address.city`), and a property by a name with a point in it.
        let paths = columns.iter().flat_map(|name| [name.as_str(), name.split(['.', '[']).next().unwrap_or_default()]);
        let wanted: HashSet<&str> = paths.chain(standing).collect();
        let stays = |name: &str| wanted.contains(name) || name.starts_with(CHANGE_LOG);
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.retain(|name, _| stays(name));
        }
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name.as_str().is_some_and(stays));
        }
        whole
    }
}

fn field(name: &str, schema: &Value) -> Field {
    let named: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let text = |member: &str| schema.get(member).and_then(Value::as_str);
    let kinds: Vec<&str> = named.iter().copied().filter(|kind| *kind != "null").collect();
    let kind = match (kinds.as_slice(), text("airbyte_type"), text("format")) {
        (_, Some("integer" | "big_integer"), _) => ValueKind::Integer,
        (_, Some("big_number"), _) => ValueKind::Decimal,
        (["string"], _, Some("date")) => ValueKind::Date,
        (["string"], _, Some("date-time")) => ValueKind::Datetime,
        (["integer"], _, _) => ValueKind::Integer,
        (["number"], _, _) => ValueKind::Decimal,
        (["boolean"], _, _) => ValueKind::Boolean,
        (["object"], _, _) => ValueKind::Object,
        (["array"], _, _) => ValueKind::List,
        _ => ValueKind::String,
    };
    Field {
        name: name.to_owned(),
        label: text("title").map(str::to_owned),
        kind,
        declared: named.join(" or "),
        nullable: named.is_empty() || named.contains(&"null"),
        custom: false,
    }
}

//! Reading the types that schemas, field lists and people write: `varchar(80)`, `date-time`, `many2one`, `object{id,name}`,
//! `integer epoch s`. What is not understood is unknown, never an error.

use super::Declared;
use crate::record::{Record, RecordBatch};
use crate::shape::{Shaper, ValueKind};
use crate::value::Value;

/// A declared type, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredType {
    pub kind: ValueKind,
    /// Members of an object, where the type names them.
    pub members: Vec<String>,
    pub declared: Declared,
}

impl DeclaredType {
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let lower = text.to_lowercase();
        let word: String = lower.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect();
        let rest = lower[word.len()..].trim();
        let mut declared = Declared {
            key: ["(pk)", "primary key", "(key)", "primary_key"].iter().any(|mark| lower.contains(mark)),
            cursor: lower.contains("cursor"),
            ..Declared::default()
        };
        let mut kind = kind_of(&word);
        if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(inner, _)| inner) {
            let numbers: Vec<u32> = inner.split(',').filter_map(|part| part.trim().parse().ok()).collect();
            match (kind, numbers.as_slice()) {
                (ValueKind::String, [length, ..]) => declared.length = Some(*length),
                (ValueKind::Decimal, [_, scale]) => declared.scale = Some(*scale),
                (ValueKind::Decimal, [_]) => kind = ValueKind::Integer, // NUMBER(10)
                _ => {}
            }
        }
        if kind == ValueKind::Unknown && !text.is_empty() {
            kind = kind_of_example(text.split_whitespace().next().unwrap_or_default());
        }
        let is_time = ["epoch", "rfc", "iso", "yyyy", "hh:mm", "unix", "naive"].iter().any(|word| lower.contains(word));
        if is_time {
            declared.written = Some(text.to_owned());
            if !matches!(kind, ValueKind::List | ValueKind::Object) {
                kind = if lower.contains("yyyy-mm-dd") && !lower.contains("hh") {
                    ValueKind::Date
                } else {
                    ValueKind::Datetime
                };
            }
        }
        if CHOSEN.contains(&word.as_str()) {
            declared.choices = choices(text.get(word.len()..).unwrap_or_default());
        }
        let members = if kind == ValueKind::String { Vec::new() } else { members(text) };
        Self { kind, members, declared }
    }

    /// Whether the text says a type at all.
    pub fn is_type(text: &str) -> bool {
        Self::read(text).kind != ValueKind::Unknown
    }
}

/// Types of which the values are chosen from a list.
const CHOSEN: [&str; 6] = ["enum", "enumeration", "picklist", "select", "selection", "combobox"];

/// The choices that a type names: `enum{open,won}`, `picklist(Hot, Warm)`, `enum open|won`.
fn choices(text: &str) -> Vec<String> {
    let inner = text.trim().trim_matches(|c: char| "{}()[]:".contains(c));
    let plain = |part: &str| part.trim().trim_matches(['"', '\'']).to_owned();
    let listed: Vec<String> = inner.split([',', '|']).map(plain).filter(|choice| !choice.is_empty()).collect();
    // One word says more of the type, and lists nothing.
    if listed.len() < 2 { Vec::new() } else { listed }
}

fn members(text: &str) -> Vec<String> {
    let Some((_, inner)) = text.split_once('{') else { return Vec::new() };
    let inner = inner.split('}').next().unwrap_or_default();
    let name = |part: &str| part.split(':').next().unwrap_or_default().trim().trim_end_matches("[]").to_owned();
    inner.split(',').map(name).filter(|name| name.chars().any(char::is_alphanumeric)).collect()
}

fn kind_of(word: &str) -> ValueKind {
    match word {
        "boolean" | "bool" | "check" | "checkbox" | "bit" | "logical" => ValueKind::Boolean,
        "int" | "integer" | "bigint" | "smallint" | "tinyint" | "mediumint" | "long" | "short" | "serial"
        | "bigserial" | "int2" | "int4" | "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32"
        | "uint64" | "year" => ValueKind::Integer,
        "double" | "decimal" | "money" | "currency" | "float" | "monetary" | "number" | "percent" | "numeric"
        | "real" | "float4" | "float8" | "float32" | "float64" | "bignumeric" | "smallmoney" => ValueKind::Decimal,
        "date" => ValueKind::Date,
        "datetime"
        | "timestamp"
        | "date-time"
        | "date_time"
        | "timestamptz"
        | "timestamp_tz"
        | "timestamp_ntz"
        | "timestamp_ltz"
        | "timestamp_with_timezone"
        | "timestamp_without_timezone"
        | "datetime2"
        | "datetimeoffset"
        | "smalldatetime" => ValueKind::Datetime,
        "array" | "one2many" | "many2many" | "list" | "multipicklist" | "multiselect" | "repeated" | "set" => {
            ValueKind::List
        }
        "object" | "address" | "struct" | "map" | "json" | "jsonb" | "variant" | "dict" | "location" | "super" => {
            ValueKind::Object
        }
        "string" | "text" | "char" | "varchar" | "nvarchar" | "nchar" | "varchar2" | "nvarchar2" | "character"
        | "clob" | "longtext" | "mediumtext" | "ntext" | "textarea" | "picklist" | "combobox" | "reference" | "id"
        | "uuid" | "guid" | "url" | "uri" | "email" | "phone" | "memo" | "enumeration" | "enum" | "selection"
        | "link" | "data" | "select" | "owner" | "uniqueidentifier" | "html" | "encryptedstring" | "base64"
        | "time" | "lookup" | "str" | "keyword" | "many2one" | "anytype" | "hostname" | "ipv4" | "varbinary"
        | "bytea" => ValueKind::String,
        _ => ValueKind::Unknown,
    }
}

/// Some write an example where others write a type.
fn kind_of_example(text: &str) -> ValueKind {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return ValueKind::Unknown;
    }
    let mut shaper = Shaper::new("", "");
    let records = vec![Record { position: 1, cells: vec![Some(Value::text(text))] }];
    shaper.observe(&RecordBatch { columns: ["example".into()].into(), records });
    let shape = shaper.finish();
    match shape.column("example").map(|column| column.kind) {
        Some(ValueKind::String) | None => ValueKind::Unknown,
        Some(kind) => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_as_people_write_them() {
        for (text, kind) in [
            ("varchar(80)", ValueKind::String),
            ("NUMBER(10)", ValueKind::Integer),
            ("decimal(18,2)", ValueKind::Decimal),
            ("date-time", ValueKind::Datetime),
            ("object{id,name,phone[]}", ValueKind::Object),
            ("integer (PK)", ValueKind::Integer),
            ("integer epoch s (cursor)", ValueKind::Datetime),
            ("string \"YYYY-MM-DD HH:MM:SS\"", ValueKind::Datetime),
            ("2026-07-22T11:42:29Z", ValueKind::Datetime),
            ("something else", ValueKind::Unknown),
        ] {
            assert_eq!(DeclaredType::read(text).kind, kind, "{text}");
        }
        assert_eq!(DeclaredType::read("object{id,name,phone[]}").members, ["id", "name", "phone"]);
        assert!(DeclaredType::read("integer (PK)").declared.key);
        assert!(DeclaredType::read("integer epoch s (cursor)").declared.cursor);
        assert_eq!(DeclaredType::read("varchar(80)").declared.length, Some(80));
        for text in ["enum{open,Closed Won}", "picklist(open, Closed Won)", "enum open|'Closed Won'"] {
            let read = DeclaredType::read(text);
            assert_eq!(
                (read.kind, read.declared.choices),
                (ValueKind::String, vec!["open".into(), "Closed Won".into()])
            );
            assert!(read.members.is_empty());
        }
        assert!(DeclaredType::read("enum (cursor)").declared.choices.is_empty());
    }
}

//! A source value, exactly as read. Numbers keep their text, so no digit is ever lost; null, absent and `""` stay three things
//! (absent is `None` around a [`Value`]).

use compact_str::CompactString;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How deep JSON may be nested; each level costs stack.
pub const DEPTH_MAX: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Bool(bool),
    /// A JSON number as written in the source.
    Number(CompactString),
    Text(CompactString),
    List(Vec<Value>),
    Object(Vec<(CompactString, Value)>),
}

impl Value {
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(CompactString::new(text))
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the value behind `key` of an object.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Returns a scalar as text; lists, objects and null have none.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// Parses JSON text without losing a digit of any number. JSON nested deeper than [`DEPTH_MAX`] is an error.
    pub fn parse_json(json: &str) -> Result<Self, serde_json::Error> {
        if depth(json) > DEPTH_MAX {
            return Err(de::Error::custom(format!("nested deeper than {DEPTH_MAX} levels")));
        }
        from_raw(serde_json::from_str::<&RawValue>(json)?)
    }

    /// Returns the value as a `serde_json` value; numbers outside `f64`'s exact range become text.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Text(text) => text.as_str().into(),
            Self::Number(text) => match serde_json::from_str::<serde_json::Number>(text) {
                Ok(number) if number.to_string() == text.as_str() => number.into(),
                _ => text.as_str().into(),
            },
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Object(members) => serde_json::Value::Object(
                members.iter().map(|(key, value)| (key.to_string(), value.to_json())).collect(),
            ),
        }
    }
}

/// Returns how deep the JSON is nested, strings aside.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Builds a value from raw JSON: scalars by their first byte, containers member by member.
fn from_raw(raw: &RawValue) -> Result<Value, serde_json::Error> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'n') => Ok(Value::Null),
        Some(b't') => Ok(Value::Bool(true)),
        Some(b'f') => Ok(Value::Bool(false)),
        Some(b'"') => serde_json::from_str::<CompactString>(text).map(Value::Text),
        Some(b'[' | b'{') => serde_json::from_str::<Container>(text).map(|container| container.0),
        _ => Ok(Value::Number(CompactString::new(text))),
    }
}

struct Container(Value);

impl<'de> Deserialize<'de> for Container {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Value;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a JSON list or object")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(raw) = items.next_element::<&'de RawValue>()? {
                    list.push(from_raw(raw).map_err(de::Error::custom)?);
                }
                Ok(Value::List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
                let mut object: Vec<(CompactString, Value)> = Vec::new();
                while let Some((key, raw)) = members.next_entry::<CompactString, &'de RawValue>()? {
                    object.push((key, from_raw(raw).map_err(de::Error::custom)?));
                }
                Ok(Value::Object(object))
            }
        }
        deserializer.deserialize_any(Members).map(Container)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse_json(raw.get()).map_err(de::Error::custom)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(text) => match RawValue::from_string(text.to_string()) {
                Ok(raw) => raw.serialize(serializer),
                Err(error) => Err(serde::ser::Error::custom(error)),
            },
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        let json = r#"{"a":12345678901234567890.123456789,"b":[1.10,-0,1e400],"c":null,"d":"","e":false}"#;
        let value = Value::parse_json(json).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
    }

    #[test]
    fn json_too_deep_is_an_error_and_not_a_crash() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Value::parse_json(&deep).unwrap_err().to_string().contains("deeper"));
        assert!(Value::parse_json(r#"["[[[[\"[[["]"#).is_ok());
    }

    #[test]
    fn broken_json_is_an_error() {
        assert!(Value::parse_json(r#"{"a":}"#).is_err());
        assert!(Value::parse_json(r#"{"a":"\ud800"}"#).is_err());
    }
}

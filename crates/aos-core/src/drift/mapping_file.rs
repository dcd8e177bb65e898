//! Mappings as people keep them in a file, YAML or JSON: one stream, several, or one entity; what is not said takes its default.

use crate::mapping::StreamMapping;
use serde_json::{Map, Value, json};

#[derive(Debug, thiserror::Error)]
pub enum MappingFileError {
    #[error("the mapping is neither YAML nor JSON: {0}; correct it at the place that is named")]
    Syntax(String),
    #[error(
        "the mapping says neither `entities` nor `fields`; write `stream` and `entities`, or `entity` and `fields`"
    )]
    NothingMapped,
    #[error("the mapping of `{stream}` cannot be read: {message}; see the form in the guide to the command line")]
    Form { stream: String, message: String },
}

/// Reads every mapping of a file.
///
/// Taken are a list of streams or one under `streams` or `mappings`, a stream (`stream`, `entities`), and an entity (`entity`,
/// `fields`). `fields` is a list of rules, or target → source. A rule without `confidence` and `origin` was written by a person.
pub fn read_mappings(text: &str) -> Result<Vec<StreamMapping>, MappingFileError> {
    let value: Value = serde_saphyr::from_str(text).map_err(|error| MappingFileError::Syntax(error.to_string()))?;
    let list = |value: &Value| value.as_array().cloned();
    let streams = list(&value)
        .or_else(|| ["streams", "mappings"].iter().find_map(|key| list(value.get(key)?)))
        .unwrap_or_else(|| vec![value]);
    let mappings: Vec<StreamMapping> = streams.into_iter().map(stream).collect::<Result<_, _>>()?;
    if mappings.is_empty() { Err(MappingFileError::NothingMapped) } else { Ok(mappings) }
}

fn stream(value: Value) -> Result<StreamMapping, MappingFileError> {
    let Value::Object(mut own) = value else { return Err(MappingFileError::NothingMapped) };
    let name = own.get("stream").and_then(Value::as_str).unwrap_or_default().to_owned();
    let entities = match own.remove("entities") {
        Some(Value::Array(entities)) => entities,
        Some(Value::Object(entities)) => entities
            .into_iter()
            .map(|(entity, fields)| match fields {
                Value::Object(ref inner) if inner.contains_key("fields") => {
                    let mut inner = inner.clone();
                    inner.insert("entity".to_owned(), entity.into());
                    Value::Object(inner)
                }
                fields => json!({ "entity": entity, "fields": fields }),
            })
            .collect(),
        _ if own.contains_key("fields") => vec![Value::Object(own.clone())],
        _ => return Err(MappingFileError::NothingMapped),
    };
    let entities: Vec<Value> = entities.into_iter().map(entity).collect();
    let version = own.get("version").cloned().unwrap_or_else(|| 1.into());
    serde_json::from_value(json!({ "version": version, "stream": name, "entities": entities }))
        .map_err(|error| MappingFileError::Form { stream: name, message: error.to_string() })
}

fn entity(value: Value) -> Value {
    let Value::Object(mut own) = value else { return value };
    let rules = match own.remove("fields") {
        Some(Value::Object(fields)) => fields.into_iter().map(|(target, source)| rule(target, source)).collect(),
        Some(Value::Array(rules)) => rules.into_iter().map(|rule| defaults(rule, Map::new())).collect(),
        _ => Vec::new(),
    };
    own.retain(|key, _| key == "entity" || key == "pivot");
    own.entry("entity").or_insert_with(|| "".into());
    own.insert("fields".to_owned(), Value::Array(rules));
    Value::Object(own)
}

fn rule(target: String, source: Value) -> Value {
    let mut own = Map::from_iter([("target".to_owned(), target.into())]);
    match source {
        Value::Object(_) => return defaults(source, own),
        Value::Array(_) => _ = own.insert("sources".to_owned(), source),
        source => _ = own.insert("sources".to_owned(), Value::Array(vec![source])),
    }
    defaults(Value::Object(Map::new()), own)
}

fn defaults(value: Value, known: Map<String, Value>) -> Value {
    let Value::Object(mut own) = value else { return value };
    own.extend(known);
    if let Some(source) = own.remove("source") {
        own.entry("sources").or_insert_with(|| Value::Array(vec![source]));
    }
    own.entry("sources").or_insert_with(|| Value::Array(Vec::new()));
    own.entry("confidence").or_insert_with(|| 1.0.into());
    own.entry("origin").or_insert_with(|| "reviewed".into());
    Value::Object(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Origin;

    #[test]
    fn a_mapping_is_read_in_every_form_people_write() {
        let forms = [
            "stream: deals\nentities:\n  - entity: opportunity\n    fields:\n      - {target: amount, sources: [Amount]}\n",
            "streams:\n  - stream: deals\n    entities:\n      opportunity: {amount: Amount}\n",
            r#"{"stream":"deals","entity":"opportunity","fields":{"amount":"Amount"}}"#,
            r#"[{"stream":"deals","entities":[{"entity":"opportunity","fields":{"amount":{"source":"Amount"}}}]}]"#,
        ];
        for form in forms {
            let mappings = read_mappings(form).unwrap();
            assert_eq!(mappings[0].stream, "deals", "{form}");
            let rule = mappings[0].main().unwrap().rule("amount").unwrap();
            assert_eq!(
                (rule.sources.as_slice(), rule.origin),
                (["Amount".to_owned()].as_slice(), Origin::Reviewed),
                "{form}"
            );
        }
    }

    #[test]
    fn a_file_that_maps_nothing_is_refused_with_the_next_step() {
        let error = read_mappings("version: 1").unwrap_err().to_string();
        assert!(error.contains("write `stream` and `entities`"), "{error}");
    }
}

//! An answer that has to be JSON in a schema: found in what the model said, and checked. Providers promise schemas to different degrees,
//! so nobody is believed.

use aos_core::json;
use serde_json::Value;

/// Errors that are told to the model at most.
const ERRORS_MAX: usize = 5;

pub(super) struct Schema {
    validator: jsonschema::Validator,
}

impl Schema {
    /// # Errors
    /// What is wrong with the schema.
    pub fn new(schema: &Value) -> Result<Self, String> {
        let validator = jsonschema::validator_for(schema).map_err(|error| error.to_string())?;
        Ok(Self { validator })
    }

    /// Returns the value in what a model said, when it fits.
    ///
    /// # Errors
    /// What does not fit, in words for the model.
    pub fn read(&self, said: &str) -> Result<Value, String> {
        let text = unfenced(said);
        let value = json::read(text).map_err(|error| format!("it is not one JSON value ({error})"))?;
        let errors: Vec<String> =
            self.validator.iter_errors(&value).take(ERRORS_MAX).map(|error| error.to_string()).collect();
        if errors.is_empty() { Ok(value) } else { Err(errors.join("; ")) }
    }
}

/// Takes the fence off that models like to put around JSON.
fn unfenced(said: &str) -> &str {
    let text = said.trim();
    let Some(inner) = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```")) else { return text };
    inner.strip_prefix("json").unwrap_or(inner).trim()
}

/// Whether a schema is one that OpenAI takes as strict: every object names all its members as required and allows no others.
pub(super) fn is_strict(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => {
            let object = members.get("properties").is_none_or(|properties| {
                let required = members.get("required").and_then(Value::as_array).map_or(0, Vec::len);
                let names = properties.as_object().map_or(0, serde_json::Map::len);
                members.get("additionalProperties") == Some(&Value::Bool(false)) && required == names
            });
            object && members.values().all(is_strict)
        }
        Value::Array(items) => items.iter().all(is_strict),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_found_in_a_fence_and_prose_is_refused() {
        let schema =
            Schema::new(&json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "integer" } } }))
                .unwrap();
        assert_eq!(schema.read("```json\n{\"a\": 1}\n```").unwrap(), json!({ "a": 1 }));
        assert_eq!(schema.read(" {\"a\": 1} ").unwrap(), json!({ "a": 1 }));
        assert!(schema.read("Sure! Here it is: {\"a\": 1}").unwrap_err().contains("not one JSON value"));
        assert!(schema.read("{\"a\": \"one\"}").unwrap_err().contains("integer"));
        assert!(schema.read(&"[".repeat(100_000)).is_err(), "what is nested without end is not read");
    }

    #[test]
    fn only_a_closed_schema_is_strict() {
        assert!(is_strict(
            &json!({ "type": "object", "properties": { "a": {} }, "required": ["a"], "additionalProperties": false })
        ));
        assert!(!is_strict(&json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": false })));
        assert!(!is_strict(
            &json!({ "type": "array", "items": { "type": "object", "properties": { "a": {} }, "required": ["a"] } })
        ));
    }
}

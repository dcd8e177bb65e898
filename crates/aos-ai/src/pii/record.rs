//! Personal data in a record: every value of a JSON value, read with the name of its member.

use super::{Column, Error, Finding, Policy, redact_column};
use aos_core::ontology::Pii;
use serde::Serialize;
use serde_json::{Map, Value};

/// Levels of objects and lists at most.
const DEPTH_MAX: usize = 64;

/// A finding and the value that it is in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PathFinding {
    /// The value, as a JSON pointer (RFC 6901). A name of a member that holds personal data itself stands redacted in it.
    pub path: String,
    /// Whether it was found in the name of the member and not in its value.
    pub in_name: bool,
    #[serde(flatten)]
    pub finding: Finding,
}

/// A record without what the policy takes out.
#[derive(Debug, Clone, PartialEq)]
pub struct RedactedValue {
    pub value: Value,
    pub findings: Vec<PathFinding>,
}

/// Finds what a record holds. `pii` says what the ontology says of a member, by its name.
///
/// # Errors
/// When a value is too large, or the record too deep.
pub fn find_in_value(
    value: &Value,
    policy: &Policy,
    pii: impl Fn(&str) -> Option<Pii>,
) -> Result<Vec<PathFinding>, Error> {
    Ok(redact_value(value, policy, pii)?.findings)
}

/// Returns the record without the personal data and secrets that the policy names. A number that holds some becomes a text.
///
/// # Errors
/// As for [`find_in_value`]. There is no record to go on with then.
pub fn redact_value(value: &Value, policy: &Policy, pii: impl Fn(&str) -> Option<Pii>) -> Result<RedactedValue, Error> {
    let mut walk = Walk { policy, pii: &pii, findings: Vec::new(), path: String::new() };
    let value = walk.value(value, "", 0)?;
    Ok(RedactedValue { value, findings: walk.findings })
}

struct Walk<'w> {
    policy: &'w Policy,
    pii: &'w dyn Fn(&str) -> Option<Pii>,
    findings: Vec<PathFinding>,
    path: String,
}

impl Walk<'_> {
    fn value(&mut self, value: &Value, name: &str, depth: usize) -> Result<Value, Error> {
        if depth > DEPTH_MAX {
            return Err(Error::TooDeep { limit: DEPTH_MAX });
        }
        Ok(match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::String(text) => Value::String(self.text(text, name)?),
            Value::Number(number) => {
                let text = number.to_string();
                let clean = self.text(&text, name)?;
                if clean == text { value.clone() } else { Value::String(clean) }
            }
            Value::Array(items) => {
                let step =
                    |(at, item): (usize, &Value)| self.step(&at.to_string(), |walk| walk.value(item, name, depth + 1));
                Value::Array(items.iter().enumerate().map(step).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => Value::Object(self.members(members, depth)?),
        })
    }

    fn members(&mut self, members: &Map<String, Value>, depth: usize) -> Result<Map<String, Value>, Error> {
        let mut clean = Map::with_capacity(members.len());
        for (name, value) in members {
            let redacted = super::redact(name, self.policy)?;
            self.keep(redacted.findings, true);
            let mut written = redacted.text;
            // Two names that redact to the same must not become one member.
            while clean.contains_key(&written) {
                written.push('_');
            }
            let value = self.step(&written, |walk| walk.value(value, name, depth + 1))?;
            clean.insert(written, value);
        }
        Ok(clean)
    }

    fn text(&mut self, text: &str, name: &str) -> Result<String, Error> {
        let redacted = redact_column(text, &Column { name, pii: (self.pii)(name) }, self.policy)?;
        self.keep(redacted.findings, false);
        Ok(redacted.text)
    }

    fn keep(&mut self, findings: Vec<Finding>, in_name: bool) {
        self.findings.extend(findings.into_iter().map(|finding| PathFinding {
            path: self.path.clone(),
            in_name,
            finding,
        }));
    }

    fn step<T>(&mut self, name: &str, inside: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        let result = inside(self);
        self.path.truncate(length);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_record_is_read_member_by_member_with_the_name_as_context() {
        let record = json!({ "ssn": 536904399, "order": 536904399, "who": { "first_name": "Xaviera", "note": "see jane@example.org" }, "tags": ["a", "b"] });
        let redacted = redact_value(&record, &Policy::standard(), |_| None).unwrap();
        let wanted = json!({ "ssn": "<NATIONAL_ID>", "order": 536904399, "who": { "first_name": "<PERSON_NAME>", "note": "see <EMAIL>" }, "tags": ["a", "b"] });
        assert_eq!(redacted.value, wanted);
        let paths: Vec<&str> = redacted.findings.iter().map(|found| found.path.as_str()).collect();
        assert_eq!(paths, ["/ssn", "/who/first_name", "/who/note"]);
    }

    #[test]
    fn what_the_ontology_says_of_a_field_counts_for_the_whole_value() {
        let record = json!({ "title": "n/a", "handle": "somebody's own words" });
        let pii = |name: &str| (name == "handle").then_some(Pii::PersonName);
        let redacted = redact_value(&record, &Policy::standard(), pii).unwrap();
        assert_eq!(redacted.value, json!({ "title": "n/a", "handle": "<PERSON_NAME>" }));
    }

    #[test]
    fn names_of_members_are_searched_too_and_no_member_is_lost() {
        let record = json!({ "a@example.org": 1, "b@example.org": 2 });
        let redacted = redact_value(&record, &Policy::standard(), |_| None).unwrap();
        assert_eq!(redacted.value, json!({ "<EMAIL>": 1, "<EMAIL>_": 2 }));
        assert!(redacted.findings.iter().all(|found| found.in_name && found.path.is_empty()));
    }

    #[test]
    fn a_record_without_end_is_refused_and_not_passed_on() {
        let deep = (0..=DEPTH_MAX).fold(json!("jane@example.org"), |inner, _| json!([inner]));
        assert_eq!(redact_value(&deep, &Policy::standard(), |_| None), Err(Error::TooDeep { limit: DEPTH_MAX }));
    }
}

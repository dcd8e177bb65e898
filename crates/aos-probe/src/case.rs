//! The cases as data: what acme owns, and what globex is answered who asks for it.

use crate::Error;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

const SHIPPED: &str = include_str!("../cases.yaml");

/// Texts that stand for what is known only once acme has it, such as `{connection}`.
pub type Names = BTreeMap<String, String>;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// What acme is given before globex begins, in order.
    pub seeds: Vec<Seed>,
    /// By `operationId`.
    pub cases: IndexMap<String, Case>,
    /// Statements by which SQL might leave the tenant; each must be refused.
    pub sql: Vec<String>,
    /// What acme reads before and after, and must be the same.
    pub unchanged: Vec<String>,
}

/// Something that acme is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The name by which cases speak of it.
    pub name: String,
    /// Method and path, such as `POST /tasks`.
    pub call: String,
    #[serde(default)]
    pub body: Option<Value>,
    /// Where the answer has its identifier, as a JSON pointer; without it the answer itself does not matter.
    #[serde(default)]
    pub take: Option<String>,
    /// Other names it cannot be made without.
    #[serde(default)]
    pub needs: Vec<String>,
    #[serde(default)]
    pub wait: Option<Wait>,
}

/// What is waited for: before a GET, after anything else.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    pub path: String,
    pub pointer: String,
    /// Waited for until it is this, or until it is something when left out.
    #[serde(default)]
    pub is: Option<Value>,
    /// Waited for until it is nothing.
    #[serde(default)]
    pub gone: bool,
}

/// One operation, and what another tenant is answered.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// The path below `/api/v1`, with names in braces; the operation's own when left out.
    #[serde(default)]
    pub path: Option<String>,
    #[serde(default)]
    pub body: Option<Value>,
    #[serde(flatten)]
    pub expect: Expect,
    /// The seed whose marker acme itself sees in its answer, so that the case could fail.
    #[serde(default)]
    pub shows: Option<String>,
    /// The caller has to sign in anew afterwards.
    #[serde(default)]
    pub ends_session: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// Anyone may call it; says why it tells nothing of a tenant.
    Public(String),
    /// It is opened with a ticket; without one, this is the problem.
    Ticket(String),
    /// It names a thing of acme's, which is not there for others: 404 with this code.
    Missing(String),
    /// It answers about whoever asks, with one of these statuses.
    Own(Vec<u16>),
    /// It is refused for whoever asks, whatever is named: another status with this code.
    Refused { status: u16, code: String },
}

impl Cases {
    /// Returns the cases that ship with the product.
    pub fn shipped() -> Result<Self, Error> {
        serde_saphyr::from_str(SHIPPED).map_err(|error| Error::Cases(error.to_string()))
    }
}

/// Writes what names stand for into a text; tells the first name that is not known.
pub fn filled(text: &str, names: &Names) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        let value = names.get(name).ok_or_else(|| name.to_owned())?;
        out.push_str(before);
        out.push_str(value);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

/// The same in every text of a body.
pub fn filled_body(body: &Value, names: &Names) -> Result<Value, String> {
    Ok(match body {
        Value::String(text) => Value::String(filled(text, names)?),
        Value::Array(items) => items.iter().map(|item| filled_body(item, names)).collect::<Result<_, _>>()?,
        Value::Object(members) => {
            let filled = |(name, value): (&String, &Value)| Ok((name.clone(), filled_body(value, names)?));
            Value::Object(members.iter().map(filled).collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_cases_can_be_read() {
        let cases = Cases::shipped().unwrap();
        assert!(cases.cases.len() > 50 && !cases.sql.is_empty() && !cases.unchanged.is_empty());
    }

    #[test]
    fn names_are_filled_in_and_a_missing_one_is_named() {
        let names = Names::from([("task".to_owned(), "7".to_owned())]);
        assert_eq!(filled("/tasks/{task}/logs", &names), Ok("/tasks/7/logs".to_owned()));
        assert_eq!(filled("/tasks/{run}", &names), Err("run".to_owned()));
        let body = serde_json::json!({ "ids": ["{task}"], "n": 1 });
        assert_eq!(filled_body(&body, &names), Ok(serde_json::json!({ "ids": ["7"], "n": 1 })));
    }
}

//! Decides whether a caller's SQL may run. DuckDB's own parser says what the statement is; everything it names is then compared
//! with what is allowed. The lockdown of the database stands behind this and would refuse most of it again.

use super::{Error, Result, Rule, functions, golden_schema, schema};
use aos_core::Ontology;
use aos_core::policy::Lens;
use duckdb::Connection;
use serde_json::Value;
use std::collections::HashSet;

pub(super) const SQL_BYTES_MAX: usize = 64 * 1024;

/// The parts of a statement that only read. Newer versions of DuckDB also know ones that change rows inside a common table expression.
const READING_NODES: [&str; 4] = ["SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"];

const ALLOWED: &str = "only one read-only SELECT over the unified views is allowed here";

/// Passes a single SELECT over the ontology's views, or says why not.
pub(super) fn check(connection: &Connection, ontology: &Ontology, lens: Lens, sql: &str) -> Result<()> {
    if sql.len() > SQL_BYTES_MAX {
        return Err(refused(Rule::Size, format!("the statement is longer than {SQL_BYTES_MAX} bytes")));
    }
    if sql.contains('\0') {
        return Err(refused(Rule::OneSelect, "the statement contains a zero byte"));
    }
    let parsed: String =
        connection.prepare_cached("SELECT json_serialize_sql(?::VARCHAR)")?.query_row([sql], |row| row.get(0))?;
    let too_deep = |_| refused(Rule::Size, "the statement is nested too deeply");
    let tree: Value = serde_json::from_str(&parsed).map_err(too_deep)?;
    if tree["error"] == true {
        let message = tree["error_message"].as_str().unwrap_or("the statement cannot be parsed");
        return Err(match tree["error_type"].as_str() {
            Some("not implemented") => refused(Rule::OneSelect, ALLOWED),
            _ => Error::Failed { message: message.to_owned() },
        });
    }
    let [statement] = tree["statements"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err(refused(Rule::OneSelect, ALLOWED));
    };
    let mut names = Names { ontology, lens, functions: functions::allowed(connection)?, ctes: HashSet::new() };
    names.collect_ctes(statement, functions::catalogue(connection)?)?;
    names.check(statement, false)
}

struct Names<'a> {
    ontology: &'a Ontology,
    lens: Lens,
    functions: &'a HashSet<String>,
    ctes: HashSet<String>,
}

impl Names<'_> {
    fn collect_ctes(&mut self, node: &Value, catalogue: &HashSet<String>) -> Result<()> {
        if let Some(map) = node.get("cte_map").and_then(|map| map["map"].as_array()) {
            for name in map.iter().filter_map(|entry| entry["key"].as_str()) {
                let name = name.to_lowercase();
                if catalogue.contains(&name) || name.contains(['.', '/', '\\', ':', '*']) {
                    return Err(refused(
                        Rule::Views,
                        format!("`{name}` cannot be the name of a common table expression"),
                    ));
                }
                self.ctes.insert(name);
            }
        }
        children(node).try_for_each(|child| self.collect_ctes(child, catalogue))
    }

    fn check(&self, node: &Value, in_table_function: bool) -> Result<()> {
        let kind = node.get("type").and_then(Value::as_str).unwrap_or_default();
        match kind {
            "BASE_TABLE" => self.table(node)?,
            "TABLE_FUNCTION" => {
                self.table_function(&node["function"])?;
                return members(node).try_for_each(|(name, child)| self.check(child, name == "function"));
            }
            "SHOW_REF" if node["query"].is_null() => {
                return Err(refused(
                    Rule::OneSelect,
                    format!("{ALLOWED}; the views are {}, and DESCRIBE <view> shows one's columns", self.views()),
                ));
            }
            part if part.ends_with("_NODE") && !READING_NODES.contains(&part) => {
                return Err(refused(Rule::OneSelect, ALLOWED));
            }
            "VALUE_PARAMETER" => {
                return Err(refused(Rule::OneSelect, "parameters cannot be given here; write the values"));
            }
            _ => {}
        }
        if let Some(function) = node.get("function_name").and_then(Value::as_str)
            && !in_table_function
        {
            self.function(function, node)?;
        }
        members(node).map(|(_, child)| child).chain(items(node)).try_for_each(|child| self.check(child, false))
    }

    fn table(&self, node: &Value) -> Result<()> {
        let part = |name: &str| node[name].as_str().unwrap_or_default().to_lowercase();
        let (catalog, named, table) = (part("catalog_name"), part("schema_name"), part("table_name"));
        // Whoever sees masked views reaches no other by naming its schema.
        let entity = golden_schema::entity_of(&table);
        let is_view =
            self.ontology.entities.contains_key(entity) && (named.is_empty() || named == schema::views(self.lens));
        let is_cte = named.is_empty() && self.ctes.contains(&table);
        if catalog.is_empty() && (is_view || is_cte) {
            return Ok(());
        }
        Err(refused(Rule::Views, format!("there is no view `{table}`; the views are {}", self.views())))
    }

    fn table_function(&self, function: &Value) -> Result<()> {
        let name = function["function_name"].as_str().unwrap_or_default().to_lowercase();
        if functions::is_allowed_table_function(&name) && is_plain(function) {
            return Ok(());
        }
        Err(refused(
            Rule::Functions,
            format!("the table function `{name}` is not allowed; {ALLOWED} ({})", self.views()),
        ))
    }

    fn function(&self, name: &str, node: &Value) -> Result<()> {
        let name = name.to_lowercase();
        if self.functions.contains(&name) && is_plain(node) {
            return Ok(());
        }
        let why = if functions::is_unbounded(&name) {
            "it can make values of any size (as a table, in FROM, range and generate_series are allowed)"
        } else {
            "it does not exist, has side effects or tells about the installation"
        };
        Err(refused(Rule::Functions, format!("the function `{name}` is not allowed: {why}")))
    }

    fn views(&self) -> String {
        self.ontology.entities.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// A function is called by its bare name; a schema or catalogue before it would reach another of the same name.
fn is_plain(function: &Value) -> bool {
    let empty = |name: &str| function[name].as_str().unwrap_or_default();
    empty("catalog").is_empty() && matches!(empty("schema"), "" | "main")
}

fn members(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.as_object().into_iter().flatten()
}

fn items(node: &Value) -> impl Iterator<Item = &Value> {
    node.as_array().into_iter().flatten()
}

fn children(node: &Value) -> impl Iterator<Item = &Value> {
    members(node).map(|(_, child)| child).chain(items(node))
}

fn refused(rule: Rule, reason: impl Into<String>) -> Error {
    Error::Refused { rule, reason: reason.into() }
}

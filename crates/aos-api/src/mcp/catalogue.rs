//! The tools that agents are offered: what each is for, what it takes, and what one must be allowed to use it.

use aos_core::TenantScope;
use aos_core::policy::{Permission, Resource, decide};
use serde_json::{Map, Value, json};

/// One tool.
pub(super) struct Tool {
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub permission: Permission,
    /// Whether it leaves anything behind, which is never more than a proposal.
    pub writes: bool,
    properties: fn() -> Value,
    required: &'static [&'static str],
}

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "list_entities",
        title: "List entities",
        description: "Lists what the tenant's data is about: each entity with its key, its fields and how it refers to others. Begin here.",
        permission: Permission::ReadGraph,
        writes: false,
        properties: || json!({}),
        required: &[],
    },
    Tool {
        name: "describe_entity",
        title: "Describe an entity",
        description: "Describes the fields of one entity (type, unit, meaning, personal data) and which source columns fill each, with the \
                      confidence of the mapping.",
        permission: Permission::ReadGraph,
        writes: false,
        properties: || json!({ "entity": entity() }),
        required: &["entity"],
    },
    Tool {
        name: "search_records",
        title: "Search records",
        description: "Lists unified records of one entity. All filters must hold. `next_cursor` leads to the next page.",
        permission: Permission::ReadRecords,
        writes: false,
        properties: || {
            json!({
                "entity": entity(),
                "filters": {
                    "type": "array", "maxItems": 20,
                    "items": {
                        "type": "object", "additionalProperties": false, "required": ["field", "op", "value"],
                        "properties": {
                            "field": { "type": "string" },
                            "op": { "enum": ["eq", "ne", "lt", "lte", "gt", "gte", "contains", "is_null"] },
                            "value": { "type": "string", "description": "As text, also numbers and dates (2026-01-31); true or false for is_null." }
                        }
                    }
                },
                "sort": {
                    "type": "array", "maxItems": 5, "items": { "type": "string" },
                    "description": "Field names; a leading - sorts from great to small."
                },
                "limit": limit(),
                "cursor": { "type": "string" }
            })
        },
        required: &["entity"],
    },
    Tool {
        name: "get_record",
        title: "Look up a record",
        description: "Returns one unified record and explains every cell: which source column and raw record it comes from, the version and \
                      confidence of the mapping, and the values that did not win.",
        permission: Permission::ReadRecords,
        writes: false,
        properties: record,
        required: &["entity", "source", "record_id"],
    },
    Tool {
        name: "explain_entity",
        title: "Explain a thing",
        description: "Returns the golden record that a record belongs to: all records of all sources that are the same thing, why they are \
                      taken for it, and which value of each field survives by which rule.",
        permission: Permission::ReadRecords,
        writes: false,
        properties: record,
        required: &["entity", "source", "record_id"],
    },
    Tool {
        name: "sql",
        title: "Ask with SQL",
        description: "Runs one read-only SELECT (DuckDB) over the entities as views. Columns are the entity's fields, and _source, \
                      _connection_id, _record_id, _streams. Nothing else can be reached, and personal data is masked for those who may not see it.",
        permission: Permission::ReadRecords,
        writes: false,
        properties: || {
            json!({
                "sql": { "type": "string", "maxLength": 65536, "examples": ["SELECT stage, count(*) FROM opportunity GROUP BY stage"] },
                "limit": limit()
            })
        },
        required: &["sql"],
    },
    Tool {
        name: "ask",
        title: "Ask a question",
        description: "Answers a question in words about the entities (counts, sums, averages, the most and least, by dimension, over time) with the \
                      plan, the SQL, the sources, how fresh they are and a signed receipt; or refuses it and says which word it does not know.",
        permission: Permission::ReadRecords,
        writes: false,
        properties: || json!({ "question": { "type": "string", "maxLength": 2000 } }),
        required: &["question"],
    },
    Tool {
        name: "lineage",
        title: "Read lineage",
        description: "Finds which source columns feed which fields, by a part of a name of a source, table, column, entity or field.",
        permission: Permission::ReadGraph,
        writes: false,
        properties: || json!({ "search": { "type": "string" }, "limit": limit() }),
        required: &[],
    },
    Tool {
        name: "drift",
        title: "Read drift",
        description: "Lists the streams whose sources have changed since they were accepted, and the proposals that wait for a person.",
        permission: Permission::ReadDrift,
        writes: false,
        properties: || json!({ "limit": limit() }),
        required: &[],
    },
    Tool {
        name: "findings",
        title: "Read findings",
        description: "Lists what the pilots found and is still so: evidence, money at stake where it is known, and the SQL that shows it again.",
        permission: Permission::ReadAgents,
        writes: false,
        properties: || {
            json!({
                "agent": { "type": "string", "examples": ["finops_pilot", "revops_pilot"] },
                "kind": { "type": "string", "examples": ["stalled_deal"] },
                "limit": limit(),
                "cursor": { "type": "string" }
            })
        },
        required: &[],
    },
    Tool {
        name: "propose_mapping",
        title: "Propose a mapping",
        description: "Proposes that a field is filled from a source column. Nothing changes: it waits in the review queue for a person.",
        permission: Permission::ProposeActs,
        writes: true,
        properties: || {
            json!({
                "source": { "type": "string", "description": "Name of the connection." },
                "stream": { "type": "string" },
                "entity": entity(),
                "field": { "type": "string" },
                "column": { "type": "string" },
                "transforms": { "type": "array", "items": { "type": "object" }, "description": "Steps of a mapping rule, such as {\"kind\":\"scale\",\"factor\":\"0.01\"}." },
                "reason": { "type": "string", "maxLength": 500, "description": "Why: what a person should look at." }
            })
        },
        required: &["source", "stream", "entity", "field", "column", "reason"],
    },
    Tool {
        name: "propose_task",
        title: "Propose a task",
        description: "Proposes a task, for example {\"kind\":\"sync\",\"payload\":{\"connection\":\"crm\"}}. It runs once a person has \
                      approved it, or at once where the agent's mode, key and budget allow.",
        permission: Permission::ProposeActs,
        writes: true,
        properties: || {
            json!({
                "kind": { "enum": aos_core::kind::OPEN },
                "payload": { "type": "object" },
                "reason": { "type": "string", "maxLength": 2000 }
            })
        },
        required: &["kind", "reason"],
    },
];

impl Tool {
    pub fn find(name: &str) -> Option<&'static Self> {
        TOOLS.iter().find(|tool| tool.name == name)
    }

    /// Whether somebody may use it at all.
    pub fn is_for(&self, scope: &TenantScope) -> bool {
        decide(scope, self.permission, Resource::Any).allowed
    }

    /// Returns what it takes, as JSON Schema.
    pub fn input_schema(&self) -> Map<String, Value> {
        let schema = json!({
            "type": "object", "properties": (self.properties)(), "required": self.required, "additionalProperties": false,
        });
        match schema {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}

fn entity() -> Value {
    json!({ "type": "string", "description": "Name of an entity, as list_entities gives it." })
}

fn limit() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": super::arguments::ROWS_MAX, "default": super::arguments::ROWS_DEFAULT })
}

fn record() -> Value {
    json!({
        "entity": entity(),
        "source": { "type": "string", "description": "Name of the connection: `_source` of the record." },
        "record_id": { "type": "string", "description": "`_record_id` of the record." }
    })
}

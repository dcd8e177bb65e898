//! The records of an entity as resolution takes them: unmasked, each with when it changed last. What is shown of them is masked later.

use super::instance::TenantEngine;
use super::{Error, Result, schema, value};
use duckdb::arrow::array::RecordBatch;
use serde_json::{Map, Value};
use uuid::Uuid;

/// How many records can be asked for by name at once.
const NAMED_MAX: usize = 5_000;

/// A unified record with its name and version.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionedRecord {
    pub connection: Uuid,
    pub source: String,
    pub record_id: String,
    /// The newest source version of what it is made of.
    pub version: i64,
    /// By field, as the view shows them unmasked.
    pub values: Map<String, Value>,
}

impl TenantEngine {
    /// Returns all unified records of an entity, in the order of their names.
    pub fn versioned_records(&self, entity: &str) -> Result<Vec<VersionedRecord>> {
        self.versioned(entity, &[])
    }

    /// Returns some unified records of an entity by their connection and id.
    pub fn named_records(&self, entity: &str, names: &[(Uuid, String)]) -> Result<Vec<VersionedRecord>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        if names.len() > NAMED_MAX {
            let reason = format!("at most {NAMED_MAX} records can be asked for at once");
            return Err(Error::Refused { rule: super::Rule::Size, reason });
        }
        self.versioned(entity, names)
    }

    /// Counts for each record that others refer to the domains of their e-mail addresses: connection, record, domain, how many have it.
    pub fn mail_domains(&self, entity: &str, reference: &str, mail: &str) -> Result<Vec<(Uuid, String, String, u64)>> {
        let sql = format!(
            "SELECT _connection_id::VARCHAR, {reference}::VARCHAR, lower(split_part({mail}, '@', 2)) AS domain, count(*)
               FROM {view}
              WHERE {reference} IS NOT NULL AND {mail} LIKE '_%@_%'
              GROUP BY ALL
              ORDER BY ALL",
            reference = schema::quoted(reference),
            mail = schema::quoted(mail),
            view = schema::view(aos_core::policy::Lens::Clear, entity),
        );
        self.instance.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let rows = statement.query_map([], |row| {
                let connection: String = row.get(0)?;
                Ok((connection.parse().unwrap_or_default(), row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
            Ok(rows.collect::<duckdb::Result<_>>()?)
        })
    }

    fn versioned(&self, entity: &str, names: &[(Uuid, String)]) -> Result<Vec<VersionedRecord>> {
        let ontology = self.instance.ontology();
        let Some(definition) = ontology.entity(entity) else {
            let known: Vec<&str> = ontology.entities.keys().map(String::as_str).collect();
            return Err(Error::UnknownEntity { entity: entity.to_owned(), known: known.join(", ") });
        };
        let fields: String = definition.fields.keys().map(|field| format!(", v.{}", schema::quoted(field))).collect();
        let only = if names.is_empty() {
            String::new()
        } else {
            let rows = vec!["(CAST(? AS UUID), CAST(? AS VARCHAR))"; names.len()].join(", ");
            format!(" WHERE (v._connection_id, v._record_id) IN (VALUES {rows})")
        };
        let sql = format!(
            "WITH versions AS (SELECT _connection, _record_id, max(_source_version) AS version FROM {} GROUP BY ALL)
             SELECT v._connection_id::VARCHAR, v._source, v._record_id, n.version{fields}
               FROM {} AS v
               JOIN versions n ON n._connection = v._connection_id AND n._record_id = v._record_id{only}
              ORDER BY v._connection_id, v._record_id",
            schema::fragments_table(entity),
            schema::view(aos_core::policy::Lens::Clear, entity),
        );
        let bound: Vec<String> =
            names.iter().flat_map(|(connection, record)| [connection.to_string(), record.clone()]).collect();
        let fields: Vec<&String> = definition.fields.keys().collect();
        self.instance.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let batches: Vec<RecordBatch> = statement.query_arrow(duckdb::params_from_iter(&bound))?.collect();
            let mut records = Vec::new();
            for batch in &batches {
                let text = |column, row| match value::cell(batch, column, row) {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                for row in 0..batch.num_rows() {
                    let values = fields
                        .iter()
                        .enumerate()
                        .map(|(at, field)| ((*field).clone(), value::cell(batch, at + 4, row)));
                    records.push(VersionedRecord {
                        connection: text(0, row).parse().unwrap_or_default(),
                        source: text(1, row),
                        record_id: text(2, row),
                        version: text(3, row).parse().unwrap_or_default(),
                        values: values.collect(),
                    });
                }
            }
            Ok(records)
        })
    }
}

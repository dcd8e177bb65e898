//! Takes golden records into the engine: which records are one thing, and which of its values each record gives. The values themselves are
//! taken from the records here, so that they keep their types.

use super::golden_schema::{places, references, table};
use super::instance::{TenantEngine, in_transaction};
use super::schema::{literal, quoted, view};
use super::{Error, Result};
use aos_core::policy::Lens;
use duckdb::{Connection, params};
use uuid::Uuid;

/// A record of a thing, with the fields for which its value survives.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldenMember {
    pub golden: Uuid,
    /// The probability of the weakest pair that holds the thing together.
    pub cohesion: f64,
    pub connection: Uuid,
    pub record_id: String,
    pub survives: Vec<String>,
}

impl TenantEngine {
    /// Returns the stamp under which an entity's golden records were taken last; none when they never were.
    pub fn golden_stamp(&self, entity: &str) -> Result<Option<String>> {
        self.instance.read(|connection| stamp(connection, entity))
    }

    /// Puts these in the place of an entity's golden records, unless that was done under the same stamp already.
    pub fn load_golden(&self, entity: &str, new_stamp: &str, members: &[GoldenMember]) -> Result<()> {
        let ontology = self.instance.ontology();
        let Some(definition) = ontology.entity(entity) else {
            let known: Vec<&str> = ontology.entities.keys().map(String::as_str).collect();
            return Err(Error::UnknownEntity { entity: entity.to_owned(), known: known.join(", ") });
        };
        let survivor = |field: &str, value: &str| {
            format!(", any_value({value}) FILTER (WHERE contains(m.survives, {}))", literal(&format!("|{field}|")))
        };
        let fields: String =
            definition.fields.keys().map(|field| survivor(field, &format!("v.{}", quoted(field)))).collect();
        let at: String = references(definition).map(|field| survivor(field, "m.connection")).collect();
        let columns: String = definition.fields.keys().map(|field| format!(", {}", quoted(field))).collect();
        let at_columns: String = references(definition).map(|field| format!(", {}", places(field))).collect();
        let (name, table, clear) = (literal(entity), table(entity), view(Lens::Clear, entity));
        let writer = self.instance.writer();
        in_transaction(&writer, || {
            if stamp(&writer, entity)?.as_deref() == Some(new_stamp) {
                return Ok(());
            }
            writer.execute_batch(
                "CREATE OR REPLACE TEMP TABLE incoming
                     (golden VARCHAR, cohesion DOUBLE, connection UUID, record_id VARCHAR, survives VARCHAR)",
            )?;
            let mut appender = writer.appender_to_catalog_and_db("incoming", "temp", "main")?;
            for member in members {
                let survives = format!("|{}|", member.survives.join("|"));
                let (golden, connection) = (member.golden.to_string(), member.connection.to_string());
                appender.append_row(params![golden, member.cohesion, connection, member.record_id, survives])?;
            }
            appender.flush()?;
            drop(appender);
            writer.execute_batch(&format!(
                "DELETE FROM internal.golden_members WHERE entity = {name};
                 INSERT INTO internal.golden_members SELECT {name}, connection, record_id, golden FROM temp.incoming;
                 DELETE FROM {table};
                 INSERT INTO {table} (_golden, _records, _source, _cohesion{columns}{at_columns})
                 SELECT m.golden, count(*), string_agg(DISTINCT v._source, ' + ' ORDER BY v._source), any_value(m.cohesion){fields}{at}
                   FROM temp.incoming m JOIN {clear} v ON v._connection_id = m.connection AND v._record_id = m.record_id
                  GROUP BY m.golden;
                 DELETE FROM internal.golden WHERE entity = {name};
                 DROP TABLE temp.incoming;"
            ))?;
            writer.execute("INSERT INTO internal.golden VALUES (?, ?)", params![entity, new_stamp])?;
            Result::Ok(())
        })
    }
}

fn stamp(connection: &Connection, entity: &str) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT stamp FROM internal.golden WHERE entity = ?")?;
    let mut rows = statement.query([entity])?;
    Ok(match rows.next()? {
        Some(row) => row.get(0)?,
        None => None,
    })
}

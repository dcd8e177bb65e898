//! The tables and views that derive from the ontology, as SQL. Names come from the ontology, whose alphabet is checked, and are
//! quoted all the same.

use super::golden_schema;
use aos_core::Ontology;
use aos_core::ontology::{Entity, FieldType};
use aos_core::policy::{Lens, Sensitivity};
use std::fmt::Write;

/// Raise it when the tables below change; a database built otherwise is then emptied and filled anew.
const LAYOUT: u32 = 4;

/// The columns that every fragment row has beside its fields, in order.
pub(super) const FRAGMENT_COLUMNS: [(&str, &str); 8] = [
    ("_connection", "UUID"),
    ("_source", "VARCHAR"),
    ("_record_id", "VARCHAR"),
    ("_fragment", "VARCHAR"),
    ("_position", "BIGINT"),
    ("_source_version", "BIGINT"),
    ("_mapping_version", "BIGINT"),
    ("_width", "BIGINT"),
];

/// The schemas that nobody is to name, as DuckDB writes them before a name.
pub(super) const HIDDEN: [&str; 2] = ["internal.", "masked."];

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns the schema whose views someone sees through this lens; entities have the same names in each.
pub(super) fn views(lens: Lens) -> &'static str {
    match lens {
        Lens::Clear => "main",
        Lens::Masking => "masked",
    }
}

pub(super) fn view(lens: Lens, entity: &str) -> String {
    format!("{}.{}", views(lens), quoted(entity))
}

pub(super) fn fragments_table(entity: &str) -> String {
    format!("internal.{}", quoted(&format!("fragments_{entity}")))
}

pub(super) fn unified_table(entity: &str) -> String {
    format!("internal.{}", quoted(&format!("unified_{entity}")))
}

pub(super) fn sql_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::String => "VARCHAR",
        FieldType::Integer => "BIGINT",
        FieldType::Decimal => "DECIMAL(38,12)",
        FieldType::Boolean => "BOOLEAN",
        FieldType::Date => "DATE",
        FieldType::Datetime => "TIMESTAMP",
    }
}

/// Tells databases of different layouts apart.
pub(super) fn fingerprint(ontology: &Ontology) -> String {
    let mut text = format!("layout {LAYOUT}");
    for (name, entity) in &ontology.entities {
        write!(text, "\n{name}:").expect("a string takes all");
        for (field, definition) in &entity.fields {
            let of = Sensitivity::of(definition).as_str();
            write!(text, " {field} {} {of}", definition.kind).expect("a string takes all");
        }
    }
    text
}

/// Returns the statements that make an empty database.
pub(super) fn create(ontology: &Ontology) -> String {
    let mut sql = "CREATE SCHEMA internal;
        CREATE SCHEMA masked;
        CREATE TABLE internal.meta (fingerprint VARCHAR, position BIGINT);
        CREATE TABLE internal.fragments (entity VARCHAR, connection UUID, fragment VARCHAR);"
        .to_owned();
    write!(sql, "INSERT INTO internal.meta VALUES ({}, 0);", literal(&fingerprint(ontology)))
        .expect("a string takes all");
    for (name, entity) in &ontology.entities {
        sql.push_str(&create_entity(name, entity));
        sql.push_str(&create_view(name, entity, &[]));
        sql.push_str(&create_masked_view(name, entity));
    }
    sql.push_str(&golden_schema::create(ontology));
    sql
}

fn create_entity(name: &str, entity: &Entity) -> String {
    let fields: String =
        entity.fields.iter().map(|(field, of)| format!(", {} {}", quoted(field), sql_type(of.kind))).collect();
    let columns: Vec<String> = FRAGMENT_COLUMNS.iter().map(|(column, kind)| format!("{column} {kind}")).collect();
    format!(
        "CREATE TABLE {} ({}{fields});
         CREATE TABLE {} (_source VARCHAR, _connection UUID, _record_id VARCHAR, _streams VARCHAR[]{fields});",
        fragments_table(name),
        columns.join(", "),
        unified_table(name),
    )
}

/// Returns the statement for the view that stands in the place of an entity's for those who may not see personal data.
fn create_masked_view(name: &str, entity: &Entity) -> String {
    let fields: String = entity
        .fields
        .iter()
        .map(|(field, definition)| match Lens::Masking.mask(Sensitivity::of(definition)) {
            None => format!(", {}", quoted(field)),
            Some(mask) => {
                format!(", CASE WHEN {0} IS NULL THEN NULL ELSE {1} END AS {0}", quoted(field), literal(mask))
            }
        })
        .collect();
    format!(
        "CREATE VIEW {} AS SELECT _source, _connection_id, _record_id, _streams{fields} FROM {};",
        view(Lens::Masking, name),
        view(Lens::Clear, name),
    )
}

/// Returns the statement for an entity's view.
///
/// A connection with one fragment of the entity has one row per record already, so its rows are the records. Records of the
/// `unified` connections, which have several, are kept ready in a table of their own.
pub(super) fn create_view(name: &str, entity: &Entity, unified: &[String]) -> String {
    let fields: String = entity.fields.keys().map(|field| format!(", {}", quoted(field))).collect();
    let mut sql = format!(
        "CREATE OR REPLACE VIEW main.{} AS
         SELECT _source, _connection AS _connection_id, _record_id, [_fragment] AS _streams{fields} FROM {}",
        quoted(name),
        fragments_table(name),
    );
    if !unified.is_empty() {
        let connections: Vec<String> =
            unified.iter().map(|connection| format!("{}::UUID", literal(connection))).collect();
        write!(
            sql,
            " WHERE _connection NOT IN ({})
              UNION ALL
              SELECT _source, _connection, _record_id, _streams{fields} FROM {}",
            connections.join(", "),
            unified_table(name),
        )
        .expect("a string takes all");
    }
    sql.push(';');
    sql
}

//! The views of things: for each entity its golden records, and which record is which thing. An entity that was never resolved has them as
//! well; each of its records is then a thing of its own.

use super::schema::{literal, quoted, sql_type, view};
use aos_core::Ontology;
use aos_core::ontology::Entity;
use aos_core::policy::{Lens, Sensitivity};

// No name of an ontology begins with an underscore.
const GOLDEN: &str = "_golden_";
const MEMBERS: &str = "_member_";

/// Returns the name of the view of an entity's golden records.
///
/// It has `_golden` (the thing's id, or `source/record` where it has one record), `_records`, `_source` (the connections, joined by ` + `),
/// `_cohesion`, the entity's fields with the values that survive, and for each reference `_at_<field>`, the connection whose value that is.
pub fn golden_view(entity: &str) -> String {
    format!("{GOLDEN}{entity}")
}

/// Returns the name of the view that leads from records to things: `_key`, `_connection_id`, `_golden`.
pub fn member_view(entity: &str) -> String {
    format!("{MEMBERS}{entity}")
}

/// Returns the entity that a view is about, whichever of its views it is.
pub(super) fn entity_of(view: &str) -> &str {
    view.strip_prefix(GOLDEN).or_else(|| view.strip_prefix(MEMBERS)).unwrap_or(view)
}

/// Returns the table with the golden records that have several records, or an id of their own.
pub(super) fn table(entity: &str) -> String {
    format!("internal.{}", quoted(&format!("golden_{entity}")))
}

/// Returns the statements that make tables and views of all entities.
pub(super) fn create(ontology: &Ontology) -> String {
    let tables = "CREATE TABLE internal.golden (entity VARCHAR, stamp VARCHAR);
        CREATE TABLE internal.golden_members (entity VARCHAR, connection UUID, record_id VARCHAR, golden VARCHAR);";
    let entities = ontology.entities.iter();
    let views = entities.map(|(name, entity)| [create_clear(name, entity), create_masked(name, entity)].concat());
    [tables.to_owned()].into_iter().chain(views).collect()
}

fn create_clear(name: &str, entity: &Entity) -> String {
    let typed =
        |(field, of): (&String, &aos_core::ontology::Field)| format!(", {} {}", quoted(field), sql_type(of.kind));
    let typed: String = entity.fields.iter().map(typed).collect();
    let fields: String = entity.fields.keys().map(|field| format!(", {}", quoted(field))).collect();
    let at = |of: &str| references(entity).map(|field| format!(", {}{of}", places(field))).collect::<String>();
    let alone: String = references(entity).map(|field| format!(", _connection_id AS {}", places(field))).collect();
    let alone_id = "v._source || '/' || v._record_id";
    let is_member =
        format!("m.entity = {} AND m.connection = v._connection_id AND m.record_id = v._record_id", literal(name));
    format!(
        "CREATE TABLE {table} (_golden VARCHAR, _records BIGINT, _source VARCHAR, _cohesion DOUBLE{typed}{of});
         CREATE VIEW {golden} AS
         SELECT {alone_id} AS _golden, 1::BIGINT AS _records, _source, 1::DOUBLE AS _cohesion{fields}{alone} FROM {clear} v
          WHERE NOT EXISTS (SELECT 1 FROM internal.golden_members m WHERE {is_member})
         UNION ALL SELECT _golden, _records, _source, _cohesion{fields}{at} FROM {table};
         CREATE VIEW {members} AS
         SELECT v.{key} AS _key, v._connection_id, coalesce(m.golden, {alone_id}) AS _golden
           FROM {clear} v LEFT JOIN internal.golden_members m ON {is_member};",
        table = table(name),
        golden = view(Lens::Clear, &golden_view(name)),
        members = view(Lens::Clear, &member_view(name)),
        clear = view(Lens::Clear, name),
        key = quoted(&entity.key),
        of = at(" UUID"),
        at = at(""),
    )
}

/// The same for those who may not see personal data: a key that is personal is masked, also where it is part of a thing's name.
fn create_masked(name: &str, entity: &Entity) -> String {
    let mask = |field: &str| entity.fields.get(field).and_then(|field| Lens::Masking.mask(Sensitivity::of(field)));
    let shown = |column: &str, mask: Option<&str>| match mask {
        None => column.to_owned(),
        Some(mask) => format!("CASE WHEN {column} IS NULL THEN NULL ELSE {} END AS {column}", literal(mask)),
    };
    let fields: String =
        entity.fields.keys().map(|field| format!(", {}", shown(&quoted(field), mask(field)))).collect();
    let at: String = references(entity).map(|field| format!(", {}", places(field))).collect();
    let of_key = mask(&entity.key);
    format!(
        "CREATE VIEW {} AS SELECT {}, _records, _source, _cohesion{fields}{at} FROM {};
         CREATE VIEW {} AS SELECT {}, _connection_id, {} FROM {};",
        view(Lens::Masking, &golden_view(name)),
        shown("_golden", of_key),
        view(Lens::Clear, &golden_view(name)),
        view(Lens::Masking, &member_view(name)),
        shown("_key", of_key),
        shown("_golden", of_key),
        view(Lens::Clear, &member_view(name)),
    )
}

/// Lists the fields of an entity that refer to others.
pub(super) fn references(entity: &Entity) -> impl Iterator<Item = &str> {
    entity.fields.iter().filter(|(_, field)| field.references.is_some()).map(|(name, _)| name.as_str())
}

/// Returns the column that says of which connection a reference is, since ids are local to one.
pub(super) fn places(reference: &str) -> String {
    quoted(&format!("_at_{reference}"))
}

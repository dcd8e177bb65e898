//! Makes one record of the fragments that say something about the same record of one connection.
//!
//! Per field the winner is the value from the fragment with the newest source version; among equals, from the fragment that says
//! more about the record (its main table rather than a further one); among those, by the fragment's name. An explicit null never
//! wins over a value. The rule looks at the rows alone, so the result does not depend on the order in which they came.

use super::Result;
use super::schema;
use aos_core::ontology::Entity;
use duckdb::{Connection, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Which fragments each connection has of each entity.
pub(super) struct Unify {
    known: HashMap<String, HashMap<Uuid, BTreeSet<String>>>,
    /// Connections whose records have to be made anew altogether: they got their second fragment in this refresh.
    new: BTreeMap<String, BTreeSet<Uuid>>,
}

impl Unify {
    pub fn read(connection: &Connection) -> Result<Self> {
        let mut known: HashMap<String, HashMap<Uuid, BTreeSet<String>>> = HashMap::new();
        let mut statement = connection.prepare("SELECT entity, connection, fragment FROM internal.fragments")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            known.entry(row.get(0)?).or_default().entry(row.get(1)?).or_default().insert(row.get(2)?);
        }
        Ok(Self { known, new: BTreeMap::new() })
    }

    /// Notes that a connection has this fragment of the entity.
    pub fn note(&mut self, db: &Connection, entity: &str, connection: Uuid, fragment: &str) -> Result<()> {
        // Looked up without making a key: this is called for every row.
        let known = self.known.get(entity).and_then(|connections| connections.get(&connection));
        if known.is_some_and(|fragments| fragments.contains(fragment)) {
            return Ok(());
        }
        let fragments = self.known.entry(entity.to_owned()).or_default().entry(connection).or_default();
        fragments.insert(fragment.to_owned());
        if fragments.len() == 2 {
            self.new.entry(entity.to_owned()).or_default().insert(connection);
        }
        db.execute("INSERT INTO internal.fragments VALUES (?, ?, ?)", params![entity, connection, fragment])?;
        Ok(())
    }

    pub fn unified_connections(&self, entity: &str) -> Vec<String> {
        let mut connections: Vec<String> = self
            .known
            .get(entity)
            .into_iter()
            .flatten()
            .filter(|(_, fragments)| fragments.len() > 1)
            .map(|(connection, _)| connection.to_string())
            .collect();
        connections.sort();
        connections
    }

    /// Makes the records anew that this refresh touched: those of the staged rows, and all of a connection that is new here.
    pub fn apply(&self, db: &Connection, name: &str, entity: &Entity, staging: Option<&str>) -> Result<()> {
        let unified = self.unified_connections(name);
        if unified.is_empty() {
            return Ok(());
        }
        let new: Vec<String> =
            self.new.get(name).into_iter().flatten().map(|connection| connection.to_string()).collect();
        if !new.is_empty() {
            db.execute_batch(&schema::create_view(name, entity, &unified))?;
        }
        let mut touched = Vec::new();
        if !new.is_empty() {
            let table = schema::fragments_table(name);
            touched.push(format!("SELECT _connection, _record_id FROM {table} WHERE _connection IN ({})", ids(&new)));
        }
        if let Some(staging) = staging {
            let all = ids(&unified);
            touched.push(format!("SELECT _connection, _record_id FROM temp.{staging} WHERE _connection IN ({all})"));
        }
        if touched.is_empty() {
            return Ok(());
        }
        db.execute_batch(&merge(name, entity, &touched.join(" UNION ALL ")))?;
        Ok(())
    }
}

fn ids(connections: &[String]) -> String {
    let ids: Vec<String> = connections.iter().map(|id| format!("{}::UUID", schema::literal(id))).collect();
    ids.join(", ")
}

/// The weight of a fragment is its source version, then how much it says, then its place by name, as one number.
fn merge(name: &str, entity: &Entity, touched: &str) -> String {
    let (fragments, unified) = (schema::fragments_table(name), schema::unified_table(name));
    let fields: Vec<String> = entity.fields.keys().map(|field| schema::quoted(field)).collect();
    let winners: Vec<String> = fields.iter().map(|field| format!("arg_max({field}, _weight)")).collect();
    let entity_name = schema::literal(name);
    format!(
        "CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT * FROM ({touched});
         DELETE FROM {unified} AS old USING temp.touched AS t WHERE old._connection = t._connection AND old._record_id = t._record_id;
         INSERT INTO {unified}
         WITH places AS (
             SELECT connection, fragment, row_number() OVER (PARTITION BY connection ORDER BY fragment DESC) AS place
               FROM internal.fragments WHERE entity = {entity_name}),
         weighted AS (
             SELECT f.*, (f._source_version::HUGEINT * 65536 + least(f._width, 65535)) * 65536 + least(p.place, 65535) AS _weight
               FROM {fragments} f
               JOIN temp.touched t ON f._connection = t._connection AND f._record_id = t._record_id
               JOIN places p ON p.connection = f._connection AND p.fragment = f._fragment)
         SELECT any_value(_source), _connection, _record_id, list_sort(list(_fragment)), {winners}
           FROM weighted GROUP BY _connection, _record_id;
         DROP TABLE temp.touched;",
        winners = winners.join(", "),
    )
}

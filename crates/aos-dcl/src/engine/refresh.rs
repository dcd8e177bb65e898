//! Takes the materialized rows that changed since the last refresh. All of a refresh is one transaction with the position it
//! reached, so it may be cut off, repeated or run twice.

use super::batch::Batch;
use super::instance::{TenantEngine, in_transaction};
use super::keys::Keys;
use super::unify::Unify;
use super::{Result, schema};
use aos_core::Ontology;
use duckdb::Connection;
use serde::Serialize;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Rows that DuckDB keeps together, and that one transaction of a load takes. So many are compressed and written once, where they stay; fewer
/// go through its log first, and are written again with those that follow.
pub(crate) const GROUP_ROWS: u64 = 122_880;
/// ... or about this much of their JSON, whichever comes first: until then they are held uncompressed.
const TRANSACTION_BYTES_MAX: usize = 80 << 20;

/// One row of the store's materialized entities: what one fragment says about one record.
#[derive(Debug, Clone, PartialEq)]
pub struct FragmentRow {
    pub position: i64,
    pub connection: Uuid,
    /// Name of the connection.
    pub source: String,
    pub entity: String,
    pub record_id: String,
    pub fragment: String,
    pub deleted: bool,
    /// JSON object of the entity's fields: numbers exact, dates and times ISO.
    pub data: String,
    pub source_version: i64,
    pub mapping_version: u32,
}

/// What a refresh did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Refreshed {
    /// Rows taken over.
    pub applied: u64,
    /// Rows that were taken by an earlier refresh.
    pub replayed: u64,
    /// Rows of entities that the ontology does not have.
    pub unknown: u64,
    /// Rows whose JSON broke off.
    pub unreadable: u64,
    /// Values that do not fit their type, left empty.
    pub lossy: u64,
    pub position: i64,
    pub elapsed: Duration,
}

impl TenantEngine {
    /// Takes the rows after [`TenantEngine::position`], in the order of their positions.
    ///
    /// Rows up to the position held are passed over, so a replay changes nothing. Rows may end early: what came is kept, and the
    /// next refresh goes on from there. A connection keeps the name it had when its rows came.
    pub fn refresh(&self, rows: impl IntoIterator<Item = FragmentRow>) -> Result<Refreshed> {
        let fresh = self.position() == 0;
        let done = self.take(rows, fresh)?;
        if fresh {
            self.settle()?;
        }
        Ok(done)
    }

    /// Takes rows like [`TenantEngine::refresh`], in as many transactions as it needs to hold only some of them in memory.
    pub fn load(&self, rows: impl IntoIterator<Item = FragmentRow>) -> Result<()> {
        let mut rows = rows.into_iter().peekable();
        let fresh = self.position() == 0;
        while rows.peek().is_some() {
            let (mut taken, mut bytes) = (0, 0);
            let part = std::iter::from_fn(|| {
                let row = rows.next_if(|_| taken < GROUP_ROWS && bytes < TRANSACTION_BYTES_MAX)?;
                taken += 1;
                bytes += row.data.len();
                Some(row)
            });
            self.take(part, fresh)?;
        }
        if fresh {
            self.settle()?;
        }
        Ok(())
    }

    /// Removes what was replaced while a first load was reading; until then a record that changed meanwhile is there twice.
    fn settle(&self) -> Result<()> {
        let writer = self.instance.writer();
        for entity in self.instance.ontology().entities.keys() {
            keep_latest(&writer, &schema::fragments_table(entity))?;
        }
        Ok(())
    }

    /// `fresh`: the database was empty when this load began, so that a row can hardly be there already.
    fn take(&self, rows: impl IntoIterator<Item = FragmentRow>, fresh: bool) -> Result<Refreshed> {
        let started = Instant::now();
        let ontology = self.instance.ontology();
        let held = self.instance.position();
        let mut rows = rows.into_iter().peekable();
        let mut done = Refreshed { position: held, ..Refreshed::default() };
        if rows.peek().is_none() {
            return Ok(done);
        }
        let writer = self.instance.writer();
        let mut loads = Loads {
            connection: &writer,
            ontology: &ontology,
            fresh,
            loads: HashMap::new(),
            unify: Unify::read(&writer)?,
        };
        in_transaction(&writer, || {
            for row in rows {
                if row.position <= held {
                    done.replayed += 1;
                    continue;
                }
                done.position = done.position.max(row.position);
                loads.push(&row, &mut done)?;
            }
            loads.finish(&mut done)?;
            writer.execute("UPDATE internal.meta SET position = ?", [done.position])?;
            Result::Ok(())
        })?;
        if done.position != held {
            self.instance.changed(done.position);
        }
        done.elapsed = started.elapsed();
        if done.unreadable + done.lossy + done.unknown > 0 {
            tracing::warn!(
                unreadable = done.unreadable,
                lossy = done.lossy,
                unknown = done.unknown,
                "some materialized rows or values could not be taken into the analytics cache"
            );
        }
        Ok(done)
    }

    /// Forgets all rows of a connection that was deleted.
    pub fn remove_connection(&self, connection: Uuid) -> Result<()> {
        let writer = self.instance.writer();
        let ontology = self.instance.ontology();
        in_transaction(&writer, || {
            for entity in ontology.entities.keys() {
                for table in [schema::fragments_table(entity), schema::unified_table(entity)] {
                    writer.execute(&format!("DELETE FROM {table} WHERE _connection = ?"), [connection])?;
                }
            }
            writer.execute("DELETE FROM internal.fragments WHERE connection = ?", [connection])?;
            let unify = Unify::read(&writer)?;
            for (name, entity) in &ontology.entities {
                writer.execute_batch(&schema::create_view(name, entity, &unify.unified_connections(name)))?;
            }
            Result::Ok(())
        })?;
        self.instance.changed(self.instance.position());
        Ok(())
    }
}

struct Loads<'c> {
    connection: &'c Connection,
    ontology: &'c Ontology,
    fresh: bool,
    loads: HashMap<String, Load>,
    unify: Unify,
}

/// The rows of one entity that a refresh brings. They go straight into its table, where compressed rows are written once; the keys of those
/// that may replace one, or take one away, are staged, and what was held under them goes.
struct Load {
    /// Rows replace none.
    direct: bool,
    table: String,
    rows: Batch,
    staging: String,
    keys: Keys,
    staged: bool,
}

impl Loads<'_> {
    fn push(&mut self, row: &FragmentRow, done: &mut Refreshed) -> Result<()> {
        if !self.loads.contains_key(&row.entity) {
            let Some(entity) = self.ontology.entity(&row.entity) else {
                done.unknown += 1;
                return Ok(());
            };
            // Records that are made of several rows are made anew where keys are staged.
            let direct = self.fresh && self.unify.unified_connections(&row.entity).is_empty();
            let load = Load::new(self.connection, &row.entity, entity, direct)?;
            self.loads.insert(row.entity.clone(), load);
        }
        let load = self.loads.get_mut(&row.entity).expect("inserted above");
        if !row.deleted {
            self.unify.note(self.connection, &row.entity, row.connection, &row.fragment)?;
        }
        done.applied += 1;
        done.unreadable += u64::from(!load.push(self.connection, row)?);
        Ok(())
    }

    fn finish(mut self, done: &mut Refreshed) -> Result<()> {
        for (name, mut load) in self.loads.drain() {
            load.flush(self.connection)?;
            done.lossy += load.rows.lossy;
            load.apply(self.connection, self.fresh)?;
            let entity = &self.ontology.entities[&name];
            let staging = load.staged.then_some(load.staging.as_str());
            self.unify.apply(self.connection, &name, entity, staging)?;
            if staging.is_some() {
                self.connection.execute_batch(&format!("DROP TABLE temp.{}", load.staging))?;
            }
        }
        Ok(())
    }
}

impl Load {
    fn new(connection: &Connection, name: &str, entity: &aos_core::ontology::Entity, direct: bool) -> Result<Self> {
        let table = schema::fragments_table(name);
        let empty =
            connection.query_row(&format!("SELECT count(*) = 0 FROM {table}"), [], |row| row.get::<_, bool>(0))?;
        Ok(Self {
            direct: direct || empty,
            table,
            rows: Batch::new(entity),
            staging: schema::quoted(&format!("staging_{name}")),
            keys: Keys::new(),
            staged: false,
        })
    }

    fn push(&mut self, connection: &Connection, row: &FragmentRow) -> Result<bool> {
        if !self.direct || row.deleted {
            self.keys.push(row);
        }
        let readable = row.deleted || self.rows.push(row);
        if self.rows.is_full() || self.keys.is_full() {
            self.flush(connection)?;
        }
        Ok(readable)
    }

    fn flush(&mut self, connection: &Connection) -> Result<()> {
        if self.rows.rows > 0 {
            let name = self.table.trim_start_matches("internal.").trim_matches('"');
            let mut appender = connection.appender_to_db(name, "internal")?;
            appender.append_record_batch(self.rows.take())?;
            appender.flush()?;
        }
        if self.keys.rows > 0 {
            if !self.staged {
                connection.execute_batch(&Keys::create(&self.staging, &self.table))?;
                self.staged = true;
            }
            let mut appender = connection.appender_to_catalog_and_db(self.staging.trim_matches('"'), "temp", "main")?;
            appender.append_record_batch(self.keys.take())?;
            appender.flush()?;
        }
        Ok(())
    }

    /// Takes away what was replaced. Of several rows with one key, the last position is the one that counts.
    fn apply(&self, connection: &Connection, fresh: bool) -> Result<()> {
        if self.direct && !fresh {
            keep_latest(connection, &self.table)?;
        }
        if self.staged {
            let (table, staging) = (&self.table, &self.staging);
            connection.execute_batch(&format!(
                "DELETE FROM {table} AS old USING temp.{staging} AS new
                  WHERE old._connection = new._connection AND old._record_id = new._record_id AND old._fragment = new._fragment
                    AND old._position < new._position"
            ))?;
        }
        Ok(())
    }
}

/// Deletes rows whose key comes again with a later position: a record that changed while its rows were being read.
fn keep_latest(connection: &Connection, table: &str) -> Result<()> {
    let repeated: bool = connection.query_row(
        &format!("SELECT count(*) <> count(DISTINCT hash(_connection, _record_id, _fragment)) FROM {table}"),
        [],
        |row| row.get(0),
    )?;
    if repeated {
        connection.execute_batch(&format!(
            "DELETE FROM {table} WHERE rowid IN (
                SELECT row FROM (
                    SELECT rowid AS row, row_number() OVER (PARTITION BY _connection, _record_id, _fragment ORDER BY _position DESC) AS nth
                      FROM {table})
                 WHERE nth > 1)"
        ))?;
    }
    Ok(())
}

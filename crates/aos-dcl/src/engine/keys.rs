//! Keys of rows that replace what is held under them, as columns ready to be appended.

use super::batch::{ROWS_MAX, meta_field};
use super::refresh::FragmentRow;
use super::schema::FRAGMENT_COLUMNS;
use duckdb::arrow::array::{FixedSizeBinaryBuilder, Int64Builder, RecordBatch, StringBuilder};
use duckdb::arrow::datatypes::Schema;
use std::sync::Arc;

/// The columns of [`FRAGMENT_COLUMNS`] that say which row it is, and which of several holds.
const COLUMNS: [&str; 4] = ["_connection", "_record_id", "_fragment", "_position"];

pub(super) struct Keys {
    schema: Arc<Schema>,
    connection: FixedSizeBinaryBuilder,
    record_id: StringBuilder,
    fragment: StringBuilder,
    position: Int64Builder,
    pub rows: usize,
}

impl Keys {
    pub fn new() -> Self {
        let kind = |name| FRAGMENT_COLUMNS.iter().find(|(column, _)| *column == name).map_or("", |(_, kind)| kind);
        Self {
            schema: Arc::new(Schema::new(COLUMNS.map(|name| meta_field(name, kind(name))).to_vec())),
            connection: FixedSizeBinaryBuilder::new(16),
            record_id: StringBuilder::new(),
            fragment: StringBuilder::new(),
            position: Int64Builder::new(),
            rows: 0,
        }
    }

    /// Makes an empty table for keys, of the types that they have in `table`.
    pub fn create(table: &str, of: &str) -> String {
        format!("CREATE OR REPLACE TEMP TABLE {table} AS SELECT {} FROM {of} LIMIT 0", COLUMNS.join(", "))
    }

    pub fn is_full(&self) -> bool {
        self.rows >= ROWS_MAX
    }

    pub fn push(&mut self, row: &FragmentRow) {
        self.connection.append_value(row.connection.as_bytes()).expect("an id has sixteen bytes");
        self.record_id.append_value(&row.record_id);
        self.fragment.append_value(&row.fragment);
        self.position.append_value(row.position);
        self.rows += 1;
    }

    /// Hands over what was added and starts empty.
    pub fn take(&mut self) -> RecordBatch {
        self.rows = 0;
        let columns: Vec<duckdb::arrow::array::ArrayRef> = vec![
            Arc::new(self.connection.finish()),
            Arc::new(self.record_id.finish()),
            Arc::new(self.fragment.finish()),
            Arc::new(self.position.finish()),
        ];
        RecordBatch::try_new(self.schema.clone(), columns).expect("every column was given every row")
    }
}

//! Foreign keys between the tables of one source, found by looking at values: which columns hold values of another table's key.

use aos_core::shape::{ColumnShape, StreamShape, ValueKind};
use std::collections::HashMap;

/// A column whose values are values of another table's key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Link {
    pub table: usize,
    pub column: usize,
    pub to_table: usize,
    pub to_column: usize,
}

/// Values shorter than this (1, 2, 3 …) are found everywhere and prove nothing.
const SHORTEST_TELLING: usize = 3;
const SHARE_FOUND: f64 = 0.15;

/// Finds links to the given key columns (table, column).
pub(crate) fn links(tables: &[StreamShape], keys: &[(usize, usize)]) -> Vec<Link> {
    let mut holders: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, &(table, column)) in keys.iter().enumerate() {
        for value in tables[table].columns[column].samples.iter().filter(|value| value.len() >= SHORTEST_TELLING) {
            holders.entry(value).or_default().push(at);
        }
    }
    let mut links = Vec::new();
    for (table, shape) in tables.iter().enumerate() {
        for (column, column_shape) in shape.columns.iter().enumerate().filter(|(_, column)| may_be_key(column)) {
            let mut found: HashMap<usize, usize> = HashMap::new();
            for value in &column_shape.samples {
                holders.get(value.as_str()).into_iter().flatten().for_each(|&at| *found.entry(at).or_default() += 1);
            }
            let enough = |count: usize| count >= 2 && count as f64 >= SHARE_FOUND * column_shape.samples.len() as f64;
            let mut hits: Vec<(usize, usize)> =
                found.into_iter().filter(|&(at, count)| keys[at] != (table, column) && enough(count)).collect();
            hits.sort_unstable_by_key(|&(at, count)| (std::cmp::Reverse(count), at));
            links.extend(hits.into_iter().map(|(at, _)| Link {
                table,
                column,
                to_table: keys[at].0,
                to_column: keys[at].1,
            }));
        }
    }
    links
}

fn may_be_key(column: &ColumnShape) -> bool {
    matches!(column.kind, ValueKind::String | ValueKind::Integer)
}

//! The matcher: an ontology compiled once, asked about tables. The order of the work is here; each step lives in its own file.

use crate::TableMatch;
use crate::column::read_columns;
use crate::decide::{Table, decide};
use crate::features::Grid;
use crate::field::Compiled;
use crate::hint::{Hint, Hints};
use crate::keys::{Link, links};
use crate::model::Model;
use crate::words::{canonical, segments, split_words};
use aos_core::Ontology;
use aos_core::shape::StreamShape;
use std::borrow::Cow;
use std::sync::Arc;

/// Columns beyond this many are not looked at: no table a person made has more.
const COLUMNS_MAX: usize = 2_000;

/// Matches tables to one ontology. Cloning shares the compiled ontology.
#[derive(Debug, Clone)]
pub struct Matcher {
    pub(crate) compiled: Arc<Compiled>,
    pub(crate) model: Cow<'static, Model>,
}

impl Matcher {
    /// Compiles the ontology for matching with the shipped model.
    pub fn new(ontology: &Ontology) -> Self {
        Self { compiled: Arc::new(Compiled::new(ontology)), model: Cow::Borrowed(Model::shipped()) }
    }

    /// Compiles the ontology for matching with a model of one's own.
    pub fn with_model(ontology: &Ontology, model: Model) -> Self {
        Self { compiled: Arc::new(Compiled::new(ontology)), model: Cow::Owned(model) }
    }

    /// Matches one table on its own.
    pub fn match_table(&self, table: &StreamShape) -> TableMatch {
        let mut matches = self.match_source(std::slice::from_ref(table));
        matches.pop().expect("one table gives one match")
    }

    /// Matches all tables of one source together, so that keys shared between them are evidence.
    pub fn match_source(&self, tables: &[StreamShape]) -> Vec<TableMatch> {
        self.match_source_with(tables, &[])
    }

    /// … and with what is known of their columns from elsewhere, table by table in the same order.
    pub fn match_source_with(&self, tables: &[StreamShape], hints: &[Vec<Hint>]) -> Vec<TableMatch> {
        let of_table = |at: usize| Hints::of(hints.get(at).map(Vec::as_slice).unwrap_or_default(), &self.compiled);
        let hints: Vec<Hints> = (0..tables.len()).map(of_table).collect();
        let grids: Vec<Grid> = tables.iter().zip(&hints).map(|(table, hints)| self.hinted_grid(table, hints)).collect();
        let first: Vec<TableMatch> =
            (0..tables.len()).map(|at| self.decide(&tables[at], &grids[at], &[], &hints[at])).collect();
        let found = links(tables, &keys(tables, &first));
        if found.is_empty() {
            return first;
        }
        let named =
            |link: &Link| (link.to_table, first[link.to_table].entity.as_ref().map(|choice| choice.entity.clone()));
        (0..tables.len())
            .map(|at| {
                let own: Vec<(usize, usize, String)> = found
                    .iter()
                    .filter(|link| link.table == at)
                    .filter_map(|link| {
                        let (table, entity) = named(link);
                        let entity =
                            self.compiled.entities.iter().position(|info| Some(&info.name) == entity.as_ref())?;
                        let key = &tables[table].columns[link.to_column].path;
                        Some((link.column, entity, format!("{}.{key}", tables[table].stream)))
                    })
                    .collect();
                self.decide(&tables[at], &grids[at], &own, &hints[at])
            })
            .collect()
    }

    pub(crate) fn grid(&self, table: &StreamShape) -> Grid {
        self.hinted_grid(table, &Hints::default())
    }

    fn hinted_grid(&self, table: &StreamShape, hints: &Hints) -> Grid {
        let mut columns = read_columns(table, &self.compiled.words);
        columns.truncate(COLUMNS_MAX);
        Grid::new(columns, &split_words(bare_name(table)), &self.compiled, hints)
    }

    fn decide(&self, shape: &StreamShape, grid: &Grid, links: &[(usize, usize, String)], hints: &Hints) -> TableMatch {
        decide(&Table { shape, grid, links, hints }, &self.compiled, &self.model)
    }
}

/// The table's name as canonical words.
pub(crate) fn table_words(table: &StreamShape) -> Vec<String> {
    canonical(&segments(bare_name(table)))
        .into_iter()
        .filter(|word| !word.chars().all(|c| c.is_ascii_digit()))
        .collect()
}

/// The table's name without the folder or file ending it may carry.
fn bare_name(table: &StreamShape) -> &str {
    let name = table.stream.rsplit(['/', '\\']).next().unwrap_or_default();
    [".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".parquet"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name)
}

/// The key column of every table that was given an entity and carries its key.
fn keys(tables: &[StreamShape], matches: &[TableMatch]) -> Vec<(usize, usize)> {
    let key_of = |(at, table): (usize, &TableMatch)| {
        let key = table.entity.as_ref()?.key_column.as_ref()?;
        Some((at, tables[at].columns.iter().position(|column| column.path == *key)?))
    };
    matches.iter().enumerate().filter_map(key_of).collect()
}

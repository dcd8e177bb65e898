//! One sample table: a fixed header, named cells, CSV bytes.

use std::fmt::{self, Display};

/// A table of the samples with its place below the samples folder.
pub struct Table {
    path: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Starts a table from its path and its column names, separated by blanks.
    pub(crate) fn new(path: &str, columns: &str) -> Self {
        let header = columns.split_whitespace().map(str::to_owned).collect();
        Self { path: path.to_owned(), header, rows: Vec::new() }
    }

    /// Adds a row from named cells; a column that is not named stays empty.
    pub(crate) fn push(&mut self, cells: &[(&str, &dyn Display)]) {
        let mut row = vec![String::new(); self.header.len()];
        for (column, value) in cells {
            row[self.column(column)] = value.to_string();
        }
        self.rows.push(row);
    }

    /// Adds a row from cells in the order of the header.
    pub(crate) fn push_row(&mut self, cells: &[&dyn Display]) {
        assert_eq!(cells.len(), self.header.len(), "{} has another number of columns", self.path);
        self.rows.push(cells.iter().map(ToString::to_string).collect());
    }

    /// Sorts the rows by the text of one column.
    pub(crate) fn sorted_by(mut self, column: &str) -> Self {
        let index = self.column(column);
        self.rows.sort_by(|left, right| left[index].cmp(&right[index]));
        self
    }

    fn column(&self, name: &str) -> usize {
        let found = self.header.iter().position(|column| column == name);
        found.unwrap_or_else(|| panic!("{} has no column {name}", self.path))
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn header(&self) -> &[String] {
        &self.header
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the cells of one column, top to bottom.
    pub fn values(&self, column: &str) -> Vec<&str> {
        let index = self.column(column);
        self.rows.iter().map(|row| row[index].as_str()).collect()
    }

    /// Writes the table as CSV with a header line, `\n` endings and quotes only where they are needed.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.header).expect("writing to memory cannot fail");
        for row in &self.rows {
            writer.write_record(row).expect("writing to memory cannot fail, and rows are as wide as the header");
        }
        writer.into_inner().expect("flushing to memory cannot fail")
    }
}

/// An amount of money in cents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Money(pub i64);

impl Money {
    pub fn from_units(units: f64) -> Self {
        Self((units * 100.0).round() as i64)
    }

    /// Rounds to whole steps, as people do when they estimate: 100 gives 12,300.00.
    pub fn rounded_to(self, step_units: i64) -> Self {
        let step = step_units * 100;
        Self((self.0 + step / 2) / step * step)
    }

    pub fn times(self, numerator: i64, denominator: i64) -> Self {
        Self((self.0 * numerator + denominator / 2) / denominator)
    }
}

impl Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Writes a number with a fixed count of decimals.
pub(crate) fn decimal(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}")
}

/// Writes a value, or an empty cell.
pub(crate) fn cell<T: Display>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

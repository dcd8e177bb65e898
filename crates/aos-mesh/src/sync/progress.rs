//! Progress as it really is: what was counted, told to whoever watches. Nothing is estimated.

use super::SourceReport;
use super::prepare::Prepared;
use aos_core::ledger::Tally;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub source: String,
    pub stage: Stage,
    pub table: Option<String>,
    pub tables_done: usize,
    pub tables: usize,
    pub records_read: u64,
    pub bytes_read: u64,
    pub bytes: u64,
    /// How many records there are by the sources' own words; zero when they say nothing.
    pub records: u64,
    pub message: String,
    /// Whether this step is worth a line in the narration, or only moves a bar.
    pub narrate: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Waiting,
    Reading,
    Mapping,
    Materializing,
    Done,
    Failed,
}

impl Progress {
    /// Says that a source could not be opened.
    pub fn failed(source: &str, message: String) -> Self {
        Self {
            source: source.to_owned(),
            stage: Stage::Failed,
            table: None,
            tables_done: 0,
            tables: 0,
            records_read: 0,
            bytes_read: 0,
            bytes: 0,
            records: 0,
            message,
            narrate: true,
        }
    }

    /// Returns the share of the source that is read, in percent.
    pub fn percent(&self) -> f64 {
        match self.stage {
            Stage::Done => 100.0,
            _ if self.bytes == 0 && self.records == 0 => 0.0,
            _ if self.bytes == 0 => (self.records_read as f64 / self.records as f64 * 100.0).min(100.0),
            _ => (self.bytes_read as f64 / self.bytes as f64 * 100.0).min(100.0),
        }
    }
}

/// Counts one source's progress.
pub(crate) struct Meter<'p> {
    progress: Progress,
    tell: &'p (dyn Fn(Progress) + Send + Sync),
}

impl<'p> Meter<'p> {
    pub fn new(source: &str, tell: &'p (dyn Fn(Progress) + Send + Sync)) -> Self {
        let progress = Progress { stage: Stage::Waiting, narrate: false, ..Progress::failed(source, String::new()) };
        Self { progress, tell }
    }

    pub fn stage(&mut self, stage: Stage, message: &str) {
        self.progress.stage = stage;
        self.say(message.to_owned());
    }

    pub fn begin(&mut self, prepared: &[Prepared]) {
        let tables = prepared.len();
        self.progress.tables = tables;
        self.progress.bytes = prepared.iter().map(|prepared| prepared.stream.size_bytes).sum();
        self.progress.records =
            prepared.iter().filter_map(|prepared| prepared.stream.count).map(|count| count.records()).sum();
        self.say(format!("{tables} {} found", if tables == 1 { "table" } else { "tables" }));
    }

    pub fn table(&mut self, table: &str) {
        self.progress.stage = Stage::Materializing;
        self.progress.table = Some(table.to_owned());
        self.say(format!("reading {table}"));
    }

    pub fn read(&mut self, records: u64, bytes: u64) {
        self.progress.records_read += records;
        self.progress.bytes_read += bytes;
        (self.tell)(Progress { narrate: false, ..self.progress.clone() });
    }

    pub fn skipped(&mut self, bytes: u64) {
        self.progress.tables_done += 1;
        self.progress.bytes_read += bytes;
        (self.tell)(Progress { narrate: false, ..self.progress.clone() });
    }

    pub fn table_done(&mut self, table: &str, tally: &Tally) {
        self.progress.tables_done += 1;
        let Tally { read, landed, duplicate, filtered, rejected, .. } = tally;
        self.say(format!(
            "{table}: read {read} = landed {landed} + duplicate {duplicate} + filtered {filtered} + rejected {rejected}"
        ));
    }

    pub fn done(&mut self, report: &SourceReport) {
        self.progress.stage = Stage::Done;
        self.progress.table = None;
        self.say(format!("done, {}", report.outcome.as_str().replace('_', " ")));
    }

    pub fn failed(&mut self, message: &str) {
        self.progress.stage = Stage::Failed;
        self.say(message.to_owned());
    }

    fn say(&mut self, message: String) {
        self.progress.message = message;
        (self.tell)(Progress { narrate: true, ..self.progress.clone() });
    }
}

//! Changes from the write-ahead log, through a replication slot that the database's owner made for one table:
//!
//! ```sql
//! CREATE PUBLICATION autonomos_deals FOR TABLE deals;
//! SELECT pg_create_logical_replication_slot('autonomos_deals', 'pgoutput');
//! ```
//!
//! They are looked at and stay in the slot; the slot moves on to a place only when a reader comes back with that place as its cursor, and so
//! has kept everything before it. A slot that nobody reads keeps the server's log: whoever stops reading drops it.

use super::address::Address;
use super::catalog::{Relation, literal};
use super::cell::CellKind;
use super::pgoutput::{Cell, Change};
use super::read::Limits;
use super::session::Session;
use crate::connector::ReadRequest;
use crate::context::Context;
use crate::error::Error;
use crate::page::{Malformed, MalformedCode, RecordPage};
use aos_core::Value;
use aos_core::record::{Record, RecordBatch};
use compact_str::CompactString;
use std::collections::HashMap;
use std::sync::Arc;

/// Changes of one read: what is more waits for the next one. A transaction is never cut.
const CHANGES_MAX: u32 = 20_000;

/// A slot and the publication that fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub name: String,
    pub publication: String,
}

/// Everything that one look at a slot brought.
pub(super) struct Changes {
    pub pages: Vec<RecordPage>,
    /// Where the next look begins.
    pub place: String,
}

impl Slot {
    /// Reads `slot/publication`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, publication) = text.split_once('/')?;
        let plain =
            |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        (plain(name) && plain(publication)).then(|| Self { name: name.to_owned(), publication: publication.to_owned() })
    }

    /// Returns the end of the log as it is now: a read of the table that begins later sees everything before it.
    pub async fn here(&self, session: &Session) -> Result<String, Error> {
        let known = format!(
            "SELECT confirmed_flush_lsn FROM pg_catalog.pg_replication_slots WHERE slot_name = {} AND plugin = 'pgoutput' AND database = pg_catalog.current_database()",
            literal(&self.name)
        );
        if session.value(&known).await?.is_none() {
            let reason = format!(
                "the database has no slot {} for pgoutput; make it with pg_create_logical_replication_slot",
                self.name
            );
            return Err(Error::Config { field: "slots".to_owned(), reason });
        }
        let here = session.value("SELECT pg_catalog.pg_current_wal_lsn()").await?;
        here.ok_or_else(|| Error::Contract { what: "PostgreSQL did not say where its log is".to_owned() })
    }

    /// Lets go of what a reader has kept, and looks at what came since.
    pub async fn changes(
        &self,
        address: &Address,
        relation: &Relation,
        since: &str,
        request: &ReadRequest,
        limits: Limits,
        context: &Context,
    ) -> Result<Changes, Error> {
        let session = Session::connect(address, context).await?;
        session.begin(limits.snapshot, limits.lock).await?;
        // A slot does not move backwards: an older cursor than its place finds everything again that is still there.
        let moved = format!(
            "SELECT CASE WHEN confirmed_flush_lsn < {since}::pg_catalog.pg_lsn
                         THEN (SELECT end_lsn FROM pg_catalog.pg_replication_slot_advance({name}, {since}::pg_catalog.pg_lsn)) END
               FROM pg_catalog.pg_replication_slots WHERE slot_name = {name}",
            since = literal(since),
            name = literal(&self.name)
        );
        session.run(&moved).await?;
        let rows = session
            .rows(&format!(
                "SELECT lsn, pg_catalog.encode(data, 'hex')
                   FROM pg_catalog.pg_logical_slot_peek_binary_changes({}, NULL, {CHANGES_MAX}, 'proto_version', '1', 'publication_names', {})",
                literal(&self.name),
                literal(&self.publication)
            ))
            .await?;
        let mut taker = Taker::new(relation, request);
        let mut place = since.to_owned();
        for row in &rows {
            let (Some(lsn), Some(hex)) = (row.get(0), row.get(1)) else { continue };
            let bytes = unhexed(hex).ok_or_else(lied)?;
            // What a commit says is where its transaction ends; the last one is where everything read ends.
            if bytes.first() == Some(&b'C') {
                place = commit_end(&bytes).unwrap_or_else(|| lsn.to_owned());
            }
            taker.take(Change::parse(&bytes).ok_or_else(lied)?);
        }
        taker.fill_unchanged(&session).await?;
        session.end().await?;
        Ok(Changes { pages: taker.pages(), place })
    }
}

fn lied() -> Error {
    Error::Contract { what: "PostgreSQL sent a change that is not in the format of pgoutput".to_owned() }
}

/// The end of a committed transaction in the log: flags, the commit's own place, its end, its time.
fn commit_end(bytes: &[u8]) -> Option<String> {
    let end = u64::from_be_bytes(bytes.get(10..18)?.try_into().ok()?);
    Some(format!("{:X}/{:X}", end >> 32, end & 0xffff_ffff))
}

fn unhexed(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some((digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?) as u8)).collect()
}

/// Sorts changes into records and deletes, in the order in which they were committed.
struct Taker<'r> {
    relation: &'r Relation,
    request: &'r ReadRequest,
    columns: Arc<[CompactString]>,
    kinds: Vec<CellKind>,
    key: Vec<usize>,
    /// Where each of our columns stands in the log's rows, as the last word on it says.
    layout: Vec<Option<usize>>,
    steps: Vec<Option<Step>>,
    /// Where the delete of a key stands among the steps. A row that came back takes its delete away, so that the order of a page's records
    /// and deletes does not matter.
    deletes: HashMap<Vec<Option<Cell>>, usize>,
    malformed: Vec<Malformed>,
    /// Whether the table was truncated before what is left here.
    emptied: bool,
    met: u64,
}

enum Step {
    /// With the texts of its key when some cells did not change and have to be read from the table.
    Record(Record, Option<Vec<String>>),
    Delete(Record),
}

impl<'r> Taker<'r> {
    fn new(relation: &'r Relation, request: &'r ReadRequest) -> Self {
        let columns: Arc<[CompactString]> =
            relation.columns.iter().map(|column| CompactString::new(&column.name)).collect();
        let at = |name: &String| relation.columns.iter().position(|column| column.name == *name);
        Self {
            kinds: relation.columns.iter().map(|column| column.cell_kind()).collect(),
            key: relation.key.iter().filter_map(at).collect(),
            layout: vec![None; columns.len()],
            columns,
            relation,
            request,
            steps: Vec::new(),
            deletes: HashMap::new(),
            malformed: Vec::new(),
            emptied: false,
            met: 0,
        }
    }

    fn take(&mut self, change: Change) {
        let own = self.relation.oid;
        match change {
            Change::Relation { oid, columns, .. } if oid == own => {
                let at = |name: &CompactString| columns.iter().position(|column| column == name);
                self.layout = self.columns.iter().map(at).collect();
            }
            Change::Insert { oid, new } if oid == own => self.record(&new),
            Change::Update { oid, old, new } if oid == own => {
                if let Some(old) = old.filter(|old| self.key_of(old) != self.key_of(&new)) {
                    self.delete(&old);
                }
                self.record(&new);
            }
            Change::Delete { oid, old } if oid == own => self.delete(&old),
            Change::Truncate { oids } if oids.contains(&own) => {
                // Whatever is in the table now came after this, and comes from the log as it came.
                self.steps.clear();
                self.deletes.clear();
                self.malformed.clear();
                self.emptied = true;
            }
            _ => {}
        }
    }

    fn key_of(&self, row: &[Cell]) -> Vec<Option<Cell>> {
        self.key.iter().map(|column| row.get(self.layout[*column]?).cloned()).collect()
    }

    fn record(&mut self, row: &[Cell]) {
        self.met += 1;
        if row.contains(&Cell::Damaged) {
            let message = "the row holds bytes that are not UTF-8";
            return self.malformed.push(Malformed::new(self.met, MalformedCode::Encoding, message, b""));
        }
        let cells = self.kinds.iter().zip(&self.layout).map(|(kind, place)| match row.get((*place)?)? {
            Cell::Null => Some(Value::Null),
            Cell::Text(text) => Some(kind.value(text)),
            Cell::Unchanged | Cell::Damaged => None,
        });
        let cells = cells.collect();
        if let Some(delete) = self.deletes.remove(&self.key_of(row)) {
            self.steps[delete] = None;
        }
        let text = |cell: Option<Cell>| match cell {
            Some(Cell::Text(text)) => Some(text),
            _ => None,
        };
        let unchanged = row.contains(&Cell::Unchanged);
        let key = unchanged.then(|| self.key_of(row).into_iter().filter_map(text).collect());
        self.steps.push(Some(Step::Record(Record { position: self.met, cells }, key)));
    }

    fn delete(&mut self, row: &[Cell]) {
        self.met += 1;
        let cell = |column: &usize| match row.get(self.layout[*column]?)? {
            Cell::Text(text) => Some(self.kinds[*column].value(text)),
            _ => None,
        };
        let cells = self.key.iter().map(cell).collect();
        self.deletes.insert(self.key_of(row), self.steps.len());
        self.steps.push(Some(Step::Delete(Record { position: self.met, cells })));
    }

    /// Reads the rows of which the log did not write down everything. One that is gone by now is left out: its delete comes.
    async fn fill_unchanged(&mut self, session: &Session) -> Result<(), Error> {
        let mut kept = Vec::with_capacity(self.steps.len());
        for step in std::mem::take(&mut self.steps) {
            let Some(Step::Record(record, Some(key))) = step else {
                kept.push(step);
                continue;
            };
            let named = self.key.iter().map(|index| &self.relation.columns[*index]);
            let conditions: Vec<String> = named
                .zip(&key)
                .map(|(column, value)| {
                    format!("{} = {}::{}", super::catalog::identifier(&column.name), literal(value), column.declared)
                })
                .collect();
            if conditions.len() != self.key.len() || conditions.is_empty() {
                return Err(lied());
            }
            let select: Vec<_> = self.relation.columns.iter().map(|column| column.sql()).collect();
            let sql =
                format!("SELECT {} FROM {} WHERE {}", select.join(", "), self.relation.sql(), conditions.join(" AND "));
            if let Some(row) = session.rows(&sql).await?.first() {
                let cell = |(index, kind): (usize, &CellKind)| {
                    Some(row.get(index).map_or(Value::Null, |text| kind.value(text)))
                };
                let cells = self.kinds.iter().enumerate().map(cell).collect();
                kept.push(Some(Step::Record(Record { cells, ..record }, None)));
            }
        }
        self.steps = kept;
        Ok(())
    }

    fn pages(mut self) -> Vec<RecordPage> {
        let key: Arc<[CompactString]> = self.key.iter().map(|index| self.columns[*index].clone()).collect();
        let page_records = self.request.options.at_least_one().page_records;
        let steps: Vec<Step> = std::mem::take(&mut self.steps).into_iter().flatten().collect();
        let mut pages = Vec::with_capacity(steps.len() / page_records + 1);
        let mut steps = steps.into_iter().peekable();
        loop {
            let (mut records, mut gone) = (Vec::new(), Vec::new());
            for step in steps.by_ref().take(page_records) {
                match step {
                    Step::Record(record, _) => records.push(record),
                    Step::Delete(record) => gone.push(record),
                }
            }
            let deleted = (!gone.is_empty()).then(|| RecordBatch { columns: key.clone(), records: gone });
            pages
                .push(RecordPage { deleted, ..RecordPage::of(RecordBatch { columns: self.columns.clone(), records }) });
            if steps.peek().is_none() {
                break;
            }
        }
        if let Some(first) = pages.first_mut() {
            first.emptied = self.emptied;
        }
        if let Some(last) = pages.last_mut() {
            last.malformed = std::mem::take(&mut self.malformed);
        }
        pages
    }
}

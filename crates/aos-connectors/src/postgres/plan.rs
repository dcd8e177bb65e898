//! The SQL of a pass: which rows, in which order, and what the next pass begins with.

use super::catalog::{Relation, identifier, literal};
use super::position::Mark;
use super::session::Session;
use super::slot::Slot;
use crate::error::Error;
use std::time::Duration;

/// Rows of one statement. Between statements a new snapshot may be taken, and a reader that stopped goes on after the last row it has.
pub(super) const STATEMENT_ROWS: u64 = 100_000;
/// Transaction numbers on rows have 32 bits and compare within half of that.
const TRANSACTIONS_MAX: i64 = 1 << 31;

/// How the rows of a relation are found again that were written since the last pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Following {
    /// By the transaction that wrote them (`xmin`), which every row of a table carries.
    Transactions,
    /// By a column of the relation that grows with each change.
    Column(String),
    /// From the write-ahead log, through a slot of their own.
    Log(Slot),
    /// Not at all: every pass reads everything.
    Nothing,
}

/// What one pass reads.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub columns: Vec<String>,
    /// The condition rows meet; empty: all rows.
    pub filter: String,
    /// The columns to page by; empty: one statement reads everything.
    pub order: Vec<(String, String)>,
}

impl Plan {
    /// Returns the statement that reads on after a key.
    pub fn statement(&self, relation: &Relation, after: &[String], rows_max: Option<u64>) -> String {
        let select = if self.columns.is_empty() { "1".to_owned() } else { self.columns.join(", ") };
        let mut conditions = Vec::new();
        if !self.filter.is_empty() {
            conditions.push(self.filter.clone());
        }
        if !after.is_empty() {
            let names = self.order.iter().map(|(name, _)| identifier(name)).collect::<Vec<_>>().join(", ");
            let values =
                after.iter().zip(&self.order).map(|(value, (_, declared))| format!("{}::{declared}", literal(value)));
            conditions.push(format!("({names}) > ({})", values.collect::<Vec<_>>().join(", ")));
        }
        let mut sql = format!("SELECT {select} FROM {}", relation.sql());
        if !conditions.is_empty() {
            sql += &format!(" WHERE {}", conditions.join(" AND "));
        }
        if !self.order.is_empty() {
            let names = self.order.iter().map(|(name, _)| identifier(name)).collect::<Vec<_>>().join(", ");
            sql += &format!(" ORDER BY {names}");
        }
        let page = (!self.order.is_empty()).then_some(STATEMENT_ROWS);
        if let Some(rows) = [page, rows_max].into_iter().flatten().min() {
            sql += &format!(" LIMIT {rows}");
        }
        sql
    }
}

impl Following {
    /// Takes the mark that the next pass begins with, in the snapshot that this pass begins with.
    pub async fn mark(&self, session: &Session, relation: &Relation) -> Result<Option<Mark>, Error> {
        match self {
            Self::Nothing => Ok(None),
            Self::Log(slot) => Ok(Some(Mark::Log(slot.here(session).await?))),
            Self::Transactions => {
                let oldest = "SELECT pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot())";
                let oldest = number(session.value(oldest).await?)?;
                Ok(Some(Mark::Transaction(oldest)))
            }
            Self::Column(name) => {
                let column = identifier(name);
                let base = relation.column(name).map_or("", |column| column.base());
                let newest = format!("SELECT pg_catalog.max({column})::pg_catalog.text FROM {}", relation.sql());
                let sql = match base {
                    // The time of transactions that still run bounds what they will write. A role that may not see them gets the time now,
                    // and the overlap makes up for it. A time to come, written by mistake, does not hold later changes back.
                    "timestamptz" => "SELECT least(pg_catalog.now(), pg_catalog.min(a.xact_start))::pg_catalog.text
                                        FROM pg_catalog.pg_stat_activity a"
                        .to_owned(),
                    "timestamp" => format!(
                        "SELECT least(pg_catalog.max({column}), pg_catalog.now() AT TIME ZONE 'UTC' + INTERVAL '14 hours')::pg_catalog.text
                           FROM {}",
                        relation.sql()
                    ),
                    _ => newest,
                };
                Ok(session.value(&sql).await?.map(Mark::Value))
            }
        }
    }

    /// Returns the condition that rows written since a mark meet; `None` when the mark does not tell and everything has to be read.
    pub async fn filter(
        &self,
        session: &Session,
        relation: &Relation,
        since: &Mark,
        overlap: Duration,
    ) -> Result<Option<String>, Error> {
        match (self, since) {
            (Self::Transactions, Mark::Transaction(since)) => {
                let next = "SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())";
                let next = number(session.value(next).await?)?;
                let passed = next - since;
                // Fewer than there were: another server, or one that was restored from a backup.
                if !(0..TRANSACTIONS_MAX).contains(&passed) {
                    return Ok(None);
                }
                // How long ago in transactions, modulo 2^32. A row frozen an age ago may come back as a false alarm, never the reverse.
                Ok(Some(format!("(({next} - xmin::pg_catalog.text::pg_catalog.int8) & 4294967295) <= {passed}")))
            }
            (Self::Column(name), Mark::Value(since)) => {
                let Some(column) = relation.column(name) else { return Ok(None) };
                let (quoted, since) = (identifier(name), format!("{}::{}", literal(since), column.declared));
                let from = match column.base() {
                    "timestamptz" | "timestamp" => format!("{since} - INTERVAL '{} seconds'", overlap.as_secs()),
                    "date" => format!("{since} - {}", overlap.as_secs().div_ceil(86_400)),
                    _ => since,
                };
                let unknown = if column.not_null { String::new() } else { format!(" OR {quoted} IS NULL") };
                Ok(Some(format!("({quoted} >= {from}{unknown})")))
            }
            _ => Ok(None),
        }
    }
}

fn number(text: Option<String>) -> Result<i64, Error> {
    let number = text.as_deref().and_then(|text| text.parse().ok());
    number.ok_or_else(|| Error::Contract { what: "PostgreSQL gave no number for its transactions".to_owned() })
}

//! A pass over one relation, page by page: within one snapshot as long as its time lasts, then in another from the last key on.

use super::address::Address;
use super::catalog::Relation;
use super::cell::CellKind;
use super::copy_text;
use super::page::Page;
use super::plan::{Following, Plan, STATEMENT_ROWS};
use super::position::{Pass, Position};
use super::refusal;
use super::session::{Lines, Session};
use crate::connector::{ReadRequest, ReadWhat};
use crate::context::Context;
use crate::error::Error;
use crate::page::{Checkpoint, RecordPage, SourceCount};
use aos_core::record::RecordBatch;
use compact_str::CompactString;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Above this estimate rows are not counted beforehand: it would cost the server more than it tells.
const COUNTED_MAX: u64 = 5_000_000;

/// Limits of the time that a pass takes from the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// No snapshot is held longer, since it keeps the server from cleaning up.
    pub snapshot: Duration,
    /// How long a statement waits for a lock.
    pub lock: Duration,
}

pub(super) struct Reader {
    context: Context,
    address: Address,
    relation: Relation,
    following: Following,
    request: ReadRequest,
    limits: Limits,
    columns: Arc<[CompactString]>,
    kinds: Vec<CellKind>,
    /// Where the columns to page by stand among those that are read.
    key: Vec<usize>,
    position: Position,
    pass: Pass,
    state: State,
    /// Rows that the snapshot holds, when it was counted and still is the one.
    count: Option<SourceCount>,
    requests: u32,
    bytes: u64,
}

enum State {
    /// No statement runs; the session, if any, is in a snapshot that ends then.
    Between(Option<(Session, Instant)>, Option<Plan>),
    Reading {
        session: Session,
        ends: Instant,
        plan: Plan,
        lines: Lines,
        rows: u64,
    },
    Done,
}

impl Reader {
    pub fn new(
        context: Context,
        address: Address,
        relation: Relation,
        following: Following,
        request: ReadRequest,
        limits: Limits,
    ) -> Self {
        let chosen: Vec<_> = match request.what {
            ReadWhat::Keys if !relation.key.is_empty() => {
                let wanted = |name: &String| relation.key.contains(name) || relation.order.contains(name);
                relation.columns.iter().filter(|column| wanted(&column.name)).collect()
            }
            ReadWhat::Records if !request.columns.is_empty() && !relation.key.is_empty() => {
                let wanted =
                    |name: &String| request.wants(name) || relation.key.contains(name) || relation.order.contains(name);
                relation.columns.iter().filter(|column| wanted(&column.name)).collect()
            }
            _ => relation.columns.iter().collect(),
        };
        let columns: Arc<[CompactString]> = chosen.iter().map(|column| CompactString::new(&column.name)).collect();
        let kinds = chosen.iter().map(|column| column.cell_kind()).collect();
        let at = |name: &String| columns.iter().position(|column| column == name);
        let key = relation.order.iter().filter_map(at).collect();
        let position = request
            .cursor
            .clone()
            .and_then(|cursor| serde_json::from_value::<Position>(cursor).ok())
            .filter(|position| position.relation == relation.oid);
        if request.cursor.is_some() && position.is_none() {
            context
                .note(&format!("{} was made anew since the last read; it is read from the start", relation.stream()));
        }
        let position = position.unwrap_or(Position { relation: relation.oid, ..Position::default() });
        let state = State::Between(None, None);
        Self {
            context,
            address,
            relation,
            following,
            request,
            limits,
            columns,
            kinds,
            key,
            position,
            pass: Pass::default(),
            state,
            count: None,
            requests: 0,
            bytes: 0,
        }
    }

    /// Reads the next page; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<RecordPage>, Error> {
        loop {
            self.context.check_cancel()?;
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(None),
                State::Between(session, plan) => self.state = self.open(session, plan).await?,
                State::Reading { session, ends, plan, mut lines, rows } => {
                    let mut page = Page::after(self.pass.rows, &self.request.options);
                    let filled = page.fill(&self.kinds, &self.request.options, &mut lines).await;
                    let rows = rows + page.rows;
                    let ended = match filled {
                        Ok(ended) => ended,
                        // The time of the snapshot was up in the middle of a statement. A new one begins after the last row.
                        Err(error) if refusal::is_out_of_time(&error) => {
                            if self.key.is_empty() || (page.rows == 0 && rows == 0) {
                                return Err(self.out_of_time());
                            }
                            self.keep_place(&page)?;
                            self.lose_count();
                            self.state = State::Between(None, Some(plan));
                            return Ok(Some(self.finish(page, false)));
                        }
                        Err(error) => return Err(error),
                    };
                    self.keep_place(&page)?;
                    let last_statement = self.key.is_empty() || rows < STATEMENT_ROWS || self.has_enough();
                    self.state = match (ended, last_statement) {
                        (false, _) => State::Reading { session, ends, plan, lines, rows },
                        (true, true) => {
                            session.end().await?;
                            State::Done
                        }
                        (true, false) => State::Between(Some((session, ends)), Some(plan)),
                    };
                    return Ok(Some(self.finish(page, ended && last_statement)));
                }
            }
        }
    }

    /// Begins the next statement, in the snapshot at hand while it lasts.
    async fn open(&mut self, session: Option<(Session, Instant)>, plan: Option<Plan>) -> Result<State, Error> {
        let left = |ends: Instant| ends.saturating_duration_since(Instant::now());
        let (session, ends) = match session {
            // The server may have ended a transaction that waited for too long.
            Some((session, ends)) if !left(ends).is_zero() && session.allow(left(ends)).await.is_ok() => {
                (session, ends)
            }
            Some((session, _)) if session.end().await.is_ok() => {
                self.lose_count();
                self.snapshot(session).await?
            }
            dead => {
                if dead.is_some() {
                    self.lose_count();
                }
                self.context.pace.turn(&[], 1).await?;
                let session = Session::connect(&self.address, &self.context).await;
                self.context
                    .pace
                    .answered(!matches!(session, Err(Error::Unreachable { .. } | Error::Transient { .. })));
                self.snapshot(session?).await?
            }
        };
        let plan = match plan {
            Some(plan) => plan,
            None => self.plan(&session).await?,
        };
        let wanted = self.request.records_max.map(|records| records.saturating_sub(self.pass.rows).max(1));
        let statement = plan.statement(&self.relation, &self.pass.after, wanted);
        self.requests += 1;
        let lines = session.copy(&statement).await?;
        Ok(State::Reading { session, ends, plan, lines, rows: 0 })
    }

    async fn snapshot(&mut self, session: Session) -> Result<(Session, Instant), Error> {
        let ends = Instant::now() + self.limits.snapshot;
        session.begin(self.limits.snapshot, self.limits.lock).await?;
        self.requests += 1;
        Ok((session, ends))
    }

    /// Decides what this pass reads: it goes on where one stopped, or begins a new one.
    async fn plan(&mut self, session: &Session) -> Result<Plan, Error> {
        let under_way = self.position.pass.take();
        let since = self.position.since.clone().filter(|_| self.request.what == ReadWhat::Records);
        let overlap_s = under_way.as_ref().map_or(self.request.overlap.as_secs(), |pass| pass.overlap_s);
        let filter = match &since {
            Some(since) => {
                let overlap = Duration::from_secs(overlap_s);
                self.following.filter(session, &self.relation, since, overlap).await?
            }
            None => None,
        };
        let tells = since.is_some() == filter.is_some();
        if !tells {
            self.context.note(&format!(
                "{} is read from the start: its last mark tells nothing any more",
                self.relation.stream()
            ));
            self.position.since = None;
        }
        self.pass = match under_way.filter(|_| tells) {
            Some(pass) => pass,
            None => {
                let until = self.following.mark(session, &self.relation).await?;
                Pass { until, overlap_s, ..Pass::default() }
            }
        };
        let filter = filter.unwrap_or_default();
        if filter.is_empty() && self.pass.after.is_empty() && self.request.records_max.is_none() {
            self.count(session).await?;
        }
        let chosen = |name: &CompactString| self.relation.column(name).map(|column| column.sql());
        let order = |name: &String| Some((name.clone(), self.relation.column(name)?.declared.clone()));
        Ok(Plan {
            columns: self.columns.iter().filter_map(chosen).collect(),
            filter,
            order: self.relation.order.iter().filter_map(order).collect(),
        })
    }

    /// Asks for the number of rows in the snapshot that is about to be read, where that is cheap.
    async fn count(&mut self, session: &Session) -> Result<(), Error> {
        let cheap =
            self.relation.has_transactions() && self.relation.rows_estimate.is_none_or(|rows| rows <= COUNTED_MAX);
        self.count = match self.relation.rows_estimate {
            _ if cheap => {
                let sql = format!("SELECT pg_catalog.count(*) FROM {}", self.relation.sql());
                self.requests += 1;
                session.value(&sql).await?.and_then(|rows| rows.parse().ok()).map(SourceCount::Exactly)
            }
            estimate => estimate.map(SourceCount::About),
        };
        Ok(())
    }

    /// Another snapshot holds other rows, so what was counted is an estimate from now on.
    fn lose_count(&mut self) {
        self.count = self.count.map(|count| SourceCount::About(count.records()));
    }

    fn has_enough(&self) -> bool {
        self.request.records_max.is_some_and(|records| self.pass.rows >= records)
    }

    fn keep_place(&mut self, page: &Page) -> Result<(), Error> {
        self.pass.rows += page.rows;
        self.bytes += page.bytes;
        if let Some(line) = &page.last
            && !self.key.is_empty()
        {
            let line = String::from_utf8_lossy(line);
            let cells: Vec<_> = copy_text::cells(&line).collect();
            let after = self.key.iter().filter_map(|index| cells.get(*index)?.as_deref().map(str::to_owned));
            self.pass.after = after.collect();
            if self.pass.after.iter().any(|value| value.contains(char::REPLACEMENT_CHARACTER)) {
                let said =
                    format!("a key of {} is not UTF-8, so there is no going on after it", self.relation.stream());
                return Err(Error::Refused { said });
            }
        }
        Ok(())
    }

    fn finish(&mut self, page: Page, at_end: bool) -> RecordPage {
        let checkpoint = if at_end && !self.has_enough() {
            let since = match self.request.what {
                ReadWhat::Records => self.pass.until.clone(),
                ReadWhat::Keys => self.position.since.clone(),
            };
            let end = Position { relation: self.relation.oid, since, pass: None };
            serde_json::to_value(end).ok().map(Checkpoint::end)
        } else if self.key.is_empty() || self.pass.after.is_empty() {
            // Rows without a key come in no order, so there is no place to go on from.
            None
        } else {
            let place = Position { pass: Some(self.pass.clone()), ..self.position.clone() };
            serde_json::to_value(place).ok().map(Checkpoint::within)
        };
        RecordPage {
            malformed: page.malformed,
            checkpoint,
            bytes: self.bytes.min(self.relation.size_bytes),
            requests: std::mem::take(&mut self.requests),
            count: self.count,
            ..RecordPage::of(RecordBatch { columns: self.columns.clone(), records: page.records })
        }
    }

    fn out_of_time(&self) -> Error {
        Error::Refused {
            said: format!(
                "{} could not be read within {} s, and it has no key to go on by; raise snapshot_max_s, or give it a primary key",
                self.relation.stream(),
                self.limits.snapshot.as_secs()
            ),
        }
    }
}

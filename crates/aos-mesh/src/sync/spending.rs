//! What a read may spend of its account's requests without asking. It is told before the read begins, where the source or an earlier read says
//! how much there is, and kept an eye on while it goes on; a read that would spend more stops and waits for somebody to say that it may.

use super::course::has_read;
use super::prepare::Prepared;
use super::{SourceReport, StreamReport, Sync, SyncMode};
use crate::{Error, Result};
use aos_core::kind;
use aos_core::ledger::{Outcome, Tally};
use aos_store::{AlertKind, HeldRead, NewHeldRead};
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The code of a read that waits for somebody to confirm it.
pub const AWAITS_CONFIRMATION: &str = "awaits_confirmation";

/// What one run has spent, of what it may.
pub(super) struct Spending {
    /// None where it may spend what it takes: there is no limit, or somebody has confirmed this read.
    max: Option<u64>,
    spent: AtomicU64,
    /// What the whole read is thought to take, by the latest word of its source.
    forecast: Mutex<Option<u64>>,
    /// What was spent by the run that stopped, for a read that goes on with it unconfirmed.
    before: u64,
    /// Whether a row says that this read waits.
    known: bool,
}

impl Spending {
    pub fn new(max: Option<u64>, held: Option<&HeldRead>) -> Self {
        let confirmed = held.is_some_and(|held| held.confirmed.is_some());
        Self {
            max: max.filter(|_| !confirmed),
            spent: AtomicU64::new(0),
            forecast: Mutex::new(None),
            before: held.map_or(0, |held| held.spent),
            known: held.is_some(),
        }
    }

    pub fn add(&self, requests: u64) {
        self.spent.fetch_add(requests, Ordering::Relaxed);
    }

    fn spent(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }

    /// Compares what the read is thought to take, `left` requests from here, with what it may.
    fn check(&self, left: u64) -> Result<()> {
        let Some(max) = self.max else { return Ok(()) };
        let spent = self.spent();
        if spent.saturating_add(left) <= max {
            return Ok(());
        }
        *self.forecast.lock().unwrap_or_else(PoisonError::into_inner) = (left > 0).then_some(spent + left);
        Err(Error::AwaitsConfirmation { spent, requests: (left > 0).then_some(spent + left), max })
    }
}

impl Sync<'_> {
    /// Forecasts what reading the streams takes, and refuses to begin where that is more than may be spent.
    pub(super) fn check_forecast(&self, prepared: &[Prepared]) -> Result<()> {
        let is_open =
            |one: &Prepared| one.state.as_ref().is_none_or(|state| state.reading.is_some() || !has_read(state));
        if prepared.iter().any(is_open) {
            // Nobody has said yet that this read may spend more than it has.
            self.spending.add(self.spending.before);
        }
        self.spending.check(prepared.iter().filter_map(|one| self.forecast(one)).sum())
    }

    /// Refuses to begin another stream once everything that may be spent is spent.
    pub(super) fn check_spent(&self) -> Result<()> {
        self.spending.check(0)
    }

    /// Returns how many requests a stream is thought to take; none where that cannot be told, as of what is new since the last read.
    fn forecast(&self, prepared: &Prepared) -> Option<u64> {
        let Prepared { stream, state, remapped, .. } = prepared;
        let state = state.as_ref();
        let reading = state.and_then(|state| state.reading.as_ref());
        let from_start = *remapped || state.is_none_or(|state| state.cursor.is_none());
        if self.is_unchanged(prepared)
            || (self.request.mode == SyncMode::Incremental && !from_start && reading.is_none())
        {
            return None;
        }
        let earlier = || state.filter(|state| has_read(state)).map(|state| state.records_read);
        let records = stream.count.map(|count| count.records()).or_else(earlier)?;
        let left = records.saturating_sub(reading.map_or(0, |reading| reading.records));
        Some(left.div_ceil(u64::from(stream.records_per_request?.max(1))).max(1))
    }

    /// Counts what a chunk has cost, and stops the read where what is left of the stream would be too much.
    pub(super) fn spend(&self, prepared: &Prepared, requests: u64, left: Option<u64>) -> Result<()> {
        self.spending.add(requests);
        let at_once = u64::from(prepared.stream.records_per_request.unwrap_or(1).max(1));
        // At the end of a stream nothing is left to be spent, so there is nothing to ask.
        match left {
            Some(0) => Ok(()),
            Some(records) if prepared.stream.records_per_request.is_some() => {
                self.spending.check(records.div_ceil(at_once))
            }
            _ => self.spending.check(0),
        }
    }

    /// Reports streams of which none is begun before somebody confirms it.
    pub(super) fn held_back(&self, prepared: &[Prepared], error: &Error) -> Vec<StreamReport> {
        let names = prepared.iter().map(|one| one.stream.name.as_str()).enumerate();
        let report = |(at, name): (usize, &str)| match at {
            0 => StreamReport::waiting(name, Tally::default(), error),
            _ => StreamReport::put_off(name),
        };
        names.map(report).collect()
    }

    /// Writes down that the read waits, or that one that waited has come to its end.
    pub(super) async fn keep_held(&self, report: &SourceReport) -> Result<()> {
        let (store, id) = (self.store(), self.connection.id);
        if report.code == Some(AWAITS_CONFIRMATION) {
            let message = report.error.clone().unwrap_or_default();
            let held = NewHeldRead {
                run: self.run,
                spent: self.spending.spent(),
                requests: *self.spending.forecast.lock().unwrap_or_else(PoisonError::into_inner),
                requests_max: self.spending.max.unwrap_or_default(),
                message: message.clone(),
                request: json!(kind::Sync {
                    connection: id.to_string(),
                    mode: self.request.mode,
                    streams: self.request.streams.clone(),
                    columns: self.request.columns.clone(),
                    accept_loss: self.request.accept_loss,
                }),
            };
            store.hold_read(id, &held).await?;
            store.raise_alert(id, "", AlertKind::AwaitsConfirmation, &message).await?;
        } else if self.spending.known
            && matches!(report.outcome, Outcome::Success | Outcome::NoChange | Outcome::Partial)
        {
            store.release_read(id).await?;
            store.clear_alert(id, "", AlertKind::AwaitsConfirmation).await?;
        }
        Ok(())
    }
}

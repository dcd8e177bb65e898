//! `connect`: reads a tenant's sources, maps and unifies them. Running it again changes nothing, so an attempt that was lost is simply made
//! again; what it had committed is found as duplicates.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use aos_core::task::LogLevel;
use aos_dcl::Dcl;
use aos_dcl::connect::{ConnectReport, ConnectRequest};
use aos_mesh::{Progress, Stage};
use aos_store::{MAX_LIMIT, Page};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

pub(super) struct Connect {
    pub dcl: Dcl,
}

/// What a connect did, in short; the run's ledger and the schemas have the rest.
#[derive(Serialize)]
pub(super) struct Connected {
    sources: Vec<String>,
    tables: usize,
    /// Unified records by entity.
    records: BTreeMap<String, u64>,
    ledger: aos_dcl::connect::LedgerReport,
    elapsed_ms: u64,
}

impl TaskHandler for Connect {
    const KIND: &'static str = kind::CONNECT;
    type Payload = kind::Connect;
    type Output = Connected;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        // What an attempt before this one left open when its worker was lost.
        let request = ConnectRequest { sources: payload.sources, agents: payload.agents };
        let sources = match &request.sources {
            Some(names) => names.len(),
            None => context.store().list_connections(Page::first(MAX_LIMIT)).await?.items.len(),
        };
        let teller = Teller { context: context.clone(), sources, shares: Mutex::default() };
        let run = aos_core::RunId(context.fence().task.0);
        let report =
            self.dcl.tenant(context.scope()).connect_as(run, request, move |progress| teller.tell(&progress)).await;
        report.map(Connected::from).map_err(of_dcl)
    }
}

/// Makes the task's progress and log of the progress of its sources.
struct Teller {
    context: TaskContext,
    sources: usize,
    /// How far each source is, from 0 to 1.
    shares: Mutex<HashMap<String, f64>>,
}

impl Teller {
    fn tell(&self, progress: &Progress) {
        let mean = {
            let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
            shares.insert(progress.source.clone(), progress.percent() / 100.0);
            shares.values().sum::<f64>() / self.sources.max(shares.len()) as f64
        };
        let message = format!("{}: {}", progress.source, progress.message);
        if progress.narrate {
            let level = if progress.stage == Stage::Failed { LogLevel::Error } else { LogLevel::Info };
            self.context.log(level, message.clone());
        }
        self.context.progress(mean, message);
    }
}

impl From<ConnectReport> for Connected {
    fn from(report: ConnectReport) -> Self {
        Self {
            tables: report.tables.len(),
            records: report.entities.into_iter().map(|(name, entity)| (name, entity.records)).collect(),
            sources: report.sources,
            ledger: report.ledger,
            elapsed_ms: report.elapsed_ms,
        }
    }
}

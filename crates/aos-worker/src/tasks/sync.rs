//! `sync`: reads one connection. What was committed stays, and an attempt that follows goes on there; so a source that takes no more requests
//! puts the task off, and does not fail it.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::RunId;
use aos_core::kind;
use aos_core::ledger::Outcome;
use aos_core::task::LogLevel;
use aos_dcl::Dcl;
use aos_dcl::sync::SyncReport;
use aos_mesh::{AWAITS_CONFIRMATION, Stage};
use std::time::Duration;

/// How often a read that waits to be confirmed is looked at again.
const HELD_LOOKED_AT_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) struct Sync {
    pub dcl: Dcl,
}

impl TaskHandler for Sync {
    const KIND: &'static str = kind::SYNC;
    type Payload = kind::Sync;
    type Output = SyncReport;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let told = context.clone();
        let progress = move |progress: &aos_mesh::Progress| {
            if progress.narrate {
                let level = if progress.stage == Stage::Failed { LogLevel::Error } else { LogLevel::Info };
                told.log(level, progress.message.clone());
            }
            told.progress(progress.percent() / 100.0, progress.message.clone());
        };
        let tenant = self.dcl.tenant(context.scope());
        let run = RunId(context.fence().task.0);
        let report =
            tenant.sync_connection(run, &payload, context.stopped().clone(), progress).await.map_err(of_dcl)?;
        if report.code == Some(AWAITS_CONFIRMATION) {
            // Confirming it makes the task due at once; until then it is looked at again now and then, as a limit may have been raised.
            let why = report.error.unwrap_or_else(|| AWAITS_CONFIRMATION.to_owned());
            return Err(TaskError::retryable_in(why, HELD_LOOKED_AT_EVERY));
        }
        let why = || report.error.clone().unwrap_or_else(|| report.outcome.as_str().to_owned());
        match (report.outcome, report.resume_at) {
            // Whatever else is to be said of it: it is not at its end, and can go on then.
            (_, Some(until)) => {
                let wait = (until - context.clock().now()).to_std().unwrap_or_default();
                Err(TaskError::retryable_in(why(), wait))
            }
            (Outcome::Unreachable, None) => Err(TaskError::retryable(why())),
            (Outcome::Failed, None) => Err(TaskError::permanent(why())),
            _ => Ok(report),
        }
    }
}

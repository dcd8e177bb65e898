//! What a problem of a source means for the run, for the account, and for the people who should know.

use super::{SourceReport, Sync};
use crate::Result;
use aos_connectors::Error;
use aos_core::ConnectionId;
use aos_core::ledger::Outcome;
use aos_store::{AlertKind, TenantStore};
use serde_json::json;

/// Names the outcome of a read that a problem of the source ended.
pub(super) fn outcome_of(error: &Error) -> Outcome {
    match error {
        Error::RateLimited { .. } => Outcome::Throttled,
        error if is_for_a_person(error) => Outcome::Failed,
        _ => Outcome::Unreachable,
    }
}

/// Tells whether a source stays unreadable until somebody changes something there or in the connection.
pub fn is_for_a_person(error: &Error) -> bool {
    matches!(
        error,
        Error::Config { .. }
            | Error::Credentials { .. }
            | Error::Unauthorized { .. }
            | Error::MissingScope { .. }
            | Error::Gone { .. }
            | Error::TooLarge { .. }
            | Error::Refused { .. }
    )
}

impl Sync<'_> {
    /// Tells what the run found out: to the account all readers share, and as alerts that come and go.
    pub(super) async fn tell(&self, report: &SourceReport) -> Result<()> {
        let store = self.store();
        self.tell_account(&store, report).await?;
        alert_of(&store, self.connection.id, report).await?;
        if let Some(until) = report.resume_at {
            let message = format!("the source takes no requests before {until}; the read goes on then");
            let detail = json!({ "run_id": self.run, "resume_at": until });
            store.add_connection_event(self.connection.id, "", "throttled", &message, &detail).await?;
        }
        for stream in &report.streams {
            let (id, name) = (self.connection.id, stream.stream.as_str());
            let problem = stream.problem.as_deref().unwrap_or_default();
            for (kind, stands) in [
                (AlertKind::SuspiciousEmpty, stream.outcome == Outcome::SuspiciousEmpty),
                (AlertKind::CountMismatch, stream.code == Some("count_mismatch")),
                (AlertKind::SweepHeldBack, stream.held_back.is_some()),
                (AlertKind::Drift, stream.code == Some("drift")),
                (AlertKind::Stale, false),
            ] {
                if stands {
                    store.raise_alert(id, name, kind, problem).await?;
                } else if matches!(stream.outcome, Outcome::Success | Outcome::NoChange | Outcome::Partial) {
                    store.clear_alert(id, name, kind).await?;
                }
            }
        }
        Ok(())
    }

    async fn tell_account(&self, store: &TenantStore<'_>, report: &SourceReport) -> Result<()> {
        let Some(pace) = &self.source.pace else { return Ok(()) };
        let id = self.connection.id;
        if report.outcome == Outcome::Unreachable && !pace.was_reached() {
            let error = report.error.as_deref().unwrap_or_default();
            if let Some(until) = store.account_failed(pace.account(), error).await? {
                let message = format!("it could not be reached several times and is left alone until {until}: {error}");
                store.raise_alert(id, "", AlertKind::CircuitOpen, &message).await?;
            }
        } else if pace.was_reached()
            || matches!(report.outcome, Outcome::Success | Outcome::NoChange | Outcome::Partial)
        {
            store.account_reached(pace.account()).await?;
            store.clear_alert(id, "", AlertKind::CircuitOpen).await?;
        }
        Ok(())
    }
}

/// Raises the alert that somebody has to act, or clears it once the source was read.
pub(super) async fn alert_of(store: &TenantStore<'_>, connection: ConnectionId, report: &SourceReport) -> Result<()> {
    let acts = ["config", "unauthorized", "missing_scope", "gone", "too_large", "refused"];
    let needed = report.outcome == Outcome::Failed
        || report.streams.iter().any(|stream| stream.code.is_some_and(|code| acts.contains(&code)));
    if needed {
        let message = report.error.as_deref().unwrap_or("the read failed; look at its run");
        store.raise_alert(connection, "", AlertKind::NeedsAttention, message).await?;
    } else if matches!(report.outcome, Outcome::Success | Outcome::NoChange | Outcome::Partial) {
        store.clear_alert(connection, "", AlertKind::NeedsAttention).await?;
    }
    Ok(())
}

//! A run of a pilot: it looks, within what it may use, and what it met is kept.

use super::look::FINDINGS_PER_CHECK_MAX;
use super::wording::{Wording, worded};
use super::{Look, Pilot, Skipped, digest, look};
use crate::registry::{self, Allowance, Meter, Registered, Result};
use aos_ai::models::Models;
use aos_core::TenantScope;
use aos_dcl::Dcl;
use aos_store::Store;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PilotReport {
    pub agent: String,
    pub run_id: Uuid,
    /// Findings met for the first time, or again after they were resolved.
    pub new: u64,
    /// Findings that were known.
    pub again: u64,
    /// Findings that were not met any more.
    pub resolved: u64,
    /// Kinds that were looked for to the end.
    pub looked_for: Vec<String>,
    /// Kinds of which there is more than is kept; none of them is taken for resolved.
    pub cut: Vec<String>,
    pub skipped: Vec<Skipped>,
    /// What is new in words, for those who are told; null when nothing is, or when the agent only observes.
    pub digest: Option<String>,
    /// Who worded the first lines of the digest, or why nobody did; null where nobody was to.
    #[serde(default)]
    #[schema(required)]
    pub wording: Option<Wording>,
}

/// Has a pilot look now. A model is asked only where the tenant wants one to word the digest.
///
/// # Errors
/// [`registry::Error::AgentsOff`] and [`registry::Error::Stopped`] when it may not run, [`registry::Error::OverBudget`] when it has used up its day.
pub async fn run(
    store: &Store,
    dcl: &Dcl,
    models: &Models,
    scope: &TenantScope,
    pilot: Pilot,
    now: DateTime<Utc>,
) -> Result<PilotReport> {
    let agent = pilot.id();
    let registered = registry::ready(store, dcl, scope, agent).await?;
    let allowance = Allowance::new(store, scope, agent, registered.settings.budgets);
    let wanted = (pilot.checks().len() * FINDINGS_PER_CHECK_MAX) as u64;
    let granted = allowance.take_up_to(Meter::Rows, wanted).await?;
    let looked = look(dcl, scope, pilot, now).await;
    let met = looked.as_ref().map_or(0, |look| look.found.len() as u64);
    allowance.give_back(Meter::Rows, granted.saturating_sub(met)).await?;
    let mut look = looked?;
    if met > granted {
        look.keep_only(usize::try_from(granted).unwrap_or(usize::MAX));
    }
    keep(store, models, scope, (pilot, &registered), now, look).await
}

async fn keep(
    store: &Store,
    models: &Models,
    scope: &TenantScope,
    (pilot, registered): (Pilot, &Registered),
    started_at: DateTime<Utc>,
    look: Look,
) -> Result<PilotReport> {
    let tenant = store.tenant(scope);
    let seen: Vec<_> = look.found.iter().map(|found| found.seen.clone()).collect();
    let noted = tenant.note_findings(pilot.id(), &look.complete, &seen).await?;
    let new: Vec<_> = look.found.iter().filter(|found| noted.new.contains(&found.seen.id)).collect();
    let owned = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>();
    let mut report = PilotReport {
        agent: pilot.id().to_owned(),
        run_id: Uuid::nil(),
        new: noted.new.len() as u64,
        again: noted.again,
        resolved: noted.resolved,
        looked_for: owned(&look.complete),
        cut: owned(&look.cut),
        skipped: look.skipped,
        digest: if registered.settings.mode.may_tell() { digest(pilot, &new) } else { None },
        wording: None,
    };
    if registered.settings.worded_by_model
        && let Some(plain) = &report.digest
    {
        let (text, wording) = worded(models, scope, pilot, registered.payer(), &new, plain).await;
        (report.digest, report.wording) = (Some(text), Some(wording));
    }
    let body = json!({
        "new": report.new, "again": report.again, "resolved": report.resolved, "looked_for": report.looked_for,
        "cut": report.cut, "skipped": report.skipped, "wording": report.wording,
    });
    report.run_id = tenant.add_agent_run(pilot.id(), started_at, &body).await?;
    Ok(report)
}

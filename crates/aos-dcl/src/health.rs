//! How connections do: their looks, runs, alerts and accounts, each as it was measured or stored, and none where nothing was.

use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::ConnectionId;
use aos_core::ledger::Outcome;
use aos_store::{
    Alert, AlertKind, Connection, ConnectionCheck, ConnectionEvent, Page, PageOf, Run, RunFilter, SourceAccount,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::HashMap;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

/// Runs that the success rate is told over.
const RUNS_LOOKED_AT: u32 = 20;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectionHealth {
    pub connection_id: Uuid,
    pub verdict: Verdict,
    /// The latest look at the source; none when there was none.
    pub checked_at: Option<DateTime<Utc>>,
    pub reachable: Option<bool>,
    /// Of the latest looks that went well.
    pub latency: Option<Latency>,
    /// Share of the latest ended runs that read what there was; none when there was none.
    pub success_rate: Option<f64>,
    pub runs_looked_at: usize,
    /// The oldest end of a complete read among its streams; none while one was never read.
    pub fresh_as_of: Option<DateTime<Utc>>,
    /// The oldest moment up to which deletes are known among its streams; none where that is unknown for one.
    pub deletes_known_as_of: Option<DateTime<Utc>>,
    pub alerts: Vec<AlertInfo>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing was measured yet.
    Unknown,
    Healthy,
    /// It is read, and something should be looked at.
    Degraded,
    /// It cannot be read.
    Failing,
    Paused,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Latency {
    pub last_ms: u64,
    pub median_ms: u64,
    pub p95_ms: u64,
    pub measured: usize,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlertInfo {
    pub connection_id: Uuid,
    /// The stream it is about; none when it is about the connection.
    pub stream: Option<String>,
    /// `stale`, `suspicious_empty`, `count_mismatch`, `sweep_held_back`, `needs_attention`, `circuit_open`, `drift`, `awaits_confirmation` or
    /// `file_gone`.
    pub kind: &'static str,
    pub raised_at: DateTime<Utc>,
    pub message: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventInfo {
    pub id: Uuid,
    pub connection_id: Uuid,
    pub stream: Option<String>,
    pub at: DateTime<Utc>,
    #[schema(example = "alert_raised")]
    pub kind: String,
    pub message: String,
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

/// A source account that connections share.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountInfo {
    pub account: String,
    /// `closed` lets requests through, `open` keeps them away, `half_open` lets the next sync try.
    pub circuit: &'static str,
    pub opened_at: Option<DateTime<Utc>>,
    pub closed_until: Option<DateTime<Utc>>,
    /// Until when the source asked to be left alone.
    pub paused_until: Option<DateTime<Utc>>,
    pub failures: u64,
    pub requests_left: Option<u64>,
    pub requests_max: Option<u64>,
    pub told_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

/// Sums over a tenant's mesh, from what is stored.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MeshMetrics {
    pub connections: usize,
    pub paused: usize,
    /// Connections by verdict.
    pub healthy: usize,
    pub degraded: usize,
    pub failing: usize,
    pub unknown: usize,
    /// Over the latest ended runs of all connections; none when there was none.
    pub success_rate: Option<f64>,
    /// Median and 95th percentile of the looks that went well, of all connections; none when there was none.
    pub latency: Option<Latency>,
    /// Of runs that ended since yesterday; none when there was none.
    pub records_read_24h: Option<u64>,
    pub requests_24h: Option<u64>,
    pub records_late_24h: Option<u64>,
    pub runs_24h: usize,
    /// Mean confidence of all field mappings; none when nothing is mapped.
    pub mapping_confidence: Option<f64>,
    pub alerts: Vec<AlertInfo>,
    pub accounts: Vec<AccountInfo>,
}

impl TenantDcl {
    pub async fn connection_health(&self, id: ConnectionId) -> Result<ConnectionHealth> {
        let store = self.store();
        let connection = store.connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let checks = store.list_checks(id).await?;
        let runs = store.list_runs(RunFilter { connection: Some(id) }, Page::first(RUNS_LOOKED_AT)).await?.items;
        let alerts = store.list_alerts(Some(id)).await?;
        let streams = store.list_streams(id).await?;
        let oldest = |times: Vec<Option<DateTime<Utc>>>| {
            let known: Option<Vec<_>> = times.into_iter().collect();
            known.and_then(|known| known.into_iter().min())
        };
        let last = checks.first();
        Ok(ConnectionHealth {
            connection_id: id.0,
            verdict: verdict(connection.paused.is_some(), last.map(|check| check.ok), &runs, &alerts),
            checked_at: last.map(|check| check.at),
            reachable: last.map(|check| check.ok),
            latency: Latency::of(checks.iter().filter(|check| check.ok).map(|check| check.latency).collect()),
            success_rate: success_rate(&runs),
            runs_looked_at: runs.len(),
            fresh_as_of: oldest(streams.iter().map(|stream| stream.completed_at).collect()),
            deletes_known_as_of: oldest(streams.iter().map(|stream| stream.deletes_known_at).collect()),
            alerts: alerts.into_iter().map(AlertInfo::from).collect(),
        })
    }

    /// Lists what happened to a connection, or to all, newest first.
    pub async fn connection_events(&self, id: Option<ConnectionId>, page: Page) -> Result<PageOf<EventInfo>> {
        if let Some(id) = id {
            self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        }
        let page = self.store().list_connection_events(id, page).await?;
        Ok(PageOf { items: page.items.into_iter().map(EventInfo::from).collect(), next_cursor: page.next_cursor })
    }

    /// Sums up the tenant's mesh.
    pub async fn mesh_metrics(&self) -> Result<MeshMetrics> {
        let store = self.store();
        let connections = self.all_connections().await?;
        let (checks, alerts) = (store.list_all_checks().await?, store.list_alerts(None).await?);
        let now = self.inner.clock.now();
        let runs = store.list_runs(RunFilter::default(), Page::first(aos_store::MAX_LIMIT)).await?.items;
        let verdicts = verdicts(&connections, &checks, &runs, &alerts);
        let count = |wanted: Verdict| verdicts.values().filter(|verdict| **verdict == wanted).count();
        let today: Vec<&Run> = runs
            .iter()
            .filter(|run| run.finished_at.is_some_and(|end| end > now - chrono::Duration::hours(24)))
            .collect();
        let sum = |of: fn(&Run) -> u64| (!today.is_empty()).then(|| today.iter().map(|run| of(run)).sum());
        let of_streams = |of: fn(&aos_store::RunStream) -> u64| {
            (!today.is_empty()).then(|| today.iter().flat_map(|run| &run.streams).map(of).sum())
        };
        let confidences: Vec<f64> = store
            .list_active_mappings()
            .await?
            .iter()
            .flat_map(|stored| &stored.mapping.entities)
            .flat_map(|entity| &entity.fields)
            .map(|rule| rule.confidence)
            .collect();
        Ok(MeshMetrics {
            connections: connections.len(),
            paused: count(Verdict::Paused),
            healthy: count(Verdict::Healthy),
            degraded: count(Verdict::Degraded),
            failing: count(Verdict::Failing),
            unknown: count(Verdict::Unknown),
            success_rate: success_rate(&runs),
            latency: Latency::of(checks.iter().filter(|check| check.ok).map(|check| check.latency).collect()),
            records_read_24h: sum(|run| run.tally.read),
            requests_24h: of_streams(|stream| stream.facts.requests),
            records_late_24h: of_streams(|stream| stream.facts.late),
            runs_24h: today.len(),
            mapping_confidence: (!confidences.is_empty())
                .then(|| confidences.iter().sum::<f64>() / confidences.len() as f64),
            alerts: alerts.into_iter().map(AlertInfo::from).collect(),
            accounts: self.source_accounts().await?,
        })
    }

    /// Says how every connection does.
    pub(crate) async fn verdicts(&self) -> Result<HashMap<ConnectionId, Verdict>> {
        let (store, connections) = (self.store(), self.all_connections().await?);
        let (checks, alerts) = (store.list_all_checks().await?, store.list_alerts(None).await?);
        let runs = store.list_runs(RunFilter::default(), Page::first(aos_store::MAX_LIMIT)).await?.items;
        Ok(verdicts(&connections, &checks, &runs, &alerts))
    }

    /// Lists the accounts at sources, each with the state of its circuit.
    pub async fn source_accounts(&self) -> Result<Vec<AccountInfo>> {
        let now = self.inner.clock.now();
        let accounts = self.store().list_source_accounts().await?;
        Ok(accounts.into_iter().map(|account| AccountInfo::of(account, now)).collect())
    }
}

fn verdicts(
    connections: &[Connection],
    checks: &[ConnectionCheck],
    runs: &[Run],
    alerts: &[Alert],
) -> HashMap<ConnectionId, Verdict> {
    let of = |connection: &Connection| {
        let own: Vec<Run> = runs.iter().filter(|run| run.connection_id == connection.id).cloned().collect();
        let raised: Vec<Alert> = alerts.iter().filter(|alert| alert.connection_id == connection.id).cloned().collect();
        let last = checks.iter().find(|check| check.connection_id == connection.id).map(|check| check.ok);
        (connection.id, verdict(connection.paused.is_some(), last, &own, &raised))
    };
    connections.iter().map(of).collect()
}

fn verdict(paused: bool, reachable: Option<bool>, runs: &[Run], alerts: &[Alert]) -> Verdict {
    let last = runs.iter().find_map(|run| run.outcome);
    let lost = matches!(last, Some(Outcome::Failed | Outcome::Unreachable));
    let stopped = alerts.iter().any(|alert| matches!(alert.kind, AlertKind::NeedsAttention | AlertKind::CircuitOpen));
    if paused {
        Verdict::Paused
    } else if last.is_none() && reachable.is_none() {
        Verdict::Unknown
    } else if lost || stopped || (last.is_none() && reachable == Some(false)) {
        Verdict::Failing
    } else if !alerts.is_empty() || matches!(last, Some(Outcome::Partial | Outcome::SuspiciousEmpty)) {
        Verdict::Degraded
    } else {
        Verdict::Healthy
    }
}

/// A throttled run is none that failed: it goes on.
fn success_rate(runs: &[Run]) -> Option<f64> {
    let ended: Vec<Outcome> = runs.iter().filter_map(|run| run.outcome).collect();
    let well = |outcome: &&Outcome| !matches!(outcome, Outcome::Failed | Outcome::Unreachable);
    (!ended.is_empty()).then(|| ended.iter().filter(well).count() as f64 / ended.len() as f64)
}

impl Latency {
    /// Sums up looks, the latest first.
    fn of(looks: Vec<Duration>) -> Option<Self> {
        let millis = |look: &Duration| u64::try_from(look.as_millis()).unwrap_or(u64::MAX);
        let last_ms = millis(looks.first()?);
        let mut sorted: Vec<u64> = looks.iter().map(millis).collect();
        sorted.sort_unstable();
        // The nearest rank.
        let rank = |percent: usize| sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1];
        Some(Self { last_ms, median_ms: rank(50), p95_ms: rank(95), measured: sorted.len() })
    }
}

impl From<Alert> for AlertInfo {
    fn from(alert: Alert) -> Self {
        Self {
            connection_id: alert.connection_id.0,
            stream: Some(alert.stream).filter(|stream| !stream.is_empty()),
            kind: alert.kind.as_str(),
            raised_at: alert.raised_at,
            message: alert.message,
        }
    }
}

impl From<ConnectionEvent> for EventInfo {
    fn from(event: ConnectionEvent) -> Self {
        Self {
            id: event.id,
            connection_id: event.connection_id.0,
            stream: Some(event.stream).filter(|stream| !stream.is_empty()),
            at: event.at,
            kind: event.kind,
            message: event.message,
            detail: event.detail,
        }
    }
}

impl AccountInfo {
    fn of(account: SourceAccount, now: DateTime<Utc>) -> Self {
        let circuit = match (account.opened_at, account.closed_until) {
            (Some(_), Some(until)) if until > now => "open",
            (Some(_), _) => "half_open",
            _ => "closed",
        };
        Self {
            account: account.account,
            circuit,
            opened_at: account.opened_at,
            closed_until: account.closed_until.filter(|until| *until > now),
            paused_until: account.paused_until.filter(|until| *until > now),
            failures: account.failures,
            requests_left: account.requests_left,
            requests_max: account.requests_max,
            told_at: account.told_at,
            last_error: account.last_error,
        }
    }
}

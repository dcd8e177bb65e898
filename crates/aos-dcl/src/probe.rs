//! The functional probe: follows one record of a real source all the way, and says at each step what was found and how long it took.

use crate::connections::ConnectionDetail;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::kind::{Sync as SyncPayload, SyncMode};
use aos_core::ledger::Outcome;
use aos_core::{ConnectionId, RunId};
use aos_store::MaterializedRow;
use serde::Serialize;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The view is looked at so often, with waits that double up to the longest.
const LOOKS_MAX: u32 = 10;
const WAIT_FIRST: Duration = Duration::from_millis(500);
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Events of the record that are looked through.
const HISTORY_MAX: u32 = 1000;

/// What a probe found.
#[derive(Debug, Clone, Serialize)]
pub struct FunctionalProbe {
    pub connection: String,
    pub stream: String,
    pub steps: Vec<ProbeStep>,
    pub passed: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct ProbeStep {
    /// `check`, `read`, `canonical`, `materialized` or `view`.
    pub step: &'static str,
    pub passed: bool,
    pub detail: String,
    pub elapsed_ms: u64,
}

impl TenantDcl {
    /// Probes a connection with one of its streams: is the source there, is the stream read, is its newest record canonical, materialized, and in
    /// the view with the same values. Ends at the first step that does not hold.
    pub async fn probe_functional(&self, connection: &str, stream: &str) -> Result<FunctionalProbe> {
        let connection = self.named_connection(connection).await?;
        let mut probe = FunctionalProbe {
            connection: connection.name.clone(),
            stream: stream.to_owned(),
            steps: Vec::new(),
            passed: false,
        };
        let begun = Instant::now();
        let check = self.check_connection(connection.id).await?;
        let detail =
            check.identity.map_or(check.message.clone(), |identity| format!("{}, as {identity}", check.message));
        if !probe.add("check", check.ok, detail, begun) {
            return Ok(probe);
        }
        let begun = Instant::now();
        let payload = SyncPayload {
            connection: connection.id.to_string(),
            mode: SyncMode::Incremental,
            streams: vec![stream.to_owned()],
            columns: Vec::new(),
            accept_loss: false,
        };
        let report = self.sync_connection(RunId::new(), &payload, CancellationToken::new(), |_| {}).await?;
        let well = matches!(report.outcome, Outcome::Success | Outcome::NoChange | Outcome::Partial);
        let detail =
            report.error.unwrap_or_else(|| format!("{}, {} records", report.outcome.as_str(), report.ledger.read));
        if !probe.add("read", well && report.ledger.balanced, detail, begun) {
            return Ok(probe);
        }
        self.follow(&mut probe, connection.id, stream).await?;
        Ok(probe)
    }

    /// Follows the newest record of a stream from its event to the view.
    async fn follow(&self, probe: &mut FunctionalProbe, id: ConnectionId, stream: &str) -> Result<()> {
        let begun = Instant::now();
        let mapping = self.store().active_mapping(id, stream).await?;
        let entity = mapping.as_ref().and_then(|stored| Some(stored.mapping.main()?.entity.clone()));
        let Some(entity) = entity else {
            probe.add("canonical", false, format!("{stream} feeds no entity; look at its mapping"), begun);
            return Ok(());
        };
        let Some(row) = self.store().newest_row(id, &entity, stream).await? else {
            probe.add("canonical", false, format!("no record of {stream} is held as {entity}"), begun);
            return Ok(());
        };
        let history = self.store().record_history(&entity, id, &row.record_id, HISTORY_MAX).await?;
        let event = history.iter().find(|event| event.position == row.position);
        let detail = match event {
            Some(event) => format!(
                "{entity} {} at position {}, run {}, raw {} of segment {}",
                event.record_id, event.position, event.run_id, event.raw_position, event.segment_id
            ),
            None => format!("{entity} {} has no event at position {}", row.record_id, row.position),
        };
        if !probe.add("canonical", event.is_some_and(|event| event.data == row.data), detail, begun) {
            return Ok(());
        }
        let begun = Instant::now();
        let detail = format!("version {}, mapping {}", row.source_version, row.mapping_version);
        probe.add("materialized", !row.deleted, detail, begun);
        let begun = Instant::now();
        let (shown, looks) = self.shown(&entity, &probe.connection, &row).await?;
        let detail = match &shown {
            Some(cells) => format!("{entity} {} with {cells} cells, at look {looks}", row.record_id),
            None => format!("{entity} {} is not in the view after {looks} looks", row.record_id),
        };
        probe.passed = probe.add("view", shown.is_some(), detail, begun);
        Ok(())
    }

    /// Waits until the view shows the record, and returns how many cells it has.
    async fn shown(&self, entity: &str, source: &str, row: &MaterializedRow) -> Result<(Option<usize>, u32)> {
        let mut wait = WAIT_FIRST;
        for look in 1..=LOOKS_MAX {
            match self.record(entity, source, &row.record_id).await {
                Ok(record) if !record.cells.is_empty() => return Ok((Some(record.cells.len()), look)),
                Ok(_) | Err(Error::NotFound(_)) if look < LOOKS_MAX => {
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(WAIT_MAX);
                }
                Ok(_) | Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok((None, LOOKS_MAX))
    }
}

impl FunctionalProbe {
    /// Adds a step and says whether it held.
    fn add(&mut self, step: &'static str, passed: bool, detail: String, begun: Instant) -> bool {
        let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.steps.push(ProbeStep { step, passed, detail, elapsed_ms });
        passed
    }
}

/// Chooses what to probe where nobody said: a stream that feeds `opportunity`, or else any that was read.
pub fn suggested(connection: &ConnectionDetail) -> Option<&str> {
    let streams = &connection.streams;
    let fed = streams.iter().find(|stream| stream.entity.as_deref() == Some("opportunity"));
    fed.or_else(|| streams.iter().find(|stream| stream.entity.is_some())).map(|stream| stream.name.as_str())
}

//! The ledger as it is shown: runs with their tallies, their sum, and what was rejected.

use crate::Result;
use crate::service::TenantDcl;
use aos_core::event::{Code, Level};
use aos_core::ledger::{Outcome, Tally};
use aos_core::policy::{Lens, Sensitivity};
use aos_core::{ConnectionId, Ontology};
use aos_store::{Page, PageOf, RejectionFilter, Run, RunFilter, RunStream, StoredMapping, StoredRejection};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Counts of source records: `read = landed + duplicate + filtered + rejected` where `balanced`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerTotals {
    pub read: u64,
    pub landed: u64,
    pub duplicate: u64,
    pub filtered: u64,
    pub rejected: u64,
    pub balanced: bool,
}

impl From<&Tally> for LedgerTotals {
    fn from(tally: &Tally) -> Self {
        let Tally { read, landed, duplicate, filtered, rejected, .. } = *tally;
        Self { read, landed, duplicate, filtered, rejected, balanced: tally.balanced() }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunInfo {
    pub id: Uuid,
    pub connection_id: Uuid,
    pub source: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// None while it runs, or when the process ended before it did.
    pub outcome: Option<Outcome>,
    /// What was to be read: `incremental`, `full`, `backfill` or `keys`.
    pub mode: String,
    #[serde(flatten)]
    pub totals: LedgerTotals,
    pub streams: Vec<StreamTally>,
    pub error: Option<String>,
    /// For a throttled run: when the source takes requests again.
    pub resume_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StreamTally {
    pub stream: String,
    #[serde(flatten)]
    pub totals: LedgerTotals,
    /// Values lost from records that landed, by code.
    pub warnings: BTreeMap<String, u64>,
    /// How the read of this stream ended; none while it runs, or when there was nothing to tell.
    pub outcome: Option<Outcome>,
    pub problem: Option<String>,
    pub problem_code: Option<String>,
    /// How many records it should have been by the source's own word, and whether that means `exactly`, `at_least` or `about`.
    pub source_count: Option<u64>,
    pub source_bound: Option<String>,
    /// Records found gone.
    pub deleted: u64,
    /// Records that became visible after later ones had been read, and by how much the latest was late.
    pub late: u64,
    pub lateness_ms: u64,
    pub requests: u64,
}

impl RunInfo {
    pub fn new(run: Run, source: &str) -> Self {
        let streams = run.streams.into_iter();
        let streams = streams.map(StreamTally::from).collect();
        Self {
            id: run.id.0,
            connection_id: run.connection_id.0,
            source: source.to_owned(),
            started_at: run.started_at,
            finished_at: run.finished_at,
            outcome: run.outcome,
            mode: run.mode,
            totals: (&run.tally).into(),
            streams,
            error: run.error,
            resume_at: run.resume_at,
        }
    }
}

impl From<RunStream> for StreamTally {
    fn from(own: RunStream) -> Self {
        let end = own.end;
        let count = end.as_ref().and_then(|end| end.source_count.clone());
        Self {
            stream: own.stream,
            totals: (&own.tally).into(),
            warnings: own.tally.warnings,
            outcome: end.as_ref().map(|end| end.outcome),
            source_count: count.as_ref().map(|(_, records)| *records),
            source_bound: count.map(|(bound, _)| bound),
            problem_code: end.as_ref().and_then(|end| end.problem_code.clone()),
            problem: end.and_then(|end| end.problem),
            deleted: own.facts.deleted,
            late: own.facts.late,
            lateness_ms: own.facts.lateness_us.unsigned_abs() / 1000,
            requests: own.facts.requests,
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RejectionInfo {
    pub id: Uuid,
    pub connection_id: Uuid,
    pub source: String,
    pub stream: String,
    pub run_id: Uuid,
    /// `record`: the record was set aside; `value`: it landed without this value.
    pub level: Level,
    pub code: Code,
    pub message: String,
    pub column: Option<String>,
    /// The record or value as it was read; `[masked:<class>]` for those who may not see it.
    pub raw: String,
    pub position: u64,
    pub created_at: DateTime<Utc>,
}

impl TenantDcl {
    /// Lists runs, newest first.
    pub async fn runs(&self, connection: Option<ConnectionId>, page: Page) -> Result<PageOf<RunInfo>> {
        let names = self.connection_names().await?;
        let page = self.store().list_runs(RunFilter { connection }, page).await?;
        let name = |id: ConnectionId| names.get(&id).map_or("removed", String::as_str);
        let items = page
            .items
            .into_iter()
            .map(|run| {
                let source = name(run.connection_id);
                RunInfo::new(run, source)
            })
            .collect();
        Ok(PageOf { items, next_cursor: page.next_cursor })
    }

    /// Sums every run of the tenant.
    pub async fn ledger_totals(&self) -> Result<LedgerTotals> {
        Ok((&self.store().run_totals().await?.tally).into())
    }

    pub async fn rejections(&self, filter: RejectionFilter, page: Page) -> Result<PageOf<RejectionInfo>> {
        let names = self.connection_names().await?;
        let page = self.store().list_rejections(&filter, page).await?;
        let (ontology, mappings) = (self.ontology().await?, self.store().list_active_mappings().await?);
        let lens = Lens::of(&self.scope);
        let info = |stored: StoredRejection| {
            let of = held(&ontology, &mappings, &stored);
            RejectionInfo {
                id: stored.id,
                connection_id: stored.connection_id.0,
                source: names.get(&stored.connection_id).cloned().unwrap_or_else(|| "removed".to_owned()),
                stream: stored.stream,
                run_id: stored.run_id.0,
                level: stored.rejection.level,
                code: stored.rejection.code,
                // It quotes what was read.
                message: lens.text(of, stored.rejection.message),
                column: stored.rejection.column,
                raw: lens.text(of, stored.rejection.raw),
                position: stored.rejection.position,
                created_at: stored.created_at,
            }
        };
        Ok(PageOf { items: page.items.into_iter().map(info).collect(), next_cursor: page.next_cursor })
    }

    pub(crate) async fn connection_names(&self) -> Result<BTreeMap<ConnectionId, String>> {
        Ok(self.all_connections().await?.into_iter().map(|connection| (connection.id, connection.name)).collect())
    }
}

/// Says what the evidence of a rejection holds: a value of its column, or a whole record.
fn held(ontology: &Ontology, mappings: &[StoredMapping], stored: &StoredRejection) -> Sensitivity {
    match &stored.rejection.column {
        Some(column) if stored.rejection.level == Level::Value => {
            let own = |mapping: &&StoredMapping| {
                mapping.connection_id == stored.connection_id && mapping.mapping.stream == stored.stream
            };
            let mapping = mappings.iter().find(own).map(|stored| &stored.mapping);
            Sensitivity::of_column(ontology, mapping, column)
        }
        _ => Sensitivity::Unclassified,
    }
}

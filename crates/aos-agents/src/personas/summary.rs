//! What a persona looks at first, counted now: every number comes from the views or from what is stored, and one that nobody can know says what
//! would have to be connected.

use super::Persona;
use crate::registry::{self, Result};
use aos_core::TenantScope;
use aos_core::flag::Flag;
use aos_dcl::health::MeshMetrics;
use aos_dcl::lineage::FieldLineage;
use aos_dcl::{Dcl, TenantDcl};
use aos_store::{FindingFilter, FindingState, Page, ProposalState, ReviewFilter, ReviewState, Store};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

const ROWS_MAX: usize = 50;
const HOPS_MAX: usize = 1_000_000;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PersonaSummary)]
pub struct Summary {
    pub persona: String,
    pub at: DateTime<Utc>,
    pub tiles: Vec<Tile>,
    pub table: SummaryTable,
    /// Questions to begin with.
    pub questions: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TileStatus {
    Known,
    /// It was looked for, and there is nothing to count.
    Empty,
    /// No connected source gives what it needs.
    NotConnected,
}

/// One number.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PersonaTile)]
pub struct Tile {
    #[schema(example = "pipeline_value")]
    pub key: String,
    pub title: String,
    pub status: TileStatus,
    /// One for each currency, where it is money; sums of different currencies are never made.
    pub values: Vec<Amount>,
    /// What would have to be connected; null when nothing is missing.
    pub note: Option<String>,
    /// The statement it comes from; null for what the platform itself knows.
    pub sql: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PersonaAmount)]
pub struct Amount {
    pub value: Value,
    pub currency: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PersonaTable)]
pub struct SummaryTable {
    pub title: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    pub note: Option<String>,
    pub sql: String,
}

/// Counts what a persona looks at first.
pub async fn summary(
    store: &Store,
    dcl: &Dcl,
    scope: &TenantScope,
    persona: &Persona,
    now: DateTime<Utc>,
) -> Result<Summary> {
    let tenant = dcl.tenant(scope);
    let hops = tenant.lineage_search("", HOPS_MAX).await?;
    let facts = Facts { store, tenant: &tenant, scope, mesh: tenant.mesh_metrics().await? };
    let mut tiles = Vec::with_capacity(persona.tiles.len());
    for plan in &persona.tiles {
        let note = note(&plan.needs, &hops);
        let sql = plan.sql.as_deref().map(|sql| at(sql, now));
        let values = match (&sql, &plan.fact) {
            _ if note.is_some() => Vec::new(),
            (Some(sql), _) => amounts(&tenant, sql).await?,
            (None, Some(fact)) => facts.amount(fact).await?,
            (None, None) => Vec::new(),
        };
        let status = match () {
            () if note.is_some() => TileStatus::NotConnected,
            () if values.is_empty() => TileStatus::Empty,
            () => TileStatus::Known,
        };
        tiles.push(Tile { key: plan.key.clone(), title: plan.title.clone(), status, values, note, sql });
    }
    let note = note(&persona.table.needs, &hops);
    let sql = at(&persona.table.sql, now);
    let (columns, rows) = match note {
        Some(_) => (Vec::new(), Vec::new()),
        None => {
            let answer = tenant.query(&sql, ROWS_MAX).await?;
            (answer.columns.into_iter().map(|column| column.name).collect(), answer.rows)
        }
    };
    let table = SummaryTable { title: persona.table.title.clone(), columns, rows, note, sql };
    Ok(Summary { persona: persona.id.clone(), at: now, tiles, table, questions: persona.questions.clone() })
}

/// Says what is missing, if anything is.
fn note(needs: &[String], hops: &[FieldLineage]) -> Option<String> {
    let given = |path: &&String| hops.iter().any(|hop| path.split_once('.') == Some((&hop.entity, &hop.field)));
    let missing: Vec<&str> = needs.iter().filter(|path| !given(path)).map(String::as_str).collect();
    (!missing.is_empty()).then(|| format!("connect a source that gives {}", missing.join(" and ")))
}

async fn amounts(tenant: &TenantDcl, sql: &str) -> Result<Vec<Amount>> {
    let answer = tenant.query(sql, ROWS_MAX).await?;
    let place = |name: &str| answer.columns.iter().position(|column| column.name == name);
    let (value, currency) = (place("value"), place("currency"));
    let amount = |row: &Vec<Value>| {
        let value = value.and_then(|at| row.get(at)).filter(|value| !value.is_null())?;
        let currency = currency.and_then(|at| row.get(at)?.as_str().map(str::to_owned));
        Some(Amount { value: value.clone(), currency })
    };
    Ok(answer.rows.iter().filter_map(amount).collect())
}

fn at(sql: &str, now: DateTime<Utc>) -> String {
    let today = now.date_naive();
    let month = NaiveDate::from_ymd_opt(today.year(), today.month(), 1).unwrap_or(today);
    sql.trim()
        .replace(":month", &format!("DATE '{month}'"))
        .replace(":today", &format!("DATE '{today}'"))
        .replace(":now", &format!("TIMESTAMP '{}'", now.format("%Y-%m-%d %H:%M:%S")))
}

/// What the platform itself knows.
struct Facts<'f> {
    store: &'f Store,
    tenant: &'f TenantDcl,
    scope: &'f TenantScope,
    mesh: MeshMetrics,
}

impl Facts<'_> {
    async fn amount(&self, fact: &str) -> Result<Vec<Amount>> {
        let value = match fact {
            "connections" => json!(self.mesh.connections),
            "connections_healthy" => json!(self.mesh.healthy),
            "connections_failing" => json!(self.mesh.failing),
            "records_read_24h" => json!(self.mesh.records_read_24h),
            "mapping_confidence" => json!(self.mesh.mapping_confidence.map(|mean| (mean * 1e4).round() / 1e4)),
            "drift_open" => json!(self.tenant.drifting().await?.len()),
            "reviews_waiting" => json!(self.reviews_waiting().await?),
            "proposals_waiting" => json!(self.proposals_waiting().await?),
            "tasks_running" => json!(self.store.tenant(self.scope).queue_stats().await?.running),
            "tasks_failed" => json!(self.store.tenant(self.scope).queue_stats().await?.failed),
            "agents_active" => json!(self.agents_active().await?),
            other => match other.strip_prefix("findings.") {
                Some(kind) => json!(self.findings(kind).await?),
                None => Value::Null,
            },
        };
        Ok(if value.is_null() { Vec::new() } else { vec![Amount { value, currency: None }] })
    }

    /// Counts up to a thousand, which is more than anybody looks at.
    async fn reviews_waiting(&self) -> Result<usize> {
        let open = ReviewFilter { state: Some(ReviewState::Open), ..ReviewFilter::default() };
        Ok(self.tenant.reviews(&open, Page::first(aos_store::MAX_LIMIT)).await?.items.len())
    }

    async fn proposals_waiting(&self) -> Result<usize> {
        let page = Page::first(aos_store::MAX_LIMIT);
        let open = self.store.tenant(self.scope).list_agent_proposals(None, Some(ProposalState::Open), page).await?;
        Ok(open.items.len())
    }

    async fn agents_active(&self) -> Result<usize> {
        if !self.tenant.flag(Flag::AgentsEnabled).await? {
            return Ok(0);
        }
        let agents = registry::list(self.store, self.scope).await?;
        Ok(agents.iter().filter(|agent| agent.settings.enabled).count())
    }

    /// Counts open findings of a kind; none while no pilot has looked.
    async fn findings(&self, kind: &str) -> Result<Option<usize>> {
        let store = self.store.tenant(self.scope);
        let pilot = crate::pilots::Pilot::ALL.into_iter().find(|pilot| pilot.kinds().any(|(own, _)| own == kind));
        let Some(pilot) = pilot else { return Ok(None) };
        if store.list_agent_runs(pilot.id(), Page::first(1)).await?.items.is_empty() {
            return Ok(None);
        }
        let filter =
            FindingFilter { kind: Some(kind.to_owned()), state: Some(FindingState::Open), ..FindingFilter::default() };
        Ok(Some(store.list_findings(&filter, Page::first(aos_store::MAX_LIMIT)).await?.items.len()))
    }
}

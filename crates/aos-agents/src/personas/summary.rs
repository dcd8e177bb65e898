//! What a persona looks at first, counted now: every number comes from the views or from what is stored, and one that nobody can know says what
//! would have to be connected.

use super::Persona;
use crate::pilots::Pilot;
use crate::registry::{self, Result};
use aos_core::TenantScope;
use aos_core::flag::Flag;
use aos_dcl::health::MeshMetrics;
use aos_dcl::lineage::FieldLineage;
use aos_dcl::{Dcl, TenantDcl};
use aos_store::{FindingFilter, FindingState, Page, Store};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

const ROWS_MAX: usize = 50;
const HOPS_MAX: usize = 1_000_000;
/// Begins the facts that are counted by what pilots find.
const FINDINGS: &str = "findings.";

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
    /// Whether it is money. A value without a currency is then the part of which no source says the currency.
    pub money: bool,
    /// One for each currency, where it is money; sums of different currencies are never made. The part without a currency comes last.
    pub values: Vec<Amount>,
    /// What the platform itself knows it by; null for what is counted in the views.
    #[schema(example = "findings.stalled_deal")]
    pub fact: Option<String>,
    /// What would have to be connected, or done, for there to be a value; null when nothing is missing.
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
    /// What would have to be connected, or done, for there to be rows; null where there are some.
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
        let (money, values) = match (&sql, &plan.fact) {
            _ if note.is_some() => (false, Vec::new()),
            (Some(sql), _) => amounts(&tenant, sql).await?,
            (None, Some(fact)) => (false, facts.amount(fact).await?),
            (None, None) => (false, Vec::new()),
        };
        let (status, note) = match note {
            Some(note) => (TileStatus::NotConnected, Some(note)),
            None if values.is_empty() => {
                (TileStatus::Empty, plan.empty.clone().or_else(|| unknown(plan.fact.as_deref())))
            }
            None => (TileStatus::Known, None),
        };
        let (key, title, fact) = (plan.key.clone(), plan.title.clone(), plan.fact.clone());
        tiles.push(Tile { key, title, status, money, values, fact, note, sql });
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
    let note = note.or_else(|| rows.is_empty().then(|| persona.table.empty.clone()));
    let table = SummaryTable { title: persona.table.title.clone(), columns, rows, note, sql };
    Ok(Summary { persona: persona.id.clone(), at: now, tiles, table, questions: persona.questions.clone() })
}

/// Says what is missing, if anything is.
fn note(needs: &[String], hops: &[FieldLineage]) -> Option<String> {
    let given = |path: &&String| hops.iter().any(|hop| path.split_once('.') == Some((&hop.entity, &hop.field)));
    let missing: Vec<&str> = needs.iter().filter(|path| !given(path)).map(String::as_str).collect();
    (!missing.is_empty()).then(|| format!("connect a source that gives {}", missing.join(" and ")))
}

/// Says what to do for a fact that is not known yet.
fn unknown(fact: Option<&str>) -> Option<String> {
    let fact = fact?;
    let Some(kind) = fact.strip_prefix(FINDINGS) else {
        return Some("nothing is mapped yet; connect a source".to_owned());
    };
    let pilot = Pilot::ALL.into_iter().find(|pilot| pilot.kinds().any(|(own, _)| own == kind))?;
    let name = aos_dcl::agents::shipped().into_iter().find(|agent| agent.id == pilot.id())?.name;
    Some(format!("the {name} has not looked yet; run it under Agents"))
}

/// Says whether a statement counts money, and what it comes to.
async fn amounts(tenant: &TenantDcl, sql: &str) -> Result<(bool, Vec<Amount>)> {
    let answer = tenant.query(sql, ROWS_MAX).await?;
    let place = |name: &str| answer.columns.iter().position(|column| column.name == name);
    let (value, currency) = (place("value"), place("currency"));
    let amount = |row: &Vec<Value>| {
        let value = value.and_then(|at| row.get(at)).filter(|value| !value.is_null())?;
        let currency = currency.and_then(|at| row.get(at)?.as_str().map(str::to_owned));
        Some(Amount { value: value.clone(), currency })
    };
    let mut values: Vec<Amount> = answer.rows.iter().filter_map(amount).collect();
    values.sort_by_key(|amount| currency.is_some() && amount.currency.is_none());
    Ok((currency.is_some(), values))
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
            "reviews_waiting" => json!(self.store.tenant(self.scope).count_open_reviews().await?.values().sum::<u64>()),
            "proposals_waiting" => json!(self.store.tenant(self.scope).count_open_agent_proposals().await?),
            "tasks_running" => json!(self.store.tenant(self.scope).queue_stats().await?.running),
            "tasks_failed" => json!(self.store.tenant(self.scope).queue_stats().await?.failed),
            "agents_active" => json!(self.agents_active().await?),
            other => match other.strip_prefix(FINDINGS) {
                Some(kind) => json!(self.findings(kind).await?),
                None => Value::Null,
            },
        };
        Ok(if value.is_null() { Vec::new() } else { vec![Amount { value, currency: None }] })
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
        let pilot = Pilot::ALL.into_iter().find(|pilot| pilot.kinds().any(|(own, _)| own == kind));
        let Some(pilot) = pilot else { return Ok(None) };
        if store.list_agent_runs(pilot.id(), Page::first(1)).await?.items.is_empty() {
            return Ok(None);
        }
        let filter =
            FindingFilter { kind: Some(kind.to_owned()), state: Some(FindingState::Open), ..FindingFilter::default() };
        Ok(Some(store.list_findings(&filter, Page::first(aos_store::MAX_LIMIT)).await?.items.len()))
    }
}

//! The ten functions of the orchestration, each with numbers that are counted now from what is stored. A number that nobody has measured is
//! left out.

use crate::registry::{self, Mode, Result};
use aos_core::TenantScope;
use aos_core::flag::Flag;
use aos_dcl::Dcl;
use aos_store::{FindingFilter, FindingState, Page, ProposalState, ReviewFilter, ReviewState, Store, StoredFinding};
use serde::Serialize;
use utoipa::ToSchema;

/// What is counted one by one is counted up to here, which is more than anybody looks at.
const COUNTED_MAX: u32 = aos_store::MAX_LIMIT;

/// One function of the orchestration.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AoaFunction)]
pub struct Function {
    #[schema(example = "sense")]
    pub id: &'static str,
    #[schema(example = "Sense")]
    pub name: &'static str,
    pub counters: Vec<Counter>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AoaCounter)]
pub struct Counter {
    #[schema(example = "streams that drift")]
    pub name: &'static str,
    pub value: u64,
}

/// Counts what every function has to do.
pub async fn functions(store: &Store, dcl: &Dcl, scope: &TenantScope) -> Result<Vec<Function>> {
    let (tenant, rows) = (dcl.tenant(scope), store.tenant(scope));
    let mesh = tenant.mesh_metrics().await?;
    let queue = rows.queue_stats().await?;
    let agents = registry::list(store, scope).await?;
    let enabled = tenant.flag(Flag::AgentsEnabled).await?;
    let active = agents.iter().filter(|agent| enabled && agent.settings.enabled).count();
    let acting = agents.iter().filter(|agent| agent.settings.mode >= Mode::ApproveToAct).count();
    let (mut rows_used, mut writes_used) = (0, 0);
    for agent in &agents {
        for (meter, used) in rows.agent_usage(&agent.id).await? {
            match meter.as_str() {
                "rows" => rows_used += used,
                _ => writes_used += used,
            }
        }
    }
    let page = || Page::first(COUNTED_MAX);
    let proposals = rows.list_agent_proposals(None, Some(ProposalState::Open), page()).await?.items.len();
    let open = ReviewFilter { state: Some(ReviewState::Open), ..ReviewFilter::default() };
    let reviews = tenant.reviews(&open, page()).await?.items.len();
    let findings = rows.list_findings(&FindingFilter::default(), page()).await?.items;
    let open = |finding: &&StoredFinding| finding.state == FindingState::Open;
    let with_money = findings.iter().filter(open).filter(|finding| finding.amount.is_some()).count();
    let judged = findings.iter().filter(|finding| finding.feedback.is_some()).count();
    let resolved = findings.iter().filter(|finding| finding.state == FindingState::Resolved).count();
    let count = |name, value: usize| Some(Counter { name, value: value as u64 });
    let given = |name, value: Option<u64>| value.map(|value| Counter { name, value });
    let function = |id, name, counters: [Option<Counter>; 2]| Function {
        id,
        name,
        counters: counters.into_iter().flatten().collect(),
    };
    Ok(vec![
        function("discover", "Discover", [count("connections", mesh.connections), None]),
        function(
            "sense",
            "Sense",
            [
                count("streams that drift", tenant.drifting().await?.len()),
                given("records read in 24 hours", mesh.records_read_24h),
            ],
        ),
        function("policy", "Policy", [count("agents that may propose acts", acting), None]),
        function("plan", "Plan", [count("proposals that wait", proposals), count("reviews that wait", reviews)]),
        function(
            "prioritize",
            "Prioritize",
            [
                count("open findings", findings.iter().filter(open).count()),
                count("open findings with money at stake", with_money),
            ],
        ),
        function(
            "execute",
            "Execute",
            [given("tasks that run", Some(queue.running)), given("tasks that wait", Some(queue.waiting))],
        ),
        function(
            "budget",
            "Budget",
            [
                given("rows that agents used today", Some(rows_used)),
                given("writes that agents used today", Some(writes_used)),
            ],
        ),
        function("observe", "Observe", [count("runs in 24 hours", mesh.runs_24h), count("alerts", mesh.alerts.len())]),
        function(
            "learn",
            "Learn",
            [count("findings that people judged", judged), count("findings that were resolved", resolved)],
        ),
        function(
            "lifecycle",
            "Lifecycle",
            [count("agents that may act", active), count("agents that are stopped", agents.len() - active)],
        ),
    ])
}

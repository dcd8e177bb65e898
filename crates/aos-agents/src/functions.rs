//! The ten functions of the orchestration, each with numbers that are counted now from what is stored. A number that nobody has measured is
//! left out.

use crate::registry::{self, Meter, Mode, Result};
use aos_core::TenantScope;
use aos_core::flag::Flag;
use aos_dcl::Dcl;
use aos_store::{Store, TOKENS_METER};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

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
    let mut used_today: BTreeMap<String, u64> = BTreeMap::new();
    for agent in &agents {
        for (meter, used) in rows.agent_usage(&agent.id).await? {
            *used_today.entry(meter).or_default() += used;
        }
    }
    let used = |meter: &str| used_today.get(meter).copied().unwrap_or_default();
    let proposals = rows.count_open_agent_proposals().await?;
    let reviews = rows.count_open_reviews().await?.values().sum();
    let findings = rows.finding_counts().await?;
    let count = |name, value: usize| Some(Counter { name, value: value as u64 });
    let given = |name, value: Option<u64>| value.map(|value| Counter { name, value });
    Ok(vec![
        function("discover", "Discover", [count("connections", mesh.connections)]),
        function(
            "sense",
            "Sense",
            [
                count("streams that drift", tenant.drifting().await?.len()),
                given("records read in 24 hours", mesh.records_read_24h),
            ],
        ),
        function("policy", "Policy", [count("agents that may propose acts", acting)]),
        function(
            "plan",
            "Plan",
            [given("proposals that wait", Some(proposals)), given("reviews that wait", Some(reviews))],
        ),
        function(
            "prioritize",
            "Prioritize",
            [
                given("open findings", Some(findings.open)),
                given("open findings with money at stake", Some(findings.open_with_money)),
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
                given("rows that agents used today", Some(used(Meter::Rows.as_str()))),
                given("writes that agents used today", Some(used(Meter::Writes.as_str()))),
                given("tokens of models that agents used today", Some(used(TOKENS_METER))),
            ],
        ),
        function("observe", "Observe", [count("runs in 24 hours", mesh.runs_24h), count("alerts", mesh.alerts.len())]),
        function(
            "learn",
            "Learn",
            [
                given("findings that people judged", Some(findings.judged)),
                given("findings that were resolved", Some(findings.resolved)),
            ],
        ),
        function(
            "lifecycle",
            "Lifecycle",
            [count("agents that may act", active), count("agents that are stopped", agents.len() - active)],
        ),
    ])
}

fn function<const N: usize>(id: &'static str, name: &'static str, counters: [Option<Counter>; N]) -> Function {
    Function { id, name, counters: counters.into_iter().flatten().collect() }
}

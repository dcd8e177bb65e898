//! Open findings by their kind, so that hundreds of them can be taken in at a glance.

use crate::guard::Allowed;
use crate::page::ListOut;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::may;
use aos_store::FindingGroup;
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is at stake in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct AtStake {
    /// The sum, to the hundredth.
    #[schema(example = "48120.50")]
    amount: String,
    /// Null where nobody knows in which money.
    #[schema(required, example = "USD")]
    currency: Option<String>,
}

/// The open findings of one kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingGroup)]
pub struct FindingGroupOut {
    #[schema(example = "revops_pilot")]
    agent: String,
    #[schema(example = "stalled_deal")]
    kind: String,
    findings: u64,
    /// Those of which nobody knows what is at stake.
    not_priced: u64,
    /// Each currency for itself, the largest sum first.
    at_stake: Vec<AtStake>,
}

/// Lists the kinds of open findings with how many there are and what is at stake in them, the largest sum first, whatever its currency. What is
/// to be ignored for now is left out.
#[utoipa::path(get, path = "/agents/findings/groups", tag = "agents",
    responses((status = 200, body = ListOut<FindingGroupOut>), Problem))]
pub async fn groups(
    tenant: Allowed<may::ReadAgents>,
    State(app): State<App>,
) -> Result<axum::Json<ListOut<FindingGroupOut>>, Problem> {
    let found = app.store.tenant(&tenant).finding_groups(app.clock.now()).await?;
    Ok(axum::Json(ListOut { items: by_kind(found) }))
}

fn by_kind(found: Vec<FindingGroup>) -> Vec<FindingGroupOut> {
    let mut kinds: BTreeMap<(String, String), Vec<FindingGroup>> = BTreeMap::new();
    for group in found {
        kinds.entry((group.agent.clone(), group.kind.clone())).or_default().push(group);
    }
    let mut ordered: Vec<(f64, FindingGroupOut)> = kinds.into_iter().map(one_kind).collect();
    ordered.sort_by(|(a, left), (b, right)| b.total_cmp(a).then(right.findings.cmp(&left.findings)));
    ordered.into_iter().map(|(_, group)| group).collect()
}

/// Puts the currencies of one kind together; with the largest sum, to order kinds by.
fn one_kind(((agent, kind), mut groups): ((String, String), Vec<FindingGroup>)) -> (f64, FindingGroupOut) {
    groups.sort_by(|a, b| stake(b).total_cmp(&stake(a)));
    let largest = groups.first().map_or(f64::MIN, stake);
    let findings = groups.iter().map(|group| group.findings).sum();
    let not_priced = groups.iter().map(|group| group.findings - group.priced).sum();
    let at_stake = groups
        .into_iter()
        .filter_map(|group| Some(AtStake { amount: format!("{:.2}", group.amount?), currency: group.currency }))
        .collect();
    (largest, FindingGroupOut { agent, kind, findings, not_priced, at_stake })
}

/// What is at stake, below everything where nobody knows.
fn stake(group: &FindingGroup) -> f64 {
    group.amount.unwrap_or(f64::MIN)
}

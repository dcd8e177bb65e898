//! What agents, their findings and their proposals look like over HTTP.

use aos_agents::registry::{AgentKind, AgentSettings, Registered};
use aos_core::policy::{Lens, Sensitivity};
use aos_store::{AgentProposal, AgentRun, FindingFeedback, FindingState, ProposalState, StoredFinding};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// An agent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agent)]
pub struct AgentOut {
    #[schema(example = "finops_pilot")]
    id: String,
    kind: AgentKind,
    #[serde(flatten)]
    settings: AgentSettings,
    /// Whether it may act now: it is enabled, and agents are switched on for the tenant.
    active: bool,
    /// What it has used today (UTC), by meter.
    #[schema(example = json!({ "rows": 1200, "writes": 3 }))]
    used_today: BTreeMap<String, u64>,
    /// How many findings of a pilot are open; null for other agents.
    #[schema(required)]
    open_findings: Option<u64>,
    #[schema(required)]
    updated_at: Option<DateTime<Utc>>,
}

impl AgentOut {
    pub fn new(
        agent: Registered,
        switched_on: bool,
        used_today: BTreeMap<String, u64>,
        open_findings: Option<u64>,
    ) -> Self {
        let Registered { id, kind, settings, updated_at } = agent;
        Self { id, kind, active: switched_on && settings.enabled, settings, used_today, open_findings, updated_at }
    }
}

/// One look of a pilot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PilotRun)]
pub struct PilotRunOut {
    id: Uuid,
    agent: String,
    started_at: DateTime<Utc>,
    finished_at: DateTime<Utc>,
    /// `new`, `again` and `resolved` count findings; `looked_for`, `cut` and `skipped` say what was looked for.
    #[schema(value_type = Object)]
    outcome: Value,
}

impl From<AgentRun> for PilotRunOut {
    fn from(run: AgentRun) -> Self {
        let AgentRun { id, agent, started_at, finished_at, body } = run;
        Self { id, agent, started_at, finished_at, outcome: body }
    }
}

/// What a pilot found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingOut {
    /// The same whenever the same thing is found again.
    id: Uuid,
    agent: String,
    #[schema(example = "stalled_deal")]
    kind: String,
    subject: String,
    /// `open` or `resolved`.
    #[schema(value_type = String, example = "open")]
    state: FindingState,
    /// `title`, `source`, `means` (what this kind of finding is, with its thresholds), `evidence`, `sql` (shows it again) and
    /// `mapping_versions`.
    #[schema(value_type = Object)]
    body: Value,
    /// What is at stake, as a decimal number; null where nobody knows.
    #[schema(required, example = "1240.5")]
    amount: Option<String>,
    /// Null where nobody knows in which money.
    #[schema(required, example = "USD")]
    currency: Option<String>,
    /// The confidence of the weakest mapping that it rests on.
    #[schema(required, minimum = 0, maximum = 1)]
    confidence: Option<f64>,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    #[schema(required)]
    resolved_at: Option<DateTime<Utc>>,
    /// How many looks have met it.
    times_seen: u64,
    /// `useful` or `not_useful`.
    #[schema(required, value_type = Option<String>)]
    feedback: Option<FindingFeedback>,
    #[schema(required)]
    feedback_note: Option<String>,
    #[schema(required)]
    feedback_by: Option<String>,
    #[schema(required)]
    ignored_until: Option<DateTime<Utc>>,
}

impl FindingOut {
    /// Shows a finding to whoever looks through this lens: it was found with the eyes of whoever had the pilot look.
    pub fn seen_through(lens: Lens, finding: StoredFinding) -> Self {
        Self {
            id: finding.id,
            agent: finding.agent,
            kind: finding.kind,
            subject: lens.text(Sensitivity::Unclassified, finding.subject),
            state: finding.state,
            body: lens.value(Sensitivity::Unclassified, finding.body),
            amount: finding.amount,
            currency: finding.currency,
            confidence: finding.confidence,
            first_seen_at: finding.first_seen_at,
            last_seen_at: finding.last_seen_at,
            resolved_at: finding.resolved_at,
            times_seen: finding.times_seen,
            feedback: finding.feedback,
            feedback_note: finding.feedback_note,
            feedback_by: finding.feedback_by,
            ignored_until: finding.ignored_until,
        }
    }
}

/// What an agent would do, once a person has approved it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgentProposal)]
pub struct ProposalOut {
    id: Uuid,
    agent: String,
    #[schema(example = "sync")]
    task_kind: String,
    #[schema(value_type = Object)]
    payload: Value,
    /// Why, in the agent's words.
    reason: String,
    /// `open`, `approved` or `rejected`.
    #[schema(value_type = String, example = "open")]
    state: ProposalState,
    proposed_by: String,
    proposed_at: DateTime<Utc>,
    #[schema(required)]
    decided_by: Option<String>,
    #[schema(required)]
    decided_at: Option<DateTime<Utc>>,
    /// The task that the approval enqueued.
    #[schema(required)]
    task_id: Option<Uuid>,
}

impl ProposalOut {
    pub fn seen_through(lens: Lens, proposal: AgentProposal) -> Self {
        Self {
            id: proposal.id,
            agent: proposal.agent,
            payload: lens.payload(&proposal.task_kind, proposal.payload),
            task_kind: proposal.task_kind,
            reason: lens.text(Sensitivity::Unclassified, proposal.reason),
            state: proposal.state,
            proposed_by: proposal.proposed_by,
            proposed_at: proposal.proposed_at,
            decided_by: proposal.decided_by,
            decided_at: proposal.decided_at,
            task_id: proposal.task_id,
        }
    }
}

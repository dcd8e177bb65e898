//! What agents would do, once a person has approved it: a task, which is enqueued with the approval and with nothing else.

use crate::convert::{from_json, from_word, time, to_json, uncount};
use crate::db::{query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::task::NewTask;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

const REASON_CHARS_MAX: usize = 2_000;
const PAYLOAD_BYTES_MAX: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    Open,
    Approved,
    Rejected,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentProposal {
    pub id: Uuid,
    pub agent: String,
    pub task_kind: String,
    pub payload: Value,
    /// Why the agent proposes it, in its own words.
    pub reason: String,
    pub state: ProposalState,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    /// The task that the approval enqueued.
    pub task_id: Option<Uuid>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    agent: String,
    task_kind: String,
    payload: String,
    reason: String,
    state: String,
    proposed_by: String,
    proposed_at: i64,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    task_id: Option<Uuid>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, agent, task_kind, payload, reason, state, proposed_by, proposed_at, decided_by, decided_at, task_id
               FROM agent_proposals ",
            $rest
        )
    };
}

impl ProposalState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

impl TenantStore<'_> {
    /// Keeps what an agent proposes. Nothing is done.
    pub async fn propose_act(&self, agent: &str, task: &NewTask, reason: &str) -> Result<AgentProposal> {
        let (payload, size) = (to_json(&task.payload), reason.chars().count());
        if size > REASON_CHARS_MAX {
            return Err(Error::TooLarge { what: "the reason", size, limit: REASON_CHARS_MAX });
        }
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(Error::TooLarge { what: "the payload", size: payload.len(), limit: PAYLOAD_BYTES_MAX });
        }
        let id = Uuid::now_v7();
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO agent_proposals (tenant_id, id, agent, task_kind, payload, reason, state, proposed_by, proposed_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8)",
        )
        .bind(self.id())
        .bind(id)
        .bind(agent)
        .bind(&task.kind)
        .bind(payload)
        .bind(reason)
        .bind(self.scope.principal().to_string())
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, "agent.propose", &id.to_string(), json!({ "agent": agent, "kind": task.kind })).await?;
        tx.commit().await?;
        self.present_proposal(id).await
    }

    /// Approves a proposal, and enqueues its task on behalf of whoever approves it; both or nothing.
    pub async fn approve_act(&self, id: Uuid, task: NewTask) -> Result<AgentProposal> {
        let mut tx = self.begin().await?;
        let enqueued = self.enqueue_in(&mut tx, task).await?;
        let decided = query(
            "UPDATE agent_proposals SET state = 'approved', decided_by = $3, decided_at = $4, task_id = $5
              WHERE tenant_id = $1 AND id = $2 AND state = 'open'",
        )
        .bind(self.id())
        .bind(id)
        .bind(self.scope.principal().to_string())
        .bind(self.now())
        .bind(enqueued.task.id.0)
        .execute(&mut tx)
        .await?;
        if decided == 0 {
            return Err(self.not_open(id).await?);
        }
        self.audit(&mut tx, "agent.approve", &id.to_string(), json!({ "task": enqueued.task.id })).await?;
        tx.commit().await?;
        self.present_proposal(id).await
    }

    pub async fn reject_act(&self, id: Uuid) -> Result<AgentProposal> {
        let mut tx = self.begin().await?;
        let decided = query(
            "UPDATE agent_proposals SET state = 'rejected', decided_by = $3, decided_at = $4
              WHERE tenant_id = $1 AND id = $2 AND state = 'open'",
        );
        let by = self.scope.principal().to_string();
        if decided.bind(self.id()).bind(id).bind(by).bind(self.now()).execute(&mut tx).await? == 0 {
            return Err(self.not_open(id).await?);
        }
        self.audit(&mut tx, "agent.reject", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        self.present_proposal(id).await
    }

    pub async fn agent_proposal(&self, id: Uuid) -> Result<Option<AgentProposal>> {
        let found = query_as::<Row>(select!("WHERE tenant_id = $1 AND id = $2"));
        found.bind(self.id()).bind(id).fetch_optional(self.reader()).await?.map(proposal).transpose()
    }

    /// Lists proposals, the newest first.
    pub async fn list_agent_proposals(
        &self,
        agent: Option<&str>,
        state: Option<ProposalState>,
        page: Page,
    ) -> Result<PageOf<AgentProposal>> {
        let rows = query_as::<Row>(select!(
            "WHERE tenant_id = $1 AND ($2 IS NULL OR agent = $2) AND ($3 IS NULL OR state = $3) AND ($4 IS NULL OR id < $4)
             ORDER BY id DESC LIMIT $5"
        ))
        .bind(self.id())
        .bind(agent)
        .bind(state.map(ProposalState::as_str))
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let items = rows.into_iter().map(proposal).collect::<Result<_>>()?;
        Ok(page.of(items, |proposal: &AgentProposal| proposal.id))
    }

    async fn present_proposal(&self, id: Uuid) -> Result<AgentProposal> {
        self.agent_proposal(id).await?.ok_or_else(|| Error::NotFound(Resource::Proposal(id.to_string())))
    }

    /// Says why a proposal could not be decided.
    async fn not_open(&self, id: Uuid) -> Result<Error> {
        Ok(match self.agent_proposal(id).await? {
            Some(_) => Error::Stale { what: "the proposal".to_owned() },
            None => Error::NotFound(Resource::Proposal(id.to_string())),
        })
    }

    /// Counts the proposals that wait for a person.
    pub async fn count_open_agent_proposals(&self) -> Result<u64> {
        let waiting =
            query_scalar::<i64>("SELECT count(*) FROM agent_proposals WHERE tenant_id = $1 AND state = 'open'");
        Ok(uncount(waiting.bind(self.id()).fetch_one(self.reader()).await?))
    }
}

fn proposal(row: Row) -> Result<AgentProposal> {
    let id = row.id;
    Ok(AgentProposal {
        id,
        agent: row.agent,
        task_kind: row.task_kind,
        payload: from_json(&row.payload, "agent_proposals", "payload", id)?,
        reason: row.reason,
        state: from_word(row.state, "agent_proposals", "state", id)?,
        proposed_by: row.proposed_by,
        proposed_at: time(row.proposed_at),
        decided_by: row.decided_by,
        decided_at: row.decided_at.map(time),
        task_id: row.task_id,
    })
}

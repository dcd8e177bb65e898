//! The tools that leave something behind: a proposal, which a person decides. Only a task of an agent whose mode, key and budget all allow it
//! is enqueued at once.

use super::arguments::ProposeTask;
use super::desk::{Call, Desk};
use crate::middleware::tracing::RequestContext;
use crate::problem::Problem;
use aos_agents::registry::{Acting, Deed, Mode};
use aos_core::policy::{Permission, Resource, decide};
use aos_core::task::NewTask;
use aos_core::{TenantScope, task::TaskId};
use aos_dcl::proposals::MappingProposal;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// What has become of a task that was proposed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposedTask {
    /// `open` while it waits for a person, `enqueued` where the agent may have it done by itself.
    #[schema(example = "open")]
    pub state: String,
    #[schema(required)]
    pub proposal_id: Option<Uuid>,
    #[schema(required)]
    pub task_id: Option<Uuid>,
}

impl Call<'_> {
    pub async fn propose_mapping(&self, asked: MappingProposal) -> Result<Value, Problem> {
        self.acting.may(Deed::Recommend)?;
        self.acting.take_write(&self.desk.store, self.scope).await?;
        let proposed = self.dcl().propose_mapping(&asked).await?;
        Ok(json!({ "review_id": proposed.review_id, "state": proposed.state, "new": proposed.new }))
    }

    pub async fn propose_task(&self, asked: ProposeTask) -> Result<Value, Problem> {
        let ProposeTask { kind, payload, reason } = asked;
        let proposed = propose_task(self.desk, self.scope, &self.acting, (&kind, payload), &reason).await?;
        Ok(json!({ "state": proposed.state, "proposal_id": proposed.proposal_id, "task_id": proposed.task_id }))
    }
}

/// Puts a task before a person, or enqueues it where the agent may have it done by itself.
pub(crate) async fn propose_task(
    desk: &Desk,
    scope: &TenantScope,
    acting: &Acting,
    (kind, payload): (&str, Value),
    reason: &str,
) -> Result<ProposedTask, Problem> {
    acting.may(Deed::ProposeTask)?;
    let task = NewTask {
        exclusive: aos_core::kind::exclusive(kind).map(str::to_owned),
        trace_id: RequestContext::trace_id(),
        ..NewTask::new(kind, aos_core::kind::checked(kind, payload)?)
    };
    acting.take_write(&desk.store, scope).await?;
    let (store, agent) = (desk.store.tenant(scope), acting.agent.as_ref());
    let by_itself = agent.is_some_and(|agent| agent.settings.mode == Mode::Auto);
    if by_itself && decide(scope, Permission::RunTasks, Resource::Task { kind }).allowed {
        let TaskId(id) = store.enqueue_task(task).await?.task.id;
        let broker = desk.broker.clone();
        aos_store::after_commit(async move { broker.system().wake(aos_core::kind::WAKE) }).await;
        return Ok(ProposedTask { state: "enqueued".to_owned(), proposal_id: None, task_id: Some(id) });
    }
    let by = agent.map_or_else(|| scope.principal().to_string(), |agent| agent.id.clone());
    let proposal = store.propose_act(&by, &task, reason).await?;
    Ok(ProposedTask { state: proposal.state.as_str().to_owned(), proposal_id: Some(proposal.id), task_id: None })
}

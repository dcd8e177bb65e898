//! What happens when a tool is called: who asks is known, what they may do is the policy's, and what comes back is what the HTTP API gives.

use super::arguments::read;
use super::catalogue::Tool;
use crate::guard::check;
use crate::middleware::denied;
use crate::problem::Problem;
use aos_agents::questions::Questions;
use aos_agents::registry::Acting;
use aos_broker::Broker;
use aos_core::policy::Resource;
use aos_core::{Clock, TenantScope};
use aos_dcl::Dcl;
use aos_store::Store;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// Everything that tools work with.
#[derive(Clone)]
pub(crate) struct Desk {
    pub store: Store,
    pub dcl: Dcl,
    pub broker: Broker,
    pub clock: Clock,
    pub questions: Questions,
}

/// One call, by somebody.
pub(super) struct Call<'d> {
    pub desk: &'d Desk,
    pub scope: &'d TenantScope,
    pub acting: Acting,
}

impl Desk {
    /// Calls a tool. A refusal of the policy, or of what stands before an agent, is written into the audit trail.
    pub async fn call(&self, scope: &TenantScope, name: &str, arguments: Map<String, Value>) -> Result<Value, Problem> {
        let called = self.answer(scope, name, arguments).await;
        let outcome = match &called {
            Ok(_) => "answered",
            Err(problem) => self.note(scope, name, problem).await,
        };
        let tool = Tool::find(name).map_or("unknown", |tool| tool.name);
        metrics::counter!("autonomos_mcp_calls_total", "tool" => tool, "outcome" => outcome).increment(1);
        called
    }

    async fn answer(&self, scope: &TenantScope, name: &str, arguments: Map<String, Value>) -> Result<Value, Problem> {
        let tool = Tool::find(name).ok_or_else(|| {
            Problem::bad_request("unknown_tool", format!("there is no tool `{name}`"), "list the tools there are")
        })?;
        check(scope, tool.permission, Resource::Any)?;
        let acting = Acting::of(&self.store, &self.dcl, scope).await?;
        let call = Call { desk: self, scope, acting };
        match tool.name {
            "list_entities" => call.list_entities(read(arguments)?).await,
            "describe_entity" => call.describe_entity(read(arguments)?).await,
            "search_records" => call.search_records(read(arguments)?).await,
            "get_record" => call.get_record(read(arguments)?).await,
            "explain_entity" => call.explain_entity(read(arguments)?).await,
            "sql" => call.sql(read(arguments)?).await,
            "ask" => call.ask(read(arguments)?).await,
            "lineage" => call.lineage(read(arguments)?).await,
            "drift" => call.drift(read(arguments)?).await,
            "findings" => call.findings(read(arguments)?).await,
            "propose_mapping" => call.propose_mapping(read(arguments)?).await,
            _ => call.propose_task(read(arguments)?).await,
        }
    }

    async fn note(&self, scope: &TenantScope, name: &str, problem: &Problem) -> &'static str {
        let refused = matches!(problem.status(), StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS);
        if !refused && !denied::is_hostile(problem.code()) {
            return "failed";
        }
        let refused = json!({ "tool": name, "code": problem.code() });
        if let Err(error) = self.store.tenant(scope).record_audit("access.denied", "mcp", refused).await {
            tracing::error!(%error, "a refused tool could not be written into the audit trail: {error}");
        }
        "refused"
    }
}

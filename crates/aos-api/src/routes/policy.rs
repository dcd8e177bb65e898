//! What someone may do, and why or why not: the policy's own answer, which every door obeys.

use crate::extract::Query;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::{Permission, Resource, Sensitivity, decide, may};
use aos_core::{Role, TenantScope};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExplainQuery {
    /// A permission such as `tasks:run`; all of them when left out.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "tasks:run")]
    action: Option<String>,
    /// What it is to be used on, where that matters: `task:<kind>`, `member:<role>` or `field:<entity>.<field>`.
    #[serde(default)]
    #[param(example = "task:reset")]
    resource: Option<String>,
}

/// What someone may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The role that decides.
    #[schema(value_type = String, example = "member")]
    role: Role,
    /// What the role is narrowed to, for an API key that has scopes.
    #[schema(required, example = json!(null))]
    scopes: Option<Vec<String>>,
    decisions: Vec<Explained>,
}

/// One decision of the policy.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explained {
    #[schema(example = "tasks:run")]
    action: &'static str,
    allowed: bool,
    /// The permission that decided: the action's own, or what the resource asks for beyond it.
    #[schema(example = "orchestration:run")]
    decided_by: &'static str,
    #[schema(
        example = "the role `member` may connect, reset, discover and switch production mode (`orchestration:run`)"
    )]
    reason: String,
}

/// Says what the caller may do, and why or why not.
#[utoipa::path(get, path = "/auth/explain", tag = "auth", params(ExplainQuery), responses((status = 200, body = Explanation), Problem))]
pub async fn explain(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
    Query(query): Query<ExplainQuery>,
) -> Result<Json<Explanation>, Problem> {
    let resource = resource(&app, &tenant, query.resource.as_deref()).await?;
    let decisions = match &query.action {
        Some(action) => vec![explained(&tenant, action.parse().map_err(unknown_action)?, resource)],
        None => Permission::ALL.iter().map(|permission| explained(&tenant, *permission, resource)).collect(),
    };
    let scopes = tenant.scopes().map(|scopes| scopes.iter().map(str::to_owned).collect());
    Ok(Json(Explanation { role: tenant.role(), scopes, decisions }))
}

fn explained(scope: &TenantScope, action: Permission, resource: Resource<'_>) -> Explained {
    let decision = decide(scope, action, resource);
    let (decided_by, reason) = (decision.permission.as_str(), decision.to_string());
    Explained { action: action.as_str(), allowed: decision.allowed, decided_by, reason }
}

async fn resource<'a>(app: &App, scope: &TenantScope, named: Option<&'a str>) -> Result<Resource<'a>, Problem> {
    let Some(named) = named.filter(|named| !named.is_empty()) else { return Ok(Resource::Any) };
    match named.split_once(':') {
        Some(("task", kind)) if !kind.is_empty() => Ok(Resource::Task { kind }),
        Some(("member", role)) => {
            let known = Role::ALL.into_iter().find(|known| known.as_str() == role);
            known.map(|role| Resource::Member { role }).ok_or_else(|| unknown_resource(named))
        }
        Some(("field", path)) => {
            let (entity, field) = path.split_once('.').ok_or_else(|| unknown_resource(named))?;
            let ontology = app.dcl.tenant(scope).ontology().await?;
            let field = ontology.field(entity, field).ok_or_else(|| Problem::missing("field"))?;
            Ok(Resource::Values(Sensitivity::of(field)))
        }
        _ => Err(unknown_resource(named)),
    }
}

fn unknown_action(error: aos_core::policy::permission::Unknown) -> Problem {
    let said = error.to_string();
    let (detail, next_step) = said.split_once("; ").unwrap_or((&said, "leave `action` out to see all"));
    Problem::bad_request("unknown_permission", detail, next_step.to_owned())
}

fn unknown_resource(named: &str) -> Problem {
    let next_step = "write it as task:<kind>, member:<role> or field:<entity>.<field>, or leave it out";
    Problem::bad_request("unknown_resource", format!("`{named}` is not a resource that matters here"), next_step)
}

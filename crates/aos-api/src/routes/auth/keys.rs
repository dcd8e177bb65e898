//! API keys of agents and services.

use super::{RoleName, check_name};
use crate::auth::opaque::Kind;
use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::{Permission, may};

use aos_core::tenant::{Principal, Scopes};
use aos_core::{ApiKeyId, Role};
use aos_store::{ApiKey, NewApiKey, PageOf};
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, StatusCode};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const EXPIRES_IN_DAYS_DEFAULT: u32 = 90;
const EXPIRES_IN_DAYS_MAX: u32 = 366;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "nightly export", "role": "agent", "scopes": ["records:read", "graph:read"], "expires_in_days": 90 }))]
pub struct ApiKeyRequest {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100, example = "nightly export")]
    name: String,
    /// At most one's own, and never `owner`.
    #[serde(default = "agent")]
    #[schema(value_type = RoleName, default = "agent")]
    role: Role,
    /// The permissions that are left of the role; all of it when left out. `GET /auth/explain` lists them.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["records:read", "graph:read"]))]
    scopes: Option<Vec<Permission>>,
    /// After how many days it expires.
    #[serde(default = "days")]
    #[schema(minimum = 1, maximum = 366, default = 90)]
    expires_in_days: u32,
}

/// An API key, without the key.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct ApiKeyOut {
    id: Uuid,
    #[schema(example = "nightly export")]
    name: String,
    /// Its last characters.
    #[schema(example = "1f9c")]
    ending: String,
    #[schema(value_type = RoleName)]
    role: Role,
    /// The permissions that are left of the role; null is all of it.
    #[schema(required, example = json!(["records:read"]))]
    scopes: Option<Vec<String>>,
    /// `user:<id>` or `key:<id>`.
    created_by: String,
    created_at: DateTime<Utc>,
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    /// To about ten minutes.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
    #[schema(required)]
    revoked_at: Option<DateTime<Utc>>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub struct NewApiKeyOut {
    /// For the header `Authorization: Bearer <key>`. It is shown this once.
    #[schema(example = "aos_0199c0de000070008000000000000000…")]
    key: String,
    #[serde(flatten)]
    api_key: ApiKeyOut,
}

/// Lists the tenant's API keys, newest first, revoked ones among them.
#[utoipa::path(get, path = "/api-keys", tag = "members", params(PageQuery),
    responses((status = 200, body = PageOut<ApiKeyOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ManageKeys>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<ApiKeyOut>>, Problem> {
    let PageOf { items, next_cursor } = app.store.tenant(&tenant).list_api_keys(page.into()).await?;
    Ok(axum::Json(PageOut { items: items.into_iter().map(ApiKeyOut::from).collect(), next_cursor }))
}

/// Makes an API key for an agent or a service. It can do no more than whoever makes it.
#[utoipa::path(post, path = "/api-keys", tag = "members", request_body = ApiKeyRequest,
    responses((status = 201, body = NewApiKeyOut), Problem))]
pub async fn create(
    tenant: Allowed<may::ManageKeys>,
    State(app): State<App>,
    Json(request): Json<ApiKeyRequest>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], axum::Json<NewApiKeyOut>), Problem> {
    let name = request.name.trim();
    check_name(name)?;
    check_role(request.role, tenant.role())?;
    if !(1..=EXPIRES_IN_DAYS_MAX).contains(&request.expires_in_days) {
        let detail = format!("a key expires in 1 to {EXPIRES_IN_DAYS_MAX} days");
        return Err(Problem::unprocessable("invalid_expiry", detail, "choose another number of days"));
    }
    let scopes = narrowed(request.scopes.as_deref(), tenant.scopes());
    let asked = app.clock.now() + Duration::days(i64::from(request.expires_in_days));
    // A key that another one makes does not outlive it.
    let outlived = matches!(tenant.principal(), Principal::ApiKey(_)).then(|| tenant.session().expires_at).flatten();
    let issued = Kind::ApiKey.issue(tenant.tenant_id());
    let new = NewApiKey {
        name,
        digest: &issued.digest,
        ending: issued.ending(),
        role: request.role,
        scopes: scopes.as_ref(),
        expires_at: Some(outlived.map_or(asked, |end| end.min(asked))),
    };
    let api_key = app.store.tenant(&tenant).create_api_key(new).await?.into();
    let created = NewApiKeyOut { key: issued.text, api_key };
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], axum::Json(created)))
}

/// Revokes an API key; it stops working at once.
#[utoipa::path(delete, path = "/api-keys/{id}", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 204, description = "The key was revoked"), Problem))]
pub async fn delete(
    tenant: Allowed<may::ManageKeys>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    app.store.tenant(&tenant).revoke_api_key(ApiKeyId(id)).await?;
    app.access_changed(&tenant).await;
    Ok(StatusCode::NO_CONTENT)
}

fn check_role(role: Role, own: Role) -> Result<(), Problem> {
    if role == Role::Owner {
        let detail = "an API key cannot be an owner";
        return Err(Problem::unprocessable("invalid_role", detail, "choose `admin` or a role below it"));
    }
    if role > own {
        return Err(Problem::forbidden(&format!("your role is `{}`, and a key can do no more than it", own.as_str())));
    }
    Ok(())
}

/// Returns what is asked for and also held by whoever asks, who may be a key with scopes itself.
fn narrowed(asked: Option<&[Permission]>, own: Option<&Scopes>) -> Option<Scopes> {
    let asked = asked.map(|asked| asked.iter().map(|permission| permission.as_str().to_owned()));
    match (asked, own) {
        (None, own) => own.cloned(),
        (Some(asked), None) => Some(asked.collect()),
        (Some(asked), Some(own)) => Some(asked.filter(|permission| own.contains(permission)).collect()),
    }
}

fn agent() -> Role {
    Role::Agent
}

fn days() -> u32 {
    EXPIRES_IN_DAYS_DEFAULT
}

impl From<ApiKey> for ApiKeyOut {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            ending: key.ending,
            role: key.role,
            scopes: key.scopes,
            created_by: key.created_by,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_made_by_a_key_holds_no_more_than_it() {
        let own: Scopes = ["keys:manage", "tasks:read"].map(str::to_owned).into_iter().collect();
        assert_eq!(narrowed(None, Some(&own)), Some(own.clone()));
        let asked = [Permission::ReadTasks, Permission::ReadRecords];
        let held: Vec<String> = narrowed(Some(&asked), Some(&own)).unwrap().iter().map(str::to_owned).collect();
        assert_eq!(held, ["tasks:read"]);
        assert_eq!(narrowed(None, None), None);
    }
}

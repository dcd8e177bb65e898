//! Who belongs to the tenant, and with what role.

use super::RoleName;
use super::account::User;
use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::{Resource, may};
use aos_core::{Role, UserId};
use aos_store::PageOf;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "role": "viewer" }))]
pub struct MemberRequest {
    #[schema(value_type = RoleName)]
    role: Role,
}

/// Lists the members of the tenant, oldest first. Whoever may not see personal data sees their e-mail addresses masked.
#[utoipa::path(get, path = "/members", tag = "members", params(PageQuery),
    responses((status = 200, body = PageOut<User>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadMembers>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<User>>, Problem> {
    let PageOf { items, next_cursor } = app.store.tenant(&tenant).list_members(page.into()).await?;
    let items = items.into_iter().map(|user| User::seen_by(&tenant, user)).collect();
    Ok(axum::Json(PageOut { items, next_cursor }))
}

/// Gives a member another role, which holds at once, also for those who are signed in. Nobody changes who is above them, and the last owner
/// stays one.
#[utoipa::path(put, path = "/members/{id}", tag = "members", params(("id" = Uuid, Path)), request_body = MemberRequest,
    responses((status = 200, body = User), Problem))]
pub async fn put(
    tenant: Allowed<may::ManageMembers>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(change): Json<MemberRequest>,
) -> Result<axum::Json<User>, Problem> {
    tenant.on(Resource::Member { role: change.role })?;
    let changed = app.store.tenant(&tenant).change_member_role(UserId(id), change.role).await?;
    app.access_changed(&tenant).await;
    Ok(axum::Json(User::seen_by(&tenant, changed)))
}

/// Takes a member out of the tenant; their sessions end at once. API keys they made stay, because those are the tenant's. Schedules they
/// saved are switched off until someone else saves them.
#[utoipa::path(delete, path = "/members/{id}", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 204, description = "The member was taken out"), Problem))]
pub async fn delete(
    tenant: Allowed<may::ManageMembers>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    app.store.tenant(&tenant).remove_member(UserId(id)).await?;
    app.access_changed(&tenant).await;
    Ok(StatusCode::NO_CONTENT)
}

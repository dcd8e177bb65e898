//! The queue of what waits for a person: list, discuss, rehearse, decide, take back.

mod body;

use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::page::{ListOut, PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_core::ConnectionId;
use aos_core::policy::may;
use aos_dcl::review::{DECIDED_AT_ONCE_MAX, Decided, RehearsalReport};
use aos_mesh::drift::Chosen;
use aos_store::{ReviewFilter, ReviewOrder, ReviewState};
use axum::extract::State;
use axum::http::StatusCode;
use body::{
    Approval, Assignment, BulkDecision, BulkKind, CommentCreate, CommentOut, Refusal, RehearsalStart, ReviewDetail,
    ReviewOut, ReviewQuery, ReviewsWaiting,
};
use uuid::Uuid;

/// How many raw records a repair is tried on when nothing else is said.
const RECORDS_DEFAULT: u64 = 5_000;

/// Lists items of the review queue. Of those that are open, what breaks something comes first, then what has waited longest; others are listed
/// the newest first. `order` says otherwise.
#[utoipa::path(get, path = "/reviews", tag = "reviews", params(ReviewQuery),
    responses((status = 200, body = PageOut<ReviewOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadDrift>,
    State(app): State<App>,
    Query(query): Query<ReviewQuery>,
) -> Result<axum::Json<PageOut<ReviewOut>>, Problem> {
    let filter = ReviewFilter {
        kind: query.kind,
        state: query.state,
        connection: query.connection_id.map(ConnectionId),
        stream: query.stream,
        assignee: query.assignee,
        severity: query.severity,
        confidence_min: query.confidence_min,
        confidence_below: query.confidence_below,
        order: query.order.unwrap_or(match query.state {
            Some(ReviewState::Open) => ReviewOrder::Urgency,
            _ => ReviewOrder::Newest,
        }),
    };
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let found = app.dcl.tenant(&tenant).reviews(&filter, page.into()).await?;
    let items = found.items.into_iter().map(ReviewOut::from).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Counts the items that wait for a person.
#[utoipa::path(get, path = "/reviews/waiting", tag = "reviews", responses((status = 200, body = ReviewsWaiting), Problem))]
pub async fn waiting(
    tenant: Allowed<may::ReadDrift>,
    State(app): State<App>,
) -> Result<axum::Json<ReviewsWaiting>, Problem> {
    let kinds = app.store.tenant(&tenant).count_open_reviews().await?;
    Ok(axum::Json(ReviewsWaiting { total: kinds.values().sum(), kinds }))
}

/// Returns an item with what was said of it.
#[utoipa::path(get, path = "/reviews/{id}", tag = "reviews", params(("id" = Uuid, Path)),
    responses((status = 200, body = ReviewDetail), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadDrift>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<ReviewDetail>, Problem> {
    let (review, comments) = app.dcl.tenant(&tenant).review(id).await?;
    let comments = comments.into_iter().map(CommentOut::from).collect();
    Ok(axum::Json(ReviewDetail { review: review.into(), comments }))
}

/// Gives an open item to somebody, or to nobody.
#[utoipa::path(put, path = "/reviews/{id}/assignee", tag = "reviews", params(("id" = Uuid, Path)),
    request_body = Assignment, responses((status = 200, body = ReviewOut), Problem))]
pub async fn assign(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(assignment): Json<Assignment>,
) -> Result<axum::Json<ReviewOut>, Problem> {
    let assignee = assignment.assignee.as_deref().filter(|assignee| !assignee.is_empty());
    Ok(axum::Json(app.dcl.tenant(&tenant).assign_review(id, assignee).await?.into()))
}

/// Says something about an item.
#[utoipa::path(post, path = "/reviews/{id}/comments", tag = "reviews", params(("id" = Uuid, Path)),
    request_body = CommentCreate, responses((status = 201, body = CommentOut), Problem))]
pub async fn comment(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(comment): Json<CommentCreate>,
) -> Result<(StatusCode, axum::Json<CommentOut>), Problem> {
    if comment.text.trim().is_empty() {
        return Err(Problem::unprocessable("empty_comment", "the comment says nothing", "write some text"));
    }
    let comment = app.dcl.tenant(&tenant).comment_review(id, &comment.text).await?;
    Ok((StatusCode::CREATED, axum::Json(comment.into())))
}

/// Tries a repair on the latest raw records and keeps nothing: counts, cells before and after, values gained and lost, views and agents that
/// would change.
///
/// A repair is compared with what the present mapping gives of the same records. With `accept`, or for a candidate that changes no rule, what
/// the records say as they are is compared with what is held of them, for at most 5,000 records.
#[utoipa::path(post, path = "/reviews/{id}/rehearse", tag = "reviews", params(("id" = Uuid, Path)),
    request_body = RehearsalStart, responses((status = 200, body = RehearsalReport), Problem))]
pub async fn rehearse(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(start): Json<RehearsalStart>,
) -> Result<axum::Json<RehearsalReport>, Problem> {
    let RehearsalStart { candidate, edits, accept, records } = start;
    let chosen = Chosen { edits, candidate, accept, revision: None };
    let records = records.unwrap_or(RECORDS_DEFAULT);
    Ok(axum::Json(app.dcl.tenant(&tenant).rehearse_review(id, &chosen, records).await?))
}

/// Approves an item. Of kind `drift`, a new version of the mapping holds at once, and a task maps the affected past anew.
///
/// An item that somebody else changed since `revision`, or a rule that is not as it was when the repair was proposed, is refused with 409.
#[utoipa::path(post, path = "/reviews/{id}/approve", tag = "reviews", params(("id" = Uuid, Path)),
    request_body = Approval, responses((status = 200, body = Decided), Problem))]
pub async fn approve(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(approval): Json<Approval>,
) -> Result<axum::Json<Decided>, Problem> {
    let Approval { candidate, edits, accept, revision } = approval;
    let chosen = Chosen { edits, candidate, accept, revision };
    let decided = app.dcl.tenant(&tenant).approve_reviews(vec![(id, chosen)]).await?;
    decided.into_iter().next().map(axum::Json).ok_or_else(|| Problem::missing("review"))
}

/// Rejects an item: what it proposes is wrong. It is not asked again, and a stream that waits for a decision goes on waiting.
#[utoipa::path(post, path = "/reviews/{id}/reject", tag = "reviews", params(("id" = Uuid, Path)),
    request_body = Refusal, responses((status = 200, body = Decided), Problem))]
pub async fn reject(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(refusal): Json<Refusal>,
) -> Result<axum::Json<Decided>, Problem> {
    let Refusal { reason, revision } = refusal;
    let decided = app.dcl.tenant(&tenant).reject_reviews(vec![(id, revision)], reason.as_deref()).await?;
    decided.into_iter().next().map(axum::Json).ok_or_else(|| Problem::missing("review"))
}

/// Takes back what followed from an approval: the mapping before it holds again, for every record that was read since.
#[utoipa::path(post, path = "/reviews/{id}/undo", tag = "reviews", params(("id" = Uuid, Path)),
    responses((status = 200, body = ListOut<Decided>), Problem))]
pub async fn undo(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<ListOut<Decided>>, Problem> {
    Ok(axum::Json(ListOut { items: app.dcl.tenant(&tenant).undo_review(id).await? }))
}

/// Decides many items alike. Those about one stream are applied together, all or none of them.
#[utoipa::path(post, path = "/reviews/decide", tag = "reviews", request_body = BulkDecision,
    responses((status = 200, body = ListOut<Decided>), Problem))]
pub async fn decide(
    tenant: Allowed<may::DecideDrift>,
    State(app): State<App>,
    Json(bulk): Json<BulkDecision>,
) -> Result<axum::Json<ListOut<Decided>>, Problem> {
    if bulk.ids.is_empty() || bulk.ids.len() > DECIDED_AT_ONCE_MAX {
        let detail = format!("{} items were named", bulk.ids.len());
        return Err(Problem::unprocessable("too_many_reviews", detail, "name 1 to 200 of them"));
    }
    let dcl = app.dcl.tenant(&tenant);
    let items = match bulk.decision {
        BulkKind::Reject => {
            let ids = bulk.ids.into_iter().map(|id| (id, None)).collect();
            dcl.reject_reviews(ids, bulk.reason.as_deref()).await?
        }
        decision => {
            let chosen = Chosen { accept: decision == BulkKind::Accept, ..Chosen::default() };
            dcl.approve_reviews(bulk.ids.into_iter().map(|id| (id, chosen.clone())).collect()).await?
        }
    };
    Ok(axum::Json(ListOut { items }))
}

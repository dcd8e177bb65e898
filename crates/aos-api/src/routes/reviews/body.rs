//! What is sent and answered about the review queue.

use aos_core::ConnectionId;
use aos_drift::Edit;
use aos_store::{Review, ReviewComment, ReviewOrder, ReviewState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReviewQuery {
    /// `drift`, or another kind of item.
    #[serde(default)]
    pub(super) kind: Option<String>,
    /// `open`, `approved`, `rejected`, `undone`, `expired` or `superseded`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "open")]
    pub(super) state: Option<ReviewState>,
    #[serde(default)]
    pub(super) connection_id: Option<Uuid>,
    #[serde(default)]
    pub(super) stream: Option<String>,
    #[serde(default)]
    pub(super) assignee: Option<String>,
    /// `breaking` or `risky`.
    #[serde(default)]
    pub(super) severity: Option<String>,
    /// Only items whose probability is at least this.
    #[serde(default)]
    pub(super) confidence_min: Option<f64>,
    /// Only items whose probability is below this.
    #[serde(default)]
    pub(super) confidence_below: Option<f64>,
    /// `urgency` or `newest`; left out, `urgency` where `state` is `open`. A cursor leads on in the order it was given in.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "urgency")]
    pub(super) order: Option<ReviewOrder>,
    #[serde(default)]
    pub(super) cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub(super) limit: Option<u32>,
}

/// How many items of the queue wait for a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "total": 15, "kinds": { "drift": 3, "entity_pair": 12 } }))]
pub struct ReviewsWaiting {
    pub(super) total: u64,
    /// By their kind; a kind of which none waits is left out.
    pub(super) kinds: BTreeMap<String, u64>,
}

/// Something that waits for a person, or was decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Review)]
pub struct ReviewOut {
    pub(super) id: Uuid,
    /// What kind of item it is, e.g. `drift`.
    pub(super) kind: String,
    /// What it is about: one item of a kind is open for each.
    pub(super) subject: String,
    #[schema(required)]
    pub(super) connection_id: Option<Uuid>,
    #[schema(required)]
    pub(super) stream: Option<String>,
    pub(super) title: String,
    /// What it holds, by its kind; of kind `drift` it is a `DriftItem`.
    #[schema(value_type = Object)]
    pub(super) payload: serde_json::Value,
    /// The probability that what is proposed is right; null where nothing is.
    #[schema(required)]
    pub(super) confidence: Option<f64>,
    pub(super) severity: String,
    #[schema(value_type = String, example = "open")]
    pub(super) state: ReviewState,
    /// Grows with every change. Given with a decision, it is refused when someone else came first.
    pub(super) revision: i64,
    #[schema(required)]
    pub(super) assignee: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    #[schema(required)]
    pub(super) expires_at: Option<DateTime<Utc>>,
    #[schema(required)]
    pub(super) decided_at: Option<DateTime<Utc>>,
    #[schema(required)]
    pub(super) decided_by: Option<String>,
    /// What came of it: how it was decided, and the version of the mapping that was made.
    #[schema(required, value_type = Option<Object>)]
    pub(super) outcome: Option<serde_json::Value>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewDetail {
    #[serde(flatten)]
    pub(super) review: ReviewOut,
    pub(super) comments: Vec<CommentOut>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewComment)]
pub struct CommentOut {
    pub(super) id: Uuid,
    pub(super) at: DateTime<Utc>,
    pub(super) author: String,
    pub(super) text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "assignee": "user:0198c0de-0000-7000-8000-000000000001" }))]
pub struct Assignment {
    /// `user:<id>` or any other name; null gives it to nobody.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub(super) assignee: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "The vendor announced this rename in June." }))]
pub struct CommentCreate {
    #[schema(min_length = 1, max_length = 10_000)]
    pub(super) text: String,
}

/// What is approved: a candidate, rules of one's own, or what is seen without a repair.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "candidate": 0, "revision": 1 }))]
pub struct Approval {
    /// Which of the candidates; the first when left out.
    #[serde(default)]
    pub(super) candidate: Option<usize>,
    /// Rules in the place of a candidate's.
    #[serde(default)]
    pub(super) edits: Option<Vec<Edit>>,
    /// Nothing is repaired: what is seen is as it should be.
    #[serde(default)]
    pub(super) accept: bool,
    /// The revision that was looked at; another one is refused with 409.
    #[serde(default)]
    pub(super) revision: Option<i64>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "the two fields mean different things" }))]
pub struct Refusal {
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) revision: Option<i64>,
}

/// One decision about many items.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "decision": "approve", "ids": ["0198c0de-0000-7000-8000-000000000001"] }))]
pub struct BulkDecision {
    /// `approve` takes the first candidate of each, `accept` what is seen without a repair.
    #[schema(example = "approve")]
    pub(super) decision: BulkKind,
    #[schema(min_items = 1, max_items = 200)]
    pub(super) ids: Vec<Uuid>,
    #[serde(default)]
    pub(super) reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkKind {
    Approve,
    Accept,
    Reject,
}

/// What is to be tried.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "candidate": 0, "records": 5000 }))]
pub struct RehearsalStart {
    #[serde(default)]
    pub(super) candidate: Option<usize>,
    #[serde(default)]
    pub(super) edits: Option<Vec<Edit>>,
    /// Nothing is repaired: what is seen is taken as it is.
    #[serde(default)]
    pub(super) accept: bool,
    /// On how many of the latest raw records.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 50_000, default = 5_000)]
    pub(super) records: Option<u64>,
}

impl From<Review> for ReviewOut {
    fn from(review: Review) -> Self {
        Self {
            id: review.id,
            kind: review.kind,
            subject: review.subject,
            connection_id: review.connection_id.map(|ConnectionId(id)| id),
            stream: review.stream,
            title: review.title,
            payload: review.payload,
            confidence: review.confidence,
            severity: review.severity,
            state: review.state,
            revision: review.revision,
            assignee: review.assignee,
            created_at: review.created_at,
            updated_at: review.updated_at,
            expires_at: review.expires_at,
            decided_at: review.decided_at,
            decided_by: review.decided_by,
            outcome: review.outcome,
        }
    }
}

impl From<ReviewComment> for CommentOut {
    fn from(comment: ReviewComment) -> Self {
        let ReviewComment { id, at, author, text } = comment;
        Self { id, at, author, text }
    }
}

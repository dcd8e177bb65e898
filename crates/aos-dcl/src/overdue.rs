//! What nobody has decided in time: told live, and to those whom the tenant has named.

use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_broker::Topic;
use aos_mesh::drift::DriftPolicy;
use aos_store::ReviewDue;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// What nobody has decided in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    pub message: String,
    /// Who is told by a signed callback.
    pub callback_url: Option<String>,
}

/// What those are told who are to know that nobody has decided.
#[derive(Debug, Clone, Serialize)]
pub struct ToldReview {
    pub review_id: Uuid,
    pub kind: String,
    pub state: String,
    pub severity: String,
    pub title: String,
    pub connection_id: Option<Uuid>,
    pub stream: Option<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

impl TenantDcl {
    /// Looks at an item that nobody has decided; returns who is to be told what, if anybody is.
    pub async fn review_due(&self, id: Uuid) -> Result<Option<Overdue>> {
        let (review, event, message) = match self.store().review_due(id).await? {
            ReviewDue::Nothing => return Ok(None),
            ReviewDue::Expired(review) => {
                let message = format!("the review \"{}\" has expired: nobody decided it", review.title);
                (review, "expired", message)
            }
            ReviewDue::Escalate(review) => {
                let since = review.created_at.format("%Y-%m-%d %H:%M UTC");
                let message = format!("the review \"{}\" waits for a decision since {since}", review.title);
                (review, "escalated", message)
            }
        };
        self.tell(Topic::Notice, json!({ "kind": "review", "review_id": review.id, "message": message })).await;
        self.tell_review(&review, event).await;
        let callback_url = DriftPolicy::load(&self.store()).await?.escalate_url;
        Ok(Some(Overdue { message, callback_url }))
    }

    /// Says what is known of an item to those who are told that nobody has decided it.
    pub async fn told_review(&self, id: Uuid) -> Result<ToldReview> {
        let review = self.store().review(id).await?.ok_or(Error::NotFound("review"))?;
        Ok(ToldReview {
            review_id: review.id,
            kind: review.kind,
            state: review.state.as_str().to_owned(),
            severity: review.severity,
            title: review.title,
            connection_id: review.connection_id.map(|id| id.0),
            stream: review.stream,
            created_at: review.created_at,
            expires_at: review.expires_at,
        })
    }
}

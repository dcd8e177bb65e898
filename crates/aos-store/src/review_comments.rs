//! What people say about an item of the review queue, and what happens to one that nobody decides.

use crate::convert::time;
use crate::db::{query, query_as};
use crate::error::{Error, Result};
use crate::review_decisions::ReviewDecision;
use crate::reviews::{Review, ReviewState};
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

const COMMENT_CHARS_MAX: usize = 10_000;
const COMMENTS_MAX: i64 = 1_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReviewComment {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    /// `user:<id>`, `key:<id>` or `local`.
    pub author: String,
    pub text: String,
}

/// What has become due of an item that was looked at again.
#[derive(Debug, Clone, PartialEq)]
pub enum ReviewDue {
    /// It was decided, or is not due.
    Nothing,
    /// Others are to be told that nobody has decided.
    Escalate(Box<Review>),
    Expired(Box<Review>),
}

impl TenantStore<'_> {
    pub async fn comment_review(&self, review: Uuid, text: &str) -> Result<ReviewComment> {
        let size = text.chars().count();
        if size > COMMENT_CHARS_MAX {
            return Err(Error::TooLarge { what: "the comment", size, limit: COMMENT_CHARS_MAX });
        }
        let mut tx = self.begin().await?;
        self.review_in(&mut tx, review).await?;
        let (id, now, author) = (Uuid::now_v7(), self.now(), self.scope.principal().to_string());
        query(
            "INSERT INTO review_comments (tenant_id, review_id, id, at, author, text) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.id())
        .bind(review)
        .bind(id)
        .bind(now)
        .bind(&author)
        .bind(text)
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, "review.comment", &review.to_string(), json!({})).await?;
        tx.commit().await?;
        Ok(ReviewComment { id, at: time(now), author, text: text.to_owned() })
    }

    /// Lists what was said of an item, the oldest first.
    pub async fn review_comments(&self, review: Uuid) -> Result<Vec<ReviewComment>> {
        let rows = query_as::<(Uuid, i64, String, String)>(
            "SELECT id, at, author, text FROM review_comments
              WHERE tenant_id = $1 AND review_id = $2
              ORDER BY id LIMIT $3",
        );
        let rows = rows.bind(self.id()).bind(review).bind(COMMENTS_MAX).fetch_all(self.reader()).await?;
        Ok(rows.into_iter().map(|(id, at, author, text)| ReviewComment { id, at: time(at), author, text }).collect())
    }

    /// Looks at an item that may have waited too long: it expires, or is to be told about once.
    pub async fn review_due(&self, id: Uuid) -> Result<ReviewDue> {
        let mut tx = self.begin().await?;
        let review = match self.review_in(&mut tx, id).await {
            Err(Error::NotFound(_)) => return Ok(ReviewDue::Nothing),
            review => review?,
        };
        if review.state != ReviewState::Open {
            return Ok(ReviewDue::Nothing);
        }
        let now = time(self.now());
        if review.expires_at.is_some_and(|at| at <= now) {
            let decision = ReviewDecision {
                id,
                revision: None,
                state: ReviewState::Expired,
                outcome: json!({}),
                was_right: None,
                features: json!({}),
            };
            let expired = self.decide_in(&mut tx, &decision).await?;
            tx.commit().await?;
            return Ok(ReviewDue::Expired(Box::new(expired)));
        }
        if review.escalate_at.is_none_or(|at| at > now) {
            return Ok(ReviewDue::Nothing);
        }
        query("UPDATE reviews SET escalate_at = NULL WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(id)
            .execute(&mut tx)
            .await?;
        if let Some(at) = review.expires_at {
            self.look_again_in(&mut tx, id, at).await?;
        }
        self.audit(&mut tx, "review.escalate", &id.to_string(), json!({ "title": review.title })).await?;
        tx.commit().await?;
        Ok(ReviewDue::Escalate(Box::new(review)))
    }
}

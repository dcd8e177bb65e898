//! Decisions about items of the review queue: taken once, in the transaction of what follows from them, and kept as evidence of how often a
//! probability is right.

use crate::convert::{from_json, time, to_json};
use crate::db::{Tx, query, query_as};
use crate::error::{Error, Result};
use crate::reviews::{Review, ReviewState, decided};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// What somebody decided of an item, and what it teaches.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewDecision {
    pub id: Uuid,
    /// The revision that was looked at; the present one where nobody cares.
    pub revision: Option<i64>,
    pub state: ReviewState,
    pub outcome: Value,
    /// Whether what was proposed was right; none where the decision says nothing about it.
    pub was_right: Option<bool>,
    /// What the probability rested on.
    pub features: Value,
}

/// A decision as evidence of how often a probability is right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecidedReview {
    pub review_id: Uuid,
    /// What the item was about: the same again where something was taken back and asked once more.
    pub subject: String,
    pub at: DateTime<Utc>,
    pub probability: f64,
    pub was_right: bool,
    pub features: Value,
}

impl TenantStore<'_> {
    /// Decides an item from which nothing else follows in the store.
    pub async fn decide_review(&self, decision: &ReviewDecision) -> Result<Review> {
        let mut tx = self.begin().await?;
        let review = self.decide_in(&mut tx, decision).await?;
        tx.commit().await?;
        Ok(review)
    }

    /// Says that open items about a stream are so no more, but for some subjects.
    pub async fn supersede_reviews(
        &self,
        kind: &str,
        connection: ConnectionId,
        stream: &str,
        but: &[&str],
    ) -> Result<u64> {
        let mut tx = self.begin().await?;
        let open = query_as::<(Uuid, String)>(
            "SELECT id, subject FROM reviews
              WHERE tenant_id = $1 AND kind = $2 AND connection_id = $3 AND stream = $4 AND state = 'open'",
        );
        let open = open.bind(self.id()).bind(kind).bind(connection.0).bind(stream).fetch_all(&mut tx).await?;
        let mut ended = 0;
        for (id, _) in open.into_iter().filter(|(_, subject)| !but.contains(&subject.as_str())) {
            let decision = ReviewDecision {
                id,
                revision: None,
                state: ReviewState::Superseded,
                outcome: json!({}),
                was_right: None,
                features: json!({}),
            };
            self.decide_in(&mut tx, &decision).await?;
            ended += 1;
        }
        tx.commit().await?;
        Ok(ended)
    }

    /// Decides an item in the transaction of what follows from it, and keeps what it teaches.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed or decided since it was looked at.
    pub(crate) async fn decide_in(&self, tx: &mut Tx, decision: &ReviewDecision) -> Result<Review> {
        let before = self.review_in(tx, decision.id).await?;
        // What was approved can be undone; everything else is decided once.
        let from = if decision.state == ReviewState::Undone { ReviewState::Approved } else { ReviewState::Open };
        if before.state != from {
            return Err(decided(&before));
        }
        let by = self.scope.actor();
        let changed = query(
            "UPDATE reviews
                SET state = $3, outcome = $4, decided_at = $5, decided_by = $6, updated_at = $5, revision = revision + 1
              WHERE tenant_id = $1 AND id = $2 AND state = $7 AND revision = $8",
        )
        .bind(self.id())
        .bind(decision.id)
        .bind(decision.state.as_str())
        .bind(to_json(&decision.outcome))
        .bind(self.now())
        .bind(&by)
        .bind(from.as_str())
        .bind(decision.revision.unwrap_or(before.revision))
        .execute(&mut *tx)
        .await?;
        if changed == 0 {
            return Err(Error::Stale { what: format!("the review {}", decision.id) });
        }
        if decision.state != ReviewState::Superseded && decision.state != ReviewState::Expired {
            query(
                "INSERT INTO review_decisions
                    (tenant_id, id, review_id, kind, at, by_whom, action, probability, was_right, features)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(self.id())
            .bind(Uuid::now_v7())
            .bind(decision.id)
            .bind(&before.kind)
            .bind(self.now())
            .bind(&by)
            .bind(decision.state.as_str())
            .bind(before.confidence)
            .bind(decision.was_right)
            .bind(to_json(&decision.features))
            .execute(&mut *tx)
            .await?;
        }
        if decision.state == ReviewState::Rejected {
            self.remember_rejected_in(tx, &before).await?;
        }
        let action = format!("review.{}", decision.state.as_str());
        self.audit(tx, &action, &decision.id.to_string(), json!({ "title": before.title })).await?;
        self.review_in(tx, decision.id).await
    }

    /// Lists the latest decisions that say whether a probability was right, for a kind of item; one for each item.
    pub async fn decided_reviews(&self, kind: &str, limit: u32) -> Result<Vec<DecidedReview>> {
        let rows = query_as::<(Uuid, String, i64, f64, bool, String)>(
            "SELECT d.review_id, r.subject, d.at, d.probability, d.was_right, d.features
               FROM review_decisions d
               JOIN reviews r ON r.tenant_id = d.tenant_id AND r.id = d.review_id
              WHERE d.tenant_id = $1 AND d.kind = $2 AND d.probability IS NOT NULL AND d.was_right IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM review_decisions later
                                 WHERE later.tenant_id = d.tenant_id AND later.review_id = d.review_id AND later.id > d.id)
              ORDER BY d.id DESC LIMIT $3",
        )
        .bind(self.id())
        .bind(kind)
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        let decided =
            |(review_id, subject, at, probability, was_right, features): (Uuid, _, i64, f64, bool, String)| {
                let features = from_json(&features, "review_decisions", "features", review_id)?;
                Ok(DecidedReview { review_id, subject, at: time(at), probability, was_right, features })
            };
        rows.into_iter().map(decided).collect()
    }
}

//! The queue of what a person is to decide: what it is about, who looks at it, what was decided. What a kind of item means, and what
//! follows from a decision, is said elsewhere.

use crate::convert::{from_json, from_word, micros, time, to_json, uncount};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use aos_core::kind;
use aos_core::task::{NewTask, Start};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A payload longer than this is no item that a person could look at.
const PAYLOAD_BYTES_MAX: usize = 1024 * 1024;
const TITLE_CHARS_MAX: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Somebody has to decide.
    Open,
    Approved,
    Rejected,
    /// What followed from its approval was taken back.
    Undone,
    /// Nobody decided in time.
    Expired,
    /// What it is about is so no more.
    Superseded,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    pub id: Uuid,
    pub kind: String,
    /// What it is about: one item of a kind is open for each.
    pub subject: String,
    pub connection_id: Option<ConnectionId>,
    pub stream: Option<String>,
    pub title: String,
    pub payload: Value,
    /// The probability that what is proposed is right; none where nothing is.
    pub confidence: Option<f64>,
    pub severity: String,
    pub state: ReviewState,
    /// Grows with every change.
    pub revision: i64,
    /// `user:<id>` or any other name.
    pub assignee: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub escalate_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<String>,
    pub outcome: Option<Value>,
}

/// Something to be decided.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReview {
    pub kind: String,
    pub subject: String,
    pub connection: Option<ConnectionId>,
    pub stream: Option<String>,
    pub title: String,
    pub payload: Value,
    pub confidence: Option<f64>,
    pub severity: String,
    pub expires_at: Option<DateTime<Utc>>,
    /// When others are told that nobody has decided yet.
    pub escalate_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: Uuid,
    kind: String,
    subject: String,
    connection_id: Option<Uuid>,
    stream: Option<String>,
    title: String,
    payload: String,
    confidence: Option<f64>,
    severity: String,
    state: String,
    revision: i64,
    assignee: Option<String>,
    created_at: i64,
    updated_at: i64,
    expires_at: Option<i64>,
    escalate_at: Option<i64>,
    decided_at: Option<i64>,
    decided_by: Option<String>,
    outcome: Option<String>,
}

macro_rules! select {
    ($($rest:literal),+) => {
        concat!(
            "SELECT id, kind, subject, connection_id, stream, title, payload, confidence, severity, state, revision, assignee,
                    created_at, updated_at, expires_at, escalate_at, decided_at, decided_by, outcome
               FROM reviews ",
            $($rest),+
        )
    };
}

pub(crate) use select;

impl ReviewState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Undone => "undone",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
        }
    }
}

impl TenantStore<'_> {
    /// Counts the items that wait for a person, by their kind. A kind of which none waits is left out.
    pub async fn count_open_reviews(&self) -> Result<BTreeMap<String, u64>> {
        let waiting = query_as::<(String, i64)>(
            "SELECT kind, count(*) FROM reviews WHERE tenant_id = $1 AND state = 'open' GROUP BY kind",
        );
        let counted = waiting.bind(self.id()).fetch_all(self.reader()).await?;
        Ok(counted.into_iter().map(|(kind, count)| (kind, uncount(count))).collect())
    }

    /// Opens an item, or brings the open one about the same subject up to date. Says whether it is new.
    ///
    /// An item whose subject was rejected is returned as it is: who was told no does not ask the same again.
    pub async fn open_review(&self, new: &NewReview) -> Result<(Review, bool)> {
        let payload = to_json(&new.payload);
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(Error::TooLarge { what: "the review", size: payload.len(), limit: PAYLOAD_BYTES_MAX });
        }
        let mut tx = self.begin().await?;
        if let Some(last) = self.last_review_of(&mut tx, &new.kind, &new.subject).await? {
            match last.state {
                ReviewState::Rejected => return Ok((last, false)),
                ReviewState::Open if to_json(&last.payload) == payload => return Ok((last, false)),
                ReviewState::Open => {
                    self.renew(&mut tx, last.id, new, payload).await?;
                    let review = self.review_in(&mut tx, last.id).await?;
                    tx.commit().await?;
                    return Ok((review, false));
                }
                _ => {}
            }
        }
        let review = self.insert_review(&mut tx, new, payload).await?;
        tx.commit().await?;
        Ok((review, true))
    }

    pub(crate) async fn insert_review(&self, tx: &mut Tx, new: &NewReview, payload: String) -> Result<Review> {
        let id = Uuid::now_v7();
        query(
            "INSERT INTO reviews
                (tenant_id, id, kind, subject, connection_id, stream, title, payload, confidence, severity, state, revision,
                 created_at, updated_at, expires_at, escalate_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', 1, $11, $11, $12, $13)",
        )
        .bind(self.id())
        .bind(id)
        .bind(&new.kind)
        .bind(&new.subject)
        .bind(new.connection.map(|id| id.0))
        .bind(new.stream.as_deref())
        .bind(title(&new.title))
        .bind(payload)
        .bind(new.confidence)
        .bind(&new.severity)
        .bind(self.now())
        .bind(new.expires_at.map(micros))
        .bind(new.escalate_at.map(micros))
        .execute(&mut *tx)
        .await?;
        if let Some(at) = new.escalate_at.into_iter().chain(new.expires_at).min() {
            self.look_again_in(tx, id, at).await?;
        }
        self.audit(tx, "review.open", &id.to_string(), json!({ "kind": new.kind, "title": title(&new.title) })).await?;
        self.review_in(tx, id).await
    }

    /// Opens an item again in the transaction of what has made it one; one that is open already stays as it is.
    pub(crate) async fn reopen_in(&self, tx: &mut Tx, new: &NewReview) -> Result<Review> {
        let payload = to_json(&new.payload);
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(Error::TooLarge { what: "the review", size: payload.len(), limit: PAYLOAD_BYTES_MAX });
        }
        match self.last_review_of(tx, &new.kind, &new.subject).await? {
            Some(last) if last.state == ReviewState::Open => Ok(last),
            _ => self.insert_review(tx, new, payload).await,
        }
    }

    pub async fn review(&self, id: Uuid) -> Result<Option<Review>> {
        let found = query_as::<Row>(select!("WHERE tenant_id = $1 AND id = $2"));
        found.bind(self.id()).bind(id).fetch_optional(self.reader()).await?.map(review).transpose()
    }

    /// Gives an open item to somebody, or to nobody.
    pub async fn assign_review(&self, id: Uuid, assignee: Option<&str>) -> Result<Review> {
        let mut tx = self.begin().await?;
        let assigned = query(
            "UPDATE reviews SET assignee = $3, revision = revision + 1, updated_at = $4
              WHERE tenant_id = $1 AND id = $2 AND state = 'open'",
        )
        .bind(self.id())
        .bind(id)
        .bind(assignee)
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        let review = self.review_in(&mut tx, id).await?;
        if assigned == 0 {
            return Err(decided(&review));
        }
        self.audit(&mut tx, "review.assign", &id.to_string(), json!({ "assignee": assignee })).await?;
        tx.commit().await?;
        Ok(review)
    }

    /// Enqueues the look at an item that follows when nobody has decided it by then.
    pub(crate) async fn look_again_in(&self, tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
        let task = NewTask {
            start: Start::At(at),
            max_attempts: 5,
            ..NewTask::new(kind::REVIEW_DUE, json!({ "review": id }))
        };
        self.enqueue_in(tx, task).await?;
        Ok(())
    }

    pub(crate) async fn review_in(&self, tx: &mut Tx, id: Uuid) -> Result<Review> {
        let found = query_as::<Row>(select!("WHERE tenant_id = $1 AND id = $2"));
        let found = found.bind(self.id()).bind(id).fetch_optional(tx).await?;
        found.map(review).transpose()?.ok_or_else(|| Error::NotFound(Resource::Review(id.to_string())))
    }

    pub(crate) async fn last_review_of(&self, tx: &mut Tx, kind: &str, subject: &str) -> Result<Option<Review>> {
        let last = query_scalar::<Uuid>(
            "SELECT id FROM reviews WHERE tenant_id = $1 AND kind = $2 AND subject = $3 ORDER BY id DESC LIMIT 1",
        );
        match last.bind(self.id()).bind(kind).bind(subject).fetch_optional(&mut *tx).await? {
            Some(id) => Ok(Some(self.review_in(tx, id).await?)),
            None => Ok(None),
        }
    }

    pub(crate) async fn renew(&self, tx: &mut Tx, id: Uuid, new: &NewReview, payload: String) -> Result<()> {
        query(
            "UPDATE reviews
                SET title = $3, payload = $4, confidence = $5, severity = $6, revision = revision + 1, updated_at = $7
              WHERE tenant_id = $1 AND id = $2 AND state = 'open'",
        )
        .bind(self.id())
        .bind(id)
        .bind(title(&new.title))
        .bind(payload)
        .bind(new.confidence)
        .bind(&new.severity)
        .bind(self.now())
        .execute(tx)
        .await?;
        Ok(())
    }
}

pub(crate) fn review(row: Row) -> Result<Review> {
    let id = row.id;
    Ok(Review {
        id,
        kind: row.kind,
        subject: row.subject,
        connection_id: row.connection_id.map(ConnectionId),
        stream: row.stream,
        title: row.title,
        payload: from_json(&row.payload, "reviews", "payload", id)?,
        confidence: row.confidence,
        severity: row.severity,
        state: from_word(row.state, "reviews", "state", id)?,
        revision: row.revision,
        assignee: row.assignee,
        created_at: time(row.created_at),
        updated_at: time(row.updated_at),
        expires_at: row.expires_at.map(time),
        escalate_at: row.escalate_at.map(time),
        decided_at: row.decided_at.map(time),
        decided_by: row.decided_by,
        outcome: row.outcome.map(|text| from_json(&text, "reviews", "outcome", id)).transpose()?,
    })
}

/// Says that an item cannot be decided any more.
pub(crate) fn decided(review: &Review) -> Error {
    Error::ReviewDecided { id: review.id, state: review.state.as_str() }
}

fn title(text: &str) -> String {
    text.chars().take(TITLE_CHARS_MAX).collect()
}

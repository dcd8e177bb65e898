//! Questions that were asked of the unified views: what became of each, and what people thought of the answers.

use crate::convert::{from_json, from_word, time, to_json};
use crate::db::{query, query_as};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

const QUESTION_CHARS_MAX: usize = 2_000;
const NOTES_CHARS_MAX: usize = 2_000;

/// What somebody thought of an answer or a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    Up,
    Down,
}

impl Rating {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// A question with its answer, or with why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct NewQuestion {
    pub id: Uuid,
    pub question: String,
    pub persona: Option<String>,
    /// Whether the answer was made for somebody who sees personal data.
    pub clear: bool,
    pub plan: Option<Value>,
    pub answer: Option<String>,
    pub refusal: Option<Value>,
    pub receipt: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredQuestion {
    pub id: Uuid,
    /// `user:<id>`, `key:<id>` or `local`.
    pub asked_by: String,
    pub asked_at: DateTime<Utc>,
    pub question: String,
    pub persona: Option<String>,
    pub clear: bool,
    pub plan: Option<Value>,
    pub answer: Option<String>,
    pub refusal: Option<Value>,
    pub receipt: Option<Value>,
    pub rating: Option<Rating>,
    pub notes: Option<String>,
    pub rated_by: Option<String>,
    pub rated_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    asked_by: String,
    asked_at: i64,
    question: String,
    persona: Option<String>,
    clear: bool,
    plan: Option<String>,
    answer: Option<String>,
    refusal: Option<String>,
    receipt: Option<String>,
    rating: Option<String>,
    notes: Option<String>,
    rated_by: Option<String>,
    rated_at: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, asked_by, asked_at, question, persona, clear, plan, answer, refusal, receipt, rating, notes, rated_by, rated_at
               FROM questions ",
            $rest
        )
    };
}

impl TenantStore<'_> {
    /// Keeps a question with what became of it.
    pub async fn save_question(&self, new: &NewQuestion) -> Result<()> {
        let size = new.question.chars().count();
        if size > QUESTION_CHARS_MAX {
            return Err(Error::TooLarge { what: "the question", size, limit: QUESTION_CHARS_MAX });
        }
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO questions
                (tenant_id, id, asked_by, asked_at, question, persona, clear, plan, answer, refusal, receipt)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(self.id())
        .bind(new.id)
        .bind(self.scope.principal().to_string())
        .bind(self.now())
        .bind(&new.question)
        .bind(new.persona.as_deref())
        .bind(new.clear)
        .bind(new.plan.as_ref().map(to_json))
        .bind(new.answer.as_deref())
        .bind(new.refusal.as_ref().map(to_json))
        .bind(new.receipt.as_ref().map(to_json))
        .execute(&mut tx)
        .await?;
        let outcome = if new.refusal.is_some() { "refused" } else { "answered" };
        self.audit(&mut tx, "question.ask", &new.id.to_string(), json!({ "outcome": outcome })).await?;
        tx.commit().await
    }

    pub async fn question(&self, id: Uuid) -> Result<Option<StoredQuestion>> {
        let found = query_as::<Row>(select!("WHERE tenant_id = $1 AND id = $2"));
        found.bind(self.id()).bind(id).fetch_optional(self.reader()).await?.map(stored).transpose()
    }

    /// Lists questions, the newest first.
    pub async fn list_questions(&self, page: Page) -> Result<PageOf<StoredQuestion>> {
        let rows =
            query_as::<Row>(select!("WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"))
                .bind(self.id())
                .bind(page.after_id()?)
                .bind(page.fetch())
                .fetch_all(self.reader())
                .await?;
        let items = rows.into_iter().map(stored).collect::<Result<_>>()?;
        Ok(page.of(items, |question: &StoredQuestion| question.id))
    }

    /// Says what somebody thinks of an answer; what was said before is replaced.
    pub async fn rate_question(&self, id: Uuid, rating: Rating, notes: Option<&str>) -> Result<StoredQuestion> {
        let size = notes.map_or(0, |notes| notes.chars().count());
        if size > NOTES_CHARS_MAX {
            return Err(Error::TooLarge { what: "the notes", size, limit: NOTES_CHARS_MAX });
        }
        let mut tx = self.begin().await?;
        let rated = query(
            "UPDATE questions SET rating = $3, notes = $4, rated_by = $5, rated_at = $6 WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id)
        .bind(rating.as_str())
        .bind(notes)
        .bind(self.scope.principal().to_string())
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        if rated == 0 {
            return Err(Error::NotFound(Resource::Question(id.to_string())));
        }
        self.audit(&mut tx, "question.rate", &id.to_string(), json!({ "rating": rating })).await?;
        tx.commit().await?;
        self.question(id).await?.ok_or_else(|| Error::NotFound(Resource::Question(id.to_string())))
    }
}

fn stored(row: Row) -> Result<StoredQuestion> {
    let id = row.id;
    let read = |text: Option<String>, column| text.map(|text| from_json(&text, "questions", column, id)).transpose();
    Ok(StoredQuestion {
        id,
        asked_by: row.asked_by,
        asked_at: time(row.asked_at),
        question: row.question,
        persona: row.persona,
        clear: row.clear,
        plan: read(row.plan, "plan")?,
        answer: row.answer,
        refusal: read(row.refusal, "refusal")?,
        receipt: read(row.receipt, "receipt")?,
        rating: row.rating.map(|word| from_word(word, "questions", "rating", id)).transpose()?,
        notes: row.notes,
        rated_by: row.rated_by,
        rated_at: row.rated_at.map(time),
    })
}

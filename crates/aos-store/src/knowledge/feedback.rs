//! What people said of what they found. It is kept for whoever looks after the knowledge base, and changes no order by itself.

use crate::convert::{count, time, uncount};
use crate::db::{query, query_as};
use crate::error::{Error, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::ChunkPlace;

const ASKED_CHARS_MAX: usize = 2_000;
const NOTES_CHARS_MAX: usize = 2_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKnowledgeFeedback<'a> {
    /// What was looked for, without personal data.
    pub asked: &'a str,
    /// What was found, when it is about one chunk.
    pub place: Option<ChunkPlace>,
    /// Whether it helped.
    pub is_useful: bool,
    pub notes: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnowledgeFeedback {
    pub id: Uuid,
    pub asked: String,
    pub document_id: Option<Uuid>,
    pub ordinal: Option<u64>,
    /// `up` or `down`.
    pub rating: String,
    pub notes: Option<String>,
    pub given_by: String,
    pub given_at: DateTime<Utc>,
}

type Row = (Uuid, String, Option<Uuid>, Option<i64>, String, Option<String>, String, i64);

impl TenantStore<'_> {
    /// Keeps what someone said of what they found.
    pub async fn give_knowledge_feedback(&self, new: &NewKnowledgeFeedback<'_>) -> Result<KnowledgeFeedback> {
        check("the question", new.asked, ASKED_CHARS_MAX)?;
        check("the note", new.notes.unwrap_or_default(), NOTES_CHARS_MAX)?;
        let given = KnowledgeFeedback {
            id: Uuid::now_v7(),
            asked: new.asked.to_owned(),
            document_id: new.place.map(|place| place.document_id),
            ordinal: new.place.map(|place| place.ordinal),
            rating: if new.is_useful { "up" } else { "down" }.to_owned(),
            notes: new.notes.map(str::to_owned),
            given_by: self.scope.principal().to_string(),
            given_at: time(self.now()),
        };
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO knowledge_feedback (tenant_id, id, asked, document_id, ordinal, rating, notes, given_by, given_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(self.id())
        .bind(given.id)
        .bind(&given.asked)
        .bind(given.document_id)
        .bind(given.ordinal.map(count))
        .bind(&given.rating)
        .bind(given.notes.clone())
        .bind(&given.given_by)
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        let detail = json!({ "rating": given.rating, "document": given.document_id });
        self.audit(&mut tx, "knowledge.feedback", &given.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(given)
    }

    /// Lists what was said, oldest first.
    pub async fn list_knowledge_feedback(&self, page: Page) -> Result<PageOf<KnowledgeFeedback>> {
        let rows = query_as::<Row>(
            "SELECT id, asked, document_id, ordinal, rating, notes, given_by, given_at
               FROM knowledge_feedback
              WHERE tenant_id = $1 AND ($2 IS NULL OR id > $2)
              ORDER BY id LIMIT $3",
        );
        let rows = rows.bind(self.id()).bind(page.after_id()?).bind(page.fetch()).fetch_all(self.reader()).await?;
        let feedback = |(id, asked, document_id, ordinal, rating, notes, given_by, given_at): Row| KnowledgeFeedback {
            id,
            asked,
            document_id,
            ordinal: ordinal.map(uncount),
            rating,
            notes,
            given_by,
            given_at: time(given_at),
        };
        Ok(page.of(rows.into_iter().map(feedback).collect(), |given: &KnowledgeFeedback| given.id))
    }
}

fn check(what: &'static str, text: &str, limit: usize) -> Result<()> {
    match text.chars().count() {
        size if size > limit => Err(Error::TooLarge { what, size, limit }),
        _ => Ok(()),
    }
}

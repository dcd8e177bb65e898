//! What was looked up before a source was mapped: how much of it is remembered, what was chosen about asking a model, and what that took.

use crate::convert::{count, from_json, from_word, micros, time, to_json, uncount};
use crate::db::{query, query_as};
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// What may be done about the columns that are uncertain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// The model is asked.
    Proceed,
    /// What is remembered is enough, and the model is not asked.
    Skip,
}

/// What is known before a source is mapped.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMappingCheck {
    /// The run of the connection.
    pub id: Uuid,
    pub connection: ConnectionId,
    /// `lexical`, or the model that made the vectors.
    pub similarity: String,
    pub fields: u64,
    pub covered: u64,
    pub missing: Vec<String>,
    pub uncertain: u64,
    pub recommendation: NextStep,
    pub calls_estimated: u64,
    pub tokens_estimated: u64,
    /// Millionths of a US dollar; none where no price is known.
    pub micros_estimated: Option<u64>,
    /// Until when somebody may choose; none where nobody is asked.
    pub decide_until: Option<DateTime<Utc>>,
}

/// What asking a model took, and brought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MappingCheckEnd {
    /// What was done in the end, where somebody could have chosen.
    pub choice: Option<NextStep>,
    pub calls: u64,
    pub calls_saved: u64,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    pub micros: Option<u64>,
    pub asked: u64,
    pub answered: u64,
    pub taken: u64,
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappingCheck {
    pub id: Uuid,
    pub connection_id: ConnectionId,
    pub checked_at: DateTime<Utc>,
    pub similarity: String,
    pub fields: u64,
    pub covered: u64,
    pub missing: Vec<String>,
    pub uncertain: u64,
    pub recommendation: NextStep,
    pub calls_estimated: u64,
    pub tokens_estimated: u64,
    pub micros_estimated: Option<u64>,
    pub decide_until: Option<DateTime<Utc>>,
    pub choice: Option<NextStep>,
    pub chosen_by: Option<String>,
    pub chosen_at: Option<DateTime<Utc>>,
    pub calls: u64,
    pub calls_saved: u64,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    pub micros: Option<u64>,
    pub asked: u64,
    pub answered: u64,
    pub taken: u64,
    pub note: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    connection_id: Uuid,
    checked_at: i64,
    similarity: String,
    fields: i64,
    covered: i64,
    missing: String,
    uncertain: i64,
    recommendation: String,
    calls_estimated: i64,
    tokens_estimated: i64,
    micros_estimated: Option<i64>,
    decide_until: Option<i64>,
    choice: Option<String>,
    chosen_by: Option<String>,
    chosen_at: Option<i64>,
    calls: i64,
    calls_saved: i64,
    tokens_in: Option<i64>,
    tokens_out: Option<i64>,
    micros: Option<i64>,
    asked: i64,
    answered: i64,
    taken: i64,
    note: Option<String>,
    ended_at: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, connection_id, checked_at, similarity, fields, covered, missing, uncertain, recommendation,
                    calls_estimated, tokens_estimated, micros_estimated, decide_until, choice, chosen_by, chosen_at, calls, calls_saved,
                    tokens_in, tokens_out, micros, asked, answered, taken, note, ended_at
               FROM mapping_checks ",
            $rest
        )
    };
}

impl NextStep {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proceed => "proceed",
            Self::Skip => "skip",
        }
    }
}

impl TenantStore<'_> {
    /// Writes down what is known before a source is mapped; a run that is begun again is looked at again.
    pub async fn open_mapping_check(&self, new: &NewMappingCheck) -> Result<()> {
        let mut tx = self.begin().await?;
        query("DELETE FROM mapping_checks WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(new.id)
            .execute(&mut tx)
            .await?;
        query(
            "INSERT INTO mapping_checks
                (tenant_id, id, connection_id, checked_at, similarity, fields, covered, missing, uncertain, recommendation,
                 calls_estimated, tokens_estimated, micros_estimated, decide_until)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(self.id())
        .bind(new.id)
        .bind(new.connection.0)
        .bind(self.now())
        .bind(&new.similarity)
        .bind(count(new.fields))
        .bind(count(new.covered))
        .bind(to_json(&new.missing))
        .bind(count(new.uncertain))
        .bind(new.recommendation.as_str())
        .bind(count(new.calls_estimated))
        .bind(count(new.tokens_estimated))
        .bind(new.micros_estimated.map(count))
        .bind(new.decide_until.map(micros))
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    pub async fn mapping_check(&self, id: Uuid) -> Result<Option<MappingCheck>> {
        let found = query_as::<Row>(select!("WHERE tenant_id = $1 AND id = $2"));
        found.bind(self.id()).bind(id).fetch_optional(self.reader()).await?.map(check).transpose()
    }

    /// Lists the checks, the newest first; only those that somebody may still choose about, if that is asked for.
    pub async fn list_mapping_checks(&self, pending: bool, page: Page) -> Result<PageOf<MappingCheck>> {
        let rows = query_as::<Row>(select!(
            "WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2)
               AND ($3 IS NULL OR (choice IS NULL AND ended_at IS NULL AND decide_until > $3))
             ORDER BY id DESC LIMIT $4"
        ))
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(pending.then(|| self.now()))
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let items = rows.into_iter().map(check).collect::<Result<_>>()?;
        Ok(page.of(items, |check: &MappingCheck| check.id))
    }

    /// Chooses whether a model is asked; false when nobody waits for that any more.
    pub async fn choose_mapping_check(&self, id: Uuid, choice: NextStep) -> Result<bool> {
        let mut tx = self.begin().await?;
        let chosen = query(
            "UPDATE mapping_checks SET choice = $3, chosen_by = $4, chosen_at = $5
              WHERE tenant_id = $1 AND id = $2 AND choice IS NULL AND ended_at IS NULL AND decide_until > $5",
        )
        .bind(self.id())
        .bind(id)
        .bind(choice.as_str())
        .bind(self.scope.principal().to_string())
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        if chosen > 0 {
            self.audit(&mut tx, "memory.choose", &id.to_string(), json!({ "choice": choice.as_str() })).await?;
        }
        tx.commit().await?;
        Ok(chosen > 0)
    }

    /// Ends a check with what was done. What somebody chose stays.
    pub async fn end_mapping_check(&self, id: Uuid, end: &MappingCheckEnd) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "UPDATE mapping_checks
                SET choice = COALESCE(choice, $3), calls = $4, calls_saved = $5, tokens_in = $6, tokens_out = $7, micros = $8,
                    asked = $9, answered = $10, taken = $11, note = $12, ended_at = $13
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id)
        .bind(end.choice.map(NextStep::as_str))
        .bind(count(end.calls))
        .bind(count(end.calls_saved))
        .bind(end.tokens_in.map(count))
        .bind(end.tokens_out.map(count))
        .bind(end.micros.map(count))
        .bind(count(end.asked))
        .bind(count(end.answered))
        .bind(count(end.taken))
        .bind(end.note.as_deref())
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }
}

fn check(row: Row) -> Result<MappingCheck> {
    let id = row.id;
    let step = |word: String, column| from_word(word, "mapping_checks", column, id);
    Ok(MappingCheck {
        id,
        connection_id: ConnectionId(row.connection_id),
        checked_at: time(row.checked_at),
        similarity: row.similarity,
        fields: uncount(row.fields),
        covered: uncount(row.covered),
        missing: from_json(&row.missing, "mapping_checks", "missing", id)?,
        uncertain: uncount(row.uncertain),
        recommendation: step(row.recommendation, "recommendation")?,
        calls_estimated: uncount(row.calls_estimated),
        tokens_estimated: uncount(row.tokens_estimated),
        micros_estimated: row.micros_estimated.map(uncount),
        decide_until: row.decide_until.map(time),
        choice: row.choice.map(|word| step(word, "choice")).transpose()?,
        chosen_by: row.chosen_by,
        chosen_at: row.chosen_at.map(time),
        calls: uncount(row.calls),
        calls_saved: uncount(row.calls_saved),
        tokens_in: row.tokens_in.map(uncount),
        tokens_out: row.tokens_out.map(uncount),
        micros: row.micros.map(uncount),
        asked: uncount(row.asked),
        answered: uncount(row.answered),
        taken: uncount(row.taken),
        note: row.note,
        ended_at: row.ended_at.map(time),
    })
}

//! What people ruled about two records: that they are one thing, or are not. A ruling can be taken back, and stays as what was once said.

use crate::convert::{from_word, time};
use crate::db::{query, query_as};
use crate::error::{Error, Resource, Result};
use crate::golden::RecordPlace;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

const REASON_CHARS_MAX: usize = 2_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RulingVerdict {
    Same,
    Different,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewRuling {
    pub left: RecordPlace,
    pub right: RecordPlace,
    pub verdict: RulingVerdict,
    pub reason: Option<String>,
    /// What the model said of the pair, as natural log odds.
    pub log_odds: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GoldenRuling {
    pub id: Uuid,
    pub entity: String,
    pub left: RecordPlace,
    pub right: RecordPlace,
    pub verdict: RulingVerdict,
    pub reason: Option<String>,
    pub log_odds: Option<f64>,
    /// `user:<id>`, `key:<id>` or `local`.
    pub ruled_by: String,
    pub ruled_at: DateTime<Utc>,
    pub undone_by: Option<String>,
    pub undone_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    entity: String,
    left_connection: Uuid,
    left_record: String,
    right_connection: Uuid,
    right_record: String,
    verdict: String,
    reason: Option<String>,
    log_odds: Option<f64>,
    ruled_by: String,
    ruled_at: i64,
    undone_by: Option<String>,
    undone_at: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, entity, left_connection, left_record, right_connection, right_record, verdict, reason, log_odds,
                    ruled_by, ruled_at, undone_by, undone_at
               FROM golden_rulings ",
            $rest
        )
    };
}

impl RulingVerdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
        }
    }
}

impl TenantStore<'_> {
    /// Keeps a ruling. One about the same two records that still held is taken back with it.
    pub async fn rule_golden(&self, entity: &str, new: &NewRuling) -> Result<GoldenRuling> {
        let size = new.reason.as_deref().map_or(0, |reason| reason.chars().count());
        if size > REASON_CHARS_MAX {
            return Err(Error::TooLarge { what: "the reason", size, limit: REASON_CHARS_MAX });
        }
        // Either order is the same pair.
        let (left, right) = if new.left <= new.right { (&new.left, &new.right) } else { (&new.right, &new.left) };
        let (id, now, by) = (Uuid::now_v7(), self.now(), self.scope.principal().to_string());
        let mut tx = self.begin().await?;
        query(
            "UPDATE golden_rulings SET undone_at = $7, undone_by = $8
              WHERE tenant_id = $1 AND entity = $2 AND left_connection = $3 AND left_record = $4
                AND right_connection = $5 AND right_record = $6 AND undone_at IS NULL",
        )
        .bind(self.id())
        .bind(entity)
        .bind(left.connection_id.0)
        .bind(&left.record_id)
        .bind(right.connection_id.0)
        .bind(&right.record_id)
        .bind(now)
        .bind(&by)
        .execute(&mut tx)
        .await?;
        query(
            "INSERT INTO golden_rulings
                (tenant_id, id, entity, left_connection, left_record, right_connection, right_record, verdict, reason, log_odds,
                 ruled_by, ruled_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(self.id())
        .bind(id)
        .bind(entity)
        .bind(left.connection_id.0)
        .bind(&left.record_id)
        .bind(right.connection_id.0)
        .bind(&right.record_id)
        .bind(new.verdict.as_str())
        .bind(new.reason.as_deref())
        .bind(new.log_odds)
        .bind(&by)
        .bind(now)
        .execute(&mut tx)
        .await?;
        let detail = json!({ "entity": entity, "left": left, "right": right, "verdict": new.verdict });
        self.audit(&mut tx, "golden.rule", &id.to_string(), detail).await?;
        tx.commit().await?;
        self.golden_ruling(id).await?.ok_or_else(|| Error::NotFound(Resource::Ruling(id.to_string())))
    }

    /// Takes a ruling back.
    pub async fn undo_ruling(&self, id: Uuid) -> Result<GoldenRuling> {
        let mut tx = self.begin().await?;
        let undone = query(
            "UPDATE golden_rulings SET undone_at = $3, undone_by = $4
              WHERE tenant_id = $1 AND id = $2 AND undone_at IS NULL",
        )
        .bind(self.id())
        .bind(id)
        .bind(self.now())
        .bind(self.scope.principal().to_string())
        .execute(&mut tx)
        .await?;
        if undone == 0 {
            return Err(Error::NotFound(Resource::Ruling(id.to_string())));
        }
        self.audit(&mut tx, "golden.undo", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        self.golden_ruling(id).await?.ok_or_else(|| Error::NotFound(Resource::Ruling(id.to_string())))
    }

    pub async fn golden_ruling(&self, id: Uuid) -> Result<Option<GoldenRuling>> {
        let found = query_as::<Row>(select!("WHERE tenant_id = $1 AND id = $2"));
        found.bind(self.id()).bind(id).fetch_optional(self.reader()).await?.map(ruling).transpose()
    }

    /// Lists rulings about an entity, those that were taken back included, the newest first.
    pub async fn list_rulings(&self, entity: &str, page: Page) -> Result<PageOf<GoldenRuling>> {
        let rows = query_as::<Row>(select!(
            "WHERE tenant_id = $1 AND entity = $2 AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"
        ))
        .bind(self.id())
        .bind(entity)
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let items = rows.into_iter().map(ruling).collect::<Result<_>>()?;
        Ok(page.of(items, |ruling: &GoldenRuling| ruling.id))
    }

    /// Lists rulings about a record, those that were taken back included, the newest first and at most so many.
    pub async fn rulings_about(&self, entity: &str, place: &RecordPlace, most: u32) -> Result<Vec<GoldenRuling>> {
        let rows = query_as::<Row>(select!(
            "WHERE tenant_id = $1 AND entity = $2
               AND ((left_connection = $3 AND left_record = $4) OR (right_connection = $3 AND right_record = $4))
             ORDER BY id DESC LIMIT $5"
        ))
        .bind(self.id())
        .bind(entity)
        .bind(place.connection_id.0)
        .bind(&place.record_id)
        .bind(i64::from(most))
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(ruling).collect()
    }

    /// Returns every ruling about an entity that holds.
    pub async fn rulings_that_hold(&self, entity: &str) -> Result<Vec<GoldenRuling>> {
        let rows = query_as::<Row>(select!("WHERE tenant_id = $1 AND entity = $2 AND undone_at IS NULL ORDER BY id"));
        rows.bind(self.id()).bind(entity).fetch_all(self.reader()).await?.into_iter().map(ruling).collect()
    }
}

fn ruling(row: Row) -> Result<GoldenRuling> {
    let place = |connection, record_id| RecordPlace { connection_id: ConnectionId(connection), record_id };
    Ok(GoldenRuling {
        verdict: from_word(row.verdict, "golden_rulings", "verdict", row.id)?,
        id: row.id,
        entity: row.entity,
        left: place(row.left_connection, row.left_record),
        right: place(row.right_connection, row.right_record),
        reason: row.reason,
        log_odds: row.log_odds,
        ruled_by: row.ruled_by,
        ruled_at: time(row.ruled_at),
        undone_by: row.undone_by,
        undone_at: row.undone_at.map(time),
    })
}

//! Rejections with their evidence. The same record rejected again for the same reason is the same rejection.

use crate::convert::{count, from_word, time, uncount, without_nul};
use crate::db::{Tx, query, query_as};
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::event::{Code, Level, Origin, Rejection};
use aos_core::{ConnectionId, RunId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AssertSqlSafe;
use std::borrow::Cow;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

/// Longer evidence is cut; the record as read stays in the lake.
const MAX_EVIDENCE_BYTES: usize = 16 * 1024;
const REOPENED_AT_ONCE: usize = 500;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredRejection {
    pub id: Uuid,
    pub connection_id: ConnectionId,
    pub stream: String,
    pub run_id: RunId,
    #[serde(flatten)]
    pub rejection: Rejection,
    pub created_at: DateTime<Utc>,
    /// When the record was read without this rejection, after a repair.
    pub resolved_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct RejectionFilter {
    pub connection: Option<ConnectionId>,
    pub stream: Option<String>,
    pub code: Option<Code>,
    pub run: Option<RunId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    connection_id: Uuid,
    stream: String,
    run_id: Uuid,
    level: String,
    code: String,
    message: String,
    column_name: Option<String>,
    raw: String,
    position: i64,
    created_at: i64,
    resolved_at: Option<i64>,
}

/// A rejection as it is kept.
pub(crate) struct RejectionRow<'r> {
    pub(crate) id: Uuid,
    pub(crate) level: &'static str,
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'r, str>,
    pub(crate) column: Option<Cow<'r, str>>,
    pub(crate) raw: Cow<'r, str>,
    pub(crate) position: i64,
    pub(crate) evidence_hash: i64,
}

impl<'r> From<&'r Rejection> for RejectionRow<'r> {
    fn from(rejection: &'r Rejection) -> Self {
        Self {
            id: Uuid::now_v7(),
            level: level_word(rejection.level),
            code: rejection.code.as_str(),
            message: without_nul(cut(&rejection.message)),
            column: rejection.column.as_deref().map(without_nul),
            raw: without_nul(cut(&rejection.raw)),
            position: count(rejection.position),
            evidence_hash: evidence_hash(rejection),
        }
    }
}

impl TenantStore<'_> {
    /// Lists rejections in the order they were found.
    pub async fn list_rejections(&self, filter: &RejectionFilter, page: Page) -> Result<PageOf<StoredRejection>> {
        let rows = query_as::<Row>(
            "SELECT id, connection_id, stream, run_id, level, code, message, column_name, raw, position, created_at,
                    resolved_at
               FROM rejections
              WHERE tenant_id = $1 AND ($2 IS NULL OR id > $2) AND ($3 IS NULL OR connection_id = $3)
                AND ($4 IS NULL OR stream = $4) AND ($5 IS NULL OR code = $5) AND ($6 IS NULL OR run_id = $6)
              ORDER BY id LIMIT $7",
        )
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(filter.connection.map(|id| id.0))
        .bind(filter.stream.as_deref())
        .bind(filter.code.map(Code::as_str))
        .bind(filter.run.map(|id| id.0))
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let items = rows.into_iter().map(StoredRejection::try_from).collect::<Result<_>>()?;
        Ok(page.of(items, |item: &StoredRejection| item.id))
    }
}

impl TenantStore<'_> {
    /// Says of rejections that were resolved and are met again that they are not.
    pub(crate) async fn reopen_rejections(&self, tx: &mut Tx, origin: &Origin, met: &[Rejection]) -> Result<()> {
        for some in met.chunks(REOPENED_AT_ONCE) {
            let hashes: Vec<String> = some.iter().map(|rejection| evidence_hash(rejection).to_string()).collect();
            let sql = format!(
                "UPDATE rejections SET resolved_at = NULL
                  WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND resolved_at IS NOT NULL
                    AND evidence_hash IN ({})",
                hashes.join(", ")
            );
            query(AssertSqlSafe(sql))
                .bind(self.id())
                .bind(origin.connection.0)
                .bind(&origin.stream)
                .execute(&mut *tx)
                .await?;
        }
        Ok(())
    }
}

impl TryFrom<Row> for StoredRejection {
    type Error = crate::Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            connection_id: ConnectionId(row.connection_id),
            stream: row.stream,
            run_id: RunId(row.run_id),
            rejection: Rejection {
                level: from_word(row.level, "rejections", "level", row.id)?,
                code: from_word(row.code, "rejections", "code", row.id)?,
                message: row.message,
                column: row.column_name,
                raw: row.raw,
                position: uncount(row.position),
            },
            created_at: time(row.created_at),
            resolved_at: row.resolved_at.map(time),
        })
    }
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Record => "record",
        Level::Value => "value",
    }
}

fn evidence_hash(rejection: &Rejection) -> i64 {
    let mut hash = Xxh3::new();
    for part in [rejection.code.as_str(), rejection.column.as_deref().unwrap_or_default(), &rejection.raw] {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.update(&rejection.position.to_le_bytes());
    hash.digest().cast_signed()
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_EVIDENCE_BYTES)]
}

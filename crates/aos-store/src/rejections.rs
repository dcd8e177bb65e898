//! Rejections with their evidence. The same record rejected again for the same reason is the same rejection.

use crate::convert::{count, from_word, time, uncount};
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::db::{Tx, query, query_as};
use crate::tenant::TenantStore;
use aos_core::event::{Code, Level, Origin, Rejection};
use aos_core::{ConnectionId, RunId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

/// Longer evidence is cut; the record as read stays in the lake.
const MAX_EVIDENCE_BYTES: usize = 16 * 1024;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredRejection {
    pub id: Uuid,
    pub connection_id: ConnectionId,
    pub stream: String,
    pub run_id: RunId,
    #[serde(flatten)]
    pub rejection: Rejection,
    pub created_at: DateTime<Utc>,
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
}

impl TenantStore<'_> {
    /// Lists rejections in the order they were found.
    pub async fn list_rejections(&self, filter: &RejectionFilter, page: Page) -> Result<PageOf<StoredRejection>> {
        let rows = query_as::<Row>(
            "SELECT id, connection_id, stream, run_id, level, code, message, column_name, raw, position, created_at
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

    pub(crate) async fn insert_rejections(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        run: RunId,
        rejections: &[Rejection],
    ) -> Result<()> {
        let now = self.now();
        for rejection in rejections {
            query(
                "INSERT INTO rejections
                    (tenant_id, id, connection_id, stream, run_id, level, code, message, column_name, raw, position,
                     evidence_hash, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                 ON CONFLICT (tenant_id, connection_id, stream, evidence_hash) DO NOTHING",
            )
            .bind(self.id())
            .bind(Uuid::now_v7())
            .bind(origin.connection.0)
            .bind(&origin.stream)
            .bind(run.0)
            .bind(level_word(rejection.level))
            .bind(rejection.code.as_str())
            .bind(cut(&rejection.message))
            .bind(rejection.column.as_deref())
            .bind(cut(&rejection.raw))
            .bind(count(rejection.position))
            .bind(evidence_hash(rejection))
            .bind(now)
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

//! The mapping memory: what was decided about columns of sources, as evidence for later decisions. It holds names and forms of columns, and no
//! value of any record.

mod accuracy;
mod checks;
mod remember;
mod vectors;

pub(crate) use remember::Remembered;

pub use accuracy::MemoryAccuracy;
pub use checks::{MappingCheck, MappingCheckEnd, NewMappingCheck, NextStep};
pub use vectors::NearMemory;

use crate::convert::{from_json, from_word, time};
use crate::db::{query, query_as};
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use aos_core::shape::{ColumnShape, Pattern, ValueKind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// What became of a pair of a column and a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryOutcome {
    /// The matcher decided it, and nobody has looked.
    Applied,
    /// A person said that it is right.
    Approved,
    /// A person said that it is wrong, or put another field in its place.
    Rejected,
}

/// What a column's values look like, without any of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Portrait {
    pub kind: ValueKind,
    /// Forms that values follow, with the share that does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<(Pattern, f64)>,
    pub unique: bool,
    /// Characters of the shortest and the longest value.
    pub lengths: (u32, u32),
}

/// One pair that was decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Memory {
    pub id: Uuid,
    pub connection_id: ConnectionId,
    pub connector: String,
    pub system: String,
    pub stream: String,
    pub path: String,
    pub label: Option<String>,
    pub portrait: Portrait,
    /// Both are empty for a column that feeds nothing.
    pub entity: String,
    pub field: String,
    pub outcome: MemoryOutcome,
    /// Whether the matcher had decided so before anybody looked.
    pub by_matcher: bool,
    pub confidence: f64,
    pub with_memory: bool,
    pub with_model: bool,
    pub decided_by: String,
    pub decided_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemoryFilter {
    pub connection: Option<ConnectionId>,
    pub entity: Option<String>,
    pub outcome: Option<MemoryOutcome>,
    /// A part of the column's path or of the field, in any case.
    pub words: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    connection_id: Uuid,
    connector: String,
    system: String,
    stream: String,
    path: String,
    label: Option<String>,
    portrait: String,
    entity: String,
    field: String,
    outcome: String,
    by_matcher: bool,
    confidence: f64,
    with_memory: bool,
    with_model: bool,
    decided_by: String,
    decided_at: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, connection_id, connector, system, stream, path, label, portrait, entity, field, outcome, by_matcher,
                    confidence, with_memory, with_model, decided_by, decided_at
               FROM mapping_memory ",
            $rest
        )
    };
}

use select;

impl MemoryOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

impl Portrait {
    pub fn of(column: &ColumnShape) -> Self {
        Self {
            kind: column.kind,
            forms: column.patterns.clone(),
            unique: column.is_unique(),
            lengths: (column.min_length, column.max_length),
        }
    }

    /// Of a column that nobody has looked at.
    fn unseen() -> Self {
        Self::of(&ColumnShape::unseen(String::new()))
    }
}

impl TenantStore<'_> {
    /// Lists what is remembered, the newest first.
    pub async fn list_memories(&self, filter: &MemoryFilter, page: Page) -> Result<PageOf<Memory>> {
        let rows = query_as::<Row>(select!(
            "WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2) AND ($3 IS NULL OR connection_id = $3)
               AND ($4 IS NULL OR entity = $4) AND ($5 IS NULL OR outcome = $5)
               AND ($6 IS NULL OR LOWER(path) LIKE $6 ESCAPE '!' OR LOWER(field) LIKE $6 ESCAPE '!')
             ORDER BY id DESC LIMIT $7"
        ))
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(filter.connection.map(|id| id.0))
        .bind(filter.entity.as_deref())
        .bind(filter.outcome.map(MemoryOutcome::as_str))
        .bind(filter.words.as_deref().map(contains))
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let items = rows.into_iter().map(memory).collect::<Result<_>>()?;
        Ok(page.of(items, |memory: &Memory| memory.id))
    }

    /// Returns the newest of what is remembered: first what people decided, then what the matcher did, then what feeds nothing.
    pub async fn memories(&self, limit: u32) -> Result<Vec<Memory>> {
        let rows = query_as::<Row>(select!(
            "WHERE tenant_id = $1 ORDER BY CASE WHEN outcome <> 'applied' THEN 0 WHEN field <> '' THEN 1 ELSE 2 END, decided_at DESC, id DESC LIMIT $2"
        ));
        let rows = rows.bind(self.id()).bind(i64::from(limit)).fetch_all(self.reader()).await?;
        rows.into_iter().map(memory).collect()
    }

    /// Forgets a pair; says whether there was one.
    pub async fn forget_memory(&self, id: Uuid) -> Result<bool> {
        let mut tx = self.begin().await?;
        let gone = query("DELETE FROM mapping_memory WHERE tenant_id = $1 AND id = $2");
        let gone = gone.bind(self.id()).bind(id).execute(&mut tx).await? > 0;
        if gone {
            self.audit(&mut tx, "memory.forget", &id.to_string(), json!({})).await?;
        }
        tx.commit().await?;
        Ok(gone)
    }

    /// Forgets all that was decided of a connection, which may be gone itself; says how much it was.
    pub async fn forget_memories_of(&self, connection: ConnectionId) -> Result<u64> {
        let mut tx = self.begin().await?;
        let gone = query("DELETE FROM mapping_memory WHERE tenant_id = $1 AND connection_id = $2");
        let gone = gone.bind(self.id()).bind(connection.0).execute(&mut tx).await?;
        self.audit(&mut tx, "memory.forget", &format!("connection {connection}"), json!({ "pairs": gone })).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Writes a part of a text as a pattern in which nothing else stands for anything.
fn contains(words: &str) -> String {
    let mut pattern = String::from("%");
    for letter in words.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

fn memory(row: Row) -> Result<Memory> {
    let id = row.id;
    Ok(Memory {
        id,
        connection_id: ConnectionId(row.connection_id),
        connector: row.connector,
        system: row.system,
        stream: row.stream,
        path: row.path,
        label: row.label,
        portrait: from_json(&row.portrait, "mapping_memory", "portrait", id)?,
        entity: row.entity,
        field: row.field,
        outcome: from_word(row.outcome, "mapping_memory", "outcome", id)?,
        by_matcher: row.by_matcher,
        confidence: row.confidence,
        with_memory: row.with_memory,
        with_model: row.with_model,
        decided_by: row.decided_by,
        decided_at: time(row.decided_at),
    })
}

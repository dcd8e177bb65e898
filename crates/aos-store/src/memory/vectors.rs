//! Vectors of what is remembered, and the nearest of them: compared by pgvector where the database has it, else here. Both are exact, over the
//! tenant's rows of one model.

use super::{Memory, Row, memory, select};
use crate::db::{Pool, query, query_as, query_scalar};
use crate::error::{Error, Result};
use crate::tenant::TenantStore;
use serde::Serialize;
use std::fmt::Write as _;
use uuid::Uuid;

/// A memory with the cosine between its vector and the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NearMemory {
    pub id: Uuid,
    pub cosine: f64,
}

impl TenantStore<'_> {
    /// Returns what is remembered and has no vector of this model yet.
    pub async fn memories_without_vector(&self, print: &str, limit: u32) -> Result<Vec<Memory>> {
        let rows = query_as::<Row>(select!(
            "WHERE tenant_id = $1 AND (vector_print IS NULL OR vector_print <> $2) ORDER BY id DESC LIMIT $3"
        ));
        let rows = rows.bind(self.id()).bind(print).bind(i64::from(limit)).fetch_all(self.reader()).await?;
        rows.into_iter().map(memory).collect()
    }

    /// Keeps vectors of length 1 that a model has made, in place of those there were.
    pub async fn put_memory_vectors(&self, print: &str, vectors: &[(Uuid, Vec<f32>)]) -> Result<()> {
        let mut tx = self.begin().await?;
        for (id, vector) in vectors {
            query("UPDATE mapping_memory SET vector = $3, vector_print = $4 WHERE tenant_id = $1 AND id = $2")
                .bind(self.id())
                .bind(*id)
                .bind(to_text(vector))
                .bind(print)
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await
    }

    /// Returns for each vector of length 1 what is remembered nearest to it, the nearest first, among vectors of the same model.
    pub async fn nearest_memories(&self, print: &str, asked: &[Vec<f32>], most: u32) -> Result<Vec<Vec<NearMemory>>> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        // What dialects part in: SQLite has no vectors, and a PostgreSQL may have none.
        if matches!(&*self.store.pool, Pool::Postgres(_)) && self.has_pgvector().await? {
            return self.nearest_by_database(print, asked, most).await;
        }
        let rows = query_as::<(Uuid, String)>(
            "SELECT id, vector FROM mapping_memory WHERE tenant_id = $1 AND vector_print = $2 AND vector IS NOT NULL",
        );
        let rows = rows.bind(self.id()).bind(print).fetch_all(self.reader()).await?;
        let held = rows.into_iter().map(|(id, text)| Ok((id, of_text(id, &text)?))).collect::<Result<Vec<_>>>()?;
        Ok(asked.iter().map(|asked| nearest(&held, asked, most as usize)).collect())
    }

    async fn has_pgvector(&self) -> Result<bool> {
        let found = query_scalar::<bool>("SELECT to_regproc('autonomos_nearest_memories') IS NOT NULL");
        found.fetch_one(self.reader()).await
    }

    async fn nearest_by_database(&self, print: &str, asked: &[Vec<f32>], most: u32) -> Result<Vec<Vec<NearMemory>>> {
        let mut found = Vec::with_capacity(asked.len());
        for asked in asked {
            let rows = query_as::<(Uuid, f64)>("SELECT id, cosine FROM autonomos_nearest_memories($1, $2, $3)");
            let rows = rows.bind(print).bind(to_text(asked)).bind(i64::from(most)).fetch_all(self.reader()).await?;
            found.push(rows.into_iter().map(|(id, cosine)| NearMemory { id, cosine }).collect());
        }
        Ok(found)
    }
}

fn nearest(held: &[(Uuid, Vec<f32>)], asked: &[f32], most: usize) -> Vec<NearMemory> {
    let dot = |vector: &[f32]| vector.iter().zip(asked).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    let same = held.iter().filter(|(_, vector)| vector.len() == asked.len());
    let mut near: Vec<NearMemory> = same.map(|(id, vector)| NearMemory { id: *id, cosine: dot(vector) }).collect();
    near.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.id.cmp(&b.id)));
    near.truncate(most);
    near
}

/// Writes a vector as pgvector reads it. Each number is the shortest text that reads back as itself.
fn to_text(vector: &[f32]) -> String {
    let mut text = String::from("[");
    for (at, part) in vector.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _written = write!(text, "{comma}{part}");
    }
    text.push(']');
    text
}

fn of_text(id: Uuid, text: &str) -> Result<Vec<f32>> {
    let corrupt = |source: std::num::ParseFloatError| Error::Corrupt {
        table: "mapping_memory",
        column: "vector",
        id: id.to_string(),
        source: source.into(),
    };
    text.trim_matches(['[', ']']).split(',').map(|part| part.parse().map_err(corrupt)).collect()
}

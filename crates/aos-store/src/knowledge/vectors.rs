//! Vectors of chunks, as bytes; whoever compares them keeps them in memory and looks here for what changed.

use crate::convert::{count, from_word, uncount};
use crate::db::{query, query_as, query_scalar};
use crate::error::{Error, Result};
use crate::tenant::TenantStore;
use aos_core::Role;
use serde_json::json;
use uuid::Uuid;

use super::tags_of;

/// What decides whether a document's vectors that are in memory still hold, and who may find by them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeIndexEntry {
    pub id: Uuid,
    pub revision: i64,
    pub least_role: Role,
    pub tags: Vec<String>,
    /// The fingerprint of the model that its vectors are of.
    pub vector_print: Option<String>,
}

/// Vectors of a whole document, as it was at a revision.
#[derive(Debug, Clone)]
pub struct NewKnowledgeVectors<'a> {
    pub document_id: Uuid,
    pub revision: i64,
    pub model: &'a str,
    pub fingerprint: &'a str,
    /// One for each chunk, in order, as 32-bit floating-point numbers with the lowest byte first.
    pub vectors: Vec<Vec<u8>>,
}

impl TenantStore<'_> {
    /// Returns the revision of the tenant's knowledge base: it grows with every change. 0 before the first one.
    pub async fn knowledge_revision(&self) -> Result<i64> {
        let head = query_scalar::<i64>("SELECT revision FROM knowledge_heads WHERE tenant_id = $1");
        Ok(head.bind(self.id()).fetch_optional(self.reader()).await?.unwrap_or_default())
    }

    /// Lists what there is to find, whoever may see it.
    pub async fn knowledge_index(&self) -> Result<Vec<KnowledgeIndexEntry>> {
        let rows = query_as::<(Uuid, i64, String, String, Option<String>)>(
            "SELECT id, revision, least_role, tags, vector_print FROM knowledge_documents WHERE tenant_id = $1 ORDER BY id",
        );
        let rows = rows.bind(self.id()).fetch_all(self.reader()).await?;
        let entry = |(id, revision, least_role, tags, vector_print): (Uuid, i64, String, String, Option<String>)| {
            let least_role = from_word(least_role, "knowledge_documents", "least_role", id)?;
            Ok(KnowledgeIndexEntry { id, revision, least_role, tags: tags_of(&tags), vector_print })
        };
        rows.into_iter().map(entry).collect()
    }

    /// Returns a document's vectors with the numbers of their chunks, in order.
    pub async fn knowledge_vectors(&self, document: Uuid) -> Result<Vec<(u64, Vec<u8>)>> {
        let rows = query_as::<(i64, Vec<u8>)>(
            "SELECT ordinal, vector FROM knowledge_vectors WHERE tenant_id = $1 AND document_id = $2 ORDER BY ordinal",
        );
        let rows = rows.bind(self.id()).bind(document).fetch_all(self.reader()).await?;
        Ok(rows.into_iter().map(|(ordinal, vector)| (uncount(ordinal), vector)).collect())
    }

    /// Keeps a document's vectors in place of those it had.
    ///
    /// # Errors
    /// [`Error::Stale`] when the document is no longer as it was when the vectors were made.
    pub async fn put_knowledge_vectors(&self, new: &NewKnowledgeVectors<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let revision = self.next_knowledge_revision(&mut tx).await?;
        let held = query(
            "UPDATE knowledge_documents SET vector_model = $4, vector_print = $5, revision = $6
              WHERE tenant_id = $1 AND id = $2 AND revision = $3",
        )
        .bind(self.id())
        .bind(new.document_id)
        .bind(new.revision)
        .bind(new.model)
        .bind(new.fingerprint)
        .bind(revision)
        .execute(&mut tx)
        .await?;
        if held == 0 {
            return Err(Error::Stale { what: format!("the document {}", new.document_id) });
        }
        query("DELETE FROM knowledge_vectors WHERE tenant_id = $1 AND document_id = $2")
            .bind(self.id())
            .bind(new.document_id)
            .execute(&mut tx)
            .await?;
        for (ordinal, vector) in (0..).zip(&new.vectors) {
            query("INSERT INTO knowledge_vectors (tenant_id, document_id, ordinal, vector) VALUES ($1, $2, $3, $4)")
                .bind(self.id())
                .bind(new.document_id)
                .bind(count(ordinal))
                .bind(vector.clone())
                .execute(&mut tx)
                .await?;
        }
        let detail = json!({ "model": new.model, "vectors": new.vectors.len() });
        self.audit(&mut tx, "knowledge.embed", &new.document_id.to_string(), detail).await?;
        tx.commit().await
    }
}

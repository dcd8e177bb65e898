//! Documents and their chunks: kept as a whole in place of what was at the same location, listed, and removed with all that follows from them.

use super::{
    ChunkRow, DocumentRow, KnowledgeChunk, KnowledgeDocument, NewKnowledgeChunk, NewKnowledgeDocument, chunk, document,
    document_id, search, tags_text,
};
use crate::convert::{count, to_json, without_nul};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::Role;
use serde_json::json;
use uuid::Uuid;

/// Documents of a tenant at most; more are another kind of system.
const DOCUMENTS_MAX: usize = 100_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, location, title, format, tags, least_role, redacted, redactions, redaction, chunks, marked, characters, tokens,
                    content_hash, vector_model, vector_print, revision, created_by, created_at, updated_at
               FROM knowledge_documents ",
            $rest
        )
    };
}

impl TenantStore<'_> {
    /// Keeps a document in place of the one that was at its location: all of it or nothing. One that is as it was stays, with its vectors.
    ///
    /// # Errors
    /// [`Error::TooMany`] when the tenant has as many documents as it may.
    pub async fn put_knowledge_document(&self, new: &NewKnowledgeDocument) -> Result<KnowledgeDocument> {
        let id = document_id(self.id(), &new.location);
        let mut tx = self.begin().await?;
        // Whoever changes this tenant's knowledge base waits here for whoever does so already.
        let revision = self.next_knowledge_revision(&mut tx).await?;
        let known = query_as::<DocumentRow>(select!("WHERE tenant_id = $1 AND id = $2"));
        let known = known.bind(self.id()).bind(id).fetch_optional(&mut tx).await?.map(document).transpose()?;
        match known {
            Some(known) if known.content_hash == new.content_hash => return Ok(known),
            Some(_) => self.clear_document(&mut tx, id).await?,
            None => self.refuse_too_many(&mut tx).await?,
        }
        self.write_document(&mut tx, id, revision, new).await?;
        for (ordinal, piece) in (0..).zip(&new.chunks) {
            self.write_chunk(&mut tx, id, ordinal, new, piece).await?;
        }
        let detail = json!({
            "location": new.location, "chunks": new.chunks.len(), "redacted": new.redacted, "redactions": new.redactions,
        });
        self.audit(&mut tx, "knowledge.put", &id.to_string(), detail).await?;
        tx.commit().await?;
        let kept = self.knowledge_document(id).await?;
        kept.ok_or_else(|| Error::NotFound(Resource::KnowledgeDocument(id.to_string())))
    }

    async fn write_document(&self, tx: &mut Tx, id: Uuid, revision: i64, new: &NewKnowledgeDocument) -> Result<()> {
        let marked = new.chunks.iter().filter(|piece| !piece.marks.is_empty()).count();
        query(
            "INSERT INTO knowledge_documents
                (tenant_id, id, location, title, format, tags, least_role, redacted, redactions, chunks, marked, characters, tokens,
                 content_hash, revision, created_by, created_at, updated_at, redaction)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $18)
             ON CONFLICT (tenant_id, id)
             DO UPDATE SET title = excluded.title, format = excluded.format, tags = excluded.tags, least_role = excluded.least_role,
                           redacted = excluded.redacted, redactions = excluded.redactions, redaction = excluded.redaction, chunks = excluded.chunks,
                           marked = excluded.marked, characters = excluded.characters, tokens = excluded.tokens,
                           content_hash = excluded.content_hash, revision = excluded.revision, updated_at = excluded.updated_at,
                           vector_model = NULL, vector_print = NULL",
        )
        .bind(self.id())
        .bind(id)
        .bind(&new.location)
        .bind(&*without_nul(&new.title))
        .bind(&new.format)
        .bind(tags_text(&new.tags))
        .bind(new.least_role.as_str())
        .bind(new.redacted)
        .bind(count(new.redactions))
        .bind(count(new.chunks.len() as u64))
        .bind(count(marked as u64))
        .bind(count(new.characters))
        .bind(count(new.chunks.iter().map(|piece| piece.tokens).sum()))
        .bind(&new.content_hash)
        .bind(revision)
        .bind(self.scope.principal().to_string())
        .bind(self.now())
        .bind(new.redaction.as_ref().map(to_json))
        .execute(tx)
        .await?;
        Ok(())
    }

    async fn write_chunk(
        &self,
        tx: &mut Tx,
        id: Uuid,
        ordinal: i64,
        document: &NewKnowledgeDocument,
        piece: &NewKnowledgeChunk,
    ) -> Result<()> {
        let statement = match tx {
            // The index of words wants its rows in ascending order, and only one writes at a time.
            Tx::Sqlite(_) => {
                "INSERT INTO knowledge_chunks
                    (tenant_id, document_id, ordinal, least_role, tags, section, heading, page, from_char, to_char, body, tokens, marks,
                     scope, text_id)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                         (SELECT COALESCE(MAX(id), 0) + 1 FROM knowledge_text_docsize))"
            }
            Tx::Postgres(..) => {
                "INSERT INTO knowledge_chunks
                    (tenant_id, document_id, ordinal, least_role, tags, section, heading, page, from_char, to_char, body, tokens, marks)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
            }
        };
        let statement = query(statement)
            .bind(self.id())
            .bind(id)
            .bind(ordinal)
            .bind(document.least_role.as_str())
            .bind(tags_text(&document.tags))
            .bind(&*without_nul(&to_json(&piece.section)))
            .bind(&*without_nul(&piece.section.join(" ")))
            .bind(piece.page.map(i64::from))
            .bind(count(piece.from))
            .bind(count(piece.to))
            .bind(&*without_nul(&piece.body))
            .bind(count(piece.tokens))
            .bind(to_json(&piece.marks));
        let statement = match tx {
            Tx::Sqlite(_) => statement.bind(search::scope_words(self.id(), document.least_role, &document.tags)),
            Tx::Postgres(..) => statement,
        };
        statement.execute(tx).await?;
        Ok(())
    }

    async fn refuse_too_many(&self, tx: &mut Tx) -> Result<()> {
        let there = query_scalar::<i64>("SELECT COUNT(*) FROM knowledge_documents WHERE tenant_id = $1");
        let there = there.bind(self.id()).fetch_one(tx).await?;
        match usize::try_from(there) {
            Ok(there) if there < DOCUMENTS_MAX => Ok(()),
            _ => Err(Error::TooMany { what: "documents in the knowledge base", limit: DOCUMENTS_MAX }),
        }
    }

    /// Removes what follows from a document's text.
    async fn clear_document(&self, tx: &mut Tx, id: Uuid) -> Result<()> {
        for statement in [
            "DELETE FROM knowledge_vectors WHERE tenant_id = $1 AND document_id = $2",
            "DELETE FROM knowledge_chunks WHERE tenant_id = $1 AND document_id = $2",
        ] {
            query(statement).bind(self.id()).bind(id).execute(&mut *tx).await?;
        }
        Ok(())
    }

    pub(super) async fn next_knowledge_revision(&self, tx: &mut Tx) -> Result<i64> {
        query_scalar::<i64>(
            "INSERT INTO knowledge_heads (tenant_id, revision) VALUES ($1, 1)
             ON CONFLICT (tenant_id) DO UPDATE SET revision = knowledge_heads.revision + 1
             RETURNING revision",
        )
        .bind(self.id())
        .fetch_one(tx)
        .await
    }

    /// Returns a document, whoever may see it.
    pub async fn knowledge_document(&self, id: Uuid) -> Result<Option<KnowledgeDocument>> {
        let found = query_as::<DocumentRow>(select!("WHERE tenant_id = $1 AND id = $2"));
        found.bind(self.id()).bind(id).fetch_optional(self.reader()).await?.map(document).transpose()
    }

    /// Returns the document that was read at a location, whoever may see it.
    pub async fn find_knowledge_document(&self, location: &str) -> Result<Option<KnowledgeDocument>> {
        self.knowledge_document(document_id(self.id(), location)).await
    }

    /// Lists the documents that a role may see, by their ids.
    pub async fn list_knowledge_documents(
        &self,
        role: Role,
        tag: Option<&str>,
        page: Page,
    ) -> Result<PageOf<KnowledgeDocument>> {
        let [a, b, c, d, e] = search::visible(role);
        let rows = query_as::<DocumentRow>(select!(
            "WHERE tenant_id = $1 AND ($2 IS NULL OR id > $2) AND ($3 IS NULL OR tags LIKE $3 ESCAPE '\\')
               AND least_role IN ($4, $5, $6, $7, $8)
             ORDER BY id LIMIT $9"
        ))
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(tag.map(tag_pattern))
        .bind(a)
        .bind(b)
        .bind(c)
        .bind(d)
        .bind(e)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let documents: Result<Vec<_>> = rows.into_iter().map(document).collect();
        Ok(page.of(documents?, |document: &KnowledgeDocument| document.id))
    }

    /// Removes a document with its chunks, words and vectors.
    pub async fn delete_knowledge_document(&self, id: Uuid) -> Result<()> {
        let mut tx = self.begin().await?;
        self.next_knowledge_revision(&mut tx).await?;
        self.clear_document(&mut tx, id).await?;
        let gone = query_scalar::<String>(
            "DELETE FROM knowledge_documents WHERE tenant_id = $1 AND id = $2 RETURNING location",
        );
        let Some(location) = gone.bind(self.id()).bind(id).fetch_optional(&mut tx).await? else {
            return Err(Error::NotFound(Resource::KnowledgeDocument(id.to_string())));
        };
        self.audit(&mut tx, "knowledge.delete", &id.to_string(), json!({ "location": location })).await?;
        tx.commit().await
    }

    /// Returns chunks of a document in order, from this one on.
    pub async fn knowledge_chunks(&self, document: Uuid, from: u64, limit: u32) -> Result<Vec<KnowledgeChunk>> {
        let rows = query_as::<ChunkRow>(
            "SELECT document_id, ordinal, section, page, from_char, to_char, body, tokens, marks
               FROM knowledge_chunks
              WHERE tenant_id = $1 AND document_id = $2 AND ordinal >= $3
              ORDER BY ordinal LIMIT $4",
        )
        .bind(self.id())
        .bind(document)
        .bind(count(from))
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(chunk).collect()
    }
}

/// What finds a tag in the text of all of them.
fn tag_pattern(tag: &str) -> String {
    let plain = tag.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%|{plain}|%")
}

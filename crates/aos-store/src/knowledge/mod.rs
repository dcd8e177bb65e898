//! The knowledge base as rows: documents, their chunks, vectors, and what people said of what they found. How a text is cut, and what a
//! vector means, is elsewhere.

mod documents;
mod feedback;
mod search;
mod vectors;

pub use feedback::{KnowledgeFeedback, NewKnowledgeFeedback};
pub use search::{ChunkPlace, KnowledgeQuery};
pub use vectors::{KnowledgeIndexEntry, NewKnowledgeVectors};

use crate::convert::{from_json, from_word, time, uncount};
use crate::error::Result;
use aos_core::Role;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A document, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnowledgeDocument {
    /// Follows from the tenant and the location.
    pub id: Uuid,
    /// Where it was read: a URL, or the name that it was given.
    pub location: String,
    pub title: String,
    pub format: String,
    pub tags: Vec<String>,
    /// The least role that may see it.
    pub least_role: Role,
    /// Whether personal data was taken out before it was kept, and how many pieces of it.
    pub redacted: bool,
    pub redactions: u64,
    /// The same in more detail; none of documents that were kept before this was written down, and of those that keep personal data.
    pub redaction: Option<KnowledgeRedaction>,
    pub chunks: u64,
    /// Chunks that look as if they told a model what to do.
    pub marked: u64,
    pub characters: u64,
    pub tokens: u64,
    pub content_hash: String,
    /// The model that its vectors are of, by name and fingerprint; none while it has none.
    pub vector_model: Option<String>,
    pub vector_print: Option<String>,
    pub revision: i64,
    /// `user:<id>`, `key:<id>` or `local`.
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What was taken out of a document before it was kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgeRedaction {
    /// How many pieces, by the names of their classes, such as `email`.
    pub taken_out: BTreeMap<String, u64>,
    /// The model that looked for names; none where rules did so alone.
    pub names_model: Option<String>,
}

/// A document as it is to be kept, in place of the one that was at its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKnowledgeDocument {
    pub location: String,
    pub title: String,
    pub format: String,
    pub tags: Vec<String>,
    pub least_role: Role,
    pub redacted: bool,
    pub redactions: u64,
    pub redaction: Option<KnowledgeRedaction>,
    pub characters: u64,
    /// Digests everything that follows from the text and how it was treated.
    pub content_hash: String,
    pub chunks: Vec<NewKnowledgeChunk>,
}

/// A piece of a document as it is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKnowledgeChunk {
    /// The headings that it stands under, outermost first.
    pub section: Vec<String>,
    pub page: Option<u32>,
    /// Where it stands in the document's text, in characters; `to` is not part of it.
    pub from: u64,
    pub to: u64,
    pub body: String,
    pub tokens: u64,
    /// Why it looks as if it told a model what to do.
    pub marks: Vec<String>,
}

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeChunk {
    pub document_id: Uuid,
    /// Counts from 0 within the document.
    pub ordinal: u64,
    pub section: Vec<String>,
    pub page: Option<u32>,
    pub from: u64,
    pub to: u64,
    pub body: String,
    pub tokens: u64,
    pub marks: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct DocumentRow {
    id: Uuid,
    location: String,
    title: String,
    format: String,
    tags: String,
    least_role: String,
    redacted: bool,
    redactions: i64,
    redaction: Option<String>,
    chunks: i64,
    marked: i64,
    characters: i64,
    tokens: i64,
    content_hash: String,
    vector_model: Option<String>,
    vector_print: Option<String>,
    revision: i64,
    created_by: String,
    created_at: i64,
    updated_at: i64,
}

#[derive(sqlx::FromRow)]
struct ChunkRow {
    document_id: Uuid,
    ordinal: i64,
    section: String,
    page: Option<i64>,
    from_char: i64,
    to_char: i64,
    body: String,
    tokens: i64,
    marks: String,
}

/// Names a tenant's document by its location. The same location is the same document, and never another tenant's.
fn document_id(tenant: Uuid, location: &str) -> Uuid {
    Uuid::new_v5(&tenant, location.as_bytes())
}

/// Writes tags so that one of them is found with the bars around it.
fn tags_text(tags: &[String]) -> String {
    tags.iter().fold("|".to_owned(), |text, tag| text + tag + "|")
}

fn tags_of(text: &str) -> Vec<String> {
    text.split('|').filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

fn document(row: DocumentRow) -> Result<KnowledgeDocument> {
    let redaction = row.redaction.as_deref();
    let redaction = redaction.map(|text| from_json(text, "knowledge_documents", "redaction", row.id)).transpose()?;
    Ok(KnowledgeDocument {
        least_role: from_word(row.least_role, "knowledge_documents", "least_role", row.id)?,
        id: row.id,
        location: row.location,
        title: row.title,
        format: row.format,
        tags: tags_of(&row.tags),
        redacted: row.redacted,
        redactions: uncount(row.redactions),
        redaction,
        chunks: uncount(row.chunks),
        marked: uncount(row.marked),
        characters: uncount(row.characters),
        tokens: uncount(row.tokens),
        content_hash: row.content_hash,
        vector_model: row.vector_model,
        vector_print: row.vector_print,
        revision: row.revision,
        created_by: row.created_by,
        created_at: time(row.created_at),
        updated_at: time(row.updated_at),
    })
}

fn chunk(row: ChunkRow) -> Result<KnowledgeChunk> {
    Ok(KnowledgeChunk {
        document_id: row.document_id,
        ordinal: uncount(row.ordinal),
        section: from_json(&row.section, "knowledge_chunks", "section", row.document_id)?,
        page: row.page.and_then(|page| u32::try_from(page).ok()),
        from: uncount(row.from_char),
        to: uncount(row.to_char),
        body: row.body,
        tokens: uncount(row.tokens),
        marks: from_json(&row.marks, "knowledge_chunks", "marks", row.document_id)?,
    })
}

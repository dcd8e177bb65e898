//! How documents, what was found in them, and what was said of it are shown.

use crate::routes::auth::RoleName;
use aos_ai::knowledge::{Found, KnowledgeMatch};
use aos_core::Role;
use aos_store::{KnowledgeChunk, KnowledgeDocument, KnowledgeFeedback, KnowledgeRedaction};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What became of a document that was given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentTaken)]
pub struct Taken {
    /// Null while it is being fetched.
    #[schema(required)]
    pub document: Option<DocumentOut>,
    /// Whether it differs from what was there; null while it is being fetched.
    #[schema(required)]
    pub changed: Option<bool>,
    /// The task that fetches it or makes its vectors: wait for it at `/api/v1/tasks/{task_id}`. Null when nothing is left to do.
    #[schema(required)]
    pub task_id: Option<Uuid>,
}

/// A document of the knowledge base.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeDocument)]
pub struct DocumentOut {
    pub(super) id: Uuid,
    /// A URL, or `upload:` and the name that it was given.
    location: String,
    title: String,
    /// `text`, `markdown`, `html`, `pdf` or `csv`.
    format: String,
    tags: Vec<String>,
    /// The least role that may see it.
    #[schema(value_type = RoleName)]
    least_role: Role,
    /// Whether personal data was taken out, and how many pieces.
    redacted: bool,
    redactions: u64,
    /// What was taken out by class, and what looked for names; null of documents that keep personal data, and of those from before this was
    /// written down.
    #[schema(required)]
    redaction: Option<RedactionOut>,
    pub(super) chunks: u64,
    /// Chunks that look as if they told a model what to do.
    marked_chunks: u64,
    characters: u64,
    tokens: u64,
    /// The model that its vectors are of; null while it is found by its words only.
    #[schema(required)]
    vector_model: Option<String>,
    created_by: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// What was taken out of a document before it was kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeRedaction, example = json!({ "taken_out": { "email": 2, "person_name": 1 }, "names_model": null }))]
pub struct RedactionOut {
    /// How many pieces of each class.
    taken_out: BTreeMap<String, u64>,
    /// The model that looked for names beside the rules; null where the rules did so alone.
    #[schema(required)]
    names_model: Option<String>,
}

/// A document with its first chunks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeDocumentDetail)]
pub struct DocumentDetail {
    #[serde(flatten)]
    document: DocumentOut,
    first_chunks: Vec<ChunkOut>,
}

/// A piece of a document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeChunk)]
pub struct ChunkOut {
    /// Counts from 0.
    chunk: u64,
    /// The headings that it stands under, outermost first.
    section: Vec<String>,
    #[schema(required)]
    page: Option<u32>,
    characters: CharactersOut,
    tokens: u64,
    text: String,
    /// Why it looks as if it told a model what to do; empty when it does not.
    marks: Vec<String>,
}

/// Where it stands in the document's text, in characters.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CharacterRange)]
pub struct CharactersOut {
    from: u64,
    /// Not part of it.
    to: u64,
}

/// What was found, best first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeFound)]
pub struct SearchOut {
    query: String,
    /// `hybrid`, or `full_text` where no vectors were compared.
    mode: &'static str,
    /// Why vectors were not compared, or not all of them.
    #[schema(required)]
    note: Option<String>,
    #[schema(required)]
    model: Option<String>,
    /// Whether a model that reads question and passage together put the first 30 matches into its order.
    reranked: bool,
    /// That model.
    #[schema(required)]
    reranked_by: Option<String>,
    matches: Vec<MatchOut>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeMatch)]
pub struct MatchOut {
    document_id: Uuid,
    location: String,
    title: String,
    /// How a person is told where it stands.
    #[schema(example = "Travel policy: Trains")]
    citation: String,
    snippet: String,
    /// By reciprocal-rank fusion; it orders this answer and means nothing beside another one's.
    score: f64,
    /// How well it answers by the model that judged it, from 0 to 1; null where none did.
    #[schema(required)]
    rerank_score: Option<f32>,
    /// Its rank by words and by meaning, from 1; null where that search did not find it.
    #[schema(required)]
    text_rank: Option<usize>,
    #[schema(required)]
    vector_rank: Option<usize>,
    #[serde(flatten)]
    chunk: ChunkOut,
}

/// What someone said of an answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeFeedback)]
pub struct FeedbackOut {
    id: Uuid,
    query: String,
    /// `up` or `down`.
    rating: String,
    #[schema(required)]
    document_id: Option<Uuid>,
    #[schema(required)]
    chunk: Option<u64>,
    #[schema(required)]
    notes: Option<String>,
    given_by: String,
    given_at: DateTime<Utc>,
}

impl DocumentDetail {
    pub fn new(document: KnowledgeDocument, chunks: Vec<KnowledgeChunk>) -> Self {
        Self { document: document.into(), first_chunks: chunks.into_iter().map(ChunkOut::from).collect() }
    }
}

impl SearchOut {
    pub fn new(query: String, found: Found) -> Self {
        let matches = found.matches.into_iter().map(MatchOut::from).collect();
        Self {
            query,
            mode: found.mode,
            note: found.note,
            model: found.model,
            reranked: found.reranked_by.is_some(),
            reranked_by: found.reranked_by,
            matches,
        }
    }
}

impl From<KnowledgeDocument> for DocumentOut {
    fn from(document: KnowledgeDocument) -> Self {
        Self {
            id: document.id,
            location: document.location,
            title: document.title,
            format: document.format,
            tags: document.tags,
            least_role: document.least_role,
            redacted: document.redacted,
            redactions: document.redactions,
            redaction: document
                .redaction
                .map(|KnowledgeRedaction { taken_out, names_model }| RedactionOut { taken_out, names_model }),
            chunks: document.chunks,
            marked_chunks: document.marked,
            characters: document.characters,
            tokens: document.tokens,
            vector_model: document.vector_model,
            created_by: document.created_by,
            created_at: document.created_at,
            updated_at: document.updated_at,
        }
    }
}

impl From<KnowledgeChunk> for ChunkOut {
    fn from(chunk: KnowledgeChunk) -> Self {
        Self {
            chunk: chunk.ordinal,
            section: chunk.section,
            page: chunk.page,
            characters: CharactersOut { from: chunk.from, to: chunk.to },
            tokens: chunk.tokens,
            text: chunk.body,
            marks: chunk.marks,
        }
    }
}

impl From<KnowledgeMatch> for MatchOut {
    fn from(found: KnowledgeMatch) -> Self {
        Self {
            document_id: found.document.id,
            location: found.document.location,
            title: found.document.title,
            citation: found.citation,
            snippet: found.snippet,
            score: found.score,
            rerank_score: found.rerank_score,
            text_rank: found.text_rank,
            vector_rank: found.vector_rank,
            chunk: found.chunk.into(),
        }
    }
}

impl From<KnowledgeFeedback> for FeedbackOut {
    fn from(given: KnowledgeFeedback) -> Self {
        Self {
            id: given.id,
            query: given.asked,
            rating: given.rating,
            document_id: given.document_id,
            chunk: given.ordinal,
            notes: given.notes,
            given_by: given.given_by,
            given_at: given.given_at,
        }
    }
}

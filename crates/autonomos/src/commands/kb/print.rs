//! What `kb` prints, for people and as JSON.

use crate::show::{say, short, table};
use aos_ai::knowledge::{Embedded, Found, KnowledgeMatch};
use aos_store::KnowledgeDocument;
use serde::Serialize;
use uuid::Uuid;

/// What became of a document that was to be added.
#[derive(Debug, Serialize)]
pub struct Added {
    /// As it was named.
    pub document: String,
    pub id: Option<Uuid>,
    pub title: Option<String>,
    pub format: Option<String>,
    pub changed: Option<bool>,
    pub chunks: Option<u64>,
    /// Pieces of personal data that were taken out.
    pub redactions: Option<u64>,
    /// Chunks that look as if they told a model what to do.
    pub marked_chunks: Option<u64>,
    /// The model that its vectors are of; none when it is found by its words only.
    pub vector_model: Option<String>,
    pub error: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Listed {
    id: Uuid,
    location: String,
    title: String,
    format: String,
    tags: Vec<String>,
    chunks: u64,
    vector_model: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Answer<'a> {
    query: &'a str,
    /// `hybrid` or `full_text`.
    mode: &'a str,
    note: Option<&'a str>,
    model: Option<&'a str>,
    /// Whether a model put the first matches into their order, and which.
    reranked: bool,
    reranked_by: Option<&'a str>,
    matches: Vec<Match<'a>>,
}

#[derive(Debug, Serialize)]
struct Match<'a> {
    document_id: Uuid,
    location: &'a str,
    title: &'a str,
    section: &'a [String],
    page: Option<u32>,
    characters: [u64; 2],
    citation: &'a str,
    snippet: &'a str,
    text: &'a str,
    score: f64,
    rerank_score: Option<f32>,
    text_rank: Option<usize>,
    vector_rank: Option<usize>,
    marks: &'a [String],
}

impl Added {
    pub fn new(document: String, outcome: anyhow::Result<(KnowledgeDocument, bool, Embedded)>) -> Self {
        let (kept, error) = match outcome {
            Ok(kept) => (Some(kept), None),
            Err(error) => (None, Some(format!("{error:#}"))),
        };
        let (kept, changed, vector_model) = match kept {
            Some((kept, changed, Embedded::Made { model, .. } | Embedded::Kept { model })) => {
                (Some(kept), Some(changed), Some(model))
            }
            Some((kept, changed, Embedded::NoModel)) => (Some(kept), Some(changed), None),
            None => (None, None, None),
        };
        let of = kept.as_ref();
        Self {
            document,
            id: of.map(|kept| kept.id),
            format: of.map(|kept| kept.format.clone()),
            chunks: of.map(|kept| kept.chunks),
            redactions: of.map(|kept| kept.redactions),
            marked_chunks: of.map(|kept| kept.marked),
            title: kept.map(|kept| kept.title),
            changed,
            vector_model,
            error,
        }
    }

    pub fn print(&self) {
        if let Some(error) = &self.error {
            crate::show::aside(format_args!("{}: {error}", self.document));
            return;
        }
        let count = |count: Option<u64>| count.unwrap_or_default();
        let state = if self.changed == Some(false) { "unchanged" } else { "added" };
        let found_by =
            self.vector_model.as_deref().map_or("words only".to_owned(), |model| format!("words and {model}"));
        say!(
            "{}: {state}, {} chunks, {} pieces of personal data taken out, {} chunks marked, found by {found_by}",
            self.document,
            count(self.chunks),
            count(self.redactions),
            count(self.marked_chunks)
        );
    }
}

impl From<KnowledgeDocument> for Listed {
    fn from(document: KnowledgeDocument) -> Self {
        Self {
            id: document.id,
            location: document.location,
            title: document.title,
            format: document.format,
            tags: document.tags,
            chunks: document.chunks,
            vector_model: document.vector_model,
        }
    }
}

impl<'a> Answer<'a> {
    pub fn new(query: &'a str, found: &'a Found) -> Self {
        Self {
            query,
            mode: found.mode,
            note: found.note.as_deref(),
            model: found.model.as_deref(),
            reranked: found.reranked_by.is_some(),
            reranked_by: found.reranked_by.as_deref(),
            matches: found.matches.iter().map(Match::from).collect(),
        }
    }
}

impl<'a> From<&'a KnowledgeMatch> for Match<'a> {
    fn from(found: &'a KnowledgeMatch) -> Self {
        Self {
            document_id: found.document.id,
            location: &found.document.location,
            title: &found.document.title,
            section: &found.chunk.section,
            page: found.chunk.page,
            characters: [found.chunk.from, found.chunk.to],
            citation: &found.citation,
            snippet: &found.snippet,
            text: &found.chunk.body,
            score: found.score,
            rerank_score: found.rerank_score,
            text_rank: found.text_rank,
            vector_rank: found.vector_rank,
            marks: &found.chunk.marks,
        }
    }
}

pub fn found(found: &Found) {
    for (rank, one) in (1..).zip(&found.matches) {
        let (from, to) = (one.chunk.from, one.chunk.to);
        say!("{rank}. {}  [{}, characters {from} to {to}]", one.citation, one.document.location);
        say!("   {}", one.snippet);
        if !one.chunk.marks.is_empty() {
            say!("   marked: {}", one.chunk.marks.join("; "));
        }
    }
    if found.matches.is_empty() {
        say!("nothing was found");
    }
    if let Some(note) = &found.note {
        crate::show::aside(format_args!("{}: {note}", found.mode));
    }
}

pub fn list(documents: &[Listed]) {
    let mut out = table(["id", "title", "format", "tags", "chunks", "vectors", "location"]);
    for document in documents {
        out.add_row([
            document.id.to_string(),
            short(&document.title, 40),
            document.format.clone(),
            document.tags.join(", "),
            document.chunks.to_string(),
            document.vector_model.clone().unwrap_or_default(),
            short(&document.location, 60),
        ]);
    }
    say!("{out}");
}

pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    say!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

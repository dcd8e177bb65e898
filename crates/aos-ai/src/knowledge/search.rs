//! Questions to the knowledge base: by words, by meaning where there is a model, and one order out of both.

use super::rerank::Reranked;
use super::{KnowledgeError, TenantKnowledge};
use crate::documents::DocumentError;
use crate::embeddings::{EmbeddingError, TextKind};
use crate::pii::redact_aside;
use crate::retrieval::{Fused, Ranked, fuse, snippet, words};
use aos_store::{ChunkPlace, KnowledgeChunk, KnowledgeDocument, KnowledgeQuery};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use uuid::Uuid;

pub const MODE_HYBRID: &str = "hybrid";
pub const MODE_TEXT: &str = "full_text";

const QUESTION_CHARS_MAX: usize = 2_000;
const TOP_K_MAX: u32 = 50;
/// Candidates of each search that the one order is made of.
const CANDIDATES: u32 = 100;
/// What is less alike than this has nothing to do with the question: texts of one language are hardly ever entirely unlike.
const COSINE_MIN: f32 = 0.2;
const WEIGHT_MAX: f64 = 100.0;

/// How much each search counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    pub text: f64,
    pub vectors: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub text: String,
    pub top_k: u32,
    /// Only documents with this tag.
    pub tag: Option<String>,
    pub weights: Weights,
}

/// What was found, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// [`MODE_HYBRID`], or [`MODE_TEXT`] where no vectors were compared.
    pub mode: &'static str,
    /// Why vectors were not compared, or not all of them.
    pub note: Option<String>,
    /// The model that compared vectors.
    pub model: Option<String>,
    /// The model that put the first matches into their order; none where the order is that of the searches.
    pub reranked_by: Option<String>,
    pub matches: Vec<KnowledgeMatch>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct KnowledgeMatch {
    pub document: KnowledgeDocument,
    pub chunk: KnowledgeChunk,
    pub snippet: String,
    /// How a person is told where it stands: `Title: Section`.
    pub citation: String,
    pub score: f64,
    /// How well it answers by the model that judged it, from 0 to 1; none where none did.
    pub rerank_score: Option<f32>,
    /// Its rank by words and by meaning, from 1.
    pub text_rank: Option<usize>,
    pub vector_rank: Option<usize>,
}

/// What the search by meaning came to.
struct ByMeaning {
    places: Vec<ChunkPlace>,
    model: Option<String>,
    note: Option<String>,
}

impl Default for Weights {
    fn default() -> Self {
        Self { text: 1.0, vectors: 1.0 }
    }
}

impl TenantKnowledge {
    /// Finds what answers a question, among what the caller may see.
    ///
    /// # Errors
    /// [`KnowledgeError::Invalid`] for what is no question, and errors of the store. A model that cannot be asked is no error: the answer
    /// says so, and holds what was found by words.
    pub async fn search(&self, question: &Question) -> Result<Found, KnowledgeError> {
        check(question)?;
        let words = words(&question.text);
        // As tags are kept.
        let tag = question.tag.as_deref().map(str::to_lowercase);
        let asked = KnowledgeQuery {
            words: &words,
            role: self.scope.role(),
            tag: tag.as_deref(),
            limit: CANDIDATES.max(question.top_k),
        };
        let by_text = self.store().match_knowledge(&asked).await?;
        let by_meaning = self.by_meaning(question, &asked).await?;
        let orders = [
            Ranked { weight: question.weights.text, places: &by_text },
            Ranked { weight: question.weights.vectors, places: &by_meaning.places },
        ];
        let top_k = question.top_k as usize;
        let kept = self.candidates(top_k);
        let best: Vec<Fused> = fuse(&orders).into_iter().filter(|fused| fused.score > 0.0).take(kept).collect();
        let found = self.shown(&best, &words).await?;
        let Reranked { by, note, mut matches } = self.rerank(&question.text, found).await;
        matches.truncate(top_k);
        let mode = if by_meaning.model.is_some() { MODE_HYBRID } else { MODE_TEXT };
        let notes: Vec<String> = by_meaning.note.into_iter().chain(note).collect();
        let note = Some(notes.join("; ")).filter(|note| !note.is_empty());
        Ok(Found { mode, note, model: by_meaning.model, reranked_by: by, matches })
    }

    /// Returns what someone wrote without personal data, to be kept.
    ///
    /// # Errors
    /// [`DocumentError::Pii`] when it cannot be searched for any.
    pub async fn without_personal_data(&self, text: &str) -> Result<String, KnowledgeError> {
        let clean = redact_aside(text.to_owned(), &self.base.policy()).await;
        Ok(clean.map_err(DocumentError::Pii)?.text)
    }

    async fn by_meaning(&self, question: &Question, asked: &KnowledgeQuery<'_>) -> Result<ByMeaning, KnowledgeError> {
        let left_out = |note: String| ByMeaning { places: Vec::new(), model: None, note: Some(note) };
        if question.weights.vectors == 0.0 {
            return Ok(left_out("the weight of vectors is 0".to_owned()));
        }
        let embedder = match self.parts().embeddings.tenant(&self.scope).await {
            Ok(embedder) => embedder,
            Err(error) => return Ok(left_out(error.to_string())),
        };
        // A question may name a person; a model needs no name to know what is meant.
        let clean = self.without_personal_data(&question.text).await?;
        let vector = match embedder.embed(&[clean], TextKind::Query).await {
            Ok(mut vectors) => vectors.pop().unwrap_or_default(),
            Err(error @ (EmbeddingError::Provider(_) | EmbeddingError::Unusable { .. })) => {
                return Ok(left_out(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        let model = embedder.model().clone();
        let held = self.vectors(&model.fingerprint, model.dimensions).await?;
        let (role, tag, limit) = (asked.role, asked.tag.map(str::to_owned), asked.limit as usize);
        let without = held.without;
        let near =
            tokio::task::spawn_blocking(move || held.vectors.nearest(&vector, role, tag.as_deref(), limit, COSINE_MIN));
        let near = near.await.map_err(|_| KnowledgeError::Stopped)?;
        let note = (without > 0).then(|| {
            format!("{without} documents have no vectors of {} yet and are found by their words only", model.name)
        });
        Ok(ByMeaning { places: near.into_iter().map(|near| near.place).collect(), model: Some(model.name), note })
    }

    /// Reads what is shown of the chunks that were found.
    async fn shown(&self, best: &[Fused], words: &[String]) -> Result<Vec<KnowledgeMatch>, KnowledgeError> {
        let places: Vec<ChunkPlace> = best.iter().map(|fused| fused.place).collect();
        let mut documents: HashMap<Uuid, Option<KnowledgeDocument>> = HashMap::new();
        let mut matches = Vec::with_capacity(best.len());
        for chunk in self.store().knowledge_chunks_at(&places).await? {
            let place = ChunkPlace { document_id: chunk.document_id, ordinal: chunk.ordinal };
            let Some(fused) = best.iter().find(|fused| fused.place == place) else { continue };
            let document = match documents.entry(chunk.document_id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(self.store().knowledge_document(chunk.document_id).await?),
            };
            // What was replaced or hidden since it was found is not shown.
            let Some(document) = document else { continue };
            if document.least_role > self.scope.role() {
                continue;
            }
            matches.push(KnowledgeMatch {
                snippet: snippet(&chunk.body, words),
                citation: citation(document, &chunk),
                score: fused.score,
                rerank_score: None,
                text_rank: fused.ranks.first().copied().flatten(),
                vector_rank: fused.ranks.get(1).copied().flatten(),
                document: document.clone(),
                chunk,
            });
        }
        Ok(matches)
    }
}

fn check(question: &Question) -> Result<(), KnowledgeError> {
    let invalid = |why: String| Err(KnowledgeError::Invalid(why));
    if !(1..=QUESTION_CHARS_MAX).contains(&question.text.trim().chars().count()) {
        return invalid(format!("a question has 1 to {QUESTION_CHARS_MAX} characters; shorten it"));
    }
    if !(1..=TOP_K_MAX).contains(&question.top_k) {
        return invalid(format!("top_k is 1 to {TOP_K_MAX}; choose a number between them"));
    }
    let Weights { text, vectors } = question.weights;
    let is_weight = |weight: f64| (0.0..=WEIGHT_MAX).contains(&weight);
    if !is_weight(text) || !is_weight(vectors) || text + vectors <= 0.0 {
        return invalid(format!("weights are numbers from 0 to {WEIGHT_MAX}, and not both 0; correct them"));
    }
    Ok(())
}

fn citation(document: &KnowledgeDocument, chunk: &KnowledgeChunk) -> String {
    // The first heading is often the title once more.
    let section: Vec<&str> =
        chunk.section.iter().map(String::as_str).skip_while(|heading| *heading == document.title).collect();
    match (section.is_empty(), chunk.page) {
        (false, _) => format!("{}: {}", document.title, section.join(" › ")),
        (true, Some(page)) => format!("{}: page {page}", document.title),
        (true, None) => document.title.clone(),
    }
}

//! Making a document's vectors: all of them or none, of one model.

use super::{KnowledgeError, TenantKnowledge};
use crate::documents::DocumentError;
use crate::embeddings::{EmbeddingError, TextKind};
use crate::pii::{Column, aside, redact_each};
use crate::retrieval::to_bytes;
use aos_store::{KnowledgeChunk, KnowledgeDocument, NewKnowledgeVectors};
use uuid::Uuid;

/// Chunks that a model is given at a time, so that progress can be told and a stop is noticed.
const CHUNKS_AT_ONCE: u32 = 32;

/// What became of a document's vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Embedded {
    /// So many were made.
    Made { model: String, vectors: u64 },
    /// They were there already.
    Kept { model: String },
    /// No model is configured: the document is found by its words.
    NoModel,
}

impl TenantKnowledge {
    /// Whether a model is configured that the document has no vectors of. One that cannot be asked now may be later.
    pub async fn wants_vectors(&self, document: &KnowledgeDocument) -> bool {
        match self.parts().embeddings.tenant(&self.scope).await {
            Ok(embedder) => document.vector_print.as_deref() != Some(&*embedder.model().fingerprint),
            Err(EmbeddingError::NotConfigured) => false,
            Err(_) => true,
        }
    }

    /// Makes the vectors of a document unless it has them of the model that is configured now. `progress` is told the share that is done.
    ///
    /// # Errors
    /// [`KnowledgeError::Embedding`] when the model that is configured cannot be asked, and [`aos_store::Error::Stale`] when the document was
    /// replaced meanwhile.
    pub async fn embed(&self, id: Uuid, progress: impl Fn(f64) + Send) -> Result<Embedded, KnowledgeError> {
        let embedder = match self.parts().embeddings.tenant(&self.scope).await {
            Err(EmbeddingError::NotConfigured) => return Ok(Embedded::NoModel),
            embedder => embedder?,
        };
        let document = self.document(id).await?;
        let model = embedder.model().clone();
        if document.vector_print.as_deref() == Some(&*model.fingerprint) {
            return Ok(Embedded::Kept { model: model.name });
        }
        let policy = self.base.policy();
        let mut vectors = Vec::new();
        loop {
            let next = self.store().knowledge_chunks(id, vectors.len() as u64, CHUNKS_AT_ONCE).await?;
            if next.is_empty() {
                break;
            }
            let texts: Vec<String> = next.iter().map(|piece| shown(&document.title, piece)).collect();
            let clean = aside(&policy, move |policy| {
                let values: Vec<_> = texts.iter().map(|text| (text.as_str(), Column::default())).collect();
                Ok(redact_each(&values, policy)?.into_iter().map(|clean| clean.text).collect::<Vec<String>>())
            });
            let texts = clean.await.map_err(DocumentError::Pii)?;
            let made = embedder.embed(&texts, TextKind::Passage).await?;
            vectors.extend(made.iter().map(|vector| to_bytes(vector)));
            progress(vectors.len() as f64 / document.chunks.max(1) as f64);
        }
        let count = vectors.len() as u64;
        let new = NewKnowledgeVectors {
            document_id: id,
            revision: document.revision,
            model: &model.name,
            fingerprint: &model.fingerprint,
            vectors,
        };
        self.store().put_knowledge_vectors(&new).await?;
        Ok(Embedded::Made { model: model.name, vectors: count })
    }
}

/// What a chunk says and where it stands. Personal data is taken out before a model is shown it, whatever the document keeps.
fn shown(title: &str, piece: &KnowledgeChunk) -> String {
    format!("{title}\n{}\n{}", piece.section.join(" › "), piece.body)
}

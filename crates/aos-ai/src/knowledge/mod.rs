//! The knowledge base of tenants: documents come in as text without personal data, cut along their structure; questions find chunks by
//! words and by meaning, each with the place it is cited by.
//!
//! The text of a document is material, never an instruction: what looks as if it told a model what to do is marked where it is found.

mod embed;
mod error;
mod fetch;
mod ingest;
mod rerank;
mod search;
mod vectors;

pub use embed::Embedded;
pub use error::KnowledgeError;
pub use ingest::{Ingested, NewDocument};
pub use search::{Found, KnowledgeMatch, MODE_HYBRID, MODE_TEXT, Question, Weights};

use crate::documents::PdfProgram;
use crate::embeddings::Embeddings;
use crate::pii::{Names, Policy};
use crate::retrieval::Reranker;
use aos_core::TenantScope;
use aos_store::{Store, TenantStore};
use std::sync::Arc;
use tokio::sync::Semaphore;
use vectors::VectorCache;

/// Documents that a process cuts at a time; the others wait.
const CUT_AT_ONCE: usize = 2;

/// What a knowledge base is made of.
pub struct KnowledgeParts {
    pub store: Store,
    pub net: aos_net::Client,
    pub embeddings: Embeddings,
    /// What reads PDFs; none where this process is no program that can be started again.
    pub pdf: Option<PdfProgram>,
    /// What finds names in documents and questions beside the rules.
    pub names: Names,
    /// What puts the first of what was found into a better order; none where there is no such model.
    pub reranker: Option<Arc<dyn Reranker>>,
    /// The largest document, in bytes as it comes.
    pub document_bytes_max: u64,
}

/// The knowledge base. Cloning it is cheap and gives the same.
#[derive(Clone)]
pub struct KnowledgeBase(Arc<Shared>);

struct Shared {
    parts: KnowledgeParts,
    vectors: VectorCache,
    cutting: Arc<Semaphore>,
}

/// One tenant's part of it.
#[derive(Clone)]
pub struct TenantKnowledge {
    base: KnowledgeBase,
    scope: TenantScope,
}

impl KnowledgeBase {
    pub fn new(parts: KnowledgeParts) -> Self {
        let cutting = Arc::new(Semaphore::new(CUT_AT_ONCE));
        Self(Arc::new(Shared { parts, vectors: VectorCache::default(), cutting }))
    }

    /// Opens one tenant's part: the only door to it.
    pub fn tenant(&self, scope: &TenantScope) -> TenantKnowledge {
        TenantKnowledge { base: self.clone(), scope: scope.clone() }
    }

    /// What is taken out of texts in this process, unless one says otherwise.
    pub fn policy(&self) -> Policy {
        Policy::standard().with_names(self.0.parts.names.clone())
    }

    pub fn document_bytes_max(&self) -> u64 {
        self.0.parts.document_bytes_max
    }
}

impl TenantKnowledge {
    fn parts(&self) -> &KnowledgeParts {
        &self.base.0.parts
    }

    fn store(&self) -> TenantStore<'_> {
        self.parts().store.tenant(&self.scope)
    }
}

//! `ingest_document` and `embed_document`: a document read at a URL, and the vectors of one that is there. Both may be repeated: the same
//! location is the same document, and vectors that are there are not made again.

use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler, with_causes};
use aos_ai::documents::DocumentError;
use aos_ai::knowledge::{Embedded, KnowledgeBase, KnowledgeError, NewDocument};
use aos_core::Role;
use aos_core::kind;
use aos_core::task::LogLevel;
use serde::Serialize;
use uuid::Uuid;

/// How far the task is once the document is there and its vectors are not.
const READ_SHARE: f64 = 0.3;

pub(super) struct IngestDocument {
    pub knowledge: KnowledgeBase,
}

pub(super) struct EmbedDocument {
    pub knowledge: KnowledgeBase,
}

/// What became of a document.
#[derive(Serialize)]
pub(super) struct Report {
    document_id: Uuid,
    /// None where only vectors were made.
    changed: Option<bool>,
    /// The model that its vectors are of; none when it is found by its words only.
    model: Option<String>,
    /// How many vectors were made now.
    vectors: u64,
}

impl TaskHandler for IngestDocument {
    const KIND: &'static str = kind::INGEST_DOCUMENT;
    type Payload = kind::IngestDocument;
    type Output = Report;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let knowledge = self.knowledge.tenant(context.scope());
        context.progress(0.0, "fetching the document");
        let new = NewDocument {
            location: payload.url,
            title: payload.title,
            tags: payload.tags,
            least_role: payload.least_role.unwrap_or(Role::Viewer),
            redact_pii: payload.redact_pii,
            chunk_tokens_max: payload.chunk_tokens_max,
        };
        let ingested = knowledge.ingest_url(new).await.map_err(failed)?;
        let document = ingested.document;
        context.log(
            LogLevel::Info,
            format!(
                "{}: {} chunks, {} pieces of personal data taken out",
                document.title, document.chunks, document.redactions
            ),
        );
        let report = embed(&self.knowledge, context, document.id, READ_SHARE).await?;
        Ok(Report { changed: Some(ingested.changed), ..report })
    }
}

impl TaskHandler for EmbedDocument {
    const KIND: &'static str = kind::EMBED_DOCUMENT;
    type Payload = kind::EmbedDocument;
    type Output = Report;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        embed(&self.knowledge, context, payload.document, 0.0).await
    }
}

async fn embed(knowledge: &KnowledgeBase, context: &TaskContext, id: Uuid, from: f64) -> Result<Report, TaskError> {
    let told = context.clone();
    let progress = move |share: f64| told.progress(from + share * (1.0 - from), "making vectors");
    let (model, vectors) = match knowledge.tenant(context.scope()).embed(id, progress).await.map_err(failed)? {
        Embedded::Made { model, vectors } => (Some(model), vectors),
        Embedded::Kept { model } => (Some(model), 0),
        Embedded::NoModel => (None, 0),
    };
    if model.is_none() {
        context.log(LogLevel::Info, "no embedding model is configured: the document is found by its words");
    }
    Ok(Report { document_id: id, changed: None, model, vectors })
}

fn failed(error: KnowledgeError) -> TaskError {
    let message = with_causes(&error);
    match error {
        KnowledgeError::Store(aos_store::Error::NotFound(_))
        | KnowledgeError::Invalid(_)
        | KnowledgeError::TooLarge { .. }
        | KnowledgeError::AboveYou { .. } => TaskError::permanent(message),
        KnowledgeError::Fetch(aos_net::Error::Blocked { .. } | aos_net::Error::Url(_)) => TaskError::permanent(message),
        KnowledgeError::Document(DocumentError::Reader(_)) => TaskError::retryable(message),
        KnowledgeError::Document(_) => TaskError::permanent(message),
        _ => TaskError::retryable(message),
    }
}

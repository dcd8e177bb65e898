//! What is answered when the knowledge base refuses.

use crate::problem::Problem;
use aos_ai::documents::DocumentError;
use aos_ai::knowledge::KnowledgeError;
use aos_ai::pii::Error as PiiError;
use axum::http::StatusCode;

impl From<KnowledgeError> for Problem {
    fn from(error: KnowledgeError) -> Self {
        match error {
            KnowledgeError::Store(error) => error.into(),
            KnowledgeError::Document(error) => error.into(),
            KnowledgeError::Invalid(why) => said("invalid_document", &why),
            KnowledgeError::TooLarge { limit } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "document_too_large",
                format!("the document has more than {limit} bytes"),
                "split it and give the parts",
            ),
            KnowledgeError::AboveYou { .. } => Self::forbidden(&error.to_string()),
            KnowledgeError::Fetch(error) => Self::unprocessable(
                "document_unreachable",
                error.to_string(),
                "check the address, or upload the document",
            ),
            KnowledgeError::Embedding(error) => {
                Self::log_internal(&error);
                Self::unavailable("embedding_unavailable", "the embedding model cannot be asked at this moment")
            }
            KnowledgeError::Stopped => Self::unavailable("stopped", "the work was stopped before it finished"),
        }
    }
}

impl From<DocumentError> for Problem {
    fn from(error: DocumentError) -> Self {
        let text = error.to_string();
        match error {
            DocumentError::Unsupported(_) => said("document_unsupported", &text),
            DocumentError::Empty => Self::unprocessable("document_empty", text, "give a document that has some text"),
            DocumentError::Scanned => said("document_scanned", &text),
            DocumentError::Encrypted => said("document_encrypted", &text),
            DocumentError::Unreadable(_) => said("document_unreadable", &text),
            DocumentError::TooCostly { .. } | DocumentError::TooLong => said("document_too_costly", &text),
            DocumentError::NoPdfReader => said("pdf_reader_missing", &text),
            DocumentError::Pii(error @ PiiError::Names { .. }) => {
                Self::log_internal(&error);
                Self::unavailable(
                    "names_model_unavailable",
                    "the model that finds names cannot be used, so nothing was kept",
                )
            }
            DocumentError::Pii(_) => said("personal_data_unchecked", &format!("{text}; give the document in parts")),
            error @ DocumentError::Reader(_) => Self::log_internal(&error),
        }
    }
}

/// Makes a problem of what is said and, behind a semicolon, what to do.
fn said(code: &'static str, text: &str) -> Problem {
    let (detail, next_step) = text.split_once("; ").unwrap_or((text, "correct it; /docs shows the shape"));
    Problem::unprocessable(code, detail.to_owned(), next_step.to_owned())
}

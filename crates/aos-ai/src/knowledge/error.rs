//! What can go wrong with the knowledge base, by what the caller can do about it.

use crate::documents::DocumentError;
use crate::embeddings::EmbeddingError;
use aos_core::Role;

#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    #[error("{0}")]
    Invalid(String),
    #[error("the document has more than {limit} bytes, which is the limit; split it and give the parts")]
    TooLarge { limit: u64 },
    #[error("only the role `{}` and those above it may see that document; ask one of them to replace or remove it", least_role.as_str())]
    AboveYou { least_role: Role },
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error("the document cannot be fetched: {0}")]
    Fetch(#[source] aos_net::Error),
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
    #[error(transparent)]
    Store(#[from] aos_store::Error),
    #[error("the work was stopped before it finished; nothing of it was kept, give the document again")]
    Stopped,
}

impl From<aos_net::Error> for KnowledgeError {
    fn from(error: aos_net::Error) -> Self {
        match error {
            aos_net::Error::TooLarge { limit, .. } => Self::TooLarge { limit },
            error => Self::Fetch(error),
        }
    }
}

//! Embeddings: texts as vectors whose direction is their meaning. A model on this machine, one behind a provider, or none: there are no
//! made-up vectors, and a model that is missing is an error that says what to do.
//!
//! Every vector has length 1, so that the dot product of two is their cosine. Vectors of two models have nothing to do with each other:
//! whoever keeps vectors keeps [`ModelId::fingerprint`] beside them and compares only where it is equal.

#[cfg(feature = "local-embeddings")]
mod directory;
#[cfg(feature = "local-embeddings")]
mod local;
mod service;

#[cfg(feature = "local-embeddings")]
pub use local::LocalModel;
pub use service::Embeddings;

use crate::models::ModelError;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// Texts that one call may carry; callers with more make several calls.
pub const TEXTS_MAX: usize = 256;

/// What a text is for. Some models (E5) are trained with another beginning for each, and are much worse without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// What somebody looks for.
    Query,
    /// What may be found.
    Passage,
}

/// Which model made a vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelId {
    /// What people call it, e.g. `all-MiniLM-L6-v2` or `openai/text-embedding-3-small`.
    pub name: String,
    pub dimensions: usize,
    /// Changes with everything that changes a vector: the weights, the tokenizer, the number of dimensions, the address of a provider.
    pub fingerprint: String,
}

/// A model that turns texts into vectors.
pub trait Embedder: Send + Sync {
    fn model(&self) -> &ModelId;

    /// Returns one vector of length 1 for each text, in their order. A text longer than the model reads is read as far as it does.
    ///
    /// # Errors
    /// All but [`EmbeddingError::NotConfigured`] and [`EmbeddingError::Model`].
    fn embed<'a>(&'a self, texts: &'a [String], kind: TextKind)
    -> BoxFuture<'a, Result<Vec<Vec<f32>>, EmbeddingError>>;
}

#[derive(Debug, thiserror::Error)]
pub enum EmbeddingError {
    #[error(
        "no embedding model is configured; name a model directory in embeddings.directory, or choose a provider's embedding model in \
         the tenant's model settings"
    )]
    NotConfigured,
    /// The model's files are missing, unreadable, or of a kind that is not built in.
    #[error("the embedding model in {directory} cannot be used: {why}")]
    Model { directory: String, why: String },
    #[error("{given} texts are more than the {TEXTS_MAX} of one call; make several calls")]
    TooMany { given: usize },
    /// The model answered with something that is no vector of its size.
    #[error("the embedding model {model} gave no usable vector: {why}")]
    Unusable { model: String, why: String },
    /// A provider refused, failed or was not reachable.
    #[error("the embedding model could not be asked: {0}")]
    Provider(#[source] Box<ModelError>),
}

/// Scales a vector to length 1; false when it has no direction.
pub(crate) fn normalise(vector: &mut [f32]) -> bool {
    let length = vector.iter().map(|part| f64::from(*part) * f64::from(*part)).sum::<f64>().sqrt();
    if !length.is_finite() || length == 0.0 {
        return false;
    }
    for part in vector.iter_mut() {
        *part = (f64::from(*part) / length) as f32;
    }
    true
}

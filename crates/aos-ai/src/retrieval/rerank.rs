//! Putting what was found into the order of a model that reads question and passage together. It is better than either search, and so slow
//! that it judges the first of the fused order only.

use futures_util::future::BoxFuture;

/// A model that says how well passages answer a question.
pub trait Reranker: Send + Sync {
    /// What people call it.
    fn name(&self) -> &str;

    /// Returns a score from 0 to 1 for each passage, in their order. A passage longer than the model reads is read as far as it does.
    ///
    /// # Errors
    /// When the model cannot be used; the order stays as it was then.
    fn score<'a>(&'a self, question: &'a str, passages: Vec<String>) -> BoxFuture<'a, Result<Vec<f32>, RerankError>>;
}

#[derive(Debug, thiserror::Error)]
#[error("the reranking model {model} cannot be used: {why}")]
pub struct RerankError {
    pub model: String,
    pub why: String,
}

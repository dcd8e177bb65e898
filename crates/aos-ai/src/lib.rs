//! Models, embeddings, retrieval and redaction. Everything here is optional for the rest of the house: without a model nothing is
//! invented, and no text leaves before personal data was taken out of it.

pub mod documents;
pub mod embeddings;
pub mod knowledge;
#[cfg(feature = "local-embeddings")]
pub mod local;
pub mod models;
pub mod pii;
pub mod retrieval;
pub mod screen;

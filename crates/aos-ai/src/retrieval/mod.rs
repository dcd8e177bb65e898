//! Finding by words and by meaning, as values: what a question's words are, which vectors are nearest, and one order out of several.

mod fusion;
mod rerank;
mod snippet;
mod vectors;
mod words;

pub use fusion::{Fused, RANK_CONSTANT, Ranked, fuse};
pub use rerank::{RerankError, Reranker};
pub use snippet::snippet;
pub use vectors::{DocumentVectors, Near, VectorSet, from_bytes, to_bytes};
pub use words::words;

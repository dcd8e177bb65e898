//! Models on this machine, from a folder in the form that Hugging Face gives: the encoder of BERT written here, and what is put upon it. What
//! they are asked for is elsewhere: vectors in `embeddings`, names in `pii`, the order of passages in `retrieval`.

mod config;
mod encoder;
mod folder;
mod passages;
mod tags;
mod weights;

pub(crate) use encoder::{Bert, Tokens, first, mean};
pub(crate) use folder::{Folder, tokenizer};
pub use passages::PassageModel;
pub use tags::TagModel;

/// A folder holds no model that can be used.
#[derive(Debug, thiserror::Error)]
#[error("the model in {directory} cannot be used: {why}")]
pub struct FolderError {
    pub directory: String,
    pub why: String,
}

//! What a folder says of an embedding model beyond what every model has: how the rows of a text's tokens become one vector, and how long a
//! text may be. The form is that of sentence-transformers.

use crate::local::Folder;
use serde::Deserialize;
use std::path::Path;

/// What is in the folder.
pub(super) struct ModelFiles {
    pub folder: Folder,
    pub tokenizer: Vec<u8>,
    pub weights: Vec<u8>,
    pub pooling: Pooling,
    pub tokens_max: usize,
}

/// What becomes of the rows of a text's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pooling {
    Mean,
    First,
}

#[derive(Deserialize)]
struct PoolingConfig {
    #[serde(default)]
    pooling_mode_cls_token: bool,
    #[serde(default)]
    pooling_mode_mean_tokens: bool,
}

#[derive(Deserialize)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
}

impl ModelFiles {
    /// # Errors
    /// What is missing or not built in.
    pub fn read(path: &Path) -> Result<Self, String> {
        let folder = Folder::open(path)?;
        let pooling = match folder.found::<PoolingConfig>("1_Pooling/config.json")? {
            None => Pooling::Mean,
            Some(pooling) if pooling.pooling_mode_mean_tokens && !pooling.pooling_mode_cls_token => Pooling::Mean,
            Some(pooling) if pooling.pooling_mode_cls_token && !pooling.pooling_mode_mean_tokens => Pooling::First,
            Some(_) => {
                return Err("its pooling is neither the mean nor the first token, and nothing else is built in".into());
            }
        };
        let stated =
            folder.found::<SentenceConfig>("sentence_bert_config.json")?.and_then(|config| config.max_seq_length);
        Ok(Self {
            tokenizer: folder.tokenizer_file()?,
            weights: folder.weights()?,
            tokens_max: stated.unwrap_or(usize::MAX).min(folder.config.tokens_max()),
            folder,
            pooling,
        })
    }
}

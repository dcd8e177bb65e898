//! A model as a folder, in the form that Hugging Face and sentence-transformers give: `config.json`, `tokenizer.json`,
//! `model.safetensors`, and what they add about pooling and length.

use super::bert::BertConfig;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Longer files are no model of this kind.
const WEIGHTS_BYTES_MAX: u64 = 2 << 30;
const CONFIG_BYTES_MAX: u64 = 64 << 20;

/// What is in the folder.
pub(super) struct ModelFiles {
    pub config: BertConfig,
    pub tokenizer: Vec<u8>,
    pub weights: Vec<u8>,
    pub pooling: Pooling,
    pub tokens_max: usize,
    /// What the model was called, as far as it says so.
    pub trained_as: String,
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

#[derive(Deserialize)]
struct Name {
    #[serde(rename = "_name_or_path", default)]
    name: String,
}

impl ModelFiles {
    /// # Errors
    /// What is missing or not built in.
    pub fn read(folder: &Path) -> Result<Self, String> {
        if !folder.is_dir() {
            return Err(
                "there is no such folder; give the one that has config.json, tokenizer.json and model.safetensors"
                    .into(),
            );
        }
        let config: BertConfig = parsed(&needed(folder, "config.json", CONFIG_BYTES_MAX)?, "config.json")?;
        config.check()?;
        let name: Name = parsed(&needed(folder, "config.json", CONFIG_BYTES_MAX)?, "config.json")?;
        let pooling = match found::<PoolingConfig>(folder, "1_Pooling/config.json")? {
            None => Pooling::Mean,
            Some(pooling) if pooling.pooling_mode_mean_tokens && !pooling.pooling_mode_cls_token => Pooling::Mean,
            Some(pooling) if pooling.pooling_mode_cls_token && !pooling.pooling_mode_mean_tokens => Pooling::First,
            Some(_) => {
                return Err("its pooling is neither the mean nor the first token, and nothing else is built in".into());
            }
        };
        let stated =
            found::<SentenceConfig>(folder, "sentence_bert_config.json")?.and_then(|config| config.max_seq_length);
        let tokens_max = stated.unwrap_or(usize::MAX).min(config.max_position_embeddings);
        Ok(Self {
            tokenizer: needed(folder, "tokenizer.json", CONFIG_BYTES_MAX)?,
            weights: needed(folder, "model.safetensors", WEIGHTS_BYTES_MAX)?,
            trained_as: name.name,
            config,
            pooling,
            tokens_max,
        })
    }
}

fn needed(folder: &Path, file: &str, bytes_max: u64) -> Result<Vec<u8>, String> {
    let path = folder.join(file);
    let length = std::fs::metadata(&path).map_err(|error| format!("{file} cannot be read ({error})"))?.len();
    if length > bytes_max {
        return Err(format!("{file} has {length} bytes, and at most {bytes_max} are read"));
    }
    std::fs::read(&path).map_err(|error| format!("{file} cannot be read ({error})"))
}

fn found<T: DeserializeOwned>(folder: &Path, file: &str) -> Result<Option<T>, String> {
    if !folder.join(file).exists() {
        return Ok(None);
    }
    parsed(&needed(folder, file, CONFIG_BYTES_MAX)?, file).map(Some)
}

fn parsed<T: DeserializeOwned>(bytes: &[u8], file: &str) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("{file} cannot be read ({error})"))
}

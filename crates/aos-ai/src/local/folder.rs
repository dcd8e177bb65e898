//! A model as a folder: `config.json`, `model.safetensors`, and the tokenizer as `tokenizer.json` or, of BERT, as `vocab.txt`.

use super::config::BertConfig;
use super::encoder::Bert;
use super::weights::Weights;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use tokenizers::{Tokenizer, TruncationParams};

/// Longer files are no model of this kind.
const WEIGHTS_BYTES_MAX: u64 = 2 << 30;
const CONFIG_BYTES_MAX: u64 = 64 << 20;

/// The folder of a model, of which the small files are read.
pub(crate) struct Folder {
    path: PathBuf,
    pub config: BertConfig,
    /// What the model was called, as far as it says so.
    pub trained_as: String,
}

#[derive(Deserialize)]
struct Name {
    #[serde(rename = "_name_or_path", default)]
    name: String,
}

/// What stands beside a `vocab.txt`.
#[derive(Deserialize)]
struct TokenizerConfig {
    #[serde(default = "yes")]
    do_lower_case: bool,
    #[serde(default)]
    strip_accents: Option<bool>,
    #[serde(default = "yes")]
    tokenize_chinese_chars: bool,
}

fn yes() -> bool {
    true
}

impl Folder {
    /// # Errors
    /// What is missing or not built in.
    pub fn open(path: &Path) -> Result<Self, String> {
        if !path.is_dir() {
            return Err(
                "there is no such folder; give the one that has config.json, tokenizer.json and model.safetensors"
                    .into(),
            );
        }
        let bytes = needed(path, "config.json", CONFIG_BYTES_MAX)?;
        let config: BertConfig = parsed(&bytes, "config.json")?;
        config.check()?;
        let name: Name = parsed(&bytes, "config.json")?;
        Ok(Self { path: path.to_owned(), config, trained_as: name.name })
    }

    /// What people call the model: its folder, or what it says of itself.
    pub fn name(&self) -> String {
        let folder = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if folder.is_empty() { self.trained_as.clone() } else { folder }
    }

    pub fn weights(&self) -> Result<Vec<u8>, String> {
        needed(&self.path, "model.safetensors", WEIGHTS_BYTES_MAX)
    }

    /// Reads the encoder, and gives the weights to what is put upon it.
    pub fn encoder<T>(
        &self,
        file: &[u8],
        head: impl FnOnce(&BertConfig, &Weights<'_>) -> Result<T, String>,
    ) -> Result<(Bert, T), String> {
        let weights = Weights::of(&self.config, file)?;
        Ok((Bert::load(&self.config, &weights)?, head(&self.config, &weights)?))
    }

    /// Returns the tokenizer as `tokenizer.json` has it.
    pub fn tokenizer_file(&self) -> Result<Vec<u8>, String> {
        if self.path.join("vocab.txt").exists() && !self.path.join("tokenizer.json").exists() {
            return self.of_vocabulary();
        }
        needed(&self.path, "tokenizer.json", CONFIG_BYTES_MAX)
    }

    /// The tokenizer of BERT is its list of words and a handful of settings.
    fn of_vocabulary(&self) -> Result<Vec<u8>, String> {
        let text = String::from_utf8(needed(&self.path, "vocab.txt", CONFIG_BYTES_MAX)?);
        let text = text.map_err(|_| "vocab.txt is not UTF-8")?;
        let vocabulary: Map<String, Value> =
            text.lines().enumerate().map(|(id, word)| (word.to_owned(), json!(id))).collect();
        let config = self.found::<TokenizerConfig>("tokenizer_config.json")?;
        let config = config.unwrap_or(TokenizerConfig {
            do_lower_case: true,
            strip_accents: None,
            tokenize_chinese_chars: true,
        });
        let id = |word: &str| vocabulary.get(word).cloned().ok_or_else(|| format!("vocab.txt lacks `{word}`"));
        let (begins, ends, unknown) = (id("[CLS]")?, id("[SEP]")?, id("[UNK]")?);
        let special = |(word, id): (&str, &Value)| json!({ "id": id, "content": word, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true });
        let added: Vec<Value> =
            [("[CLS]", &begins), ("[SEP]", &ends), ("[UNK]", &unknown)].into_iter().map(special).collect();
        let tokenizer = json!({
            "version": "1.0",
            "added_tokens": added,
            "normalizer": {
                "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": config.tokenize_chinese_chars,
                "strip_accents": config.strip_accents, "lowercase": config.do_lower_case,
            },
            "pre_tokenizer": { "type": "BertPreTokenizer" },
            "post_processor": { "type": "BertProcessing", "sep": ["[SEP]", ends], "cls": ["[CLS]", begins] },
            "model": {
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                "vocab": vocabulary,
            },
        });
        Ok(tokenizer.to_string().into_bytes())
    }

    /// Reads a file that may be missing.
    pub fn found<T: DeserializeOwned>(&self, file: &str) -> Result<Option<T>, String> {
        if !self.path.join(file).exists() {
            return Ok(None);
        }
        parsed(&needed(&self.path, file, CONFIG_BYTES_MAX)?, file).map(Some)
    }
}

/// Makes a tokenizer that reads a text as far as so many tokens reach, or whole.
pub(crate) fn tokenizer(file: &[u8], tokens_max: Option<usize>) -> Result<Tokenizer, String> {
    let tokenizer = Tokenizer::from_bytes(file);
    let mut tokenizer = tokenizer.map_err(|error| format!("tokenizer.json cannot be read ({error})"))?;
    // Nothing is padded here, whatever the file says.
    tokenizer.with_padding(None);
    let cut = tokens_max.map(|max_length| TruncationParams { max_length, ..TruncationParams::default() });
    tokenizer.with_truncation(cut).map_err(|error| format!("its length cannot be used ({error})"))?;
    Ok(tokenizer)
}

fn needed(folder: &Path, file: &str, bytes_max: u64) -> Result<Vec<u8>, String> {
    let path = folder.join(file);
    let length = std::fs::metadata(&path).map_err(|error| format!("{file} cannot be read ({error})"))?.len();
    if length > bytes_max {
        return Err(format!("{file} has {length} bytes, and at most {bytes_max} are read"));
    }
    std::fs::read(&path).map_err(|error| format!("{file} cannot be read ({error})"))
}

fn parsed<T: DeserializeOwned>(bytes: &[u8], file: &str) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("{file} cannot be read ({error})"))
}

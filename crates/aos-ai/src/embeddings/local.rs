//! A model on this machine. It is read once, at start, and asked for one text after the other on a thread that may block.

use super::bert::{self, Bert};
use super::directory::{ModelFiles, Pooling};
use super::{Embedder, EmbeddingError, ModelId, TEXTS_MAX, TextKind, normalise};
use futures_util::future::{BoxFuture, FutureExt};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use tokenizers::{Tokenizer, TruncationParams};
use tokio::sync::Semaphore;

/// Texts are cut here before they are split into tokens; no model reads as far.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Calls that compute at the same time. The others wait: a machine has other work, too.
const CALLS_AT_ONCE: usize = 1;

/// A model of the BERT family, from a folder.
pub struct LocalModel {
    inner: Arc<Inner>,
    id: ModelId,
    places: Arc<Semaphore>,
}

struct Inner {
    bert: Bert,
    tokenizer: Tokenizer,
    pooling: Pooling,
    /// What stands before queries and before passages.
    prefixes: (&'static str, &'static str),
}

impl LocalModel {
    /// Reads a model from its folder. Takes some hundred milliseconds and as much memory as its weights have.
    ///
    /// # Errors
    /// [`EmbeddingError::Model`] with what is missing or not built in.
    pub fn load(folder: &Path) -> Result<Self, EmbeddingError> {
        let folder_name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = ModelFiles::read(folder).and_then(|files| Ok((Inner::of(&files, &folder_name)?, files)));
        let (inner, files) =
            files.map_err(|why| EmbeddingError::Model { directory: folder.display().to_string(), why })?;
        let name = if folder_name.is_empty() { files.trained_as.clone() } else { folder_name };
        let mut digest = Sha256::new();
        let settings = format!("{:?} {:?} {}", files.pooling, inner.prefixes, files.tokens_max);
        for part in [&files.weights, &files.tokenizer, settings.as_bytes()] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let fingerprint = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let id = ModelId { name, dimensions: files.config.hidden_size, fingerprint };
        Ok(Self { inner: Arc::new(inner), id, places: Arc::new(Semaphore::new(CALLS_AT_ONCE)) })
    }
}

impl Inner {
    fn of(files: &ModelFiles, folder_name: &str) -> Result<Self, String> {
        let bert = Bert::load(&files.config, &files.weights)?;
        let tokenizer = Tokenizer::from_bytes(&files.tokenizer);
        let mut tokenizer = tokenizer.map_err(|error| format!("tokenizer.json cannot be read ({error})"))?;
        // Texts are encoded one by one, so what the file says of padding is not for us.
        tokenizer.with_padding(None);
        let cut = TruncationParams { max_length: files.tokens_max, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(cut)).map_err(|error| format!("its length cannot be used ({error})"))?;
        // E5 is trained with these words (Wang et al., "Text Embeddings by Weakly-Supervised Contrastive Pre-training", 2022).
        let prefixes = if is_e5(folder_name) || is_e5(&files.trained_as) { ("query: ", "passage: ") } else { ("", "") };
        Ok(Self { bert, tokenizer, pooling: files.pooling, prefixes })
    }

    fn embed(&self, text: &str, kind: TextKind) -> Result<Vec<f32>, String> {
        let prefix = match kind {
            TextKind::Query => self.prefixes.0,
            TextKind::Passage => self.prefixes.1,
        };
        let text = format!("{prefix}{}", beginning(text));
        let encoded = self.tokenizer.encode(text, true).map_err(|error| format!("a text has no tokens ({error})"))?;
        let rows = self.bert.encode(encoded.get_ids())?;
        let mut vector = match self.pooling {
            Pooling::Mean => bert::mean(rows.view()),
            Pooling::First => bert::first(rows.view()),
        };
        if normalise(&mut vector) { Ok(vector) } else { Err("a text has no direction".into()) }
    }
}

impl Embedder for LocalModel {
    fn model(&self) -> &ModelId {
        &self.id
    }

    fn embed<'a>(
        &'a self,
        texts: &'a [String],
        kind: TextKind,
    ) -> BoxFuture<'a, Result<Vec<Vec<f32>>, EmbeddingError>> {
        async move {
            if texts.len() > TEXTS_MAX {
                return Err(EmbeddingError::TooMany { given: texts.len() });
            }
            let unusable = |why: String| EmbeddingError::Unusable { model: self.id.name.clone(), why };
            let (inner, texts, places) = (self.inner.clone(), texts.to_vec(), self.places.clone());
            let place = places.acquire_owned().await.map_err(|error| unusable(error.to_string()))?;
            let work = move || {
                let _place = place;
                texts.iter().map(|text| inner.embed(text, kind)).collect::<Result<Vec<_>, _>>()
            };
            tokio::task::spawn_blocking(work).await.map_err(|error| unusable(error.to_string()))?.map_err(unusable)
        }
        .boxed()
    }
}

fn is_e5(name: &str) -> bool {
    name.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "e5")
}

fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}

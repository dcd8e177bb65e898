//! A model on this machine. It is read once, at start, and asked for one text after the other on a thread that may block.

use super::directory::{ModelFiles, Pooling};
use super::{Embedder, EmbeddingError, ModelId, TEXTS_MAX, TextKind, normalise};
use crate::local::{Bert, Tokens, first, mean, tokenizer};
use futures_util::future::{BoxFuture, FutureExt};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use tokenizers::Tokenizer;
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
        let files = ModelFiles::read(folder).and_then(|files| Ok((Inner::of(&files)?, files)));
        let (inner, files) =
            files.map_err(|why| EmbeddingError::Model { directory: folder.display().to_string(), why })?;
        let mut digest = Sha256::new();
        let settings = format!("{:?} {:?} {}", files.pooling, inner.prefixes, files.tokens_max);
        for part in [&files.weights, &files.tokenizer, settings.as_bytes()] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let fingerprint = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let id = ModelId { name: files.folder.name(), dimensions: files.folder.config.hidden_size, fingerprint };
        Ok(Self { inner: Arc::new(inner), id, places: Arc::new(Semaphore::new(CALLS_AT_ONCE)) })
    }
}

impl Inner {
    fn of(files: &ModelFiles) -> Result<Self, String> {
        let (bert, ()) = files.folder.encoder(&files.weights, |_, _| Ok(()))?;
        let tokenizer = tokenizer(&files.tokenizer, Some(files.tokens_max))?;
        // E5 is trained with these words (Wang et al., "Text Embeddings by Weakly-Supervised Contrastive Pre-training", 2022).
        let prefixes = if is_e5(&files.folder.name()) || is_e5(&files.folder.trained_as) {
            ("query: ", "passage: ")
        } else {
            ("", "")
        };
        Ok(Self { bert, tokenizer, pooling: files.pooling, prefixes })
    }

    fn embed(&self, text: &str, kind: TextKind) -> Result<Vec<f32>, String> {
        let prefix = match kind {
            TextKind::Query => self.prefixes.0,
            TextKind::Passage => self.prefixes.1,
        };
        let text = format!("{prefix}{}", beginning(text));
        let encoded = self.tokenizer.encode(text, true).map_err(|error| format!("a text has no tokens ({error})"))?;
        let tokens = Tokens { ids: encoded.get_ids(), segments: &[] };
        let rows = self.bert.encode(&[tokens])?.pop().unwrap_or_default();
        let mut vector = match self.pooling {
            Pooling::Mean => mean(rows.view()),
            Pooling::First => first(rows.view()),
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

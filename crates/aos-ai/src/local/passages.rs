//! A model that reads a question and a passage together and says how well the one answers the other: BERT with a classifier upon the first
//! token (`BertForSequenceClassification`, as ms-marco-MiniLM and bge-reranker are; Nogueira and Cho, "Passage Re-ranking with BERT", 2019).

use super::FolderError;
use super::encoder::{Bert, Tokens};
use super::folder::{Folder, tokenizer};
use super::weights::Dense;
use crate::retrieval::{RerankError, Reranker};
use futures_util::future::{BoxFuture, FutureExt};
use ndarray::{Array2, s};
use std::path::Path;
use std::sync::Arc;
use tokenizers::Tokenizer;
use tokio::sync::Semaphore;

/// Passages that are computed at a time.
const PASSAGES_AT_ONCE: usize = 4;
/// Calls that compute at the same time. The others wait: a machine has other work, too.
const CALLS_AT_ONCE: usize = 1;

/// A model that orders passages, from a folder such as the one of `ms-marco-MiniLM-L6-v2`.
pub struct PassageModel {
    name: String,
    inner: Arc<Inner>,
    places: Arc<Semaphore>,
}

struct Inner {
    bert: Bert,
    pooled: Dense,
    classifier: Dense,
    tokenizer: Tokenizer,
}

impl PassageModel {
    /// Reads a model from its folder. Takes as much memory as its weights have.
    ///
    /// # Errors
    /// What is missing or not built in.
    pub fn load(folder: &Path) -> Result<Self, FolderError> {
        let read = Folder::open(folder).and_then(|opened| Ok((opened.name(), Inner::read(&opened)?)));
        let (name, inner) = read.map_err(|why| FolderError { directory: folder.display().to_string(), why })?;
        Ok(Self { name, inner: Arc::new(inner), places: Arc::new(Semaphore::new(CALLS_AT_ONCE)) })
    }
}

impl Inner {
    fn read(folder: &Folder) -> Result<Self, String> {
        // A single output has no name that says anything, and some leave it out.
        if folder.config.id2label.len() > 1 {
            return Err(
                "it has several outputs, and only a model with one, which is how well a passage answers, is built in"
                    .into(),
            );
        }
        let file = folder.weights()?;
        let (bert, (pooled, classifier)) = folder.encoder(&file, |config, weights| {
            let size = config.hidden_size;
            match config.is_roberta() {
                false => Ok((weights.dense("pooler.dense", size, size)?, weights.dense("classifier", 1, size)?)),
                true => {
                    Ok((weights.dense("classifier.dense", size, size)?, weights.dense("classifier.out_proj", 1, size)?))
                }
            }
        })?;
        let tokenizer = tokenizer(&folder.tokenizer_file()?, Some(folder.config.tokens_max()))?;
        Ok(Self { bert, pooled, classifier, tokenizer })
    }

    /// Returns how well each passage answers the question, from 0 to 1.
    fn score(&self, question: &str, passages: &[String]) -> Result<Vec<f32>, String> {
        let mut scores = Vec::with_capacity(passages.len());
        for passages in passages.chunks(PASSAGES_AT_ONCE) {
            let pairs = passages.iter().map(|passage| self.tokenizer.encode((question, passage.as_str()), true));
            let pairs = pairs.collect::<Result<Vec<_>, _>>().map_err(|_| "its tokenizer cannot read a passage")?;
            let tokens: Vec<Tokens<'_>> =
                pairs.iter().map(|pair| Tokens { ids: pair.get_ids(), segments: pair.get_type_ids() }).collect();
            for rows in self.bert.encode(&tokens)? {
                let first: Array2<f32> = rows.slice(s![..1, ..]).to_owned();
                let mut pooled = self.pooled.apply(&first);
                pooled.mapv_inplace(f32::tanh);
                let judged = self.classifier.apply(&pooled).iter().next().copied().unwrap_or(f32::NAN);
                if !judged.is_finite() {
                    return Err("it gives no number for a passage".into());
                }
                scores.push(1.0 / (1.0 + (-judged).exp()));
            }
        }
        Ok(scores)
    }
}

impl Reranker for PassageModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn score<'a>(&'a self, question: &'a str, passages: Vec<String>) -> BoxFuture<'a, Result<Vec<f32>, RerankError>> {
        async move {
            let failed = |why: String| RerankError { model: self.name.clone(), why };
            let (inner, question, places) = (self.inner.clone(), question.to_owned(), self.places.clone());
            let place = places.acquire_owned().await.map_err(|error| failed(error.to_string()))?;
            let work = move || {
                let _place = place;
                inner.score(&question, &passages)
            };
            tokio::task::spawn_blocking(work).await.map_err(|error| failed(error.to_string()))?.map_err(failed)
        }
        .boxed()
    }
}

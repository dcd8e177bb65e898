//! Vectors from the tenant's provider.

use super::attempt::{Called, Caller};
use super::error::ModelError;
use super::tenant::{Chosen, Counted, Meter, TenantModels};
use super::wire::Vectors;
use crate::embeddings::{Embedder, EmbeddingError, ModelId, TEXTS_MAX, TextKind, normalise};
use crate::pii;
use futures_util::future::{BoxFuture, FutureExt};
use sha2::{Digest, Sha256};
use std::sync::PoisonError;

/// Texts of one request; Gemini takes no more than 100.
const TEXTS_PER_REQUEST: usize = 64;
const FEATURE: &str = "embeddings";

struct Remote {
    models: TenantModels,
    /// The provider's name for the model.
    model: String,
    id: ModelId,
}

impl TenantModels {
    /// Returns the provider's model that makes vectors; none when the tenant has chosen none. The first time it is asked how long they are.
    ///
    /// # Errors
    /// Any: one that was chosen and cannot be asked is an error, and nothing else takes its place.
    pub(crate) async fn embedder(&self) -> Result<Option<Box<dyn Embedder>>, ModelError> {
        let Some(model) = self.choice().await?.embedding_model else { return Ok(None) };
        let chosen = self.chosen().await?;
        let fingerprint = fingerprint(&chosen, &model);
        let known = self.known_dimensions().lock().unwrap_or_else(PoisonError::into_inner).get(&fingerprint).copied();
        let dimensions = match known {
            Some(dimensions) => dimensions,
            None => {
                let sample = self.vectors(&model, &["dimensions".to_owned()], TextKind::Passage).await?;
                let dimensions = sample.first().map_or(0, Vec::len);
                let mut known = self.known_dimensions().lock().unwrap_or_else(PoisonError::into_inner);
                known.insert(fingerprint.clone(), dimensions);
                dimensions
            }
        };
        let id = ModelId { name: chosen.name(&model), dimensions, fingerprint };
        Ok(Some(Box::new(Remote { models: self.clone(), model, id })))
    }

    async fn vectors(&self, model: &str, texts: &[String], kind: TextKind) -> Result<Vec<Vec<f32>>, ModelError> {
        let chosen = self.chosen().await?;
        let shown = texts.to_vec();
        let policy = self.personal();
        let clean = pii::aside(&policy, move |policy| {
            let values: Vec<_> = shown.iter().map(|text| (text.as_str(), pii::Column::default())).collect();
            Ok(pii::redact_each(&values, policy)?.into_iter().map(|clean| clean.text).collect::<Vec<String>>())
        });
        let clean = clean.await?;
        let name = chosen.name(model);
        let meter = Meter {
            feature: FEATURE,
            payer: None,
            model: &name,
            price: chosen.choice.embedding_price.or_else(|| self.options().prices.of(&name)),
            budget: self.budget_of(&chosen.choice),
            tokens_in: clean.iter().map(|text| text.len() as u64 / 2 + 8).sum(),
            tokens_out: 0,
        };
        let net = self.net();
        let caller = Caller {
            net: &net,
            endpoint: &chosen.endpoint,
            deadline: self.deadline(),
            attempts_max: self.options().attempts_max,
        };
        let call = async {
            let called = caller.embed(model, &clean, kind, chosen.choice.embedding_dimensions).await;
            let whole = |got: Vectors| match got.vectors.len() == clean.len() {
                true => Ok(got),
                false => Err(chosen.endpoint.unreadable("there is not one embedding for each text")),
            };
            Called { outcome: called.outcome.and_then(whole), attempts: called.attempts }
        };
        let count =
            |got: &Vectors| Counted { tokens_in: got.tokens_in, tokens_out: got.tokens_in.map(|_| 0), word: "ok" };
        let (got, ..) = self.metered(&meter, call, count).await?;
        Ok(got.vectors)
    }
}

impl Embedder for Remote {
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
            let mut vectors = Vec::with_capacity(texts.len());
            for part in texts.chunks(TEXTS_PER_REQUEST) {
                let got = self.models.vectors(&self.model, part, kind).await;
                vectors.extend(got.map_err(|error| EmbeddingError::Provider(Box::new(error)))?);
            }
            for vector in &mut vectors {
                let unusable =
                    |why: &str| EmbeddingError::Unusable { model: self.id.name.clone(), why: why.to_owned() };
                if vector.len() != self.id.dimensions {
                    return Err(unusable("its length has changed; index what there is again"));
                }
                if !normalise(vector) {
                    return Err(unusable("it has no direction"));
                }
            }
            Ok(vectors)
        }
        .boxed()
    }
}

fn fingerprint(chosen: &Chosen, model: &str) -> String {
    let dimensions = chosen.choice.embedding_dimensions.map_or_else(String::new, |count| count.to_string());
    let parts = [chosen.endpoint.provider.as_str(), &chosen.endpoint.base, model, &dimensions];
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

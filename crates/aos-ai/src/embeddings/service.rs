//! Which model makes a tenant's vectors: the one it has chosen of its provider, else the one on this machine, else none.

use super::{Embedder, EmbeddingError};
use crate::models::{ModelError, Models};
use aos_core::TenantScope;
use std::sync::Arc;

/// The embedding models of all tenants. Cloning it is cheap and gives the same.
#[derive(Clone)]
pub struct Embeddings {
    models: Models,
    local: Option<Arc<dyn Embedder>>,
}

impl Embeddings {
    /// `local` is the model on this machine that tenants use who have chosen none.
    pub fn new(models: Models, local: Option<Arc<dyn Embedder>>) -> Self {
        Self { models, local }
    }

    /// Names the model that makes a tenant's vectors, without asking it; none when there is none.
    ///
    /// # Errors
    /// When the tenant's choice cannot be read.
    pub async fn name(&self, scope: &TenantScope) -> Result<Option<String>, ModelError> {
        let choice = self.models.tenant(scope).choice().await?;
        let chosen = choice.provider.zip(choice.embedding_model);
        let chosen = chosen.map(|(provider, model)| format!("{}/{model}", provider.as_str()));
        Ok(chosen.or_else(|| self.local.as_ref().map(|local| local.model().name.clone())))
    }

    /// Returns the model that makes a tenant's vectors.
    ///
    /// # Errors
    /// [`EmbeddingError::NotConfigured`] where there is none, and [`EmbeddingError::Provider`] where the one that was chosen cannot be asked:
    /// another one does not take its place, since their vectors cannot be compared.
    pub async fn tenant(&self, scope: &TenantScope) -> Result<Arc<dyn Embedder>, EmbeddingError> {
        let chosen = self.models.tenant(scope).embedder().await;
        match chosen.map_err(|error| EmbeddingError::Provider(Box::new(error)))? {
            Some(remote) => Ok(Arc::from(remote)),
            None => self.local.clone().ok_or(EmbeddingError::NotConfigured),
        }
    }
}

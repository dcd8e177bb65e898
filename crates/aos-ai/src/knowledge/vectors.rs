//! The vectors of tenants in memory. What changed since the last look is read again, document by document; a look that finds nothing
//! changed costs one row.

use super::{KnowledgeError, TenantKnowledge};
use crate::retrieval::{DocumentVectors, VectorSet, from_bytes};
use aos_core::TenantId;
use aos_store::KnowledgeIndexEntry;
use moka::sync::Cache;
use std::sync::Arc;

/// What the vectors of all tenants may take together. Those that were not asked for longest are read again when they are.
const MEMORY_BYTES_MAX: u64 = 1 << 30;

type Key = (TenantId, String);

/// The vectors of a tenant, as they were at a revision of its knowledge base.
#[derive(Default)]
pub(super) struct Held {
    revision: i64,
    pub vectors: VectorSet,
    /// Documents that have vectors of another model, or none.
    pub without: usize,
}

pub(super) struct VectorCache(Cache<Key, Arc<Held>>);

impl Default for VectorCache {
    fn default() -> Self {
        let weigh = |_: &Key, held: &Arc<Held>| u32::try_from(held.vectors.bytes() >> 10).unwrap_or(u32::MAX).max(1);
        Self(Cache::builder().weigher(weigh).max_capacity(MEMORY_BYTES_MAX >> 10).build())
    }
}

impl TenantKnowledge {
    /// Returns the tenant's vectors of a model, as they are now.
    pub(super) async fn vectors(&self, fingerprint: &str, dimensions: usize) -> Result<Arc<Held>, KnowledgeError> {
        let cache = &self.base.0.vectors.0;
        let key = (self.scope.tenant_id(), fingerprint.to_owned());
        let held = cache.get(&key).unwrap_or_default();
        let revision = self.store().knowledge_revision().await?;
        if held.revision == revision {
            return Ok(held);
        }
        let mut now = Held { revision, ..Held::default() };
        for entry in self.store().knowledge_index().await? {
            if entry.vector_print.as_deref() != Some(fingerprint) {
                now.without += 1;
                continue;
            }
            let known = held.vectors.documents.get(&entry.id).filter(|known| known.revision == entry.revision);
            let document = match known {
                Some(known) => known.clone(),
                None => Arc::new(self.read(&entry, dimensions).await?),
            };
            now.vectors.documents.insert(entry.id, document);
        }
        let now = Arc::new(now);
        cache.insert(key, now.clone());
        Ok(now)
    }

    async fn read(&self, entry: &KnowledgeIndexEntry, dimensions: usize) -> Result<DocumentVectors, KnowledgeError> {
        let mut vectors = Vec::new();
        for (_, bytes) in self.store().knowledge_vectors(entry.id).await? {
            vectors.extend(from_bytes(&bytes));
        }
        Ok(DocumentVectors {
            revision: entry.revision,
            least_role: entry.least_role,
            tags: entry.tags.clone(),
            dimensions,
            vectors,
        })
    }
}

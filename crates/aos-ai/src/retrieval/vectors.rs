//! The nearest vectors, exactly: every vector is looked at. At a tenant's size that takes milliseconds, finds what is there, and needs
//! neither an index that has to be kept nor a tuning of how much it may miss.

use aos_core::Role;
use aos_store::ChunkPlace;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Sums that are kept apart, so that they can be added side by side.
const LANES: usize = 16;

/// A tenant's vectors of one model.
#[derive(Debug, Clone, Default)]
pub struct VectorSet {
    pub documents: BTreeMap<Uuid, Arc<DocumentVectors>>,
}

/// The vectors of one document, and who may find by them.
#[derive(Debug, Clone)]
pub struct DocumentVectors {
    pub revision: i64,
    pub least_role: Role,
    pub tags: Vec<String>,
    pub dimensions: usize,
    /// One after the other, in the order of the chunks.
    pub vectors: Vec<f32>,
}

/// A chunk with the cosine between its vector and the question's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    pub place: ChunkPlace,
    pub cosine: f32,
}

impl VectorSet {
    /// Returns the chunks nearest to a vector of length 1, the nearest first, among those that the role may see.
    pub fn nearest(&self, asked: &[f32], role: Role, tag: Option<&str>, limit: usize, cosine_min: f32) -> Vec<Near> {
        let mut nearest: Vec<Near> = Vec::with_capacity(limit + 1);
        for (id, document) in &self.documents {
            let is_tagged = tag.is_none_or(|tag| document.tags.iter().any(|of| of == tag));
            if role < document.least_role || !is_tagged || document.dimensions != asked.len() || asked.is_empty() {
                continue;
            }
            for (ordinal, vector) in (0..).zip(document.vectors.chunks_exact(document.dimensions)) {
                let near = Near { place: ChunkPlace { document_id: *id, ordinal }, cosine: dot(asked, vector) };
                if near.cosine >= cosine_min {
                    keep(&mut nearest, near, limit);
                }
            }
        }
        nearest
    }

    /// How much memory the vectors take, in bytes.
    pub fn bytes(&self) -> usize {
        self.documents.values().map(|document| document.vectors.len() * size_of::<f32>()).sum()
    }
}

/// Puts a chunk into its place among the nearest, if it is one of them.
fn keep(nearest: &mut Vec<Near>, near: Near, limit: usize) {
    if nearest.len() == limit && nearest.last().is_none_or(|last| order(last, &near).is_le()) {
        return;
    }
    let at = nearest.partition_point(|before| order(before, &near).is_lt());
    nearest.insert(at, near);
    nearest.truncate(limit);
}

fn order(a: &Near, b: &Near) -> Ordering {
    b.cosine.total_cmp(&a.cosine).then(a.place.cmp(&b.place))
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (a_parts, b_parts) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a_parts.remainder().iter().zip(b_parts.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_parts.zip(b_parts) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Writes a vector as it is kept: 32-bit floating-point numbers, the lowest byte first.
pub fn to_bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|part| part.to_le_bytes()).collect()
}

/// Reads a vector as it is kept.
pub fn from_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|part| f32::from_le_bytes(*part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(vectors: Vec<f32>, least_role: Role) -> VectorSet {
        let document = DocumentVectors { revision: 1, least_role, tags: vec!["policy".into()], dimensions: 2, vectors };
        VectorSet { documents: [(Uuid::nil(), Arc::new(document))].into() }
    }

    fn ordinals(near: &[Near]) -> Vec<u64> {
        near.iter().map(|near| near.place.ordinal).collect()
    }

    #[test]
    fn the_nearest_come_first_and_no_more_of_them_than_asked_for() {
        let set = set(vec![0.0, 1.0, 1.0, 0.0, 0.6, 0.8, 0.8, 0.6], Role::Viewer);
        assert_eq!(ordinals(&set.nearest(&[1.0, 0.0], Role::Viewer, None, 3, -1.0)), [1, 3, 2]);
        assert_eq!(
            ordinals(&set.nearest(&[1.0, 0.0], Role::Viewer, None, 9, 0.7)),
            [1, 3],
            "the others are too far away"
        );
    }

    #[test]
    fn what_a_role_may_not_see_or_carries_another_tag_is_not_near() {
        let set = set(vec![1.0, 0.0], Role::Admin);
        assert!(set.nearest(&[1.0, 0.0], Role::Member, None, 5, -1.0).is_empty());
        assert!(set.nearest(&[1.0, 0.0], Role::Admin, Some("travel"), 5, -1.0).is_empty());
        assert_eq!(set.nearest(&[1.0, 0.0], Role::Owner, Some("policy"), 5, -1.0).len(), 1);
        assert!(set.nearest(&[1.0, 0.0, 0.0], Role::Owner, None, 5, -1.0).is_empty(), "another model's vector");
    }

    #[test]
    fn a_vector_reads_back_as_it_was_kept() {
        let vector = vec![0.25, -1.0, f32::MIN_POSITIVE];
        assert_eq!(from_bytes(&to_bytes(&vector)), vector);
    }
}

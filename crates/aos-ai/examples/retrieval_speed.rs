//! Measures searching at the sizes of tenants: `retrieval_speed CHUNKS...` prints one JSON line for each. Made from a seed.

use aos_ai::retrieval::{DocumentVectors, VectorSet};
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantScope};
use aos_store::{ChunkPlace, KnowledgeQuery, NewKnowledgeChunk, NewKnowledgeDocument, Store};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

const SEED: u64 = 7;
const DIMENSIONS: usize = 384;
const TOP_K: usize = 10;
const QUESTIONS: usize = 300;
const WORDS_OF_CHUNK: usize = 120;
const VOCABULARY: usize = 20_000;
const CHUNKS_OF_DOCUMENT: usize = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    for size in std::env::args().skip(1) {
        println!("{}", measured(size.parse()?).await?);
    }
    Ok(())
}

async fn measured(chunks: usize) -> Result<Value, Failure> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path().join("store.db"), Clock::default()).await?;
    let tenant = store.system().ensure_tenant("bench").await?.id;
    #[allow(clippy::disallowed_methods)] // A benchmark on a store of its own.
    let scope = TenantScope::establish(tenant, Principal::Local, Role::Owner);
    let door = store.tenant(&scope);
    let mut random = StdRng::seed_from_u64(SEED);
    let mut set = VectorSet::default();
    let begun = Instant::now();
    for first in (0..chunks).step_by(CHUNKS_OF_DOCUMENT) {
        let count = CHUNKS_OF_DOCUMENT.min(chunks - first);
        let kept = door.put_knowledge_document(&document(&mut random, first, count)).await?;
        let vectors: Vec<f32> = (0..count).flat_map(|_| unit(&mut random)).collect();
        let (least_role, tags, dimensions) = (Role::Viewer, Vec::new(), DIMENSIONS);
        let held = DocumentVectors { revision: 1, least_role, tags, dimensions, vectors };
        set.documents.insert(kept.id, Arc::new(held));
    }
    let load_s = begun.elapsed().as_secs_f64();
    let (mut right, mut vectors_ms, mut words_ms) = (0, Vec::new(), Vec::new());
    for question in 0..QUESTIONS {
        let asked = unit(&mut random);
        let begun = Instant::now();
        let near = set.nearest(&asked, Role::Owner, None, TOP_K, -1.0);
        vectors_ms.push(begun.elapsed().as_secs_f64() * 1000.0);
        let wanted = reference(&set, &asked);
        right += near.iter().filter(|near| wanted.contains(&near.place)).count();
        // Other words each time: from those that stand nearly everywhere to those that stand nowhere.
        let words = [question, question * 7 % 1000, question * 61 % VOCABULARY].map(word);
        let begun = Instant::now();
        let query = KnowledgeQuery { words: &words, role: Role::Owner, tag: None, limit: 100 };
        door.match_knowledge(&query).await?;
        words_ms.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let recall = right as f64 / (QUESTIONS * TOP_K.min(chunks)) as f64;
    Ok(json!({
        "chunks": chunks, "recall": recall, "questions": QUESTIONS, "load_s": load_s,
        "vectors_ms": quantiles(vectors_ms), "words_ms": quantiles(words_ms),
    }))
}

fn document(random: &mut StdRng, first: usize, count: usize) -> NewKnowledgeDocument {
    let chunks = (0..count).map(|_| {
        let body = (0..WORDS_OF_CHUNK).map(|_| word(zipf(random))).collect::<Vec<_>>().join(" ");
        NewKnowledgeChunk {
            section: vec!["Section".to_owned()],
            page: None,
            from: 0,
            to: body.len() as u64,
            tokens: WORDS_OF_CHUNK as u64,
            body,
            marks: Vec::new(),
        }
    });
    NewKnowledgeDocument {
        location: format!("bench:{first}"),
        title: "Document".to_owned(),
        format: "text".to_owned(),
        tags: Vec::new(),
        least_role: Role::Viewer,
        redacted: true,
        redaction: None,
        redactions: 0,
        characters: 0,
        content_hash: first.to_string(),
        chunks: chunks.collect(),
    }
}

/// Draws a word's rank so that the n-th most common word comes about 1/n as often as the most common one.
fn zipf(random: &mut StdRng) -> usize {
    let drawn: f64 = random.random();
    ((VOCABULARY as f64).powf(drawn) - 1.0) as usize
}

fn word(rank: usize) -> String {
    format!("w{rank}q")
}

fn unit(random: &mut StdRng) -> Vec<f32> {
    // The sum of twelve even draws is near enough to a normal one (Irwin and Hall).
    let mut vector: Vec<f32> =
        (0..DIMENSIONS).map(|_| (0..12).map(|_| random.random::<f32>()).sum::<f32>() - 6.0).collect();
    let length = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|part| *part /= length);
    vector
}

/// The nearest, found by a plain loop in double precision.
fn reference(set: &VectorSet, asked: &[f32]) -> Vec<ChunkPlace> {
    let mut all: Vec<(f64, ChunkPlace)> = Vec::new();
    for (id, document) in &set.documents {
        for (ordinal, vector) in (0..).zip(document.vectors.chunks_exact(DIMENSIONS)) {
            let cosine = asked.iter().zip(vector).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            all.push((cosine, ChunkPlace { document_id: *id, ordinal }));
        }
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().take(TOP_K).map(|(_, place)| place).collect()
}

fn quantiles(mut values: Vec<f64>) -> Value {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get(((values.len() - 1) as f64 * share) as usize).copied().unwrap_or_default();
    json!({ "p50": at(0.5), "p95": at(0.95), "p99": at(0.99) })
}

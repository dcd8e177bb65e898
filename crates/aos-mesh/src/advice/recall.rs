//! What is remembered of columns like those of a source: by the vectors of what they are described as where there is a model that makes some,
//! else by their names, as the matcher compares names.

use crate::sync::Sync;
use crate::{Error, Result};
use aos_ai::embeddings::{Embedder, EmbeddingError, TEXTS_MAX, TextKind};
use aos_core::shape::{ColumnShape, Pattern, StreamShape, ValueKind};
use aos_match::Hint;
use aos_match::memory::{Alike, Decided, Recollection, Verdict};
use aos_store::{Memory, MemoryOutcome, Portrait};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The newest decisions that are looked at; those of people come first.
const MEMORIES_MAX: u32 = 2_000;
/// Remembered columns that a source's own is compared with, at most.
const NEAREST_MAX: u32 = 8;
/// Vectors that one run makes of what is remembered; the next run goes on.
const VECTORS_MADE_MAX: usize = 2_048;
/// How similarity is called where names are compared.
pub(crate) const LEXICAL: &str = "lexical";

/// What is remembered of the columns of a source, table by table.
pub(crate) struct Recalled {
    pub recollection: Recollection,
    pub alike: Vec<Vec<Vec<Alike>>>,
    pub hints: Vec<Vec<Hint>>,
    /// `lexical`, or the model that made the vectors.
    pub similarity: String,
}

/// Looks up what was decided about columns like these.
pub(crate) async fn recall(sync: &Sync<'_>, shapes: &Arc<[StreamShape]>) -> Result<Recalled> {
    let memories = sync.store().memories(MEMORIES_MAX).await?;
    let nearest = match memories.is_empty() {
        true => None,
        false => by_vectors(sync, shapes, &memories).await?,
    };
    let (matcher, shapes) = (sync.vocabulary.matcher.clone(), shapes.clone());
    let recalled = tokio::task::spawn_blocking(move || {
        let recollection = Recollection::new(&matcher, memories.iter().map(decided).collect());
        let (alike, similarity) = match nearest {
            Some((alike, model)) => (alike, model),
            None => (shapes.iter().map(|shape| recollection.by_names(shape)).collect(), LEXICAL.to_owned()),
        };
        let hints = shapes.iter().zip(&alike).map(|(shape, alike)| recollection.hints(shape, alike)).collect();
        Recalled { recollection, alike, hints, similarity }
    });
    recalled.await.map_err(|_| Error::Stopped)
}

/// A likeness by vectors, table by table and column by column, and the model that it is of.
type ByVectors = Option<(Vec<Vec<Vec<Alike>>>, String)>;

/// Compares by meaning; none where there is no model, or it cannot be asked, which is no reason not to map.
async fn by_vectors(sync: &Sync<'_>, shapes: &[StreamShape], memories: &[Memory]) -> Result<ByVectors> {
    let Some(advice) = sync.mesh.advice.get() else { return Ok(None) };
    let embedder = match advice.embeddings.tenant(sync.scope).await {
        Ok(embedder) => embedder,
        Err(error) => return without(&error),
    };
    let store = sync.store();
    let print = embedder.model().fingerprint.clone();
    let mut made = 0;
    while made < VECTORS_MADE_MAX {
        let next = store.memories_without_vector(&print, TEXTS_MAX as u32).await?;
        if next.is_empty() {
            break;
        }
        let texts: Vec<String> = next.iter().map(described).collect();
        let vectors = match embedder.embed(&texts, TextKind::Passage).await {
            Ok(vectors) => vectors,
            Err(error) => return without(&error),
        };
        made += vectors.len();
        let kept: Vec<(Uuid, Vec<f32>)> = next.iter().map(|memory| memory.id).zip(vectors).collect();
        store.put_memory_vectors(&print, &kept).await?;
    }
    let places: HashMap<Uuid, usize> = memories.iter().enumerate().map(|(at, memory)| (memory.id, at)).collect();
    let mut alike = Vec::with_capacity(shapes.len());
    for shape in shapes {
        let Some(vectors) = vectors_of(&*embedder, shape).await? else { return Ok(None) };
        let near = store.nearest_memories(&print, &vectors, NEAREST_MAX).await?;
        let known =
            |near: &aos_store::NearMemory| Some(Alike { decided: *places.get(&near.id)?, similarity: near.cosine });
        alike.push(near.iter().map(|near| near.iter().filter_map(known).collect()).collect());
    }
    Ok(Some((alike, embedder.model().name.clone())))
}

/// Describes the columns of a table to a model; none where it cannot be asked.
async fn vectors_of(embedder: &dyn Embedder, shape: &StreamShape) -> Result<Option<Vec<Vec<f32>>>> {
    let texts: Vec<String> =
        shape.columns.iter().map(|column| text(&shape.stream, column, &Portrait::of(column))).collect();
    let mut vectors = Vec::with_capacity(texts.len());
    for part in texts.chunks(TEXTS_MAX) {
        // Both are passages: what is compared is one column with another, not a question with its answer.
        match embedder.embed(part, TextKind::Passage).await {
            Ok(made) => vectors.extend(made),
            Err(error) => return without(&error),
        }
    }
    Ok(Some(vectors))
}

fn without<T>(error: &EmbeddingError) -> Result<Option<T>> {
    if !matches!(error, EmbeddingError::NotConfigured) {
        tracing::info!(%error, "columns are compared by their names: {error}");
    }
    Ok(None)
}

fn decided(memory: &Memory) -> Decided {
    Decided {
        system: memory.system.clone(),
        stream: memory.stream.clone(),
        column: memory.path.clone(),
        kind: memory.portrait.kind,
        entity: memory.entity.clone(),
        field: memory.field.clone(),
        verdict: match memory.outcome {
            MemoryOutcome::Applied => Verdict::Unseen,
            MemoryOutcome::Approved => Verdict::Right,
            MemoryOutcome::Rejected => Verdict::Wrong,
        },
    }
}

fn described(memory: &Memory) -> String {
    let column = ColumnShape {
        label: memory.label.clone(),
        kind: memory.portrait.kind,
        ..ColumnShape::unseen(memory.path.clone())
    };
    text(&memory.stream, &column, &memory.portrait)
}

/// Says in words what a column is, without any of its values.
fn text(stream: &str, column: &ColumnShape, portrait: &Portrait) -> String {
    let words = |name: &str| name.replace(['_', '.', '[', ']'], " ");
    let label = column.label.as_deref().map(|label| format!(" ({label})")).unwrap_or_default();
    let forms: Vec<String> = portrait
        .forms
        .iter()
        .filter(|(_, share)| *share >= 0.5)
        .map(|(form, _): &(Pattern, f64)| words(serde_json::json!(form).as_str().unwrap_or_default()))
        .collect();
    let kind = if portrait.kind == ValueKind::Unknown { String::new() } else { format!(", {}", portrait.kind) };
    let forms = if forms.is_empty() { String::new() } else { format!(", {}", forms.join(", ")) };
    format!("{} of {}{label}{kind}{forms}", words(&column.path), words(stream))
}

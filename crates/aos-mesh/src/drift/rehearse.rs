//! Rehearsing: what a repair would do to the latest raw records, or what taking them as they are would do to what is held; nothing is kept.

use super::apply::Chosen;
use super::item::DriftItem;
use crate::sync::Mesh;
use crate::{Error, Result};
use aos_core::mapping::{Origin, StreamMapping};
use aos_core::record::RecordBatch;
use aos_core::{ConnectionId, Ontology, TenantScope};
use aos_drift::{Edit, Given, Rehearsal, edited, rehearse};
use aos_lake::Segment;
use aos_store::{Review, TenantStore};
use std::sync::Arc;

/// How many raw records a repair is tried on at most.
pub const RAW_RECORDS_MAX: u64 = 50_000;
/// How many records are compared with what is held of them, one by one.
const HELD_RECORDS_MAX: u64 = 5_000;

impl Mesh {
    /// Tries a choice on raw records: those that showed the drift, then the latest ones of the lake that it would re-map.
    ///
    /// A repair is compared with what the present mapping gives of the same records. Where no rule is changed, what the records say as they are
    /// is compared with what is held of them.
    ///
    /// # Errors
    /// [`Error::Edit`] when a rule is not as it was when the repair was proposed.
    pub async fn rehearse(
        &self,
        scope: &TenantScope,
        ontology: &Arc<Ontology>,
        review: &Review,
        chosen: &Chosen,
        records_max: u64,
    ) -> Result<Rehearsal> {
        let (Some(connection), Some(stream)) = (review.connection_id, review.stream.as_deref()) else {
            return Err(Error::NothingToApply);
        };
        let edits = edits(review, chosen)?;
        let store = self.store.tenant(scope);
        let active = store.active_mapping(connection, stream).await?.ok_or(Error::NothingToApply)?.mapping;
        let after = edited(&active, &edits, Origin::Reviewed)?;
        let records_max = if edits.is_empty() { records_max.min(HELD_RECORDS_MAX) } else { records_max };
        let batches = self.shown(scope, (connection, stream), records_max).await?;
        if edits.is_empty() {
            let given = given(ontology.clone(), active, batches).await?;
            let held = held(&store, connection, &given).await?;
            return Ok(given.instead_of(&held));
        }
        let ontology = ontology.clone();
        let work = move || rehearse(&ontology, &active, &after, &batches);
        Ok(tokio::task::spawn_blocking(work).await.map_err(|_| Error::Stopped)??)
    }

    /// Reads the latest raw records that show what is different, the oldest of them first.
    async fn shown(
        &self,
        scope: &TenantScope,
        (connection, stream): (ConnectionId, &str),
        records_max: u64,
    ) -> Result<Vec<RecordBatch>> {
        let store = self.store.tenant(scope);
        let profile = store.stream_profile(connection, stream).await?;
        let begun = profile.has_begun();
        let sample: Option<Segment> = profile.sample.and_then(|sample| serde_json::from_value(sample).ok());
        let mut segments: Vec<Segment> = sample.into_iter().collect();
        // What was committed since the stream differs; where nothing was, the sample alone shows it.
        if begun || segments.is_empty() {
            segments.clear();
            let mut before = None;
            let epoch = if begun { profile.epoch } else { 0 };
            let mut records = 0;
            while records < records_max
                && let Some(segment) = store.segment_before(connection, stream, epoch, before).await?
            {
                before = Some(segment.id);
                records += segment.records;
                segments.push(super::remap::manifest(segment));
            }
        }
        let lake = self.lake.tenant(scope);
        let work = move || -> Result<Vec<RecordBatch>> {
            let mut of_segments: Vec<Vec<RecordBatch>> = Vec::new();
            let mut left = usize::try_from(records_max).unwrap_or(usize::MAX);
            for segment in &segments {
                let mut batches = Vec::new();
                for page in lake.read(segment)? {
                    let (mut batch, _) = super::remap::parted(page?.batch);
                    batch.records.truncate(left);
                    left -= batch.records.len();
                    batches.push(batch);
                }
                of_segments.push(batches);
                if left == 0 {
                    break;
                }
            }
            // What is read later says what holds.
            Ok(of_segments.into_iter().rev().flatten().collect())
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Stopped)?
    }
}

/// Returns the rules that a choice changes; none where what is seen is taken as it is.
fn edits(review: &Review, chosen: &Chosen) -> Result<Vec<Edit>> {
    if chosen.accept {
        return Ok(Vec::new());
    }
    if let Some(edits) = &chosen.edits {
        return Ok(edits.clone());
    }
    let item: DriftItem = serde_json::from_value(review.payload.clone()).map_err(|_| Error::NothingToApply)?;
    let candidate = item.candidates.get(chosen.candidate.unwrap_or(0));
    Ok(candidate.map(|one| one.candidate.edits.clone()).unwrap_or_default())
}

async fn given(ontology: Arc<Ontology>, mapping: StreamMapping, batches: Vec<RecordBatch>) -> Result<Given> {
    let work = move || Given::of(&ontology, &mapping, &batches);
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| Error::Stopped)??)
}

/// Returns what is held of the same rows.
async fn held(store: &TenantStore<'_>, connection: ConnectionId, given: &Given) -> Result<Given> {
    let mut held = Given::default();
    for (entity, fragment, record_id) in given.keys() {
        let rows = store.fragments(entity, connection, record_id).await?;
        if let Some(row) = rows.into_iter().find(|row| row.fragment == *fragment && !row.deleted) {
            held.hold((entity.clone(), fragment.clone(), record_id.clone()), &row.data);
        }
    }
    Ok(held)
}

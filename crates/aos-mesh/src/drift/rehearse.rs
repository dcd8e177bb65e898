//! Rehearsing: what a repair would do to the latest raw records, with nothing kept.

use super::item::DriftItem;
use crate::sync::Mesh;
use crate::{Error, Result};
use aos_core::mapping::Origin;
use aos_core::record::RecordBatch;
use aos_core::{Ontology, TenantScope};
use aos_drift::{Edit, Rehearsal, edited, rehearse};
use aos_lake::Segment;
use aos_store::Review;
use std::sync::Arc;

/// How many raw records a repair is tried on at most.
pub const RAW_RECORDS_MAX: u64 = 50_000;

impl Mesh {
    /// Tries a repair on raw records: those that showed the drift, then the latest ones of the lake that it would re-map.
    ///
    /// # Errors
    /// [`Error::Edit`] when a rule is not as it was when the repair was proposed.
    pub async fn rehearse(
        &self,
        scope: &TenantScope,
        ontology: &Arc<Ontology>,
        review: &Review,
        edits: Option<Vec<Edit>>,
        (candidate, records_max): (usize, u64),
    ) -> Result<Rehearsal> {
        let (Some(connection), Some(stream)) = (review.connection_id, review.stream.clone()) else {
            return Err(Error::NothingToApply);
        };
        let item: DriftItem = serde_json::from_value(review.payload.clone()).map_err(|_| Error::NothingToApply)?;
        let edits = match edits {
            Some(edits) => edits,
            None => item.candidates.get(candidate).map(|one| one.candidate.edits.clone()).unwrap_or_default(),
        };
        let store = self.store.tenant(scope);
        let active = store.active_mapping(connection, &stream).await?.ok_or(Error::NothingToApply)?;
        let after = edited(&active.mapping, &edits, Origin::Reviewed)?;
        let profile = store.stream_profile(connection, &stream).await?;
        let sample: Option<Segment> = profile.sample.and_then(|sample| serde_json::from_value(sample).ok());
        let mut segments: Vec<Segment> = sample.into_iter().collect();
        // What was committed since the stream differs; where nothing was, the sample alone shows it.
        let goes_on = profile.drift.as_ref().is_some_and(|drift| drift["goes_on"] == true);
        if goes_on || segments.is_empty() {
            segments.clear();
            let mut before = None;
            let epoch = if goes_on { profile.epoch } else { 0 };
            let mut records = 0;
            while records < records_max
                && let Some(segment) = store.segment_before(connection, &stream, epoch, before).await?
            {
                before = Some(segment.id);
                records += segment.records;
                segments.push(super::remap::manifest(segment));
            }
        }
        let (lake, ontology) = (self.lake.tenant(scope), ontology.clone());
        let work = move || -> Result<Rehearsal> {
            let mut batches: Vec<RecordBatch> = Vec::new();
            let mut left = usize::try_from(records_max).unwrap_or(usize::MAX);
            for segment in &segments {
                for page in lake.read(segment)? {
                    let (mut batch, _) = super::remap::parted(page?.batch);
                    batch.records.truncate(left);
                    left -= batch.records.len();
                    batches.push(batch);
                }
                if left == 0 {
                    break;
                }
            }
            Ok(rehearse(&ontology, &active.mapping, &after, &batches)?)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Stopped)?
    }
}

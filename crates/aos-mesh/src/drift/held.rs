//! Rows of the accepted shape as the lake holds them, to be compared with the records of a read: those that the same records were last made
//! of, wherever they lie; the newest ones where the store cannot tell that.

use super::item::{DRIFT, DriftItem};
use crate::Result;
use crate::sync::Sync;
use aos_core::canonicalize::Canonicalizer;
use aos_core::drift::{Pair, RowSample, RowSampler};
use aos_core::mapping::StreamMapping;
use aos_core::shape::StreamShape;
use aos_core::{ConnectionId, Ontology, TenantScope};
use aos_drift::Sample;
use aos_lake::{Segment, TenantLake};
use aos_store::{Page, Review, ReviewFilter, ReviewState, Store, StreamProfile};
use compact_str::CompactString;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use tokio::runtime::Handle;
use uuid::Uuid;

/// How many records of the lake are looked at where rows are compared, and in how many segments of it.
const RECORDS_READ_MAX: u64 = 20_000;
const SEGMENTS_READ_MAX: u32 = 8;
/// Fewer rows than this say nothing.
const ROWS_MIN: usize = 8;

/// What one stream has in the lake.
pub(crate) struct Held {
    store: Store,
    scope: TenantScope,
    lake: TenantLake,
    connection: ConnectionId,
    ontology: Arc<Ontology>,
    /// The latest first.
    eras: Vec<Era>,
}

/// A time in which what a stream means did not change.
struct Era {
    epochs: Range<i64>,
    /// Its newest segments, the newest first.
    newest: Vec<Segment>,
    /// The paths that have come to mean something else since.
    changed: Vec<String>,
}

/// A segment, and the records of it that are looked for.
type Place = (Segment, HashSet<u64>);

/// Rows are wanted of these paths, under this key, and no more than so many.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'w> {
    pub shape: &'w StreamShape,
    pub key: &'w [String],
    pub rows_max: usize,
}

impl Sync<'_> {
    /// Finds what the lake holds of a stream's records as they were accepted: of the epoch that the mapping is for, before any in which others
    /// are committed; and of the epoch before that, as far as nothing was decided about it since.
    pub(super) async fn held(&self, stream: &str, profile: &StreamProfile) -> Result<Held> {
        let (store, id) = (self.store(), self.connection.id);
        let below = if profile.has_begun() { profile.epoch } else { i64::MAX };
        let places = store.mapping_places(id, stream).await?;
        let from = places.iter().map(|place| place.epoch).filter(|epoch| *epoch < below).max().unwrap_or(0);
        let mut eras = vec![(from..below, Vec::new())];
        if let Some(earlier) = places.iter().map(|place| place.epoch).filter(|epoch| *epoch < from).max() {
            let first = places.iter().filter(|place| place.epoch == from).map(|place| place.version).min();
            eras.push((earlier..from, self.decided_since(stream, first.unwrap_or_default()).await?));
        }
        let mut held = Vec::with_capacity(eras.len());
        for (epochs, changed) in eras {
            let newest = store.recent_segments(id, stream, &epochs, SEGMENTS_READ_MAX).await?;
            held.push(Era { epochs, newest: newest.into_iter().map(super::manifest).collect(), changed });
        }
        Ok(Held {
            store: self.mesh.store.clone(),
            scope: self.scope.clone(),
            lake: self.mesh.lake.tenant(self.scope),
            connection: id,
            ontology: self.vocabulary.ontology.clone(),
            eras: held,
        })
    }

    /// Lists the paths that were decided about with a version of the mapping or a later one.
    async fn decided_since(&self, stream: &str, version: u32) -> Result<Vec<String>> {
        let approved = ReviewFilter {
            kind: Some(DRIFT.to_owned()),
            state: Some(ReviewState::Approved),
            connection: Some(self.connection.id),
            stream: Some(stream.to_owned()),
            ..ReviewFilter::default()
        };
        let approved = self.store().list_reviews(&approved, Page::first(aos_store::MAX_LIMIT)).await?.items;
        let since = |review: &Review| {
            review.outcome.as_ref().is_some_and(|outcome| outcome["version"].as_u64() >= Some(u64::from(version)))
        };
        let touched = approved.into_iter().filter(since).filter_map(|review| {
            let item: DriftItem = serde_json::from_value(review.payload).ok()?;
            Some(item.touched)
        });
        let paths =
            |pair: Pair| [pair.path, pair.to].map(|path| path.split(" + ").map(str::to_owned).collect::<Vec<_>>());
        Ok(touched.flatten().flat_map(paths).flatten().filter(|path| !path.is_empty()).collect())
    }
}

impl Held {
    /// Returns rows by their key, of each record the newest: of the records that the sample has, or of the newest segments. What cannot be
    /// read gives none: names and distributions are left then. On a thread that may block.
    pub(super) fn rows(&self, sample: &Sample, mapping: &StreamMapping, wanted: Wanted<'_>) -> RowSample {
        let eras = self.eras.iter().filter(|era| wanted.key.iter().all(|path| era.means(path)));
        let mut rows = RowSample::default();
        for era in eras {
            let same = self.same_records(sample, mapping, era).unwrap_or_else(|error| {
                tracing::warn!(%error, stream = mapping.stream, "rows of {} cannot be found by their keys: {error}", mapping.stream);
                Vec::new()
            });
            for (places, newest) in [(same, &[][..]), (Vec::new(), era.newest.as_slice())] {
                let paths = wanted.shape.columns.iter().map(|column| &column.path).filter(|path| era.means(path));
                let mut sampler = RowSampler::new(paths.cloned().collect(), wanted.key, wanted.rows_max);
                self.read_places(&places, &mut sampler);
                self.read_newest(newest, &mut sampler);
                rows = sampler.finish();
                if rows.rows.len() >= ROWS_MIN {
                    return rows;
                }
            }
        }
        rows
    }

    /// Finds where the raw records lie that the rows of the sample's records were last made of: most of them first.
    fn same_records(&self, sample: &Sample, mapping: &StreamMapping, era: &Era) -> Result<Vec<Place>> {
        let (Some(main), Ok(runtime)) = (mapping.main(), Handle::try_current()) else { return Ok(Vec::new()) };
        let mut keys = Canonicalizer::new(&self.ontology, mapping);
        let mut ids: HashSet<CompactString> = HashSet::new();
        for batch in &sample.batches {
            ids.extend(keys.deleted(batch)?.events.into_iter().map(|event| event.record_id));
        }
        let ids: Vec<&str> = ids.iter().map(CompactString::as_str).collect();
        let fragment = (main.entity.as_str(), mapping.stream.as_str());
        let store = self.store.tenant(&self.scope);
        runtime.block_on(async {
            let mut places: BTreeMap<Uuid, HashSet<u64>> = BTreeMap::new();
            for place in store.find_live_places(self.connection, fragment, &ids, &era.epochs).await? {
                places.entry(place.segment_id).or_default().insert(place.raw_position);
            }
            let mut most: Vec<(Uuid, HashSet<u64>)> = places.into_iter().collect();
            most.sort_by_key(|(id, positions)| Reverse((positions.len(), *id)));
            most.truncate(SEGMENTS_READ_MAX as usize);
            let mut found = Vec::with_capacity(most.len());
            for (id, positions) in most {
                if let Some(segment) = store.segment(id).await? {
                    found.push((super::manifest(segment), positions));
                }
            }
            Ok(found)
        })
    }

    /// Reads records at their places; no further into a segment than the last of them.
    fn read_places(&self, places: &[Place], sampler: &mut RowSampler) {
        let mut read = 0;
        for (segment, positions) in places {
            let Ok(pages) = self.lake.read(segment) else { continue };
            let mut left = positions.len();
            for mut page in pages.map_while(std::result::Result::ok) {
                read += page.batch.records.len() as u64;
                page.batch.records.retain(|record| positions.contains(&record.position));
                left = left.saturating_sub(page.batch.records.len());
                sampler.observe(&page.batch);
                if left == 0 || read >= RECORDS_READ_MAX {
                    break;
                }
            }
            if read >= RECORDS_READ_MAX {
                return;
            }
        }
    }

    /// Reads the newest segments, the oldest of them first, so that of each record the newest version stays.
    fn read_newest(&self, newest: &[Segment], sampler: &mut RowSampler) {
        let mut read = 0;
        let is_wanted = |segment: &&Segment| {
            let wanted = read < RECORDS_READ_MAX;
            read += segment.records;
            wanted
        };
        let newest: Vec<&Segment> = newest.iter().take_while(is_wanted).collect();
        for segment in newest.into_iter().rev() {
            if let Ok(pages) = self.lake.read(segment) {
                pages.map_while(std::result::Result::ok).for_each(|page| sampler.observe(&page.batch));
            }
        }
    }
}

impl Era {
    /// Whether a path meant then what it means now.
    fn means(&self, path: &str) -> bool {
        let within = |changed: &String| {
            path.strip_prefix(changed.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        !self.changed.iter().any(within)
    }
}

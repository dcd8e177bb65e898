//! Before reading: what there is, what it looks like, and what it maps to.

use super::pages::PageSource;
use super::progress::{Meter, Stage};
use super::{StreamReport, Sync};
use crate::advice::Matched;
use crate::plan::{extended, is_in_lake, keep_reviewed, mapping_from_match};
use crate::words::in_words;
use crate::{Error, Result};
use aos_connectors::{Pages, ReadOptions, ReadRequest, Stream};
use aos_core::drift::ContractAction;
use aos_core::mapping::StreamMapping;
use aos_core::shape::{ColumnShape, Shaper, StreamShape, ValueKind};
use aos_drift::{Contract, Quarantine};
use aos_store::{MappingCause, MappingChange, StoredMapping, StreamProfile, StreamState};
use futures_util::StreamExt;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;

/// How many records of a stream are looked at before it is mapped, where its source declares fields and not what is in them.
const SAMPLE_RECORDS: u64 = 200;

/// Stands beside a mapping until all records that are held were read under it.
pub const PENDING: &str = "pending";

/// A stream that can be read, with what is known of it.
pub(crate) struct Prepared {
    pub stream: Stream,
    pub state: Option<StreamState>,
    pub mapping: Arc<StreamMapping>,
    /// Whether the mapping is newer than the records that are held.
    pub remapped: bool,
    /// The matcher's reasons, as they are kept beside the mapping.
    pub matched: serde_json::Value,
    /// What is accepted of its shape.
    pub profile: StreamProfile,
    /// What is kept aside of its records, and the paths of which that is the reason.
    pub quarantine: Arc<Quarantine>,
    pub known_drift: HashSet<String>,
}

/// A stream with what is known of it, and its mapping where that one can be kept.
struct Known {
    stream: Stream,
    state: Option<StreamState>,
    active: Option<StoredMapping>,
    profile: StreamProfile,
    kept: bool,
}

impl Sync<'_> {
    /// Asks the source what it has, and writes down what it declares.
    pub(super) async fn discover(&self) -> Result<Vec<Stream>> {
        let mut streams = self.source.connector.discover(&self.source.context).await?;
        if let Some(wanted) = self.request.streams.iter().find(|wanted| !streams.iter().any(|s| s.name == **wanted)) {
            let known = streams.iter().map(|stream| stream.name.as_str()).collect::<Vec<_>>().join(", ");
            let (source_name, stream) = (self.connection.name.clone(), wanted.clone());
            return Err(aos_connectors::Error::UnknownStream { source_name, stream, known }.into());
        }
        let declared: Vec<_> = streams.iter().map(|stream| (stream.name.clone(), declared(stream))).collect();
        self.store().save_declared(self.connection.id, &declared).await?;
        if !self.request.streams.is_empty() {
            streams.retain(|stream| self.request.streams.contains(&stream.name));
        }
        Ok(streams)
    }

    /// Maps the streams whose shape is new or has changed. All tables of the source are looked at together: their keys explain each other.
    /// A stream that cannot be sampled is reported instead.
    pub(super) async fn prepare(
        &self,
        streams: Vec<Stream>,
        meter: &mut Meter<'_>,
    ) -> Result<(Vec<Prepared>, Vec<StreamReport>)> {
        let mut known = Vec::with_capacity(streams.len());
        for stream in streams {
            known.push(self.known(stream).await?);
        }
        let mut unsampled = Vec::new();
        let mut matched = Matched::default();
        if known.iter().any(|known| !known.kept) {
            meter.stage(Stage::Mapping, "matching columns to the ontology");
            let mut sampled = Vec::with_capacity(known.len());
            for mut known in known {
                match self.sample(&mut known).await {
                    Ok(()) => sampled.push(known),
                    Err(Error::Source(error)) if error.code() != "canceled" => {
                        unsampled.push(StreamReport::broken_off(&known.stream.name, Default::default(), &error));
                    }
                    Err(error) => return Err(error),
                }
            }
            known = sampled;
            let shapes: Vec<_> = known.iter().map(|known| known.stream.shape.clone()).collect();
            matched = self.matched(shapes, meter).await?;
        }
        let mut prepared = Vec::with_capacity(known.len());
        for Known { stream, state, active, profile, kept } in known {
            let (mapping, matched, remapped) = match active {
                Some(active) if kept => {
                    let remapped = active.matched[PENDING] == true;
                    (active.mapping, active.matched, remapped)
                }
                active => self.map(&stream, active, &matched, &profile).await?,
            };
            prepared.push(Prepared {
                stream,
                state,
                mapping: Arc::new(mapping),
                remapped,
                matched,
                profile,
                quarantine: Arc::default(),
                known_drift: HashSet::new(),
            });
        }
        Ok((prepared, unsampled))
    }

    async fn known(&self, stream: Stream) -> Result<Known> {
        let store = self.store();
        let state = store.stream(self.connection.id, &stream.name).await?;
        let active = store.active_mapping(self.connection.id, &stream.name).await?;
        let same_shape =
            state.as_ref().is_some_and(|state| state.fingerprint.as_deref() == Some(&stream.fingerprint()));
        let version = self.vocabulary.ontology.version;
        let same_ontology = active.as_ref().is_some_and(|active| active.matched["ontology_version"] == version);
        let profile = store.stream_profile(self.connection.id, &stream.name).await?;
        let kept = same_ontology && (same_shape || self.is_judged_by_reading(&stream, &active, &profile));
        Ok(Known { stream, state, active, profile, kept })
    }

    /// Tells whether a stream that declares another shape keeps its mapping until its records are read: not where it has only got more
    /// columns, which may be mapped at once.
    fn is_judged_by_reading(&self, stream: &Stream, active: &Option<StoredMapping>, profile: &StreamProfile) -> bool {
        let mapped = active.as_ref().is_some_and(|active| !active.mapping.entities.is_empty());
        let (Some(accepted), true) = (&profile.accepted, mapped) else { return false };
        let top = |shape: &StreamShape| -> HashSet<String> {
            let names = shape.columns.iter().map(|column| column.path.split(['.', '[']).next().unwrap_or_default());
            names.map(str::to_owned).collect()
        };
        let (before, now) = (top(accepted), top(&stream.shape));
        let grows = before.is_subset(&now) && now.len() > before.len();
        let contract: Contract =
            profile.contract.clone().and_then(|contract| serde_json::from_value(contract).ok()).unwrap_or_default();
        !grows || contract.rules.iter().any(|rule| rule.path.is_none() && rule.action != ContractAction::Evolve)
    }

    /// Looks at the first records of a stream whose source declares fields only, unless they were looked at when it had the same fields.
    async fn sample(&self, known: &mut Known) -> Result<()> {
        let stream = &mut known.stream;
        if stream.fields.is_empty() || stream.shape.sampled > 0 {
            return Ok(());
        }
        let state = known.state.as_ref();
        if let Some(shape) = state.and_then(|state| state.shape.as_ref())
            && state.is_some_and(|state| state.fingerprint.as_deref() == Some(&stream.fingerprint()))
        {
            stream.shape = shape.clone();
            return Ok(());
        }
        let request = ReadRequest {
            records_max: Some(SAMPLE_RECORDS),
            options: ReadOptions { page_records: SAMPLE_RECORDS as usize, ..ReadOptions::default() },
            ..ReadRequest::of(&stream.name)
        };
        let pages = self.source.connector.read(request, &self.source.context).await?;
        let mut shaper = Shaper::new(&stream.name, &stream.shape.system);
        match pages {
            Pages::Waiting(mut pages) => {
                let mut looked_at = 0;
                while let Some(page) = pages.next().await {
                    let page = page?;
                    looked_at += page.records();
                    shaper.observe(&page.batch);
                    if looked_at >= SAMPLE_RECORDS {
                        break;
                    }
                }
                stream.shape = combined(stream, &shaper.finish());
            }
            Pages::Blocking(_) => {
                let first = move || PageSource::of(pages).first();
                if let Some(page) = tokio::task::spawn_blocking(first).await.map_err(|_| Error::Stopped)?? {
                    shaper.observe(&page.batch);
                }
                stream.shape = combined(stream, &shaper.finish());
            }
        }
        Ok(())
    }

    /// Keeps what was seen and what it was mapped to; says whether the mapping differs from the one before.
    async fn map(
        &self,
        stream: &Stream,
        active: Option<StoredMapping>,
        found: &Matched,
        profile: &StreamProfile,
    ) -> Result<(StreamMapping, serde_json::Value, bool)> {
        let (store, ontology) = (self.store(), self.vocabulary.ontology);
        let at = found.matches.iter().position(|matched| matched.stream == stream.name);
        let matched = at.map(|at| in_words(found.matches[at].clone(), stream, ontology));
        let mapping = matched.as_ref().and_then(|matched| mapping_from_match(ontology, &stream.shape, matched));
        let mapping =
            mapping.unwrap_or_else(|| StreamMapping { version: 0, stream: stream.name.clone(), entities: Vec::new() });
        let columns: Vec<compact_str::CompactString> =
            stream.shape.columns.iter().map(|column| column.path.as_str().into()).collect();
        let mapping = match &active {
            // What was accepted is not changed by what the matcher would say of it today; what is new is added.
            Some(active) if profile.accepted.is_some() => extended(&active.mapping, &mapping, ontology),
            Some(active) => keep_reviewed(mapping, &active.mapping, ontology, &columns),
            None => mapping,
        };
        mapping.validate(ontology, &columns)?;
        store.save_stream_shape(self.connection.id, &stream.shape, &stream.fingerprint()).await?;
        let pending = active.as_ref().is_some_and(|active| active.matched[PENDING] == true);
        let advised = at.and_then(|at| found.advised.get(at));
        let mut explained = json!({ "ontology_version": ontology.version, "match": matched, "advised": advised });
        if let Some(active) = active.as_ref().filter(|_| !pending)
            && (StreamMapping { version: active.mapping.version, ..mapping.clone() }) != active.mapping
            && is_in_lake(&mapping, &active.mapping, profile.accepted.as_ref())
        {
            return self.map_from_lake(active, mapping, explained).await;
        }
        let before = active.map(|stored| stored.mapping.version);
        let version = store.save_mapping(self.connection.id, &mapping, &explained).await?;
        let mapping = StreamMapping { version, ..mapping };
        let remapped = pending || before != Some(version);
        if remapped {
            // Written down, so that a read that is cut off does not leave old records under a new mapping.
            explained[PENDING] = true.into();
            store.explain_mapping(self.connection.id, &stream.name, version, &explained).await?;
        }
        Ok((mapping, explained, remapped))
    }

    /// Changes a mapping by rules whose columns were read already, and maps what is held anew; the source is not asked.
    async fn map_from_lake(
        &self,
        active: &StoredMapping,
        mapping: StreamMapping,
        explained: serde_json::Value,
    ) -> Result<(StreamMapping, serde_json::Value, bool)> {
        let change = MappingChange {
            connection: self.connection.id,
            mapping: &mapping,
            expected_version: active.mapping.version,
            accept: None,
            drift_left: None,
            decisions: Vec::new(),
            reopened: Vec::new(),
            why: MappingCause::Repair,
        };
        let changed = self.store().change_mapping(&change).await?;
        self.store().explain_mapping(self.connection.id, &mapping.stream, changed.version, &explained).await?;
        // Done at once, and by the task that was enqueued with it where this process ends before.
        self.mesh.remap(self.scope, changed.remap, self.vocabulary.ontology, |_| {}).await?;
        Ok((StreamMapping { version: changed.version, ..mapping }, explained, false))
    }

    /// Says that every record that is held was read under the stream's mapping.
    pub(super) async fn settle_mapping(&self, prepared: &Prepared) -> Result<()> {
        let mut matched = prepared.matched.clone();
        if let Some(matched) = matched.as_object_mut()
            && matched.remove(PENDING).is_some()
        {
            let matched = serde_json::Value::Object(matched.clone());
            let StreamMapping { stream, version, .. } = &*prepared.mapping;
            self.store().explain_mapping(self.connection.id, stream, *version, &matched).await?;
        }
        Ok(())
    }
}

/// Brings what a source declares and what a sample showed into one shape: declared names and kinds, sampled values.
pub(crate) fn combined(stream: &Stream, sampled: &StreamShape) -> StreamShape {
    let seen = |column: &ColumnShape| sampled.column(&column.path).cloned();
    let mut columns: Vec<ColumnShape> = stream
        .shape
        .columns
        .iter()
        .map(|declared| match seen(declared) {
            Some(seen) => ColumnShape {
                label: declared.label.clone(),
                kind: if declared.kind == ValueKind::Unknown { seen.kind } else { declared.kind },
                ..seen
            },
            None => declared.clone(),
        })
        .collect();
    // Members of objects, and columns that the source did not declare.
    let further = sampled.columns.iter().filter(|seen| stream.shape.column(&seen.path).is_none());
    columns.extend(further.cloned());
    StreamShape { sampled: sampled.sampled, columns, ..stream.shape.clone() }
}

/// What is written down of a stream's declaration, for people who look at the connection.
fn declared(stream: &Stream) -> serde_json::Value {
    json!({
        "label": stream.label,
        "fields": stream.fields,
        "key": stream.key,
        "cursor_field": stream.cursor_field,
        "lag_s": stream.lag.as_secs(),
        "deletes": stream.deletes,
        "count": stream.count,
        "records_per_request": stream.records_per_request,
        "columns_alone": stream.columns_alone,
        "notes": stream.assumed,
        "problem": stream.problem.as_ref().map(ToString::to_string),
    })
}

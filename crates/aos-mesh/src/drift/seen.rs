//! What is kept of what a read saw: samples, shapes, observations; and when nothing differs any more.

use super::earlier::RECORDS_MIN;
use super::item::DRIFT;
use super::respond::frozen;
use crate::Result;
use crate::sync::{Course, Prepared, Sync};
use aos_core::shape::StreamShape;
use aos_drift::{Judged, Sample, accepted_with, brief, touched};
use aos_lake::Segment;
use aos_store::{NewObservation, Page, ReviewFilter, ReviewOrder, ReviewState};
use serde_json::{Value, json};

impl Sync<'_> {
    /// Says why a stream of which nothing is new waits for a person all the same: its records are not as it was accepted, and it is not read
    /// on. Where they never came, and its source is again what it was, nothing differs any more.
    pub(crate) async fn waits(&self, prepared: &Prepared) -> Result<Option<String>> {
        let (profile, id, stream) = (&prepared.profile, self.connection.id, prepared.stream.name.as_str());
        let Some(drift) = profile.drift.as_ref().filter(|drift| drift["goes_on"] != true) else {
            return Ok(None);
        };
        if !profile.has_begun() {
            self.settle(profile.sample.as_ref(), stream).await?;
            return Ok(None);
        }
        let filter = ReviewFilter {
            kind: Some(DRIFT.to_owned()),
            state: Some(ReviewState::Open),
            connection: Some(id),
            stream: Some(stream.to_owned()),
            order: ReviewOrder::Urgency,
            ..ReviewFilter::default()
        };
        let reviews = self.store().list_reviews(&filter, Page::first(1)).await?.items;
        let changes = drift["changes"].as_array().into_iter().flatten();
        let broken = changes.filter(|change| change["severity"] != "harmless");
        let paths: Vec<&str> = broken.filter_map(|change| change["path"].as_str()).collect();
        Ok(Some(frozen(stream, &paths, paths.len(), &reviews)))
    }

    /// Says that a stream is as it was accepted, so that nobody is asked about it any more.
    async fn settle(&self, sample: Option<&Value>, stream: &str) -> Result<()> {
        if self.store().clear_drift(self.connection.id, stream).await? {
            self.forget_sample(sample).await?;
            self.store().supersede_reviews(DRIFT, self.connection.id, stream, &[]).await?;
        }
        Ok(())
    }

    /// Writes the records that show the drift into the lake, so that a repair can be rehearsed on them.
    pub(super) async fn keep_sample(&self, stream: &str, sample: &Sample) -> Result<Option<Value>> {
        if sample.records == 0 {
            return Ok(None);
        }
        let (lake, id, stream, batches) =
            (self.mesh.lake.tenant(self.scope), self.connection.id, stream.to_owned(), sample.batches.clone());
        let write = move || -> Result<Segment> {
            let mut writer = lake.writer(id, &stream)?;
            for batch in &batches {
                writer.append(batch, &[])?;
            }
            Ok(writer.finish()?)
        };
        let segment = tokio::task::spawn_blocking(write).await.map_err(|_| crate::Error::Stopped)??;
        Ok(Some(json!(segment)))
    }

    /// Removes the records that showed a drift before.
    pub(super) async fn forget_sample(&self, sample: Option<&Value>) -> Result<()> {
        let Some(sample) = sample.and_then(|sample| serde_json::from_value::<Segment>(sample.clone()).ok()) else {
            return Ok(());
        };
        let lake = self.mesh.lake.tenant(self.scope);
        let delete = move || lake.delete(sample.connection, sample.id);
        Ok(tokio::task::spawn_blocking(delete).await.map_err(|_| crate::Error::Stopped)??)
    }

    /// Keeps what a read saw that came to its end: the first time as what is accepted, later as what is as it should be.
    pub(crate) async fn settle_shape(
        &self,
        prepared: &Prepared,
        course: &Course,
        observed: Option<&StreamShape>,
        judged: Option<&Judged>,
    ) -> Result<()> {
        let (store, id, stream) = (self.store(), self.connection.id, prepared.stream.name.as_str());
        let Some(observed) = observed else { return Ok(()) };
        let shape = StreamShape { system: self.connection.system.clone(), ..observed.clone() };
        match (&prepared.profile.accepted, judged) {
            (None, _) => {
                let accepted = store.accept_shape(id, &shape).await?;
                store.tie_mapping(id, stream, prepared.mapping.version, accepted).await?;
                self.observed(stream, &shape, &json!([])).await?;
            }
            (Some(_), Some(judged)) if !prepared.known_drift.is_empty() => {
                self.observed(stream, &shape, &judged.changes_json()).await?;
            }
            (Some(accepted), Some(judged)) => {
                // A few new records that are as they should be do not say that the others are.
                let settles = course.whole || judged.observed.sampled >= RECORDS_MIN;
                if settles {
                    self.settle(prepared.profile.sample.as_ref(), stream).await?;
                }
                // Whoever accepts a shape says that nothing differs from it.
                if judged.evolves() && (settles || prepared.profile.drift.is_none()) {
                    let evolved = accepted_with(accepted, &judged.observed, &touched(&judged.changes));
                    let evolved = store.accept_shape(id, &evolved).await?;
                    store.tie_mapping(id, stream, prepared.mapping.version, evolved).await?;
                }
                self.observed(stream, &shape, &judged.changes_json()).await?;
            }
            (Some(_), None) => {}
        }
        if prepared
            .state
            .as_ref()
            .is_none_or(|state| state.fingerprint.as_deref() != Some(&prepared.stream.fingerprint()))
        {
            store.save_stream_shape(id, &prepared.stream.shape, &prepared.stream.fingerprint()).await?;
        }
        Ok(())
    }

    pub(super) async fn observed(&self, stream: &str, shape: &StreamShape, changes: &Value) -> Result<()> {
        let new = NewObservation {
            run: self.run,
            fingerprint: &shape.fingerprint(),
            sampled: shape.sampled,
            shape: &brief(shape),
            changes,
        };
        Ok(self.store().add_observation(self.connection.id, stream, &new).await?)
    }
}

//! Mapping the past anew: raw segments of the lake, the newest first, each in a commit that says how far it is. A crash leaves whole
//! segments; another attempt goes on there. The source is not asked.

use crate::sync::{DELETED_COLUMN, Mesh};
use crate::{Error, Result};
use aos_core::canonicalize::{Canonicalized, Canonicalizer};
use aos_core::event::{self, CanonicalEvent, Level, Op, Rejection};
use aos_core::ledger::{Outcome, Tally};
use aos_core::mapping::StreamMapping;
use aos_core::record::RecordBatch;
use aos_core::value::Value;
use aos_core::{Ontology, RunId, TenantScope};
use aos_lake::{Segment, SegmentId, TenantLake};
use aos_store::{Change, Connection, Remap, Remapped, RemappedPage, StoredSegment, TenantStore, UngivenRow};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// How many rows are compared at a time when those are sought that the mapping gives no more.
const ROWS_AT_ONCE: u32 = 2_000;

/// How far a re-mapping is.
#[derive(Debug, Default)]
pub struct RemapStep {
    pub segments: u64,
    pub segments_done: u64,
    pub records: u64,
    /// What the latest segment changed, in the order of positions, where all of it holds; empty otherwise, and the store tells.
    pub changes: Vec<Change>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq)]
pub enum RemapEnd {
    Done(Remap),
    /// Another change of the mapping has taken over, and does what was left.
    Superseded(Remap),
}

/// What one segment becomes.
#[derive(Default)]
struct Made {
    events: Vec<CanonicalEvent>,
    rejections: Vec<Rejection>,
    read: u64,
    filtered: u64,
    rejected: u64,
    warnings: BTreeMap<String, u64>,
}

/// A segment that is being mapped.
struct Making {
    id: Uuid,
    generation: i64,
    made: JoinHandle<Result<Made>>,
}

/// What all steps of one re-mapping share.
struct Work<'w> {
    store: TenantStore<'w>,
    lake: TenantLake,
    scope: &'w TenantScope,
    connection: Connection,
    ontology: Arc<Ontology>,
    mapping: Arc<StreamMapping>,
    run: RunId,
    trace_id: String,
    remap: Uuid,
}

impl Mesh {
    /// Does a re-mapping, or what is left of it.
    ///
    /// # Errors
    /// Those of the store and the lake; what was committed stays, and the next call goes on there.
    pub async fn remap(
        &self,
        scope: &TenantScope,
        id: Uuid,
        ontology: &Arc<Ontology>,
        mut on_step: impl FnMut(RemapStep) + Send,
    ) -> Result<RemapEnd> {
        let store = self.store.tenant(scope);
        let remap = store.remap(id).await?.ok_or(Error::NothingToApply)?;
        match remap.state.as_str() {
            "running" => {}
            "done" => return Ok(RemapEnd::Done(remap)),
            _ => return Ok(RemapEnd::Superseded(remap)),
        }
        let Some(connection) = store.connection(remap.connection_id).await? else {
            return Ok(RemapEnd::Superseded(remap));
        };
        let stored = store.mapping_at(remap.connection_id, &remap.stream, remap.version).await?;
        let mapping = stored.ok_or(Error::NothingToApply)?.mapping;
        let trace_id = scope.trace_id().map_or_else(|| RunId::new().to_string(), str::to_owned);
        let run = store.start_run_of(remap.connection_id, &trace_id, "remap").await?.id;
        let work = Work {
            lake: self.lake.tenant(scope),
            store: self.store.tenant(scope),
            scope,
            connection,
            ontology: ontology.clone(),
            mapping: Arc::new(mapping),
            run,
            trace_id,
            remap: id,
        };
        let done = work.all(remap, self.clock.now(), &mut on_step).await;
        match done {
            Ok(tally) => {
                store.finish_run(run, tally.outcome(0), None).await?;
                store.finish_remap(id).await?;
                let remap = store.remap(id).await?.ok_or(Error::NothingToApply)?;
                Ok(RemapEnd::Done(remap))
            }
            Err(Error::Store(aos_store::Error::MappingChanged { .. })) => {
                store.finish_run(run, Outcome::NoChange, Some("another change of the mapping has taken over")).await?;
                let remap = store.remap(id).await?.ok_or(Error::NothingToApply)?;
                Ok(RemapEnd::Superseded(remap))
            }
            Err(error) => {
                store.finish_run(run, Outcome::Failed, Some(&error.to_string())).await?;
                Err(error)
            }
        }
    }
}

impl Work<'_> {
    async fn all(
        &self,
        remap: Remap,
        now: chrono::DateTime<chrono::Utc>,
        on_step: &mut (impl FnMut(RemapStep) + Send),
    ) -> Result<Tally> {
        let mut sum = Tally::default();
        let mut done_down_to = remap.done_down_to;
        let (mut segments, mut segments_done, mut records) = (remap.segments, remap.segments_done, remap.records);
        let mut ahead = self.make_before(&remap, done_down_to).await?;
        while let Some(Making { id, generation, made }) = ahead {
            let made = made.await.map_err(|_| Error::Stopped)??;
            // The next one is mapped while this one is kept.
            ahead = self.make_before(&remap, Some(id)).await?;
            segments_done += 1;
            segments = segments.max(segments_done);
            records += made.read;
            let origin = self.origin(now, generation, id);
            let page = RemappedPage {
                remap: self.remap,
                run: self.run,
                origin: &origin,
                segment: Some(id),
                expected: done_down_to,
                events: made.events,
                rejections: made.rejections,
                read: made.read,
                filtered: made.filtered,
                rejected_records: made.rejected,
                warnings: made.warnings,
                removed: 0,
                restored: 0,
            };
            let Remapped { tally, changes } = self.store.commit_remapped(page).await?;
            sum.add(&tally);
            done_down_to = Some(id);
            on_step(RemapStep { segments, segments_done, records, changes });
        }
        self.settle(&remap, done_down_to, now, &mut sum).await?;
        Ok(sum)
    }

    /// Takes care of rows that the mapping did not give again: what held before them holds again, or they go.
    async fn settle(
        &self,
        remap: &Remap,
        done_down_to: Option<Uuid>,
        now: chrono::DateTime<chrono::Utc>,
        sum: &mut Tally,
    ) -> Result<()> {
        for (entity, fragment, _) in self.store.live_fragments(remap.connection_id, &remap.stream).await? {
            let mut after = String::new();
            loop {
                let rows = self.store.ungiven_rows(remap, (&entity, &fragment), &after, ROWS_AT_ONCE).await?;
                let Some(last) = rows.last() else { break };
                after.clone_from(&last.record_id);
                let restored = rows.iter().filter(|row| row.earlier.is_some()).count() as u64;
                let read = rows.len() as u64;
                let events = rows.into_iter().enumerate().map(|(at, row)| self.ungiven(row, at)).collect();
                let origin = self.origin(now, 0, Uuid::nil());
                let page = RemappedPage {
                    remap: self.remap,
                    run: self.run,
                    origin: &origin,
                    segment: None,
                    expected: done_down_to,
                    events,
                    rejections: Vec::new(),
                    read,
                    filtered: 0,
                    rejected_records: 0,
                    warnings: BTreeMap::new(),
                    removed: read - restored,
                    restored,
                };
                sum.add(&self.store.commit_remapped(page).await?.tally);
            }
        }
        Ok(())
    }

    fn ungiven(&self, row: UngivenRow, at: usize) -> CanonicalEvent {
        let gone = CanonicalEvent::not_given(&row.entity, &row.fragment, &row.record_id, self.mapping.version);
        let raw_position = at as u64 + 1;
        match row.earlier {
            // It takes the place of what was newer, so it has its version.
            Some((data, extras)) => CanonicalEvent {
                op: Op::Upsert,
                source_version: row.source_version,
                raw_position,
                data,
                extras,
                ..gone
            },
            None => CanonicalEvent { raw_position, ..gone },
        }
    }

    /// Begins to map the segment before another one.
    async fn make_before(&self, remap: &Remap, before: Option<Uuid>) -> Result<Option<Making>> {
        let segment = self.store.segment_before(remap.connection_id, &remap.stream, remap.epoch, before).await?;
        Ok(segment.map(|segment| Making { id: segment.id, generation: segment.generation, made: self.make(segment) }))
    }

    fn make(&self, segment: StoredSegment) -> JoinHandle<Result<Made>> {
        let (lake, ontology, mapping) = (self.lake.clone(), self.ontology.clone(), self.mapping.clone());
        let work = move || -> Result<Made> {
            let mut canonicalizer = Canonicalizer::new(&ontology, &mapping);
            let mut made = Made::default();
            for page in lake.read(&manifest(segment))? {
                let page = page?;
                made.read += (page.batch.records.len() + page.malformed.len()) as u64;
                made.rejected += page.malformed.len() as u64;
                made.rejections.extend(page.malformed.into_iter().map(crate::sync::malformed_in_lake));
                let (records, deleted) = parted(page.batch);
                if mapping.entities.is_empty() {
                    made.filtered += (records.records.len() + deleted.records.len()) as u64;
                    continue;
                }
                made.take(canonicalizer.batch(&records)?);
                if !deleted.records.is_empty() {
                    made.take(canonicalizer.deleted(&deleted)?);
                }
            }
            Ok(made)
        };
        tokio::task::spawn_blocking(work)
    }

    fn origin(&self, now: chrono::DateTime<chrono::Utc>, generation: i64, segment: Uuid) -> event::Origin {
        event::Origin {
            tenant: self.scope.tenant_id(),
            connection: self.connection.id,
            system: self.connection.system.clone(),
            stream: self.mapping.stream.clone(),
            trace_id: self.trace_id.clone(),
            emitted_at: now,
            schema_version: String::new(),
            segment,
            generation,
        }
    }
}

impl Made {
    fn take(&mut self, canonical: Canonicalized) {
        self.filtered += canonical.filtered;
        for rejection in &canonical.rejections {
            match rejection.level {
                Level::Record => self.rejected += 1,
                Level::Value => *self.warnings.entry(rejection.code.as_str().to_owned()).or_default() += 1,
            }
        }
        self.events.extend(canonical.events);
        self.rejections.extend(canonical.rejections);
    }
}

/// Parts raw records from those that their source said are gone.
pub(super) fn parted(batch: RecordBatch) -> (RecordBatch, RecordBatch) {
    let Some(mark) = batch.columns.iter().position(|name| name == DELETED_COLUMN) else {
        let none = RecordBatch { columns: batch.columns.clone(), records: Vec::new() };
        return (batch, none);
    };
    let (deleted, records) =
        batch.records.into_iter().partition(|record| record.cell(mark) == Some(&Value::Bool(true)));
    let of = |records| RecordBatch { columns: batch.columns.clone(), records };
    (of(records), of(deleted))
}

/// What the lake needs to find and check a segment again.
pub(crate) fn manifest(stored: StoredSegment) -> Segment {
    Segment {
        id: SegmentId(stored.id),
        connection: stored.connection_id,
        stream: stored.stream,
        path: stored.path,
        records: stored.records,
        malformed: stored.malformed,
        first_position: None,
        last_position: None,
        bytes: stored.bytes,
        raw_bytes: stored.raw_bytes,
        checksum: stored.checksum,
    }
}

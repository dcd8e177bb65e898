//! A backfill of single columns of a stream: the source is asked for its keys and these columns, and what it says of them is put into the raw
//! records that are held. What comes of it are whole raw records again, so a re-mapping, an undo and a view need to know nothing of it.
//!
//! Which records there are is not asked: new ones come with the next read, as do those whose source has a newer version by now.

use super::chunk::{Chunk, finish};
use super::course::{Course, has_read};
use super::pages::PageSource;
use super::prepare::Prepared;
use super::progress::Meter;
use super::read::Reading;
use super::told::{Told, keyed};
use super::{StreamReport, Sync, SyncMode};
use crate::{Error, Result};
use aos_connectors::{ReadRequest, RecordPage, Stream};
use aos_core::canonicalize::{Canonicalized, Canonicalizer};
use aos_core::ledger::{Outcome, Tally};
use aos_lake::{Segment, SegmentWriter};
use compact_str::CompactString;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{self, Sender};
use uuid::Uuid;

const PLACES_AT_ONCE: u32 = 10_000;

impl Sync<'_> {
    pub(super) async fn columns(&self, prepared: &Prepared, meter: &mut Meter<'_>) -> Result<StreamReport> {
        let name = &prepared.stream.name;
        meter.table(name);
        self.check_columns(&prepared.stream)?;
        let nothing = |why: &str| {
            let report = StreamReport::new(name, Tally::default(), Outcome::NoChange);
            StreamReport { problem: Some(why.to_owned()), code: Some("nothing_held"), ..report }
        };
        if !prepared.state.as_ref().is_some_and(has_read) {
            return Ok(nothing("nothing of it was read yet that a column could be added to; sync it first"));
        }
        if prepared.mapping.main().is_none_or(|main| main.pivot.is_some()) {
            let why = "its records are not held one by one under a key; backfill it without naming columns";
            return Ok(nothing(why));
        }
        let told = match self.told(prepared).await {
            Ok(told) => told,
            Err(Error::Source(aos_connectors::Error::Canceled)) => return Err(Error::Stopped),
            Err(Error::Source(error)) => return Ok(StreamReport::broken_off(name, Tally::default(), &error)),
            Err(error) => return Err(error),
        };
        self.spending.add(told.requests);
        let unread = told.unread;
        let tally = self.put_in(prepared, told, meter).await?;
        if prepared.remapped {
            self.settle_mapping(prepared).await?;
        }
        let mut report = StreamReport::new(name, tally, Outcome::NoChange);
        report.outcome = report.tally.outcome(0);
        if unread > 0 {
            report.problem = Some(format!("{unread} records could not be read and stay as they were"));
        }
        meter.table_done(name, &report.tally);
        Ok(report)
    }

    fn check_columns(&self, stream: &Stream) -> Result<()> {
        let declared = stream.fields.iter().map(|field| field.name.as_str());
        let known: Vec<&str> = match stream.fields.is_empty() {
            true => stream.shape.columns.iter().map(|column| column.path.as_str()).collect(),
            false => declared.collect(),
        };
        let unknown = self.request.columns.iter().find(|wanted| !known.contains(&wanted.as_str()));
        match unknown {
            None => Ok(()),
            Some(wanted) => {
                let reason = format!("{} has no column {wanted}; it has {}", stream.name, known.join(", "));
                Err(aos_connectors::Error::Config { field: "columns".to_owned(), reason }.into())
            }
        }
    }

    /// Asks the source for the columns of every record.
    async fn told(&self, prepared: &Prepared) -> Result<Told> {
        let mapping = prepared.mapping.clone();
        let ontology = self.vocabulary.ontology.clone();
        let mut columns = self.request.columns.clone();
        // By what the mapping takes for its key, records are told apart.
        if let Some((main, entity)) = mapping.main().and_then(|main| Some((main, ontology.entity(&main.entity)?))) {
            let sources = main.rule(&entity.key).map(|rule| rule.sources.clone()).unwrap_or_default();
            columns.extend(sources.iter().filter_map(|path| path.split(['.', '[']).next().map(str::to_owned)));
        }
        let request = ReadRequest { columns, ..ReadRequest::of(&prepared.stream.name) };
        let pages = PageSource::of(self.source.connector.read(request, &self.source.context).await?);
        let wanted: Arc<[CompactString]> = self.request.columns.iter().map(CompactString::from).collect();
        let work = move || Told::read(pages, &mut Canonicalizer::new(&ontology, &mapping), wanted);
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Stopped)?
    }

    /// Goes through the raw records that are held, and keeps those that have become others.
    async fn put_in(&self, prepared: &Prepared, told: Told, meter: &mut Meter<'_>) -> Result<Tally> {
        let held = self.held_places(prepared, &told).await?;
        let mut segments = Vec::with_capacity(held.len());
        for (id, places) in held {
            if let Some(segment) = self.store().segment(id).await? {
                segments.push((crate::drift::manifest(segment), places));
            }
        }
        let state = prepared.state.as_ref();
        let mut course = Course {
            mode: SyncMode::Backfill,
            cursor: None,
            overlap: Duration::ZERO,
            generation: state.map_or(0, |state| state.generation) + 1,
            started_at: self.mesh.clock.now(),
            head: self.store().head().await?.position,
            resumed: false,
            whole: false,
            forgotten: false,
            newest_before: None,
            newest: None,
            records: 0,
        };
        let (sender, mut chunks) = mpsc::channel::<Chunk>(1);
        let (reading, all) = (self.reading(prepared, false), prepared.remapped);
        let writing = tokio::task::spawn_blocking(move || reading.overlay(&segments, &told, all, &sender));
        let mut sum = Tally::default();
        while let Some(chunk) = chunks.recv().await {
            course.records += chunk.read;
            let read = chunk.read;
            sum.add(&self.commit(prepared, &course, chunk).await?);
            meter.read(read, 0);
        }
        writing.await.map_err(|_| Error::Stopped)??;
        Ok(sum)
    }

    /// Finds where the raw records lie that are to become others: those that the source told of, or all of them where what is held was
    /// mapped before the column was.
    async fn held_places(&self, prepared: &Prepared, told: &Told) -> Result<BTreeMap<Uuid, Vec<u64>>> {
        let (store, id, name) = (self.store(), self.connection.id, &prepared.stream.name);
        let main = prepared.mapping.main().map(|main| main.entity.clone());
        let mut held: BTreeMap<Uuid, Vec<u64>> = BTreeMap::new();
        for (entity, fragment, _) in store.live_fragments(id, name).await? {
            if main.as_ref() != Some(&entity) || fragment != *name {
                continue;
            }
            let mut after = String::new();
            loop {
                let places = store.live_places(id, (&entity, &fragment), &after, PLACES_AT_ONCE).await?;
                let Some(last) = places.last() else { break };
                after.clone_from(&last.record_id);
                for place in &places {
                    if prepared.remapped || told.values.contains_key(place.record_id.as_str()) {
                        held.entry(place.segment_id).or_default().push(place.raw_position);
                    }
                }
            }
        }
        held.values_mut().for_each(|places| places.sort_unstable());
        Ok(held)
    }
}

impl Reading {
    /// Reads the raw records at these places, puts in what was told, and hands over those that it changes; or all of them. Everything that
    /// was told is accounted for: what says what is held already, and what is about records that are not held.
    fn overlay(self, held: &[(Segment, Vec<u64>)], told: &Told, all: bool, chunks: &Sender<Chunk>) -> Result<()> {
        let mut canonicalizer = Canonicalizer::new(&self.ontology, &self.mapping);
        let mut keys = Canonicalizer::new(&self.ontology, &self.mapping);
        let mut chunk = Chunk::having_spent(told.requests);
        let mut writer: Option<SegmentWriter> = None;
        let mut met = 0;
        for (segment, places) in held {
            for page in self.lake.read(segment)? {
                let mut batch = page?.batch;
                batch.records.retain(|record| places.binary_search(&record.position).is_ok());
                let (mut batch, ids, _) = keyed(batch, &mut keys)?;
                let spots = told.room_in(&mut batch);
                let mut ids = ids.into_iter();
                batch.records.retain_mut(|record| {
                    let id = ids.next().flatten().filter(|id| told.values.contains_key(id));
                    met += u64::from(id.is_some());
                    let changed = id.as_ref().is_some_and(|id| told.put_into(record, id, &spots));
                    chunk.keep_as_it_is(u64::from(id.is_some() && !changed && !all));
                    changed || all
                });
                if batch.records.is_empty() {
                    continue;
                }
                if chunk.is_full(false) && !finish(&mut chunk, &mut writer, chunks)? {
                    return Ok(());
                }
                let page = chunk.renumbered(RecordPage::of(batch));
                let segment = match &mut writer {
                    Some(writer) => writer,
                    None => writer.insert(self.lake.writer(self.connection, &self.stream)?),
                };
                segment.append(&page.batch, &[])?;
                let records = self.canonical(&mut canonicalizer, &page)?;
                chunk.take(page, [records, Canonicalized::default()]);
            }
        }
        chunk.keep_as_it_is(told.repeated);
        chunk.leave_out((told.values.len() as u64).saturating_sub(met));
        chunk.reject(told.unread, told.rejections.clone());
        // Handed over also when it holds nothing: what was asked of the source is to be counted.
        finish(&mut chunk, &mut writer, chunks)?;
        Ok(())
    }
}

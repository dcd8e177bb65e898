//! The reading half of a sync, on a thread of its own: pages become raw segments and, at the same time, events. Memory is bounded by the
//! size of a chunk and the one chunk that may wait.

use super::chunk::{CHUNK_RECORDS_MAX, Chunk, finish, kept, marked};
use super::pages::PageSource;
use super::seen::Seen;
use crate::Result;
use crate::drift::Watch;
use aos_connectors::{RecordPage, SourceCount};
use aos_core::canonicalize::{Canonicalized, Canonicalizer};
use aos_core::event::Level;
use aos_core::mapping::StreamMapping;
use aos_core::shape::{Shaper, StreamShape};
use aos_core::{ConnectionId, Ontology};
use aos_drift::{Judged, Quarantine, Sample};
use aos_lake::{SegmentWriter, TenantLake};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// Up to so many records a source's own count is compared with those that are different, and not only with those that came.
const COUNTED_MAX: u64 = 1_000_000;

/// How many records are looked at before any is kept, or those of so much time; and of every later chunk.
const JUDGED_FIRST: u64 = 1_000;
const JUDGED_AGE_MAX: Duration = Duration::from_secs(5);
const JUDGED_OF_CHUNK: u64 = 100;

pub(super) struct Reading {
    pub lake: TenantLake,
    pub connection: ConnectionId,
    pub stream: String,
    pub ontology: Arc<Ontology>,
    pub mapping: Arc<StreamMapping>,
    /// Whether to remember which records were met. It is done in any case where the source says exactly how many there are, so that what it
    /// gives twice counts once.
    pub watching: bool,
    /// What the stream is judged by; none where nothing was accepted of it yet.
    pub watch: Option<Arc<Watch>>,
    /// What is kept aside of its records.
    pub quarantine: Arc<Quarantine>,
}

/// What a read came upon besides records.
pub(super) struct End {
    pub seen: Option<Seen>,
    /// The shape of what was looked at; none where nothing was read, or mapped.
    pub observed: Option<StreamShape>,
    /// What the first records were judged to be; none where there is nothing to compare them with.
    pub judged: Option<Box<Judged>>,
    /// What stopped the read: nothing that shows it was handed over.
    pub drift: Option<(Box<Judged>, Sample)>,
}

impl Reading {
    /// Reads the stream to its end, and returns what it met where that is watched from the first page on. Stops early, without an error, when
    /// nobody takes the chunks any more, or when what is read is not what was accepted.
    pub fn run(self, mut pages: PageSource, chunks: &Sender<Chunk>) -> Result<End> {
        let mut canonicalizer = Canonicalizer::new(&self.ontology, &self.mapping);
        let main = self.mapping.main().filter(|main| main.pivot.is_none()).map(|main| main.entity.clone());
        let mut end = End { seen: self.watching.then(Seen::default), observed: None, judged: None, drift: None };
        let looked_at = !self.mapping.entities.is_empty();
        let (mut ahead, sample) = self.ahead(&mut pages, looked_at);
        if let (Some(watch), true) = (&self.watch, sample.records > 0) {
            let judged = watch.judge(&sample, &self.mapping);
            if !judged.findings.is_empty() {
                end.drift = Some((Box::new(judged), sample));
                return Ok(end);
            }
            end.judged = Some(Box::new(judged));
        }
        let mut shaper = looked_at.then(|| Shaper::new(&self.stream, "").with_sketches());
        let mut observe = |sample: &Sample| {
            if let Some(shaper) = &mut shaper {
                sample.batches.iter().for_each(|batch| shaper.observe(batch));
            }
        };
        observe(&sample);
        drop(sample);
        let mut sample = Sample::every(CHUNK_RECORDS_MAX / JUDGED_OF_CHUNK);
        let mut begun = false;
        let mut chunk = Chunk::default();
        let mut writer: Option<SegmentWriter> = None;
        loop {
            let (next, looked_at_before) = match ahead.pop_front() {
                Some(page) => (page, true),
                None => (pages.next(), false),
            };
            let page = match next {
                Ok(Some(page)) => page,
                Ok(None) => break,
                Err(error) => {
                    // What a source gave before it broke off, up to where one can go on, is not asked of it twice.
                    if chunk.checkpoint.is_some() {
                        finish(&mut chunk, &mut writer, chunks)?;
                    }
                    return Err(error);
                }
            };
            if chunk.is_full(pages.waits()) {
                let taken = std::mem::replace(&mut sample, Sample::every(CHUNK_RECORDS_MAX / JUDGED_OF_CHUNK));
                if let Some(judged) = self.judged_later(&taken) {
                    end.drift = Some((Box::new(judged), taken));
                    return Ok(end);
                }
                observe(&taken);
                if !finish(&mut chunk, &mut writer, chunks)? {
                    return Ok(end);
                }
            }
            let page = if pages.waits() { chunk.renumbered(page) } else { page };
            if looked_at && !looked_at_before {
                sample.take(&page.batch, &self.mapping);
            }
            let segment = match &mut writer {
                Some(writer) => writer,
                None => writer.insert(self.lake.writer(self.connection, &self.stream)?),
            };
            let malformed: Vec<aos_lake::Malformed> = page.malformed.iter().map(kept).collect();
            segment.append(&page.batch, &malformed)?;
            if let Some(deleted) = &page.deleted {
                segment.append(&marked(deleted), &[])?;
            }
            let deletes = match &page.deleted {
                Some(deleted) => canonicalizer.deleted(deleted)?,
                None => Canonicalized::default(),
            };
            let records = self.canonical(&mut canonicalizer, &page)?;
            let counted = matches!(page.count, Some(SourceCount::Exactly(records)) if records <= COUNTED_MAX);
            if !begun && counted && main.is_some() {
                end.seen.get_or_insert_default();
            }
            begun = true;
            if let Some(seen) = &mut end.seen {
                for event in &records.events {
                    seen.add(event, main.as_deref() == Some(&*event.entity));
                }
                deletes.events.iter().for_each(|event| seen.add_gone(event));
                // What is set aside is there all the same.
                if records.rejections.iter().any(|rejection| rejection.level == Level::Record) {
                    let keyed = canonicalizer.deleted(&page.batch)?;
                    keyed.events.iter().for_each(|event| seen.add(event, false));
                    seen.miss(keyed.rejections.len() as u64);
                }
                seen.miss(page.malformed.len() as u64);
            }
            chunk.take(page, [records, deletes]);
        }
        if let Some(judged) = self.judged_later(&sample) {
            end.drift = Some((Box::new(judged), sample));
            return Ok(end);
        }
        observe(&sample);
        chunk.last = true;
        finish(&mut chunk, &mut writer, chunks)?;
        end.observed = shaper.map(Shaper::finish).filter(|shape| shape.sampled > 0);
        Ok(end)
    }

    /// Takes the first pages ahead, as many as it takes to tell what is read. What goes wrong meanwhile comes when it is its turn.
    fn ahead(&self, pages: &mut PageSource, looked_at: bool) -> (VecDeque<Result<Option<RecordPage>>>, Sample) {
        let mut ahead: VecDeque<Result<Option<RecordPage>>> = VecDeque::new();
        let (mut records, begun) = (0, Instant::now());
        while looked_at && records < JUDGED_FIRST && begun.elapsed() < JUDGED_AGE_MAX {
            match pages.next() {
                Ok(Some(page)) => {
                    records += page.batch.records.len() as u64;
                    ahead.push_back(Ok(Some(page)));
                }
                // The end comes once, as an error does.
                end => {
                    ahead.push_back(end);
                    break;
                }
            }
        }
        let mut sample = Sample::every(records / JUDGED_FIRST);
        ahead.iter().flatten().flatten().for_each(|page| sample.take(&page.batch, &self.mapping));
        (ahead, sample)
    }

    fn judged_later(&self, sample: &Sample) -> Option<Judged> {
        self.watch.as_ref()?.judge_later(sample, &self.mapping)
    }

    /// Makes events of a page, without what is kept aside of its records.
    pub fn canonical(&self, canonicalizer: &mut Canonicalizer<'_>, page: &RecordPage) -> Result<Canonicalized> {
        if self.mapping.entities.is_empty() {
            return Ok(Canonicalized { filtered: page.batch.records.len() as u64, ..Canonicalized::default() });
        }
        if self.quarantine.is_empty() {
            return Ok(canonicalizer.batch(&page.batch)?);
        }
        let (records, rejections) = self.quarantine.screen(&page.batch);
        let mut canonical = canonicalizer.batch(&records)?;
        canonical.rejections.extend(rejections);
        Ok(canonical)
    }
}

impl Reading {
    /// Reads the stream to its end and returns what it met and nothing else, with the source's own count.
    pub fn keys(self, mut pages: PageSource) -> Result<(Seen, Option<SourceCount>)> {
        let mut canonicalizer = Canonicalizer::new(&self.ontology, &self.mapping);
        let (mut seen, mut count) = (Seen::default(), None);
        while let Some(page) = pages.next()? {
            count = page.count.or(count);
            seen.miss(page.malformed.len() as u64);
            canonicalizer.batch(&page.batch)?.events.iter().for_each(|event| seen.add(event, true));
        }
        Ok((seen, count))
    }
}

//! What is kept of a chunk, and of the end of a read.

use super::Sync;
use super::chunk::Chunk;
use super::course::{Course, has_read};
use super::prepare::Prepared;
use crate::Result;
use aos_connectors::Deletes;
use aos_core::event;
use aos_core::kind::SyncMode;
use aos_core::ledger::Tally;
use aos_store::{PageCommit, SegmentRow, StreamDone, StreamReading};

impl Sync<'_> {
    pub(super) async fn commit(&self, prepared: &Prepared, course: &Course, chunk: Chunk) -> Result<Tally> {
        let done = chunk.last.then(|| self.done(prepared, course, &chunk));
        let reading =
            chunk.checkpoint.as_ref().filter(|checkpoint| !checkpoint.complete).map(|checkpoint| StreamReading {
                cursor: checkpoint.cursor.clone(),
                mode: course.kept_mode().as_str().to_owned(),
                generation: course.generation,
                mapping_version: prepared.mapping.version,
                records: course.records,
                newest_version: course.newest,
                started_at: course.started_at,
            });
        let segment = chunk.segment.map(|segment| SegmentRow {
            id: segment.id.0,
            path: segment.path,
            records: segment.records,
            malformed: segment.malformed,
            bytes: segment.bytes,
            raw_bytes: segment.raw_bytes,
            checksum: segment.checksum,
        });
        let origin = self.origin(prepared, course.generation, segment.as_ref().map(|segment| segment.id));
        let page = PageCommit {
            run: self.run,
            origin: &origin,
            segment: segment.as_ref(),
            events: chunk.events,
            rejections: chunk.rejections,
            read: chunk.read,
            unchanged: chunk.unchanged,
            filtered: chunk.filtered,
            rejected_records: chunk.rejected,
            warnings: chunk.warnings,
            requests: chunk.requests,
            newest_before: course.newest_before,
            reading: reading.as_ref(),
            done,
        };
        self.land(&prepared.stream.name, page).await
    }

    fn done(&self, prepared: &Prepared, course: &Course, chunk: &Chunk) -> StreamDone {
        let Prepared { stream, state, .. } = prepared;
        let first_whole = course.whole && !state.as_ref().is_some_and(has_read);
        let deletes_are_known = match stream.deletes {
            Deletes::Tombstone => true,
            // What is held is what the source has, as long as nothing else was held before. A sweep tells the rest.
            Deletes::Sweep => first_whole,
            Deletes::Unknown => false,
        };
        // A clock that is ahead must not make every record after it look late.
        let newest = course.newest.map(|newest| newest.min(course.started_at.timestamp_micros()));
        let cursor = chunk.checkpoint.as_ref().filter(|checkpoint| checkpoint.complete);
        StreamDone {
            version: stream.version.clone(),
            generation: course.generation,
            records_read: course.records,
            whole: course.reads_all(),
            cursor: cursor
                .filter(|_| course.mode != SyncMode::Backfill || state.as_ref().is_none_or(|s| s.cursor.is_none()))
                .map(|checkpoint| checkpoint.cursor.clone()),
            deletes_known_at: deletes_are_known.then_some(course.started_at),
            newest_version: newest.max(state.as_ref().and_then(|state| state.newest_version)),
        }
    }

    pub(super) fn origin(&self, prepared: &Prepared, generation: i64, segment: Option<uuid::Uuid>) -> event::Origin {
        event::Origin {
            tenant: self.scope.tenant_id(),
            connection: self.connection.id,
            system: self.connection.system.clone(),
            stream: prepared.stream.name.clone(),
            trace_id: self.trace_id.clone(),
            emitted_at: self.mesh.clock.now(),
            schema_version: prepared.stream.fingerprint(),
            segment: segment.unwrap_or_default(),
            generation,
        }
    }
}

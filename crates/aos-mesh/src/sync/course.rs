//! Where one read of a stream begins: with a read that was cut off, after the last complete one, or at the start.

use super::prepare::Prepared;
use super::{Sync, SyncMode};
use crate::Result;
use aos_store::StreamState;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// The overlap of two reads where nothing is known of the source's lateness, and the longest there is.
const OVERLAP_MIN: Duration = Duration::from_secs(60);
const OVERLAP_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The overlap is so many times the worst lateness that was measured in this time.
const OVERLAP_MARGIN: u32 = 2;
const LATENESS_REMEMBERED: chrono::Duration = chrono::Duration::days(30);

/// Where one read of a stream begins, and what it is to find out.
pub(crate) struct Course {
    pub mode: SyncMode,
    pub cursor: Option<serde_json::Value>,
    pub overlap: Duration,
    pub generation: i64,
    pub started_at: DateTime<Utc>,
    /// Where the tenant's stream of events ended when the read began.
    pub head: i64,
    /// Whether it goes on with a read that was cut off.
    pub resumed: bool,
    /// Whether every record there is will have been met at its end.
    pub whole: bool,
    /// Whether it begins at the start since the source has forgotten the place of the last read.
    pub forgotten: bool,
    /// The newest change that was met before; none when what is late cannot be told.
    pub newest_before: Option<i64>,
    pub newest: Option<i64>,
    pub records: u64,
}

impl Sync<'_> {
    /// Decides where to begin: with a read that was cut off, after the last complete one, or at the start; there also where the source has
    /// `forgotten` the place of the last read.
    pub(super) async fn course(&self, prepared: &Prepared, forgotten: bool) -> Result<Course> {
        let Prepared { stream, state, remapped, .. } = prepared;
        let state = state.as_ref();
        let (now, head) = (self.mesh.clock.now(), self.store().head().await?.position);
        // A mapping that is new is for all records; those read earlier are read again, whatever the cursor says.
        let again = forgotten || (*remapped && state.is_some_and(has_read));
        let mode = if again && self.request.mode == SyncMode::Incremental { SyncMode::Full } else { self.request.mode };
        let newest_before = state.and_then(|state| state.newest_version).filter(|_| !remapped);
        if let Some(reading) = state.and_then(|state| state.reading.as_ref()) {
            let same = reading.mode == mode.as_str() || self.request.mode == SyncMode::Incremental;
            if same && !forgotten && reading.mapping_version == prepared.mapping.version {
                return Ok(Course {
                    mode: mode_of(&reading.mode),
                    cursor: Some(reading.cursor.clone()),
                    overlap: Duration::ZERO,
                    generation: reading.generation,
                    started_at: reading.started_at,
                    head,
                    resumed: true,
                    whole: false,
                    forgotten: false,
                    newest_before,
                    newest: reading.newest_version,
                    records: reading.records,
                });
            }
            self.store().drop_reading(self.connection.id, &stream.name).await?;
        }
        // Where nothing tells what is new, every read is a whole one, and knows what is gone and whether it came back with nothing.
        let follows = mode == SyncMode::Incremental && stream.cursor_field.is_some();
        let cursor = state.and_then(|state| state.cursor.clone()).filter(|_| follows);
        let known_version = state.and_then(|state| state.version.as_deref());
        // The same content read again is the same generation: it is mapped anew, and nothing came back.
        let unchanged = !stream.version.is_empty() && known_version == Some(&stream.version);
        Ok(Course {
            mode,
            overlap: self.overlap(prepared).await?,
            generation: state.map_or(0, |state| state.generation) + i64::from(!unchanged),
            started_at: now,
            head,
            resumed: false,
            whole: cursor.is_none(),
            forgotten,
            cursor,
            newest_before,
            newest: None,
            records: 0,
        })
    }

    /// Sizes the overlap of two reads by what was measured: how late records became visible.
    async fn overlap(&self, prepared: &Prepared) -> Result<Duration> {
        let since = self.mesh.clock.now() - LATENESS_REMEMBERED;
        let worst = self.store().worst_lateness(self.connection.id, &prepared.stream.name, since).await?;
        let measured = Duration::from_micros(worst.unsigned_abs()) * OVERLAP_MARGIN;
        Ok(measured.max(prepared.stream.lag).max(OVERLAP_MIN).min(OVERLAP_MAX))
    }
}

impl Course {
    /// Whether the read, with what was read of it before it was cut off, brings every record there is.
    pub fn reads_all(&self) -> bool {
        self.whole || (self.resumed && matches!(self.mode, SyncMode::Full | SyncMode::Backfill))
    }

    /// What a process that goes on with this read has to know of it: a read of what is new that begins at the start is a whole one.
    pub fn kept_mode(&self) -> SyncMode {
        if self.whole && self.mode == SyncMode::Incremental { SyncMode::Full } else { self.mode }
    }
}

/// Whether a stream was ever read to its end.
pub(super) fn has_read(state: &StreamState) -> bool {
    state.completed_at.is_some() || state.version.is_some()
}

fn mode_of(word: &str) -> SyncMode {
    [SyncMode::Full, SyncMode::Backfill].into_iter().find(|mode| mode.as_str() == word).unwrap_or_default()
}

//! A page's events on their way in: in groups that share entity and fragment, each with its position and its fate. Pure.

use super::merge::CurrentRows;
use crate::materialized::Change;
use aos_core::ConnectionId;
use aos_core::event::{CanonicalEvent, Op, Origin};
use compact_str::CompactString;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128_with_seed;

pub(super) struct Landing {
    pub(super) groups: Vec<Group>,
    /// Raw position of the record and fate of every event, in the order they came.
    fates: Vec<(u64, Fate)>,
    base: i64,
}

/// Events of one entity and fragment, and with them one part of the materialized key.
pub(super) struct Group {
    pub(super) entity: Arc<str>,
    pub(super) fragment: Arc<str>,
    pub(super) arrivals: Vec<Arrival>,
    /// What held before this page; `None` when it was not looked up, and conflicts are to tell.
    pub(super) current: Option<CurrentRows>,
}

pub(super) struct Arrival {
    pub(super) position: i64,
    pub(super) dedupe_key: [u8; 16],
    pub(super) record_id: CompactString,
    pub(super) op: Op,
    pub(super) source_version: i64,
    pub(super) mapping_version: u32,
    pub(super) raw_position: u64,
    pub(super) content_hash: i64,
    pub(super) data: String,
    pub(super) extras: String,
    index: usize,
}

/// What a page tells beside its records: how many of them went, and which came late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Findings {
    pub(super) deleted: u64,
    pub(super) late: u64,
    /// By how much the latest was late, in microseconds.
    pub(super) lateness: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lands,
    Duplicate,
}

impl Landing {
    /// Sorts the events into groups and drops those that the page itself repeats.
    pub(super) fn new(events: Vec<CanonicalEvent>, origin: &Origin, base: i64) -> Self {
        let mut landing = Self { groups: Vec::new(), fates: Vec::with_capacity(events.len()), base };
        let mut seen = HashSet::with_capacity(events.len());
        let mut by_name: HashMap<(Arc<str>, Arc<str>), usize> = HashMap::new();
        let mut group = 0;
        for (index, mut event) in events.into_iter().enumerate() {
            // PostgreSQL keeps no NUL in a text; a key is the same wherever it is kept.
            if event.record_id.contains('\0') {
                event.record_id = event.record_id.replace('\0', "\u{fffd}").into();
            }
            let dedupe_key = event.dedupe_key(origin);
            let new = seen.insert(dedupe_key);
            landing.fates.push((event.raw_position, if new { Fate::Lands } else { Fate::Duplicate }));
            if !new {
                continue;
            }
            let content_hash = event.content_hash();
            let CanonicalEvent { entity, fragment, record_id, data, extras, .. } = event;
            // Events mostly come in runs of the same group.
            if landing.groups.get(group).is_none_or(|last| last.entity != entity || last.fragment != fragment) {
                group = *by_name.entry((entity.clone(), fragment.clone())).or_insert_with(|| {
                    landing.groups.push(Group { entity, fragment, arrivals: Vec::new(), current: None });
                    landing.groups.len() - 1
                });
            }
            landing.groups[group].arrivals.push(Arrival {
                position: base + 1 + index as i64,
                dedupe_key,
                record_id,
                op: event.op,
                source_version: event.source_version,
                mapping_version: event.mapping_version,
                raw_position: event.raw_position,
                content_hash,
                data,
                extras,
                index,
            });
        }
        landing
    }

    /// Lists what the page changes, if all of it lands and holds, in the order of positions.
    pub(super) fn changes(&self, connection: ConnectionId) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::with_capacity(self.fates.len());
        for group in &self.groups {
            changes.extend(group.arrivals.iter().map(|arrival| Change {
                position: arrival.position,
                connection_id: connection,
                entity: group.entity.to_string(),
                record_id: arrival.record_id.to_string(),
                fragment: group.fragment.to_string(),
                deleted: arrival.op == Op::Delete,
                data: arrival.data.clone(),
                source_version: arrival.source_version,
                mapping_version: arrival.mapping_version,
            }));
        }
        if self.groups.len() > 1 {
            changes.sort_unstable_by_key(|change| change.position);
        }
        changes
    }

    /// Lists the keys that the page speaks of, group by group.
    pub(super) fn keys(&self) -> Vec<(Arc<str>, Arc<str>, Vec<CompactString>)> {
        let keys = |group: &Group| {
            let ids: HashSet<_> = group.arrivals.iter().map(|arrival| arrival.record_id.clone()).collect();
            (group.entity.clone(), group.fragment.clone(), ids.into_iter().collect())
        };
        self.groups.iter().map(keys).collect()
    }

    /// Remembers what is held under the keys, group by group.
    pub(super) fn hold(&mut self, current: Vec<CurrentRows>) {
        for (group, current) in self.groups.iter_mut().zip(current) {
            group.current = Some(current);
        }
    }

    pub(super) fn has_deletes(&self) -> bool {
        self.groups.iter().any(|group| group.arrivals.iter().any(|arrival| arrival.op == Op::Delete))
    }

    /// Brings deletes and what is held together.
    ///
    /// A delete whose time nobody knows is about what is held. A record that comes back as it was before it was found gone is news, though the
    /// same event is known: its key is made anew from the delete that it ends.
    pub(super) fn settle_deletes(&mut self) {
        for Group { arrivals, current, .. } in &mut self.groups {
            let Some(current) = current else { continue };
            for arrival in arrivals {
                let Some(held) = current.get(&arrival.record_id) else { continue };
                if arrival.op == Op::Delete && arrival.source_version == 0 {
                    arrival.source_version = held.source_version;
                    arrival.mapping_version = arrival.mapping_version.max(held.mapping_version);
                }
                let same_version =
                    (held.source_version, held.mapping_version) == (arrival.source_version, arrival.mapping_version);
                if arrival.op == Op::Upsert && held.deleted && same_version {
                    let seed = held.position.cast_unsigned();
                    arrival.dedupe_key = xxh3_128_with_seed(&arrival.dedupe_key, seed).to_be_bytes();
                }
            }
        }
    }

    /// Counts what of the page landed that was deleted, and what changed before `newest`, the newest change of the reads before, without
    /// having been met by them.
    pub(super) fn findings(&self, newest: Option<i64>) -> Findings {
        let mut found = Findings::default();
        for Group { arrivals, current, .. } in &self.groups {
            for arrival in arrivals {
                if arrival.op == Op::Delete {
                    found.deleted += 1;
                    continue;
                }
                let Some(newest) = newest else { continue };
                let held = current.as_ref().and_then(|current| current.get(&arrival.record_id));
                let unmet = held.is_none_or(|held| held.source_version < arrival.source_version);
                if unmet && arrival.source_version > 0 && arrival.source_version < newest {
                    found.late += 1;
                    found.lateness = found.lateness.max(newest - arrival.source_version);
                }
            }
        }
        found
    }

    /// Drops events of raw records that are mapped anew where a newer record was mapped already, where a newer version is held, and where
    /// the source says that the record is gone.
    pub(super) fn drop_outlived(&mut self, version: u32) {
        for Group { arrivals, current, .. } in &mut self.groups {
            let Some(current) = current else { continue };
            let fates = &mut self.fates;
            arrivals.retain(|arrival| {
                let outlived = current.get(&arrival.record_id).is_some_and(|held| {
                    held.source_version > arrival.source_version
                        || (held.source_version == arrival.source_version
                            && (held.mapping_version >= version || held.is_gone_at_its_source()))
                });
                if outlived {
                    fates[arrival.index].1 = Fate::Duplicate;
                }
                !outlived
            });
        }
    }

    /// Drops the events that say what is held already.
    pub(super) fn drop_unchanged(&mut self) {
        for Group { arrivals, current, .. } in &mut self.groups {
            let Some(current) = current else { continue };
            // Within one page a value may go and come back; only a record's first event is compared with what was before.
            let mut met: HashSet<CompactString> = HashSet::new();
            let fates = &mut self.fates;
            arrivals.retain(|arrival| {
                let first = met.insert(arrival.record_id.clone());
                let same = first && current.get(&arrival.record_id).is_some_and(|held| held.says_the_same(arrival));
                if same {
                    fates[arrival.index].1 = Fate::Duplicate;
                }
                !same
            });
        }
    }

    /// Keeps only the events whose positions were taken; the others were known.
    pub(super) fn keep_inserted(&mut self, inserted: &HashSet<i64>) {
        for group in &mut self.groups {
            let fates = &mut self.fates;
            group.arrivals.retain(|arrival| {
                let kept = inserted.contains(&arrival.position);
                if !kept {
                    fates[arrival.index].1 = Fate::Duplicate;
                }
                kept
            });
        }
    }

    pub(super) fn base(&self) -> i64 {
        self.base
    }

    pub(super) fn greatest_position(&self) -> i64 {
        let positions = self.groups.iter().filter_map(|group| group.arrivals.last()).map(|last| last.position);
        positions.max().unwrap_or(self.base)
    }

    /// Counts source records: one landed when any of its events did, else it is a duplicate.
    pub(super) fn count_records(&self) -> (u64, u64) {
        let mut fates: Vec<_> = self.fates.iter().map(|(record, fate)| (*record, *fate == Fate::Lands)).collect();
        fates.sort_unstable();
        let mut tally = (0, 0);
        for record in fates.chunk_by(|a, b| a.0 == b.0) {
            if record.iter().any(|(_, lands)| *lands) { tally.0 += 1 } else { tally.1 += 1 }
        }
        tally
    }
}

//! Ids that outlive merges and splits: a cluster keeps the id that most of its records had.

use crate::record::RecordKey;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_128;

/// An id for a cluster, and what became of the ids that its records had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    pub id: Uuid,
    /// Ids that are this one now, because all of their thing came together here.
    pub merged: Vec<Uuid>,
    /// The id that its records had before, when they were parted from it.
    pub split_from: Option<Uuid>,
}

/// Gives each cluster an id, in their order. `before` says which id each record had.
///
/// An id goes to the cluster with most of its records; among equals to the one whose first record comes first, and of equal ids a cluster
/// takes the one that its first record had: so a merge of equals that is undone gives each its own again. A cluster that gets none of its
/// records' ids takes the id that its first record makes, which it also had before a merge that is undone; one that is taken is passed over.
pub fn assign_ids(
    clusters: &[Vec<RecordKey>],
    before: &BTreeMap<RecordKey, Uuid>,
    taken: &BTreeSet<Uuid>,
) -> Vec<Assigned> {
    let mut claims: Vec<(usize, usize, usize, Uuid)> = Vec::new();
    let mut held: Vec<BTreeMap<Uuid, usize>> = Vec::with_capacity(clusters.len());
    for (at, records) in clusters.iter().enumerate() {
        let mut counts: BTreeMap<Uuid, usize> = BTreeMap::new();
        let mut firsts: BTreeMap<Uuid, usize> = BTreeMap::new();
        for (position, record) in records.iter().enumerate() {
            let Some(id) = before.get(record) else { continue };
            *counts.entry(*id).or_default() += 1;
            firsts.entry(*id).or_insert(position);
        }
        claims.extend(counts.iter().map(|(id, count)| (*count, at, firsts[id], *id)));
        held.push(counts);
    }
    claims.sort_by(|a, b| {
        b.0.cmp(&a.0).then_with(|| clusters[a.1].first().cmp(&clusters[b.1].first())).then((a.2, a.3).cmp(&(b.2, b.3)))
    });
    let mut ids: Vec<Option<Uuid>> = vec![None; clusters.len()];
    let mut owner: BTreeMap<Uuid, usize> = BTreeMap::new();
    for (_, at, _, id) in claims {
        if ids[at].is_none() && !owner.contains_key(&id) {
            ids[at] = Some(id);
            owner.insert(id, at);
        }
    }
    // What nobody claims and nobody outside holds may be born again; all else is taken.
    let mut used: BTreeSet<Uuid> = taken.iter().copied().chain(owner.keys().copied()).collect();
    let mut assigned = Vec::with_capacity(clusters.len());
    for (at, records) in clusters.iter().enumerate() {
        let split_from = held[at].keys().find(|id| Some(**id) != ids[at] && owner.contains_key(id)).copied();
        let id = ids[at].unwrap_or_else(|| born(records, &used));
        used.insert(id);
        let merged = held[at].keys().filter(|old| **old != id && !owner.contains_key(old)).copied().collect();
        assigned.push(Assigned { id, merged, split_from: split_from.filter(|_| ids[at].is_none()) });
    }
    assigned
}

/// Returns the id of a thing that has only ever been this record.
pub fn singleton_id(record: &RecordKey) -> Uuid {
    born(std::slice::from_ref(record), &BTreeSet::new())
}

/// The id that a cluster's first record makes.
fn born(records: &[RecordKey], used: &BTreeSet<Uuid>) -> Uuid {
    let mut round = 0u32;
    loop {
        let mut name = Vec::new();
        if let Some(first) = records.first() {
            name.extend_from_slice(first.source.as_bytes());
            name.push(0);
            name.extend_from_slice(first.id.as_bytes());
        }
        name.extend_from_slice(&round.to_be_bytes());
        // Version 8: made by our own rule.
        let id = uuid::Builder::from_custom_bytes(xxh3_128(&name).to_be_bytes()).into_uuid();
        if !used.contains(&id) {
            return id;
        }
        round += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(ids: &[&str]) -> Vec<RecordKey> {
        ids.iter().map(|id| RecordKey::new("crm", *id)).collect()
    }

    fn now(clusters: &[Vec<RecordKey>], assigned: &[Assigned]) -> BTreeMap<RecordKey, Uuid> {
        let each = clusters
            .iter()
            .zip(assigned)
            .flat_map(|(records, assigned)| records.iter().map(|record| (record.clone(), assigned.id)));
        each.collect()
    }

    #[test]
    fn an_id_stays_with_most_of_its_records_and_comes_back_when_a_merge_is_undone() {
        let parted = vec![keys(&["a", "b"]), keys(&["c"])];
        let first = assign_ids(&parted, &BTreeMap::new(), &BTreeSet::new());
        let merged = vec![keys(&["a", "b", "c"])];
        let second = assign_ids(&merged, &now(&parted, &first), &BTreeSet::new());
        assert_eq!((second[0].id, &second[0].merged), (first[0].id, &vec![first[1].id]));
        let third = assign_ids(&parted, &now(&merged, &second), &BTreeSet::new());
        assert_eq!(third.iter().map(|one| one.id).collect::<Vec<_>>(), vec![first[0].id, first[1].id]);
        assert_eq!(third[1].split_from, Some(first[0].id));
    }

    #[test]
    fn equals_that_were_merged_by_mistake_get_their_own_ids_back() {
        for other in ["b", "c", "d", "e", "f", "g"] {
            let parted = vec![keys(&["a"]), keys(&[other])];
            let first = assign_ids(&parted, &BTreeMap::new(), &BTreeSet::new());
            let merged = vec![keys(&["a", other])];
            let second = assign_ids(&merged, &now(&parted, &first), &BTreeSet::new());
            let third = assign_ids(&parted, &now(&merged, &second), &BTreeSet::new());
            assert_eq!((third[0].id, third[1].id), (first[0].id, first[1].id), "{other}");
        }
    }

    #[test]
    fn a_record_that_leaves_takes_no_id_that_others_hold() {
        let one = vec![keys(&["a", "b", "c"])];
        let first = assign_ids(&one, &BTreeMap::new(), &BTreeSet::new());
        let two = vec![keys(&["a"]), keys(&["b", "c"])];
        let second = assign_ids(&two, &now(&one, &first), &BTreeSet::new());
        assert_eq!(second[1].id, first[0].id, "most of its records");
        assert_ne!(second[0].id, first[0].id);
        let elsewhere = assign_ids(&two[..1], &BTreeMap::new(), &BTreeSet::from([first[0].id]));
        assert_ne!(elsewhere[0].id, first[0].id, "held by a cluster that is not looked at");
    }
}

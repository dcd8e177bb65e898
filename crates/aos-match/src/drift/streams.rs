//! All streams of two versions of a source: which is which, which came, which went.

use super::compare::compare;
use super::finding::{Fix, Proof, Repair};
use super::proposal::Proposal;
use super::{Drift, mapped};
use crate::words::{split_words, squeeze};
use aos_core::drift::{Change, ChangeKind, Evidence, Severity, Signal, Snapshot, Stake, default_action, severity};
use aos_core::mapping::StreamMapping;
use aos_core::shape::ValueKind;
use std::collections::HashSet;

/// Share of columns two streams of different names must have in common to be taken for one.
const COMMON_MIN: f64 = 0.5;

/// Which streams of two versions are the same: indexes before and after, and what share of the columns says so where the names differ.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Partners {
    pub pairs: Vec<(usize, usize, Option<f64>)>,
    pub lost: Vec<usize>,
    pub new: Vec<usize>,
}

impl Partners {
    /// One stream on either side is the same stream, whatever it is called; else names decide, then columns.
    pub fn of(before: &[Snapshot], after: &[Snapshot]) -> Self {
        if before.len() == 1 && after.len() == 1 {
            return Self { pairs: vec![(0, 0, None)], ..Self::default() };
        }
        let mut partners = Self { new: (0..after.len()).collect(), ..Self::default() };
        let mut nameless = Vec::new();
        for (at, one) in before.iter().enumerate() {
            let same = |other: &usize| after[*other].shape.stream == one.shape.stream;
            let same_words = |other: &usize| name_words(&after[*other]) == name_words(one);
            let place = partners.new.iter().position(same).or_else(|| partners.new.iter().position(same_words));
            match place {
                Some(place) => partners.pairs.push((at, partners.new.remove(place), None)),
                None => nameless.push(at),
            }
        }
        for at in nameless {
            let share = |other: usize| common(&before[at], &after[other]);
            let best = partners.new.iter().enumerate().map(|(place, other)| (share(*other), place));
            match best.max_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(&x.1))).filter(|(share, _)| *share >= COMMON_MIN)
            {
                Some((share, place)) => partners.pairs.push((at, partners.new.remove(place), Some(share))),
                None => partners.lost.push(at),
            }
        }
        partners.pairs.sort_by_key(|pair| pair.0);
        partners
    }
}

/// Compares all streams of two versions. A single mapping is the mapping of a single stream.
pub fn compare_streams(before: &[Snapshot], after: &[Snapshot], mappings: &[StreamMapping]) -> Drift {
    compare_partners(before, after, mappings, Partners::of(before, after))
}

/// The same for versions that name their streams themselves, where files and people give a lone stream any name: one of another name has been
/// renamed, or is another stream where nothing but the name is known.
pub fn compare_named_streams(before: &[Snapshot], after: &[Snapshot], mappings: &[StreamMapping]) -> Drift {
    let mut partners = Partners::of(before, after);
    if let ([one], [other]) = (before, after)
        && squeeze(&one.shape.stream) != squeeze(&other.shape.stream)
        && name_words(one) != name_words(other)
    {
        partners = if one.shape.columns.is_empty() && other.shape.columns.is_empty() {
            Partners { pairs: Vec::new(), lost: vec![0], new: vec![0] }
        } else {
            Partners { pairs: vec![(0, 0, Some(common(one, other)))], ..Partners::default() }
        };
    }
    compare_partners(before, after, mappings, partners)
}

fn compare_partners(before: &[Snapshot], after: &[Snapshot], mappings: &[StreamMapping], partners: Partners) -> Drift {
    let single = before.len() == 1 && mappings.len() == 1;
    let mapping = |stream: &str| {
        mappings.iter().find(|one| single || one.stream == stream || squeeze(&one.stream) == squeeze(stream))
    };
    let mut drift = Drift::default();
    for (one, other, share) in partners.pairs {
        let (one, other) = (&before[one], &after[other]);
        if let Some(share) = share {
            drift.renamed(one, other, share, reads_any(mappings, &mapping, one));
        }
        if is_emptied(one, other) {
            drift.emptied(one, reads_any(mappings, &mapping, one));
        }
        drift.add(of_mapped(one, other, mappings, &mapping));
    }
    for at in partners.lost {
        drift.removed(&before[at], reads_any(mappings, &mapping, &before[at]));
    }
    for at in partners.new {
        drift.changes.push(stream_change(&after[at], ChangeKind::StreamAdded, None, false, Vec::new()));
    }
    drift
}

/// Whether there were records and only the names of columns are left: the header of a table.
fn is_emptied(one: &Snapshot, other: &Snapshot) -> bool {
    let only_named = |snapshot: &Snapshot| {
        let columns = &snapshot.shape.columns;
        snapshot.shape.sampled == 0
            && !columns.is_empty()
            && snapshot.declared.is_empty()
            && columns.iter().all(|column| column.kind == ValueKind::Unknown)
    };
    one.shape.sampled > 0 && only_named(other)
}

fn of_mapped<'m>(
    one: &Snapshot,
    other: &Snapshot,
    mappings: &'m [StreamMapping],
    mapping: &impl Fn(&str) -> Option<&'m StreamMapping>,
) -> Drift {
    // Where there are mappings and none is of this stream, nothing of it is read.
    let nothing = StreamMapping { version: 1, stream: one.shape.stream.clone(), entities: Vec::new() };
    let own = mapping(&one.shape.stream);
    compare(one, other, if mappings.is_empty() { None } else { Some(own.unwrap_or(&nothing)) })
}

fn reads_any<'m>(
    mappings: &'m [StreamMapping],
    mapping: &impl Fn(&str) -> Option<&'m StreamMapping>,
    one: &Snapshot,
) -> bool {
    let read = |own: &StreamMapping| one.shape.columns.iter().any(|column| mapped::reads(own, &column.path));
    mappings.is_empty() || mapping(&one.shape.stream).is_some_and(read)
}

/// The words of a stream's name without the dates and numbers that exports carry.
fn name_words(snapshot: &Snapshot) -> Vec<String> {
    split_words(&snapshot.shape.stream)
        .into_iter()
        .filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

fn common(one: &Snapshot, other: &Snapshot) -> f64 {
    let names = |snapshot: &Snapshot| -> HashSet<String> {
        snapshot.shape.columns.iter().map(|column| squeeze(&column.path)).collect()
    };
    let (then, now) = (names(one), names(other));
    then.intersection(&now).count() as f64 / then.union(&now).count().max(1) as f64
}

fn stream_change(
    snapshot: &Snapshot,
    kind: ChangeKind,
    to: Option<&str>,
    read: bool,
    evidence: Vec<Evidence>,
) -> Change {
    let severity = if kind == ChangeKind::StreamAdded {
        Severity::Harmless
    } else {
        severity(kind, &Stake { read, loses: true, ..Stake::default() })
    };
    Change {
        stream: snapshot.shape.stream.clone(),
        path: String::new(),
        to: to.map(str::to_owned),
        kind,
        severity,
        contract: default_action(kind, severity),
        retyping: None,
        confidence: None,
        evidence,
        covers: Vec::new(),
    }
}

impl Drift {
    fn add(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.proposals.extend(other.proposals);
    }

    fn renamed(&mut self, one: &Snapshot, other: &Snapshot, share: f64, read: bool) {
        let evidence = vec![Evidence::new(Signal::Name, format!("{:.0} % of the columns in common", share * 100.0))];
        let to = other.shape.stream.as_str();
        self.changes.push(stream_change(one, ChangeKind::StreamRenamed, Some(to), read, evidence.clone()));
        let fix = Fix {
            repair: Repair::RenameStream,
            transforms: Vec::new(),
            confidence: 0.5 + 0.45 * share,
            proof: Proof::Names,
            held: None,
        };
        self.proposals.push(Proposal::new(&one.shape.stream, "", fix, vec![to.to_owned()], evidence));
    }

    fn emptied(&mut self, one: &Snapshot, read: bool) {
        let says = format!("{} records then and none now: only the names of the columns are left", one.shape.sampled);
        let evidence = vec![Evidence::new(Signal::Distribution, says)];
        self.changes.push(stream_change(one, ChangeKind::NullRateChanged, None, read, evidence.clone()));
        let fix = Fix {
            repair: Repair::Review,
            transforms: Vec::new(),
            confidence: 0.5,
            proof: Proof::Distribution,
            held: Some("whether the source is empty or its export broke off must be said".to_owned()),
        };
        self.proposals.push(Proposal::new(&one.shape.stream, "", fix, Vec::new(), evidence));
    }

    fn removed(&mut self, one: &Snapshot, read: bool) {
        let evidence = vec![Evidence::new(Signal::Name, "no other stream is like it")];
        self.changes.push(stream_change(one, ChangeKind::StreamRemoved, None, read, evidence.clone()));
        let held = Some("what was read so far is kept; nothing new will come".to_owned());
        let fix =
            Fix { repair: Repair::RetireStream, transforms: Vec::new(), confidence: 0.9, proof: Proof::Names, held };
        self.proposals.push(Proposal::new(&one.shape.stream, "", fix, Vec::new(), evidence));
    }
}

//! Judges what is seen of a stream while it is read against what was accepted: what has changed, what becomes of the records, and which
//! repairs there are.

use crate::candidate::Candidate;
use crate::contract::Contract;
use crate::quarantine::{Discard, Quarantine};
use crate::same_rows::{believed, may_share, same_rows, share_enough};
use crate::sample::Sample;
use aos_core::drift::{
    Change, ChangeKind, ContractAction, Evidence, Pair, RowSample, Severity, Signal, Snapshot, widening,
};
use aos_core::mapping::{EntityMapping, StreamMapping};
use aos_core::shape::{ColumnShape, StreamShape, ValueKind};
use aos_match::drift::{Drift, Proposal, Repair, compare};
use serde_json::{Value, json};
use std::collections::HashSet;

/// A column that was met as often as it was is called missing when so many records without it would be that unlikely.
const CHANCE_MAX: f64 = 1e-3;
/// Repairs shown of one path.
const CANDIDATES_MAX: usize = 3;

/// What is known of a stream that is being read.
pub struct Seen<'s> {
    pub accepted: &'s StreamShape,
    pub sample: &'s Sample,
    pub mapping: &'s StreamMapping,
    pub contract: &'s Contract,
    /// Columns that the source itself says it has; none where it does not say.
    pub declared: Option<&'s HashSet<String>>,
    /// The path that names each record, as the mapping reads it; none where it reads none.
    pub key: Option<&'s str>,
    /// Whether the read brings every record. What is new alone is no fair sample, so its distribution proves nothing.
    pub whole: bool,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Judged {
    pub observed: StreamShape,
    pub changes: Vec<Change>,
    /// What somebody has to know or decide, path by path; empty when all is as it was, or evolves.
    pub findings: Vec<Finding>,
    /// What is kept aside meanwhile.
    pub quarantine: Quarantine,
    /// Whether the source gives two shapes in turns, so that nothing can be said of what it means.
    pub two_shapes: bool,
}

/// One path that is not as it was, with the repairs that may be right.
#[derive(Debug, Clone)]
pub struct Finding {
    pub path: String,
    pub changes: Vec<Change>,
    pub severity: Severity,
    pub action: ContractAction,
    /// The likeliest first.
    pub candidates: Vec<Candidate>,
}

impl Judged {
    /// Whether the stream must not be read on.
    pub fn freezes(&self) -> bool {
        self.findings.iter().any(|finding| finding.action == ContractAction::Freeze)
    }

    /// Whether what is seen differs only as the contract lets it.
    pub fn evolves(&self) -> bool {
        self.findings.is_empty() && !self.changes.is_empty()
    }

    /// Names what was found, so that the same drift is known again.
    pub fn changes_json(&self) -> Value {
        let change = |change: &Change| {
            json!({
                "path": change.path, "to": change.to, "kind": change.kind, "severity": change.severity,
                "confidence": change.confidence, "evidence": change.evidence,
            })
        };
        self.changes.iter().map(change).collect()
    }
}

/// Judges what was seen. `rows` gives rows of the accepted version by their key, of each record the newest; it is asked where something has
/// changed, and where the read may hold enough of the same records to show what no column shows by itself.
pub fn judge(seen: &Seen<'_>, rows: impl Fn(&StreamShape, &[String], usize) -> RowSample) -> Judged {
    let stream = &seen.accepted.stream;
    let mut observed = seen.sample.shape(stream, &seen.accepted.system);
    // Where the one has no sketches, those of the other say nothing.
    if !observed.columns.iter().any(|column| column.sketch.is_some()) && observed.sampled > 0 {
        observed.columns.iter_mut().for_each(|column| column.samples.truncate(8));
    }
    let met = observed.clone();
    pad(seen, &mut observed);
    let mut before = Snapshot::of_shape(seen.accepted.clone());
    let mut after = Snapshot::of_shape(observed);
    let mut drift = compare(&before, &after, Some(seen.mapping));
    let suspicious = drift.changes.iter().any(|change| change.severity > Severity::Harmless);
    // What each column holds may be what it was, and stand in other rows.
    if (suspicious || may_share(seen))
        && let Some((then, now)) = same_rows(seen, &before.shape, &after.shape, rows)
        && (suspicious || share_enough(seen, &then, &now))
    {
        (before.rows, after.rows) = (then, now);
        let by_rows = compare(&before, &after, Some(seen.mapping));
        drift = believed(drift, by_rows, (&before, &after), seen.whole);
    }
    drift.changes.retain(|change| is_believed(seen, change));
    let flapping = flapping(seen);
    let two_shapes = !flapping.is_empty();
    drift.changes.retain(|change| !flapping.iter().any(|other| other.path == change.path));
    drift.changes.extend(flapping);
    let findings = findings(seen, &drift, &met);
    let discard = |finding: &Finding| {
        let (path, action) = (&finding.path, finding.action);
        finding
            .changes
            .iter()
            .filter_map(|change| Discard::of(change, action, seen.accepted.column(path), met.column(path)))
            .collect::<Vec<_>>()
    };
    let quarantine = Quarantine { discards: findings.iter().flat_map(discard).collect() };
    Judged { observed: after.shape, changes: drift.changes, findings, quarantine, two_shapes }
}

/// Adds columns that were not met and that nobody could expect to meet in so few records, or that the source says it has.
fn pad(seen: &Seen<'_>, observed: &mut StreamShape) {
    for column in &seen.accepted.columns {
        if observed.column(&column.path).is_some() || is_missing(seen, column, observed.sampled) {
            continue;
        }
        observed.columns.push(ColumnShape { absent: observed.sampled, ..ColumnShape::unseen(column.path.clone()) });
    }
}

fn is_missing(seen: &Seen<'_>, column: &ColumnShape, records: u64) -> bool {
    let top = column.path.split(['.', '[']).next().unwrap_or(&column.path);
    if let Some(declared) = seen.declared
        && (declared.contains(top) || declared.contains(&column.path))
        && column.path == top
    {
        return false;
    }
    let met = (column.present + column.nulls) as f64;
    let rate = (met + 1.0) / (met + column.absent as f64 + 2.0);
    (1.0 - rate).powf(records as f64) < CHANCE_MAX
}

/// Whether a change is more than what records that are new bring with them anyway.
fn is_believed(seen: &Seen<'_>, change: &Change) -> bool {
    use ChangeKind as C;
    let structural = matches!(
        change.kind,
        C::Added
            | C::Removed
            | C::Renamed
            | C::Retyped
            | C::Nested
            | C::Flattened
            | C::Split
            | C::Merged
            | C::FormatChanged
    );
    // Among new records alone nobody can say that a choice is gone.
    let new_choices = change.kind == C::EnumChanged && change.severity < Severity::Breaking;
    structural || new_choices || seen.whole || change.evidence.iter().any(|evidence| evidence.signal == Signal::Rows)
}

/// Paths that are read and whose column comes and goes from page to page: two shapes at once, of which neither is the stream's.
fn flapping(seen: &Seen<'_>) -> Vec<Change> {
    let mut paths: Vec<&str> = seen.mapping.entities.iter().flat_map(EntityMapping::sources).collect();
    paths.sort_unstable();
    paths.dedup();
    let change = |path: &str| {
        let (with, without) = seen.sample.pages(path);
        let column = seen.accepted.column(path)?;
        let pages = with + without;
        let records = seen.sample.met() * without / pages.max(1);
        let met = (column.present + column.nulls) as f64;
        let rate = (met + 1.0) / (met + column.absent as f64 + 2.0);
        let flaps = with > 0 && without > 0 && (1.0 - rate).powf(records as f64) < CHANCE_MAX;
        flaps.then(|| Change {
            stream: seen.accepted.stream.clone(),
            path: path.to_owned(),
            to: None,
            kind: ChangeKind::NullRateChanged,
            severity: Severity::Breaking,
            contract: ContractAction::Freeze,
            retyping: None,
            confidence: None,
            evidence: vec![Evidence::new(
                Signal::Type,
                format!(
                    "the column comes and goes: {with} of {pages} pages have it; the source gives two shapes at once"
                ),
            )],
            covers: Vec::new(),
        })
    };
    paths.into_iter().filter_map(change).collect()
}

fn findings(seen: &Seen<'_>, drift: &Drift, met: &StreamShape) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for change in &drift.changes {
        let action = match seen.contract.action(change) {
            // Values that are all known look right, so nothing could be kept aside of them.
            ContractAction::DiscardValue | ContractAction::DiscardRow if has_known_choices(seen, change, met) => {
                ContractAction::Freeze
            }
            action => action,
        };
        if action == ContractAction::Evolve {
            continue;
        }
        let known = findings.iter_mut().find(|finding| belongs(finding, change));
        match known {
            Some(finding) => {
                finding.severity = finding.severity.max(change.severity);
                finding.action = stricter(finding.action, action);
                finding.changes.push(change.clone());
            }
            None => findings.push(Finding {
                path: change.path.clone(),
                changes: vec![change.clone()],
                severity: change.severity,
                action,
                candidates: candidates(seen, drift, change),
            }),
        }
    }
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.path.cmp(&b.path)));
    findings
}

/// Whether a list of choices means something else although none of them is new.
fn has_known_choices(seen: &Seen<'_>, change: &Change, met: &StreamShape) -> bool {
    let sketch = |shape: &StreamShape| shape.column(&change.path).and_then(|column| column.sketch.clone());
    let Some((was, is)) = sketch(seen.accepted).zip(sketch(met)) else { return false };
    let known = |choice: &String| was.choices.iter().any(|(known, _)| known == choice);
    let all = !is.choices.is_empty() && is.choices.iter().all(|(choice, _)| known(choice));
    change.kind == ChangeKind::EnumChanged && change.severity == Severity::Breaking && all
}

/// Changes of one path are one finding; so is an exchange of two, of which half would be worse than none.
fn belongs(finding: &Finding, change: &Change) -> bool {
    let swapped = |one: &Change| one.kind == ChangeKind::Swapped && one.to.as_deref() == Some(change.path.as_str());
    finding.path == change.path || (change.kind == ChangeKind::Swapped && finding.changes.iter().any(swapped))
}

fn candidates(seen: &Seen<'_>, drift: &Drift, change: &Change) -> Vec<Candidate> {
    let of_path = |proposal: &&Proposal| proposal.path == change.path;
    let mut candidates: Vec<Candidate> =
        drift.proposals.iter().filter(of_path).map(|proposal| Candidate::of(proposal, seen.mapping)).collect();
    if change.kind == ChangeKind::Swapped {
        let other = drift
            .proposals
            .iter()
            .find(|proposal| proposal.repair == Repair::Swap && Some(proposal.path.as_str()) == change.to.as_deref());
        if let (Some(first), Some(other)) = (candidates.first_mut(), other) {
            first.edits.extend(Candidate::of(other, seen.mapping).edits);
        }
    }
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    candidates.truncate(CANDIDATES_MAX);
    candidates
}

fn stricter(one: ContractAction, other: ContractAction) -> ContractAction {
    let rank = |action: ContractAction| match action {
        ContractAction::Evolve => 0,
        ContractAction::DiscardValue => 1,
        ContractAction::DiscardRow => 2,
        ContractAction::Freeze => 3,
    };
    if rank(one) >= rank(other) { one } else { other }
}

/// Tells at little cost whether records later in a read are to be judged as the first were: something that is read is missing, or is of
/// another kind.
pub fn deviates(seen: &Seen<'_>) -> bool {
    if !flapping(seen).is_empty() {
        return true;
    }
    let read: HashSet<&str> = seen.mapping.entities.iter().flat_map(EntityMapping::sources).collect();
    let mut shaper = aos_core::shape::Shaper::new(&seen.accepted.stream, "");
    seen.sample.batches.iter().for_each(|batch| shaper.observe(batch));
    let shape = shaper.finish();
    let read = seen.accepted.columns.iter().filter(|column| read.contains(column.path.as_str()));
    let differs = |column: &ColumnShape| match shape.column(&column.path) {
        None => is_missing(seen, column, shape.sampled),
        Some(now) if now.present < 20 || column.kind == ValueKind::Unknown => false,
        Some(now) => {
            now.kind != column.kind && widening(column.kind, now.kind).is_some() && now.kind == ValueKind::String
        }
    };
    read.into_iter().any(differs)
}

/// Returns the accepted shape with some paths as they are seen now: each path with the one that holds its values, where that is another.
pub fn accepted_with(accepted: &StreamShape, observed: &StreamShape, paths: &[Pair]) -> StreamShape {
    let mut merged = accepted.clone();
    for pair in paths {
        merged.columns.retain(|column| column.path != pair.path && column.path != pair.to);
    }
    for pair in paths {
        let path = if pair.to.is_empty() { &pair.path } else { &pair.to };
        // What is split is read from several paths.
        for part in path.split(" + ") {
            if let Some(column) = observed.column(part).filter(|column| column.present + column.nulls > 0)
                && merged.column(part).is_none()
            {
                merged.columns.push(column.clone());
            }
        }
    }
    merged
}

/// Lists the paths that changes touch, each with the one that holds its values now.
pub fn touched(changes: &[Change]) -> Vec<Pair> {
    let own = |change: &Change| Pair { path: change.path.clone(), to: change.to.clone().unwrap_or_default() };
    changes
        .iter()
        .flat_map(|change| match change.covers.is_empty() {
            true => vec![own(change)],
            false => change.covers.clone(),
        })
        .collect()
}

/// Describes a shape in few words: what is kept of every run.
pub fn brief(shape: &StreamShape) -> Value {
    let column = |column: &ColumnShape| {
        json!({
            "path": column.path, "kind": column.kind, "null_rate": (column.null_rate() * 1e4).round() / 1e4,
            "distinct": column.distinct, "min": column.min, "max": column.max, "max_length": column.max_length,
        })
    };
    shape.columns.iter().map(column).collect()
}

//! The story of one stream: what has been found so far, and the columns that are still unexplained.

use super::align::Aligned;
use super::finding::{Finding, Fix, Proof, Repair};
use super::proposal::Proposal;
use super::semantic::{self, Same};
use super::{Drift, mapped};
use aos_core::drift::{Change, ChangeKind, Evidence, PathDiff, Snapshot, Stake, default_action, severity};
use aos_core::mapping::StreamMapping;
use aos_core::shape::{ColumnShape, ValueKind};

/// What has been found so far, and the columns that are still unexplained.
pub(crate) struct Story<'s> {
    pub before: &'s Snapshot,
    pub after: &'s Snapshot,
    pub aligned: Option<&'s Aligned<'s>>,
    pub diff: &'s PathDiff,
    mapping: Option<&'s StreamMapping>,
    pub gone: Vec<usize>,
    pub come: Vec<usize>,
    /// Pairs of one name that are explained already.
    pub(super) explained: Vec<(usize, usize)>,
    /// Lost columns for which there are only guesses: they are proposed in order.
    pub guesses: Vec<(usize, Vec<Taken>)>,
    pub(super) drift: Drift,
}

/// A column before that is another column after.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub then: usize,
    pub now: usize,
    pub kind: ChangeKind,
    pub fix: Fix,
    pub evidence: Vec<Evidence>,
    /// The path to read, where it is more than the column's.
    pub to: Option<String>,
}

impl<'s> Story<'s> {
    pub(super) fn new(
        before: &'s Snapshot,
        after: &'s Snapshot,
        mapping: Option<&'s StreamMapping>,
        diff: &'s PathDiff,
        aligned: Option<&'s Aligned<'s>>,
    ) -> Self {
        // An object is told by its members, where those are known.
        let leaves = |snapshot: &Snapshot, at: &[usize]| -> Vec<usize> {
            let holds_others = |path: &str| {
                snapshot.shape.columns.iter().any(|other| {
                    other.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.') || rest.starts_with("[]."))
                })
            };
            at.iter().copied().filter(|at| !holds_others(&snapshot.shape.columns[*at].path)).collect()
        };
        Self {
            gone: leaves(before, &diff.removed),
            come: leaves(after, &diff.added),
            before,
            after,
            aligned,
            diff,
            mapping,
            explained: Vec::new(),
            guesses: Vec::new(),
            drift: Drift::default(),
        }
    }

    pub fn then(&self, at: usize) -> &'s ColumnShape {
        &self.before.shape.columns[at]
    }

    pub fn now(&self, at: usize) -> &'s ColumnShape {
        &self.after.shape.columns[at]
    }

    /// Columns of one name on both sides that nothing has explained yet.
    pub fn open(&self) -> Vec<(usize, usize)> {
        self.diff.kept.iter().filter(|pair| !self.explained.contains(pair)).copied().collect()
    }

    pub(super) fn reads(&self, path: &str) -> bool {
        self.mapping.is_none_or(|mapping| mapped::reads(mapping, path))
    }

    pub(super) fn change(&mut self, path: &str, to: Option<&str>, finding: &Finding, confidence: Option<f64>) {
        let widening = finding.retyping.map(|retyping| retyping.widening);
        let read = self.reads(path) && finding.kind != ChangeKind::Added;
        let stake = Stake { read, widening, conforms: finding.conforms, loses: finding.loses };
        let severity = severity(finding.kind, &stake);
        self.drift.changes.push(Change {
            stream: self.before.shape.stream.clone(),
            path: path.to_owned(),
            to: to.map(str::to_owned),
            kind: finding.kind,
            severity,
            contract: default_action(finding.kind, severity),
            retyping: finding.retyping,
            confidence: confidence.map(|one| (one * 1e4).round() / 1e4),
            evidence: finding.evidence.clone(),
            covers: Vec::new(),
        });
    }

    pub(super) fn propose(
        &mut self,
        path: &str,
        fix: Fix,
        sources: Vec<String>,
        evidence: Vec<Evidence>,
    ) -> &mut Proposal {
        self.drift.proposals.push(Proposal::new(&self.before.shape.stream, path, fix, sources, evidence));
        self.drift.proposals.last_mut().expect("just pushed")
    }

    pub(super) fn review(&mut self, path: &str, finding: &Finding, why: &str) {
        let fix = Fix {
            repair: Repair::Review,
            transforms: Vec::new(),
            confidence: 0.5,
            proof: Proof::Rows,
            held: Some(why.to_owned()),
        };
        self.change(path, None, finding, None);
        self.propose(path, fix, vec![path.to_owned()], finding.evidence.clone());
    }

    /// Looks into a column that has moved for changes besides its moving.
    pub(super) fn within(&mut self, then: usize, now: usize) {
        let same = Same { then: self.then(then), now: self.now(now), before: self.before, after: self.after };
        for finding in semantic::changes(&same, self.aligned) {
            self.found(then, now, finding);
        }
    }

    fn found(&mut self, then: usize, now: usize, finding: Finding) {
        let (path, to) = (self.then(then).path.clone(), self.now(now).path.clone());
        self.change(
            &path,
            (path != to).then_some(to.as_str()),
            &finding,
            finding.fix.as_ref().map(|fix| fix.confidence),
        );
        if let Some(fix) = finding.fix {
            let to = if fix.repair == Repair::Unwrap { format!("{to}[]") } else { to };
            self.propose(&path, fix, vec![to], finding.evidence);
        }
    }

    /// A column that is another one now, and what else has changed in it.
    pub(super) fn taken(&mut self, taken: Taken) {
        let (then, now) = (self.then(taken.then), self.now(taken.now));
        let same = Same { then, now, before: self.before, after: self.after };
        let to = taken.to.clone().unwrap_or_else(|| now.path.clone());
        let finding =
            Finding { retyping: semantic::retyping(&same), ..Finding::new(taken.kind, taken.evidence.clone()) };
        self.change(&then.path, Some(&to), &finding, Some(taken.fix.confidence));
        let mut fix = taken.fix;
        let mut evidence = taken.evidence;
        let mut sources = vec![to.clone()];
        let inner = if taken.to.is_none() && then.kind != ValueKind::Object {
            semantic::changes(&same, self.aligned)
        } else {
            Vec::new()
        };
        for one in inner {
            let other_type = one.kind == ChangeKind::Retyped;
            if !other_type {
                self.change(&then.path, Some(&to), &one, one.fix.as_ref().map(|fix| fix.confidence));
            }
            let Some(inner) = one.fix else { continue };
            evidence.extend(one.evidence);
            fix.held = fix.held.or(inner.held);
            // A cast is what reading does anyway.
            if inner.repair == Repair::Unwrap {
                sources = vec![format!("{to}[]")];
            } else if !inner.transforms.is_empty() {
                fix.repair = inner.repair;
                fix.confidence = fix.confidence.min(inner.confidence);
                fix.transforms = inner.transforms;
            } else if inner.repair == Repair::Review {
                fix.held.get_or_insert_with(|| "what the values mean has changed as well".to_owned());
            }
        }
        self.propose(&then.path.clone(), fix, sources, evidence);
        self.gone.retain(|at| *at != taken.then);
        self.come.retain(|at| *at != taken.now);
        self.explained.extend(self.diff.kept.iter().filter(|(b, a)| *b == taken.then || *a == taken.now));
    }

    pub(super) fn kept(&mut self) {
        for (then, now) in self.open() {
            self.within(then, now);
        }
    }

    pub(super) fn told(mut self) -> Drift {
        if let Some(mapping) = self.mapping {
            for proposal in &mut self.drift.proposals {
                proposal.rules = mapped::edits(mapping, proposal);
            }
        }
        self.drift
    }
}

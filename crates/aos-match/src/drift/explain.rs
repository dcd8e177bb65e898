//! What explains columns, one kind of explanation after the other: keys, rules behind names, parts, exchanges, and loss.

use super::align::called_id;
use super::family::Family;
use super::finding::{Finding, Fix, Proof, Repair};
use super::parts::{Joined, Whole};
use super::proposal::Tier;
use super::story::Story;
use super::swapped;
use aos_core::drift::{ChangeKind, Evidence, Pair, Signal, Stake, default_action, severity};
use aos_core::mapping::Transform;
use aos_core::shape::ValueKind;

/// A merge is taken apart without a person where the separator says nearly always where to cut.
const CUT_WELL_MIN: f64 = 0.97;

impl<'s> Story<'s> {
    /// Says when keys name other records now, or no longer name one each.
    pub(super) fn keys(&mut self) {
        if let Some(rows) = self.aligned
            && let Some((key, _)) = &rows.key
            && (rows.reused || rows.replaced >= 0.05)
        {
            let share = if rows.reused { 1.0 } else { rows.replaced };
            let says = format!("{:.0} % of the keys in both versions name other records now", share * 100.0);
            let finding = Finding::new(ChangeKind::IdReused, vec![Evidence::new(Signal::Rows, says)]).loses();
            let key = key.clone();
            self.review(&key, &finding, "stored records of these keys would be overwritten by others");
        }
        for (then, now) in self.open() {
            let Some(share) = self.aligned.and_then(|rows| rows.reassigned(self.then(then), self.now(now))) else {
                continue;
            };
            let says = format!("{:.0} % of the records have another's key now", share * 100.0);
            let finding = Finding::new(ChangeKind::IdReused, vec![Evidence::new(Signal::Rows, says)]).loses();
            let path = self.then(then).path.clone();
            self.review(&path, &finding, "stored records of these keys would be overwritten by others");
            self.explained.push((then, now));
        }
        let Some(key) = self.before.key() else { return };
        let declared = self.before.declared(&key.path).is_some_and(|one| one.key);
        let first = self.before.shape.columns.first().is_some_and(|column| column.path == key.path);
        let Some(now) = self.after.shape.column(&key.path).filter(|_| declared || (first && called_id(key))) else {
            return;
        };
        let repeats = now.present >= 30
            && key.present >= 30
            && key.is_unique()
            && (now.distinct as f64) < 0.95 * now.present as f64;
        if repeats {
            let says = format!("every value was met once; now {} values name {} records", now.distinct, now.present);
            let finding = Finding::new(ChangeKind::KeyChanged, vec![Evidence::new(Signal::Key, says)]).loses();
            let path = key.path.clone();
            self.review(&path, &finding, "what identifies a record must be said anew");
        }
    }

    pub(super) fn family(&mut self, family: Family) {
        let covers: Vec<Pair> = family
            .pairs
            .iter()
            .map(|(b, a)| Pair { path: self.then(*b).path.clone(), to: self.now(*a).path.clone() })
            .collect();
        let kind = if covers.iter().all(|pair| depth(&pair.path) == depth(&pair.to)) {
            ChangeKind::Renamed
        } else if covers.iter().all(|pair| depth(&pair.path) < depth(&pair.to)) {
            ChangeKind::Nested
        } else {
            ChangeKind::Flattened
        };
        let evidence = vec![Evidence::new(Signal::Name, family.says.clone())];
        let fix = Fix {
            repair: Repair::Rename,
            transforms: Vec::new(),
            confidence: family.confidence,
            proof: Proof::Names,
            held: family.held.clone(),
        };
        let (path, to) = family.pattern.clone();
        let finding = Finding::new(kind, evidence.clone());
        self.change(&path, Some(&to), &finding, Some(family.confidence));
        let reads = covers.iter().any(|pair| self.reads(&pair.path));
        if let Some(change) = self.drift.changes.last_mut() {
            change.covers.clone_from(&covers);
            change.severity = severity(kind, &Stake { read: reads, ..Stake::default() });
            change.contract = default_action(kind, change.severity);
        }
        self.propose(&path, fix, vec![to], evidence).covers = covers;
        self.gone.retain(|at| !family.pairs.iter().any(|(b, _)| b == at));
        self.come.retain(|at| !family.pairs.iter().any(|(_, a)| a == at));
        for (b, a) in family.pairs {
            self.within(b, a);
        }
    }

    pub(super) fn joined(&mut self, joined: &Joined, whole: Whole) {
        let confidence =
            if joined.proved { (joined.agree * joined.rows as f64 + 1.0) / (joined.rows as f64 + 2.0) } else { 0.9 };
        let proof = if joined.proved { Proof::Rows } else { Proof::Distribution };
        let signal = if joined.proved { Signal::Rows } else { Signal::Values };
        let (of_parts, of_whole) = match whole {
            Whole::Before => (&self.after.shape, &self.before.shape),
            Whole::After => (&self.before.shape, &self.after.shape),
        };
        let parts: Vec<String> = joined.parts.iter().map(|at| of_parts.columns[*at].path.clone()).collect();
        let path = of_whole.columns[joined.whole].path.clone();
        let says = format!(
            "{} = {} in {:.0} % of {} rows",
            path,
            parts.join(&format!(" `{}` ", joined.separator)),
            joined.agree * 100.0,
            joined.rows
        );
        let evidence = vec![Evidence::new(signal, says)];
        let held = (!joined.proved).then(|| "no row could be compared".to_owned());
        let fix = |repair, transforms| Fix { repair, transforms, confidence, proof, held: held.clone() };
        match whole {
            Whole::Before => {
                let finding = Finding::new(ChangeKind::Split, evidence.clone());
                self.change(&path, Some(&parts.join(" + ")), &finding, Some(confidence));
                let steps = vec![Transform::Concat { separator: joined.separator.clone() }];
                self.propose(&path, fix(Repair::Concat, steps), parts, evidence);
                self.gone.retain(|at| *at != joined.whole);
                self.come.retain(|at| !joined.parts.contains(at));
            }
            Whole::After => {
                for (index, part) in [0, -1].into_iter().zip(&parts) {
                    let finding = Finding::new(ChangeKind::Merged, evidence.clone());
                    self.change(part, Some(&path), &finding, Some(confidence));
                    let steps = vec![Transform::Split { separator: joined.separator.clone(), index }];
                    // Nothing between the parts: where to cut must be said.
                    let fix = if joined.separator.is_empty() {
                        Fix { held: Some("nothing separates the parts".to_owned()), ..fix(Repair::Review, Vec::new()) }
                    } else if joined.cut_well < CUT_WELL_MIN {
                        // `Mary Ann van der Berg` is cut at its first or last space, and neither gives the parts back.
                        let confidence = confidence * joined.cut_well;
                        let held = Some("the parts hold the separator themselves".to_owned());
                        Fix { held, confidence, ..fix(Repair::Split, steps) }
                    } else {
                        fix(Repair::Split, steps)
                    };
                    self.propose(part, fix, vec![path.clone()], evidence.clone());
                }
                self.come.retain(|at| *at != joined.whole);
                self.gone.retain(|at| !joined.parts.contains(at));
            }
        }
    }

    pub(super) fn swapped(&mut self, pair: swapped::Swap) {
        for (then, now) in [(pair.one, pair.other), (pair.other, pair.one)] {
            let (path, to) = (self.then(then.0).path.clone(), self.now(now.1).path.clone());
            let finding = Finding::new(ChangeKind::Swapped, pair.evidence.clone()).loses();
            self.change(&path, Some(&to), &finding, Some(pair.confidence));
            let held = pair.held.map(str::to_owned);
            let (confidence, proof) = (pair.confidence, pair.proof);
            let fix = Fix { repair: Repair::Swap, transforms: Vec::new(), confidence, proof, held };
            self.propose(&path, fix, vec![to], pair.evidence.clone());
            self.explained.push(then);
        }
    }

    /// What nothing explains: lost columns with the best guesses, and new ones.
    pub(super) fn left(&mut self) {
        let guesses = std::mem::take(&mut self.guesses);
        let mut said: Vec<String> = Vec::new();
        for then in self.gone.clone() {
            let column = self.then(then);
            let own = guesses.iter().find(|(at, _)| *at == then).map_or(&[][..], |(_, own)| own.as_slice());
            // An object that is gone as a whole is one loss, not one for each of its members.
            let object = self.lost_object(&column.path);
            let path = object.unwrap_or(&column.path).to_owned();
            if !said.contains(&path) {
                let kind = if object.is_some() { ValueKind::Object } else { column.kind };
                let finding =
                    Finding::new(ChangeKind::Removed, vec![Evidence::new(Signal::Type, format!("{kind} column"))])
                        .loses();
                self.change(&path, None, &finding, None);
                let some: f64 = own.iter().map(|guess| guess.fix.confidence).sum();
                self.dropped(&path, if object.is_some() { 0.0 } else { some }, own.is_empty());
                said.push(path.clone());
            }
            for guess in own.iter().take(if object.is_some() { 1 } else { 2 }) {
                let to = self.now(guess.now).path.clone();
                self.propose(&column.path, guess.fix.clone(), vec![to], guess.evidence.clone());
            }
            self.undecided(&path);
        }
        // The likeliest of a path comes first.
        let order: Vec<String> = self.drift.proposals.iter().map(|proposal| proposal.path.clone()).collect();
        let place = |path: &str| order.iter().position(|own| own == path);
        self.drift
            .proposals
            .sort_by(|x, y| place(&x.path).cmp(&place(&y.path)).then(y.confidence.total_cmp(&x.confidence)));
        for now in self.come.clone() {
            let column = self.now(now);
            let finding =
                Finding::new(ChangeKind::Added, vec![Evidence::new(Signal::Type, format!("{} column", column.kind))]);
            self.change(&column.path, None, &finding, None);
        }
    }

    /// Leaves the likeliest guess to a person where several are so alike that none of them is likely, nor that all are wrong.
    fn undecided(&mut self, path: &str) {
        let own = || self.drift.proposals.iter().enumerate().filter(|(_, one)| one.path == path);
        if own().any(|(_, one)| one.tier > Tier::Rejected) {
            return;
        }
        let best = own().max_by(|(_, x), (_, y)| x.confidence.total_cmp(&y.confidence)).map(|(at, _)| at);
        if let Some(at) = best {
            let best = &mut self.drift.proposals[at];
            best.tier = Tier::Review;
            if !best.evidence.iter().any(|evidence| evidence.signal == Signal::Held) {
                best.evidence.push(Evidence::new(Signal::Held, "several columns may be it, and none is sure"));
            }
        }
    }

    /// The outermost object around the path that is gone with everything in it.
    fn lost_object(&self, path: &str) -> Option<&'s str> {
        let within =
            |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with(['.', '[']));
        let holds_others = |path: &str| self.before.shape.columns.iter().any(|other| within(&other.path, path));
        // Of an object whose value is read elsewhere now, the other members are lost one by one.
        let is_whole = |object: &str| {
            self.diff.removed.iter().all(|at| {
                let member = &self.then(*at).path;
                !within(member, object) || holds_others(member) || self.gone.contains(at)
            })
        };
        let is_object = |at: &&usize| {
            let outer = self.then(**at);
            outer.kind == ValueKind::Object && within(path, &outer.path) && is_whole(&outer.path)
        };
        self.diff.removed.iter().find(is_object).map(|at| self.then(*at).path.as_str())
    }

    /// Proposes that nothing holds the path any more.
    fn dropped(&mut self, path: &str, elsewhere: f64, alone: bool) {
        let seen = self.before.has_values() && self.after.has_values();
        let fix = Fix {
            repair: Repair::None,
            transforms: Vec::new(),
            confidence: (1.0 - elsewhere).clamp(0.02, if seen { 0.97 } else { 0.9 }),
            proof: if seen { Proof::Distribution } else { Proof::Names },
            held: self.reads(path).then(|| "its values would be missing from now on".to_owned()),
        };
        let says = if alone { "no new column is like it" } else { "none of the new columns is surely it" };
        self.propose(path, fix, Vec::new(), vec![Evidence::new(Signal::Name, says)]);
    }
}

fn depth(path: &str) -> usize {
    path.matches('.').count()
}

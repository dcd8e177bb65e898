//! What explains columns, one kind of explanation after the other: keys, rules behind names, parts, exchanges, and loss.

use super::align::{Aligned, called_id};
use super::family::Family;
use super::finding::{Finding, Fix, Proof, Repair};
use super::parts::{Joined, Whole};
use super::proposal::Tier;
use super::relation::{ROWS_MIN, relate};
use super::story::{Story, Taken};
use super::{swapped, turns};
use aos_core::drift::{ChangeKind, Evidence, Pair, Signal, Stake, default_action, severity};
use aos_core::mapping::Transform;
use aos_core::shape::{ColumnShape, ValueKind};

/// A merge is taken apart without a person where the separator says nearly always where to cut.
const CUT_WELL_MIN: f64 = 0.97;

/// So many of the rows at least are paired by something else where all have another key.
const SAME_RECORDS_MIN: f64 = 0.8;

/// How sure it is that a source gives two shapes in turns, where its records say so.
const IN_TURNS: f64 = 0.9;

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
        if self.is_reissued(key, now) {
            let says = "the same records have other keys: no value of before is met any more";
            let finding = Finding::new(ChangeKind::KeyChanged, vec![Evidence::new(Signal::Rows, says)]).loses();
            let path = key.path.clone();
            self.review(&path, &finding, "what is stored under the old keys must be keyed again");
        }
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

    /// Whether rows that something else has paired have keys now that have nothing to do with those of before.
    fn is_reissued(&self, key: &ColumnShape, now: &ColumnShape) -> bool {
        let by_other = |rows: &&Aligned<'_>| {
            let own = rows.key.as_ref().is_some_and(|(own, _)| *own == key.path);
            !rows.reused && !own && rows.coverage() >= SAME_RECORDS_MIN
        };
        let common = key.sketch.as_ref().zip(now.sketch.as_ref()).map_or(1.0, |(was, is)| was.containment(is));
        let cells = self.aligned.filter(by_other).and_then(|rows| rows.cells(&key.path, &now.path));
        let related = cells.and_then(|cells| relate(key, now, &cells));
        key.is_unique()
            && now.is_unique()
            && common == 0.0
            && related.is_some_and(|related| related.rows >= ROWS_MIN && !related.holds() && related.agree == 0.0)
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
        let between = joined.separators.iter().map(|separator| format!(" `{separator}` ")).chain([String::new()]);
        let shown: Vec<String> = parts.iter().cloned().zip(between).flat_map(|(part, text)| [part, text]).collect();
        let shown = shown.concat();
        let says = format!("{path} = {shown} in {:.0} % of {} rows", joined.agree * 100.0, joined.rows);
        let evidence = vec![Evidence::new(signal, says)];
        let held = (!joined.proved).then(|| "no row could be compared".to_owned());
        let fix = |repair, transforms| Fix { repair, transforms, confidence, proof, held: held.clone() };
        match whole {
            Whole::Before => {
                let finding = Finding::new(ChangeKind::Split, evidence.clone());
                self.change(&path, Some(&parts.join(" + ")), &finding, Some(confidence));
                let fix = match (joined.separator(), expression(&parts, &joined.separators)) {
                    (Some(separator), _) => {
                        fix(Repair::Concat, vec![Transform::Concat { separator: separator.to_owned() }])
                    }
                    (None, Some(expression)) => fix(Repair::Expression, vec![Transform::Expression { expression }]),
                    (None, None) => Fix {
                        held: Some("other texts stand between the parts, and no rule puts them together".to_owned()),
                        ..fix(Repair::Review, Vec::new())
                    },
                };
                self.propose(&path, fix, parts, evidence);
                self.gone.retain(|at| *at != joined.whole);
                self.come.retain(|at| !joined.parts.contains(at));
            }
            Whole::After => {
                let last = i32::try_from(parts.len()).unwrap_or(i32::MAX) - 1;
                for (index, part) in (0..).zip(&parts) {
                    let finding = Finding::new(ChangeKind::Merged, evidence.clone());
                    self.change(part, Some(&path), &finding, Some(confidence));
                    let separator = joined.separator().unwrap_or_default();
                    let index = if index == last { -1 } else { index };
                    let steps = vec![Transform::Split { separator: separator.to_owned(), index }];
                    // Nothing, or not one thing, between the parts: where to cut must be said.
                    let fix = if separator.is_empty() {
                        let held = Some("no one text separates the parts".to_owned());
                        Fix { held, ..fix(Repair::Review, Vec::new()) }
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

    pub(super) fn elsewhere(&mut self, found: turns::Elsewhere) {
        let (path, to) = (self.then(found.kept.0).path.clone(), self.now(found.other).path.clone());
        let evidence = vec![found.evidence];
        self.change(&path, Some(&to), &Finding::new(ChangeKind::Renamed, evidence.clone()).loses(), Some(IN_TURNS));
        let held = Some("the source gives two shapes in turns: some records hold it where it was".to_owned());
        let (confidence, proof) = (IN_TURNS, found.proof);
        // Reading the new one alone would lose what the others hold where it was.
        if found.apart {
            let transforms = vec![Transform::Concat { separator: String::new() }];
            let fix = Fix { repair: Repair::Concat, transforms, confidence, proof, held };
            self.propose(&path, fix, vec![path.clone(), to], evidence);
        } else {
            let fix = Fix { repair: Repair::Review, transforms: Vec::new(), confidence, proof, held };
            self.propose(&path, fix, vec![to], evidence);
        }
        self.come.retain(|at| *at != found.other);
        self.explained.push(found.kept);
    }

    pub(super) fn crossed(&mut self, pair: &turns::Crossed) {
        for (own, other) in [(pair.one, pair.other), (pair.other, pair.one)] {
            let (path, to) = (self.then(own.0).path.clone(), self.now(other.1).path.clone());
            let finding = Finding::new(ChangeKind::Swapped, vec![pair.evidence.clone()]).loses();
            self.change(&path, Some(&to), &finding, Some(IN_TURNS));
            let fix = Fix {
                repair: Repair::Review,
                transforms: Vec::new(),
                confidence: 0.5,
                proof: Proof::Rows,
                held: Some("a part of the records only: which ones, the source must say".to_owned()),
            };
            self.propose(&path, fix, vec![to], finding.evidence);
            self.explained.push(own);
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
            let is_told = |guess: &&Taken| guess.evidence.len() > 1;
            // Of an object that is gone as a whole, only what more than a word speaks for.
            let shown = if object.is_some() { own.iter().filter(is_told).count().clamp(1, 2) } else { 2 };
            for guess in own.iter().take(shown) {
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

/// The expression that puts parts together with other texts between them; none where a part is within an object.
fn expression(parts: &[String], separators: &[String]) -> Option<String> {
    let is_plain = |path: &String| !path.contains(['.', '[', '\'', '\\']);
    let quoted = |text: &String| !text.contains(['\'', '\\']);
    if !parts.iter().all(is_plain) || !separators.iter().all(quoted) {
        return None;
    }
    let mut all = vec![format!("(row['{}'] or '')", parts.first()?)];
    // What is missing takes its separator along.
    let further = |(separator, part)| format!("('{separator}' ~ row['{part}'] if row['{part}'] else '')");
    all.extend(separators.iter().zip(&parts[1..]).map(further));
    Some(all.join(" ~ "))
}

fn depth(path: &str) -> usize {
    path.matches('.').count()
}

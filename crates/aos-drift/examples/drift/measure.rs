//! Judges what was found and proposed in a case against what happened.

use crate::case::DriftCase;
use crate::change::{Cure, Kind, Truth};
use crate::limit::Acting;
use aos_core::drift::{Change, ChangeKind, Signal};
use aos_core::mapping::Transform;
use aos_match::drift::{Drift, Proof, Proposal, Repair, Tier};
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

#[derive(Debug, Clone, Default, Serialize)]
pub struct Score {
    pub cases: usize,
    pub clean: usize,
    /// Clean pairs in which any change was said.
    pub false_alarms: usize,
    pub truths: usize,
    pub detected: usize,
    /// Truths that a rule can make right.
    pub repairable: usize,
    pub auto_right: usize,
    pub auto_wrong: usize,
    pub escalated: usize,
    pub escalated_in_first_three: usize,
    /// What is applied under the stated limit.
    pub applied_right: usize,
    pub applied_wrong: usize,
    /// What people would decide about: the likeliest repair of each path.
    #[serde(skip)]
    pub decisions: Vec<Decision>,
    /// Confidence and whether it was right, of the first proposal of each path.
    #[serde(skip)]
    pub judged: Vec<(f64, bool)>,
    #[serde(skip)]
    pub mistakes: Vec<String>,
}

/// A person's decision about a repair: its probability, whether it is theirs to take whatever that is, and whether the repair is right.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    pub probability: f64,
    pub held: bool,
    pub right: bool,
    pub repair: Repair,
    pub proof: Proof,
    /// What it was about, for looking at those that went wrong.
    pub about: String,
}

impl Decision {
    fn about(case: &DriftCase, proposal: &Proposal, right: bool) -> Self {
        let shape = &case.before.shape;
        let (view, kinds, to) = (case.view.name(), &case.kinds, proposal.to.as_deref().unwrap_or_default());
        let says: Vec<String> = proposal.evidence.iter().map(ToString::to_string).collect();
        Self {
            probability: proposal.confidence,
            held: is_held(proposal),
            right,
            repair: proposal.repair,
            proof: proposal.proof,
            about: format!(
                "{}.{} {view} {kinds:?}: {} → {to}; {}",
                shape.system,
                shape.stream,
                proposal.path,
                says.join("; ")
            ),
        }
    }
}

impl Score {
    pub fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.clean += other.clean;
        self.false_alarms += other.false_alarms;
        self.truths += other.truths;
        self.detected += other.detected;
        self.repairable += other.repairable;
        self.auto_right += other.auto_right;
        self.auto_wrong += other.auto_wrong;
        self.escalated += other.escalated;
        self.escalated_in_first_three += other.escalated_in_first_three;
        self.applied_right += other.applied_right;
        self.applied_wrong += other.applied_wrong;
        self.decisions.extend(other.decisions.iter().cloned());
        self.judged.extend(&other.judged);
        self.mistakes.extend(other.mistakes.iter().cloned());
    }

    /// How many were applied under the stated limit.
    pub fn applied(&self) -> usize {
        self.applied_right + self.applied_wrong
    }

    /// Expected calibration error over ten bins of equal width.
    pub fn ece(&self) -> f64 {
        let mut bins = [(0usize, 0.0, 0usize); 10];
        for (confidence, right) in &self.judged {
            let bin = &mut bins[((confidence * 10.0) as usize).min(9)];
            *bin = (bin.0 + 1, bin.1 + confidence, bin.2 + usize::from(*right));
        }
        let all = self.judged.len().max(1) as f64;
        bins.iter().filter(|bin| bin.0 > 0).map(|bin| (bin.1 - bin.2 as f64).abs() / all).sum()
    }

    pub fn of(case: &DriftCase, drift: &Drift, acting: &Acting) -> Self {
        let mut score = Self { cases: 1, ..Self::default() };
        let told = |what: String| format!("{} {} {:?}: {what}", case.before.shape.stream, case.view.name(), case.kinds);
        if case.kinds.is_empty() {
            score.clean = 1;
            score.false_alarms = usize::from(!drift.changes.is_empty());
            if let Some(change) = drift.changes.first() {
                score.mistakes.push(told(format!(
                    "false alarm {} {} {:?}",
                    change.kind.as_str(),
                    change.path,
                    change.evidence
                )));
            }
            return score;
        }
        if matches!(case.kinds[0], Kind::StyleOfAll | Kind::PrefixOfAll) {
            score.judge_rule(case, drift, acting, &told);
            return score;
        }
        for truth in &case.truths {
            score.truths += 1;
            if drift.changes.iter().any(|change| says(change, truth)) {
                score.detected += 1;
            } else {
                score.mistakes.push(told(format!("not detected {:?} {}", truth.kinds, truth.path)));
            }
            score.judge_repair(case, drift, truth, acting, &told);
        }
        // A rule applied where nothing had happened is as wrong as one applied wrongly.
        let untouched = |proposal: &Proposal| {
            paths(proposal).iter().any(|path| !case.truths.iter().any(|truth| truth.path == **path))
        };
        for proposal in drift.proposals.iter().filter(|proposal| changes_rules(proposal) && untouched(proposal)) {
            score.decisions.push(Decision::about(case, proposal, false));
            score.applied_wrong += usize::from(acting.applies(proposal));
        }
        for proposal in drift.proposals.iter().filter(|proposal| acts(proposal)) {
            let paths: Vec<&str> = paths(proposal);
            for path in paths.iter().filter(|path| !case.truths.iter().any(|truth| truth.path == **path)) {
                score.auto_wrong += 1;
                score.mistakes.push(told(format!(
                    "auto on an untouched column {path} → {:?} {:?}",
                    proposal.to, proposal.evidence
                )));
            }
        }
        score
    }

    /// A rule behind many names is one thing that happened: right when every column is.
    fn judge_rule(&mut self, case: &DriftCase, drift: &Drift, acting: &Acting, told: &impl Fn(String) -> String) {
        let mut each = Self::default();
        for truth in &case.truths {
            each.detected += usize::from(drift.changes.iter().any(|change| says(change, truth)));
            each.judge_repair(case, drift, truth, acting, told);
        }
        let all = case.truths.len();
        let auto = usize::from(each.auto_right == all);
        self.truths = 1;
        self.detected = usize::from(each.detected == all);
        self.repairable = 1;
        self.auto_right = auto;
        self.auto_wrong = usize::from(each.auto_wrong > 0);
        self.escalated = 1 - auto;
        self.escalated_in_first_three = usize::from(auto == 0 && each.escalated == each.escalated_in_first_three);
        self.applied_right = usize::from(each.applied_right == all);
        self.applied_wrong = usize::from(each.applied_wrong > 0);
        let right = each.decisions.iter().all(|one| one.right);
        self.decisions.extend(each.decisions.first().map(|one| Decision { right, ..one.clone() }));
        self.judged.extend(each.judged.first());
        self.mistakes = each.mistakes;
    }

    fn judge_repair(
        &mut self,
        case: &DriftCase,
        drift: &Drift,
        truth: &Truth,
        acting: &Acting,
        told: &impl Fn(String) -> String,
    ) {
        let own: Vec<&Proposal> =
            drift.proposals.iter().filter(|proposal| paths(proposal).contains(&truth.path.as_str())).collect();
        let right = |proposal: &Proposal| cures(proposal, &truth.path, &truth.cure);
        // Where only a person can say what is right, no confidence is right or wrong.
        let judged = own.iter().find(|proposal| proposal.repair != Repair::Review);
        if let Some(first) = judged.filter(|_| !matches!(truth.cure, Cure::Person)) {
            self.judged.push((first.confidence, right(first)));
        }
        let likeliest = own.iter().copied().max_by(|x, y| x.confidence.total_cmp(&y.confidence));
        if let Some(likeliest) = likeliest.filter(|proposal| changes_rules(proposal)) {
            let right = right(likeliest);
            self.decisions.push(Decision::about(case, likeliest, right));
            if acting.applies(likeliest) {
                self.applied_right += usize::from(right);
                self.applied_wrong += usize::from(!right);
            }
        }
        let auto: Vec<&&Proposal> = own.iter().filter(|proposal| acts(proposal)).collect();
        if let Some(wrong) = auto.iter().find(|proposal| !right(proposal)) {
            self.auto_wrong += 1;
            self.mistakes.push(told(format!(
                "auto wrong {} → {:?} {:?} {:.2} {:?}",
                truth.path, wrong.to, wrong.transforms, wrong.confidence, wrong.evidence
            )));
            return;
        }
        let Cure::Read { .. } = &truth.cure else { return };
        self.repairable += 1;
        if !auto.is_empty() {
            self.auto_right += 1;
            return;
        }
        self.escalated += 1;
        if own.iter().take(3).any(|proposal| right(proposal)) {
            self.escalated_in_first_three += 1;
        } else {
            let shown: Vec<String> =
                own.iter().map(|one| format!("{}→{:?} {:.2}", one.repair.as_str(), one.to, one.confidence)).collect();
            self.mistakes
                .push(told(format!("escalated without the answer {} {:?}: {shown:?}", truth.path, truth.cure)));
        }
    }
}

fn says(change: &Change, truth: &Truth) -> bool {
    let own = change.path == truth.path || change.covers.iter().any(|pair| pair.path == truth.path);
    own && (truth.kinds.contains(&change.kind) || change.kind == ChangeKind::MeaningChanged)
}

fn paths(proposal: &Proposal) -> Vec<&str> {
    if proposal.covers.is_empty() {
        return vec![proposal.path.as_str()];
    }
    proposal.covers.iter().map(|pair| pair.path.as_str()).collect()
}

/// Whether the proposal would change a mapping without a person, by the tiers that hold while no limit is stated.
fn acts(proposal: &Proposal) -> bool {
    proposal.tier == Tier::Auto && changes_rules(proposal)
}

/// Whether the proposal would change a mapping at all, a rule for streams left aside.
fn changes_rules(proposal: &Proposal) -> bool {
    match proposal.repair {
        Repair::Keep | Repair::None | Repair::Review => false,
        Repair::Cast => !proposal.transforms.is_empty(),
        _ => true,
    }
}

/// Whether a person is to look, whatever the probability.
pub fn is_held(proposal: &Proposal) -> bool {
    proposal.evidence.iter().any(|evidence| evidence.signal == Signal::Held)
}

fn cures(proposal: &Proposal, path: &str, cure: &Cure) -> bool {
    match cure {
        Cure::Dropped => proposal.repair == Repair::None,
        Cure::Person => matches!(proposal.repair, Repair::Review),
        Cure::Read { sources, steps } => {
            let covered = proposal.covers.iter().find(|pair| pair.path == path).map(|pair| vec![pair.to.clone()]);
            let reads = covered.unwrap_or_else(|| proposal.sources.clone());
            reads == *sources && same_steps(&proposal.transforms, steps)
        }
    }
}

fn same_steps(found: &[Transform], wanted: &[Transform]) -> bool {
    match (found, wanted) {
        ([], []) => true,
        // Texts that differ only in style read the same through an empty table.
        ([Transform::Scale { factor }], [Transform::Scale { factor: right }]) => {
            let (found, right) = (factor.to_f64().unwrap_or(0.0), right.to_f64().unwrap_or(1.0));
            (found / right - 1.0).abs() < 0.005
        }
        ([Transform::ValueTable { table, .. }], [Transform::ValueTable { table: right, .. }]) => {
            // Values that stand for themselves need no row, and a value not met yet cannot have one.
            let wrong = table.iter().any(|(new, old)| right.get(new).is_some_and(|known| known != old));
            let missing = right.iter().filter(|(new, old)| new != old && !table.contains_key(*new)).count();
            !wrong && missing * 4 <= right.len()
        }
        ([Transform::DateFormat { format }], [Transform::DateFormat { format: right }]) => format == right,
        ([Transform::Concat { separator }], [Transform::Concat { separator: right }]) => separator == right,
        ([Transform::Split { separator, index }], [Transform::Split { separator: right, index: at }]) => {
            separator == right && (index == at)
        }
        ([Transform::Expression { .. }], [Transform::Expression { .. }]) => found == wanted,
        _ => false,
    }
}

//! What is applied under a stated limit: the threshold comes from decisions, as for a tenant, and shares come with exact intervals.

use crate::case::View;
use crate::measure::{Decision, Score, is_held};
use aos_drift::{Fitted, Limit, Threshold, fitted, threshold};
use aos_match::drift::Proposal;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Of what is applied by itself so much may be wrong.
const WRONG_MAX: f64 = 0.01;
/// The intervals hold with this probability.
const CONFIDENCE: f64 = 0.95;

/// From which probability repairs are applied.
#[derive(Debug, Clone, Serialize)]
pub struct Acting {
    wrong_max: f64,
    decisions: usize,
    fitted: Fitted,
    threshold: Option<Threshold>,
}

impl Acting {
    /// Applies nothing.
    pub fn never() -> Self {
        Self { wrong_max: WRONG_MAX, decisions: 0, fitted: Fitted::default(), threshold: None }
    }

    /// Fits the correction and the threshold to decisions, as a tenant's policy does.
    pub fn of(decisions: &[Decision]) -> Self {
        let fitted = fitted(&decisions.iter().map(|one| (one.probability, one.right)).collect::<Vec<_>>());
        let free = decisions.iter().filter(|one| !one.held);
        let corrected: Vec<(f64, bool)> = free.map(|one| (fitted.apply(one.probability), one.right)).collect();
        let threshold = threshold(&corrected, Limit(WRONG_MAX));
        Self { wrong_max: WRONG_MAX, decisions: decisions.len(), fitted, threshold: Some(threshold) }
    }

    pub fn applies(&self, proposal: &Proposal) -> bool {
        match &self.threshold {
            Some(Threshold::Reached { threshold, .. }) => {
                !is_held(proposal) && self.fitted.apply(proposal.confidence) >= *threshold
            }
            _ => false,
        }
    }
}

/// Prints what the figures come to, with those of each view where a limit is stated.
pub fn tell(scores: &BTreeMap<String, Score>, total: &str, acting: &Acting) {
    let percent = |share: f64| format!("{:.2} %", share * 100.0);
    let line = |what: &str, of: usize, among: usize| {
        let (low, high) = interval(of, among);
        let share = of as f64 / among.max(1) as f64;
        println!("{what}: {of} of {among}, {} ({} to {})", percent(share), percent(low), percent(high));
    };
    println!();
    match &acting.threshold {
        Some(Threshold::Reached { threshold, decisions, wrong, bound }) => println!(
            "limit {}: from {threshold:.4} on, by {} decisions on other systems ({decisions} at or above it, {wrong} wrong, at most {})",
            percent(acting.wrong_max),
            acting.decisions,
            percent(*bound)
        ),
        Some(Threshold::NotYet { more_reviews }) => println!(
            "limit {}: not proven by {} decisions, {more_reviews} more are needed at least; nothing is applied",
            percent(acting.wrong_max),
            acting.decisions
        ),
        None => {}
    }
    let score = &scores[total];
    let of_views = View::ALL.iter().filter_map(|view| Some((view.name(), scores.get(&of_view(*view))?)));
    for (of, score) in of_views.chain([("all", score)]) {
        line(&format!("under the limit, {of}, wrong of applied"), score.applied_wrong, score.applied());
        line(&format!("under the limit, {of}, repaired without a person"), score.applied_right, score.repairable);
    }
    line("by the tiers, wrong of applied", score.auto_wrong, score.auto_wrong + score.auto_right);
    line("by the tiers, repaired without a person", score.auto_right, score.repairable);
    line("right among the first three of what is left to a person", score.escalated_in_first_three, score.escalated);
    line("noticed", score.detected, score.truths);
    line("clean pairs with an alarm", score.false_alarms, score.clean);
    println!("ECE {:.4} over {} probabilities", score.ece(), score.judged.len());
}

/// The name of the scores of a view.
pub fn of_view(view: View) -> String {
    format!("{} · ALL", view.name())
}

/// The same as values.
pub fn summary(scores: &BTreeMap<String, Score>, total: &str) -> Value {
    let share = |of: usize, among: usize| {
        let (low, high) = interval(of, among);
        json!({ "of": of, "among": among, "share": of as f64 / among.max(1) as f64, "low": low, "high": high })
    };
    let under_limit = |score: &Score| {
        json!({
            "wrong": share(score.applied_wrong, score.applied()),
            "repaired": share(score.applied_right, score.repairable),
        })
    };
    let score = &scores[total];
    let views: serde_json::Map<String, Value> = View::ALL
        .iter()
        .filter_map(|view| Some((view.name().to_owned(), under_limit(scores.get(&of_view(*view))?))))
        .collect();
    json!({
        "confidence": CONFIDENCE,
        "limit": under_limit(score),
        "limit_by_view": views,
        "tiers_wrong": share(score.auto_wrong, score.auto_wrong + score.auto_right),
        "tiers_repaired": share(score.auto_right, score.repairable),
        "escalated_in_first_three": share(score.escalated_in_first_three, score.escalated),
        "recall": share(score.detected, score.truths),
        "false_alarms": share(score.false_alarms, score.clean),
        "ece": score.ece(),
        "probabilities": score.judged.len(),
    })
}

/// The exact interval of a share of which so many of so many were met (Clopper and Pearson 1934), two-sided.
fn interval(met: usize, of: usize) -> (f64, f64) {
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let bisected = |is_low: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if is_low(middle) { low = middle } else { high = middle }
        }
        high
    };
    // As many as were met, or more, must not be less likely than the tail; and as many or fewer.
    let low = if met == 0 { 0.0 } else { bisected(&|share| 1.0 - at_most(met - 1, of, share) < tail) };
    let high = if met >= of { 1.0 } else { bisected(&|share| at_most(met, of, share) > tail) };
    (low, high)
}

/// The probability of meeting at most so many of so many, each with this probability; in logarithms, so that thousands do not underflow.
fn at_most(met: usize, of: usize, share: f64) -> f64 {
    if share <= 0.0 {
        return 1.0;
    }
    if share >= 1.0 {
        return f64::from(u8::from(met >= of));
    }
    let mut term = of as f64 * (1.0 - share).ln();
    let mut sum = term.exp();
    for at in 1..=met {
        term += ((of - at + 1) as f64 / at as f64).ln() + (share / (1.0 - share)).ln();
        sum += term.exp();
    }
    sum.min(1.0)
}

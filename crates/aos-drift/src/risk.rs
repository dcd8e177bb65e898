//! From a limit that an operator states ("at most 1 % of what is applied by itself may be wrong") to the probability from which repairs may
//! be applied without a person, with a guarantee; or to how many more decisions that takes.
//!
//! Two conditions hold at the threshold. Conformal risk control (Angelopoulos, Bates, Fisch, Lei, Schuster 2022, "Conformal risk control")
//! bounds the expected share of all proposals that are applied and wrong. That share shrinks with how little is applied, so the share of
//! wrong ones among those applied is bounded as well, by "Learn then test" (Angelopoulos, Bates, Candès, Jordan, Lei 2021): thresholds
//! are tried from the strictest on, each with an exact binomial test, until the first that fails. Both hold for decisions that are
//! exchangeable with those to come: a new kind of source is not covered by decisions about others.

use serde::Serialize;

/// With this probability the bound on the share of wrong ones among those applied holds.
pub const DECISIONS_CONFIDENCE: f64 = 0.90;

/// The share of wrong ones that is allowed, above 0 and below 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Limit(pub f64);

/// From which probability repairs may be applied without a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RiskThreshold))]
pub enum Threshold {
    Reached {
        threshold: f64,
        /// Decisions at or above it, and how many of them were wrong.
        decisions: usize,
        wrong: usize,
        /// The upper bound of the share of wrong ones among those applied.
        bound: f64,
    },
    /// Nothing is applied by itself until so many more decisions were taken; fewer would do if all were right.
    NotYet {
        /// The least number of further right decisions after which the limit can be held.
        more_reviews: usize,
    },
}

/// Computes the threshold from decisions: stated probability, and whether it was right.
pub fn threshold(decisions: &[(f64, bool)], limit: Limit) -> Threshold {
    let mut sorted: Vec<(f64, bool)> = decisions.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut reached: Option<Threshold> = None;
    let total = sorted.len();
    let (mut taken, mut wrong) = (0, 0);
    let least = right_needed(0, limit);
    while taken < total {
        let at = sorted[taken].0;
        while taken < total && sorted[taken].0 == at {
            wrong += usize::from(!sorted[taken].1);
            taken += 1;
        }
        // Fewer could not pass, so testing them would only spend the confidence.
        if taken < least {
            continue;
        }
        let bound = upper_bound(wrong, taken);
        let expected = (wrong as f64 + 1.0) / (total as f64 + 1.0);
        if bound > limit.0 || expected > limit.0 {
            break;
        }
        reached = Some(Threshold::Reached { threshold: at, decisions: taken, wrong, bound });
    }
    reached.unwrap_or_else(|| Threshold::NotYet { more_reviews: more_reviews(&sorted, limit) })
}

/// How many more right decisions it takes at least: over all beginnings of the list that may become good enough.
fn more_reviews(sorted: &[(f64, bool)], limit: Limit) -> usize {
    let mut wrong = 0;
    let mut fewest = right_needed(0, limit);
    for (at, (_, right)) in sorted.iter().enumerate() {
        wrong += usize::from(!right);
        let needed = right_needed(wrong, limit);
        fewest = fewest.min(needed.saturating_sub(at + 1).max(1));
    }
    fewest
}

/// The least number of decisions, so many of them wrong, that hold the limit.
fn right_needed(wrong: usize, limit: Limit) -> usize {
    let expected = ((wrong as f64 + 1.0) / limit.0 - 1.0).ceil().max(1.0) as usize;
    let mut low = expected.max(wrong + 1);
    let mut high = low;
    while upper_bound(wrong, high) > limit.0 && high < 1 << 24 {
        high *= 2;
    }
    while low < high {
        let middle = usize::midpoint(low, high);
        if upper_bound(wrong, middle) > limit.0 { low = middle + 1 } else { high = middle }
    }
    low
}

/// The upper bound of a share of which so many of so many were met (Clopper and Pearson 1934), one-sided.
fn upper_bound(met: usize, of: usize) -> f64 {
    if of == 0 || met >= of {
        return 1.0;
    }
    let (mut low, mut high) = (met as f64 / of as f64, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at_most(met, of, middle) > 1.0 - DECISIONS_CONFIDENCE { low = middle } else { high = middle }
    }
    high
}

/// The probability of meeting at most so many of so many, each with this probability.
fn at_most(met: usize, of: usize, share: f64) -> f64 {
    let mut term = (of as f64) * (1.0 - share).ln();
    let mut sum = term.exp();
    for at in 1..=met {
        term += ((of - at + 1) as f64 / at as f64).ln() + (share / (1.0 - share)).ln();
        sum += term.exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_cannot_be_held_yet_says_how_many_more_reviews_it_takes() {
        // ln 0.1 / ln 0.99 = 229.1
        assert_eq!(threshold(&[], Limit(0.01)), Threshold::NotYet { more_reviews: 230 });
        let hundred: Vec<(f64, bool)> = (0..100).map(|_| (0.9, true)).collect();
        assert_eq!(threshold(&hundred, Limit(0.01)), Threshold::NotYet { more_reviews: 130 });
        let enough: Vec<(f64, bool)> = (0..230).map(|_| (0.9, true)).collect();
        let Threshold::Reached { threshold, decisions, wrong, bound } = threshold(&enough, Limit(0.01)) else {
            panic!("230 right ones are enough")
        };
        assert_eq!((threshold, decisions, wrong), (0.9, 230, 0));
        assert!(bound <= 0.01, "{bound}");
    }

    #[test]
    fn the_threshold_lies_above_what_is_often_wrong() {
        let sure = (0..500).map(|_| (0.97, true));
        let unsure = (0..100).map(|at| (0.7, at % 4 != 0));
        let decisions: Vec<(f64, bool)> = sure.chain(unsure).collect();
        assert!(matches!(
            threshold(&decisions, Limit(0.01)),
            Threshold::Reached { threshold, wrong: 0, .. } if threshold == 0.97
        ));
    }

    #[test]
    fn what_is_applied_is_wrong_no_more_often_than_the_limit_allows() {
        // Decisions whose stated probability is true, drawn by a fixed generator; many trials of fit and use.
        let mut state = 7_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 31)
        };
        let mut draw = |count: usize| -> Vec<(f64, bool)> {
            let one = |_| {
                let p = 0.8 + 0.2 * next().sqrt();
                (p, next() < p)
            };
            (0..count).map(one).collect()
        };
        let (mut held, mut reached) = (0, 0);
        for _ in 0..60 {
            let Threshold::Reached { threshold: from, .. } = threshold(&draw(2_000), Limit(0.05)) else { continue };
            reached += 1;
            let future = draw(4_000);
            let applied: Vec<_> = future.iter().filter(|(p, _)| *p >= from).collect();
            let wrong = applied.iter().filter(|(_, right)| !right).count() as f64 / applied.len().max(1) as f64;
            held += usize::from(wrong <= 0.05 + 0.01);
        }
        assert!(reached >= 40, "{reached} of 60 reached a threshold");
        assert!(held as f64 >= 0.88 * f64::from(reached), "{held} of {reached} held the limit");
    }
}

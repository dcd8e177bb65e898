//! What has happened to a part of the values only: some are in another unit, or carry the other sign, and the others are as they were. No
//! rule can tell them apart, so a person is told and nothing is repaired.

use super::align::{called_id, is_counter};
use super::distribution;
use super::finding::{Finding, Proof, Repair};
use super::moment::Clock;
use super::quantity::{is_product, nice};
use super::relation::Cells;
use super::semantic::Same;
use aos_core::drift::{ChangeKind, Evidence, Signal};
use aos_core::parse;
use aos_core::shape::Sketch;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::HashSet;

/// So many rows differ at least, and so much of all; what is edited by people does not differ by one factor.
const DIFFERING_MIN: usize = 8;
const DIFFERING_SHARE: f64 = 0.04;
/// Share of the differing rows that one factor must explain.
const EXPLAINED_MIN: f64 = 0.7;
/// A smaller factor may be business.
const FACTOR_MIN: f64 = 6.0;
/// Without rows: of so many values, how far apart the two versions must lie (mean of natural logarithms of size), and how near the mixture.
const VALUES_MIN: u64 = 100;
const APART_MIN: f64 = 0.6;
const NEAR_MAX: f64 = 0.2;
/// How many quantiles beside the step between the two parts may lie on either side of it.
const STEPPED: usize = 3;
const FACTORS: [f64; 8] = [10.0, 100.0, 1_000.0, 10_000.0, 1e6, 1e9, 60.0, 3_600.0];

/// Finds a factor between the cells of the same rows that holds for some of them, where the others are equal.
pub(crate) fn proved(same: &Same<'_>, cells: &Cells<'_>) -> Option<Finding> {
    let present: Vec<(&str, &str)> = cells.iter().filter_map(|(b, a)| Some(((*b)?, (*a)?))).collect();
    let both: Vec<(Decimal, Decimal)> =
        present.iter().filter_map(|(b, a)| Some((parse::decimal(b)?, parse::decimal(a)?))).collect();
    if both.len() * 10 < present.len() * 9 || called_id(same.then) {
        return None;
    }
    let differing: Vec<(Decimal, Decimal)> =
        both.iter().copied().filter(|(b, a)| b != a && !b.is_zero() && !a.is_zero()).collect();
    let few = DIFFERING_MIN.max((DIFFERING_SHARE * both.len() as f64) as usize);
    let mut ratios: Vec<Decimal> = differing.iter().filter_map(|(b, a)| b.checked_div(*a)).collect();
    if differing.len() < few || ratios.len() < few {
        return None;
    }
    ratios.sort();
    let factor = nice(ratios[ratios.len() / 2]);
    let size = factor.to_f64()?;
    let turned = factor == Decimal::NEGATIVE_ONE;
    if !turned && size.abs().ln().abs() < FACTOR_MIN.ln() {
        return None;
    }
    let explained: Vec<Decimal> =
        differing.iter().filter(|(b, a)| is_product(*b, *a, factor)).map(|(b, _)| b.abs().normalize()).collect();
    let sizes: HashSet<&Decimal> = explained.iter().collect();
    if (explained.len() as f64) < EXPLAINED_MIN * differing.len() as f64 || explained.len() < few || sizes.len() < 5 {
        return None;
    }
    let share = explained.len() as f64 / both.len() as f64 * 100.0;
    let says = match turned {
        true => format!("the sign is turned in {share:.0} % of {} rows, and the others are as they were", both.len()),
        false => {
            format!("before = after × {factor} in {share:.0} % of {} rows, and the others are as they were", both.len())
        }
    };
    let kind = if turned { ChangeKind::SignChanged } else { ChangeKind::ScaleChanged };
    Some(partly(kind, Evidence::new(Signal::Rows, says), Proof::Rows))
}

/// Finds a factor by which a share of the values has grown, where quantile for quantile nothing else explains them.
pub(crate) fn measured(same: &Same<'_>) -> Option<Finding> {
    let (was, is) = (same.then.sketch.as_ref()?, same.now.sketch.as_ref()?);
    let names = called_id(same.then) || is_counter(same.then) || is_counter(same.now);
    let numbers = |sketch: &Sketch| sketch.numbers >= VALUES_MIN && sketch.share(sketch.numbers) >= 0.95;
    let times = Clock::of(same.then) != Clock::Iso || was.times * 2 > was.count || is.times * 2 > is.count;
    if names || times || !numbers(was) || !numbers(is) || distribution::numbers_apart(was, is)? < APART_MIN {
        return None;
    }
    let both_ways = FACTORS.iter().flat_map(|factor| [*factor, 1.0 / factor]);
    let mixtures = both_ways.flat_map(|factor| (2..=18).map(move |twentieths| (factor, twentieths)));
    let mut near: Vec<(f64, f64, usize)> = mixtures
        .filter(|(factor, twentieths)| is_beyond(was, is, *factor, *twentieths))
        .map(|(factor, twentieths)| (distance(&mixture(was, factor, twentieths), &is.quantiles), factor, twentieths))
        .collect();
    near.sort_by(|x, y| x.0.total_cmp(&y.0));
    let (distance_best, factor, twentieths) = *near.first()?;
    // All of the values in another unit, or twice as much business, is another finding.
    let grown = distribution::growth(was, is).map_or(f64::MAX, |(by, _)| {
        distance(&was.quantiles.iter().map(|value| value * by).collect::<Vec<_>>(), &is.quantiles)
    });
    if distance_best > NEAR_MAX || grown < 3.0 * distance_best {
        return None;
    }
    let shown =
        if factor > 1.0 { format!("{factor} times as much") } else { format!("divided by {:.0}", 1.0 / factor) };
    let says = format!("about {} % of the values are {shown}, and the others are as they were", twentieths * 5);
    Some(partly(ChangeKind::ScaleChanged, Evidence::new(Signal::Distribution, says), Proof::Distribution))
}

fn partly(kind: ChangeKind, evidence: Evidence, proof: Proof) -> Finding {
    Finding::new(kind, vec![evidence])
        .loses()
        .repaired(Repair::Review, Vec::new(), 0.5, proof)
        .held("a part of the records only: which ones, the source must say")
}

/// Whether about as many values as the mixture says lie where none did before.
fn is_beyond(was: &Sketch, is: &Sketch, factor: f64, twentieths: usize) -> bool {
    let (Some(least), Some(most)) = (was.quantiles.first(), was.quantiles.last()) else { return false };
    let beyond =
        |value: &&f64| if factor > 1.0 { value.abs() > 1.5 * most.abs() } else { value.abs() < least.abs() / 1.5 };
    is.quantiles.iter().filter(beyond).count() * 2 >= twentieths.max(6)
}

/// The quantiles of the values before, of which some twentieths are multiplied by the factor.
fn mixture(was: &Sketch, factor: f64, twentieths: usize) -> Vec<f64> {
    let fine: Vec<f64> = (0..=100)
        .map(|at| {
            let (place, rest) = (at / 5, (at % 5) as f64 / 5.0);
            let next = was.quantiles[(place + 1).min(20)];
            was.quantiles[place] + (next - was.quantiles[place]) * rest
        })
        .collect();
    let many =
        fine.iter().map(|value| (*value, 20 - twentieths)).chain(fine.iter().map(|value| (value * factor, twentieths)));
    let mut weighed: Vec<(f64, usize)> = many.collect();
    weighed.sort_by(|x, y| x.0.total_cmp(&y.0));
    let all: usize = weighed.iter().map(|(_, weight)| weight).sum();
    let quantile = |at: usize| {
        let mut below = 0;
        let reached = weighed.iter().find(|(_, weight)| {
            below += weight;
            below * 20 >= all * at
        });
        reached.or(weighed.last()).map_or(0.0, |(value, _)| *value)
    };
    (0..=20).map(quantile).collect()
}

/// How far apart two lists of quantiles lie, in natural logarithms of size, but for those at the step.
fn distance(one: &[f64], other: &[f64]) -> f64 {
    let size = |value: f64| value.signum() * (1.0 + value.abs()).ln();
    let mut apart: Vec<f64> = (2..19).map(|at| (size(one[at]) - size(other[at])).abs()).collect();
    apart.sort_by(f64::total_cmp);
    let counted = &apart[..apart.len() - STEPPED];
    counted.iter().sum::<f64>() / counted.len() as f64
}

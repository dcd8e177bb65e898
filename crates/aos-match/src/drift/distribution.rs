//! Comparing the sketches of two columns: choices, numbers, forms of writing, hours of the day.

use aos_core::shape::Sketch;
use std::collections::HashMap;

/// How much of two lists of choices is the same: 1 minus the total variation distance.
pub(crate) fn choices_alike(was: &[(String, u64)], is: &[(String, u64)]) -> f64 {
    common(was, was.iter().map(|(_, count)| count).sum(), is, is.iter().map(|(_, count)| count).sum())
}

/// How much of the ways of writing is the same.
pub(crate) fn forms_alike(was: &Sketch, is: &Sketch) -> f64 {
    common(&was.forms, was.count, &is.forms, is.count)
}

fn common(was: &[(String, u64)], of_then: u64, is: &[(String, u64)], of_now: u64) -> f64 {
    let counts: HashMap<&str, u64> = is.iter().map(|(text, count)| (text.as_str(), *count)).collect();
    let (of_then, of_now) = (of_then.max(1) as f64, of_now.max(1) as f64);
    was.iter()
        .filter_map(|(text, count)| Some((*count as f64 / of_then).min(*counts.get(text.as_str())? as f64 / of_now)))
        .sum()
}

/// How far apart two columns of numbers lie, in natural logarithms of their size; `None` when either holds too few.
pub(crate) fn numbers_apart(was: &Sketch, is: &Sketch) -> Option<f64> {
    let enough = |sketch: &Sketch| sketch.numbers >= 8 && sketch.share(sketch.numbers) >= 0.8;
    if !enough(was) || !enough(is) {
        return None;
    }
    let size = |value: f64| value.signum() * (1.0 + value.abs()).ln();
    let inner = 2..19;
    let apart: f64 = inner.clone().map(|at| (size(was.quantiles[at]) - size(is.quantiles[at])).abs()).sum();
    Some(apart / inner.len() as f64)
}

/// By which factor numbers have grown, where all of their quantiles say the same: the factor, and how far they differ about it.
pub(crate) fn growth(was: &Sketch, is: &Sketch) -> Option<(f64, f64)> {
    if was.numbers < 20 || is.numbers < 20 || was.quantiles.is_empty() || is.quantiles.is_empty() {
        return None;
    }
    let ratios: Vec<f64> = (3..18)
        .filter(|at| was.quantiles[*at] != 0.0 && is.quantiles[*at] != 0.0)
        .map(|at| is.quantiles[at] / was.quantiles[at])
        .filter(|ratio| *ratio > 0.0)
        .map(f64::ln)
        .collect();
    if ratios.len() < 6 {
        return None;
    }
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    let spread = (ratios.iter().map(|ratio| (ratio - mean).powi(2)).sum::<f64>() / ratios.len() as f64).sqrt();
    Some((mean.exp(), spread))
}

/// By how many hours the day has moved, and how much better it fits then; both need a day that is not the same at all hours.
pub(crate) fn hours_moved(was: &[u64], is: &[u64]) -> Option<(i64, f64)> {
    let (of_then, of_now) = (was.iter().sum::<u64>(), is.iter().sum::<u64>());
    if was.len() != 24 || is.len() != 24 || of_then < 60 || of_now < 60 {
        return None;
    }
    let share = |hours: &[u64], at: usize, of: u64| hours[at % 24] as f64 / of as f64;
    let distance =
        |by: usize| 0.5 * (0..24).map(|at| (share(was, at, of_then) - share(is, at + by, of_now)).abs()).sum::<f64>();
    let best = (0..24).min_by(|x, y| distance(*x).total_cmp(&distance(*y)))?;
    let gain = distance(0) - distance(best);
    let moved = if best > 14 { best as i64 - 24 } else { best as i64 };
    (best != 0).then_some((moved, gain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_has_moved_is_told_from_one_that_has_not() {
        let day =
            |from: usize| (0..24).map(|at| if (from..from + 9).contains(&at) { 20 } else { 0 }).collect::<Vec<u64>>();
        assert_eq!(hours_moved(&day(8), &day(10)).map(|(hours, _)| hours), Some(2));
        assert_eq!(hours_moved(&day(10), &day(8)).map(|(hours, _)| hours), Some(-2));
        assert_eq!(hours_moved(&day(8), &day(8)), None);
    }
}

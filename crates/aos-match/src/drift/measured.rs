//! Changes in a column that its distribution shows, where no row can be compared. The thresholds are such that another sample of the
//! same data does not cross them.

use super::align::{called_id, is_counter};
use super::finding::{Finding, Proof, Repair};
use super::moment::Clock;
use super::semantic::Same;
use super::{digits, distribution, partly, written};
use aos_core::drift::{ChangeKind, Evidence, Signal};
use aos_core::mapping::Transform;
use aos_core::shape::{ColumnShape, Pattern, Sketch, ValueKind};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

pub(crate) fn changes(same: &Same<'_>) -> Vec<Finding> {
    let (Some(was), Some(is)) = (&same.then.sketch, &same.now.sketch) else { return Vec::new() };
    if was.count < 12 || is.count < 12 {
        return Vec::new();
    }
    let numbers = || sign(same, was, is).or_else(|| scale(same, was, is)).or_else(|| partly::measured(same));
    let texts = || truncated(same, was, is).or_else(|| written::changed(same, was, is));
    numbers().or_else(|| hours(same, was, is)).or_else(texts).into_iter().collect()
}

fn sign(same: &Same<'_>, was: &Sketch, is: &Sketch) -> Option<Finding> {
    let share = |sketch: &Sketch| sketch.negative as f64 / sketch.numbers.max(1) as f64;
    let enough = was.numbers >= 20 && is.numbers >= 20 && !called_id(same.then);
    let (then, now) = (share(was), share(is));
    let size = |sketch: &Sketch| sketch.quantiles[10].abs();
    let turned = enough && (then - now).abs() >= 0.7 && size(was) > 0.0;
    turned.then(|| {
        let says = format!("{:.0} % of the values were negative, now {:.0} %", then * 100.0, now * 100.0);
        let steps = vec![Transform::Scale { factor: Decimal::NEGATIVE_ONE }];
        let finding = Finding::new(ChangeKind::SignChanged, vec![Evidence::new(Signal::Distribution, says)]).repaired(
            Repair::Rescale,
            steps,
            0.95,
            Proof::Distribution,
        );
        if is_mirrored(was, is) { finding } else { finding.held("no row could be compared") }
    })
}

/// Whether the numbers after are those before with the other sign, from the least to the greatest: what is only of another kind, such as
/// costs in the place of revenue, is of another size as well.
fn is_mirrored(was: &Sketch, is: &Sketch) -> bool {
    if was.numbers.min(is.numbers) < MIRRORED_ROWS_MIN {
        return false;
    }
    let negated = Sketch { quantiles: is.quantiles.iter().rev().map(|value| -value).collect(), ..is.clone() };
    distribution::numbers_apart(was, &negated).is_some_and(|apart| apart <= MIRRORED_APART_MAX)
}

/// Factors that people rescale by, and those they rescale bytes by: too close to a thousand to be told apart by distribution.
const FACTORS: [f64; 13] = [7.0, 10.0, 12.0, 24.0, 30.0, 100.0, 1_000.0, 10_000.0, 1e6, 1e9, 60.0, 3_600.0, 86_400.0];
const BYTE_WORDS: [&str; 10] = ["byte", "kb", "mb", "gb", "tb", "memory", "disk", "storage", "traffic", "size"];
/// Of so many values, and so alike (natural logarithms of size), a turned sign is told from other numbers.
const MIRRORED_ROWS_MIN: u64 = 40;
const MIRRORED_APART_MAX: f64 = 0.25;
/// Fewer different moments than this are those of a few loads.
const MOMENTS_MIN: u64 = 20;
/// From how many quantiles a factor is taken.
const QUANTILES_COMPARED: f64 = 15.0;
/// Growth below this may be business.
const GROWTH_MIN: f64 = 6.0;

fn scale(same: &Same<'_>, was: &Sketch, is: &Sketch) -> Option<Finding> {
    let (then, now) = (same.then, same.now);
    let clock = |column: &ColumnShape| column.follows(Pattern::Epoch) >= 0.9;
    let names = called_id(then) || is_counter(then) || is_counter(now);
    let numbers = was.share(was.numbers) >= 0.9 && is.share(is.numbers) >= 0.9;
    let counts = |column: &ColumnShape, other: &ColumnShape| {
        Some(Clock::beside(column, other)).filter(|clock| matches!(clock, Clock::EpochSeconds | Clock::EpochMillis))
    };
    if let (Some(was), Some(is)) = (counts(then, now), counts(now, then))
        && was != is
    {
        let says = vec![Evidence::new(Signal::Distribution, "seconds and milliseconds since 1970 have changed places")];
        let transforms = is.transform().into_iter().collect();
        return Some(Finding::new(ChangeKind::FormatChanged, says).repaired(
            Repair::DateFormat,
            transforms,
            0.95,
            Proof::Distribution,
        ));
    }
    if names || !numbers || clock(then) || was.times * 2 > was.count {
        return None;
    }
    let (factor, spread) = distribution::growth(was, is)?;
    let few = was.numbers.min(is.numbers) as f64;
    let middle = middle(was);
    // Quantiles that do not agree say that the factor is known no better than they do.
    let error = (1.3 * middle.max(0.3) / few.sqrt()).max(spread / QUANTILES_COMPARED.sqrt());
    let size = factor.ln().abs();
    if size < GROWTH_MIN.ln() || size < 6.0 * error || spread > 0.25 * size.max(1.4) {
        return None;
    }
    let both_ways = FACTORS.iter().flat_map(|known| [*known, 1.0 / known]);
    let mut near: Vec<(f64, f64)> = both_ways.map(|known| ((factor / known).ln().abs(), known)).collect();
    near.sort_by(|x, y| x.0.total_cmp(&y.0));
    let says = format!("all quantiles have grown by about {}", figure(factor));
    let mut evidence = vec![Evidence::new(Signal::Distribution, says)];
    let cents = was.share(was.fractional) > 0.3 && is.share(is.fractional) < 0.02;
    if cents {
        evidence.push(Evidence::new(Signal::Distribution, "digits behind the point are gone"));
    }
    let finding = Finding::new(ChangeKind::ScaleChanged, evidence);
    let known = near[0].1;
    let Some(inverse) = Decimal::from_f64(1.0 / known).filter(|_| near[0].0 < 0.7) else {
        return Some(
            finding
                .repaired(Repair::Review, Vec::new(), 0.5, Proof::Distribution)
                .held("no usual unit has this factor"),
        );
    };
    let of_bytes =
        crate::words::split_words(&then.path).iter().any(|word| BYTE_WORDS.contains(&word.trim_end_matches('s')))
            && known.log10().abs() > 2.5;
    let clear = !of_bytes && near[0].0 < (3.0 * error).clamp(0.1, 0.3) && near[1].0 > near[0].0 + 2.0 * error;
    let decimal = [10.0, 100.0, 1_000.0, 1e6].iter().any(|power| *power == known || 1.0 / power == known);
    let confidence = match (clear && decimal, few >= 40.0) {
        (true, true) => 0.93,
        (true, false) => 0.8,
        _ => 0.65,
    };
    let factor = inverse.round_sf(9).unwrap_or(inverse).normalize();
    let finding = finding.repaired(Repair::Rescale, vec![Transform::Scale { factor }], confidence, Proof::Distribution);
    Some(if clear { finding } else { finding.held("which unit it is counted in now must be said") })
}

/// How far apart the quarters of the values lie, zeros left aside, in natural logarithms.
fn middle(sketch: &Sketch) -> f64 {
    let sizes = || sketch.quantiles[5..=15].iter().map(|value| value.abs()).filter(|size| *size > 0.0);
    let (least, most) = (sizes().fold(f64::MAX, f64::min), sizes().fold(0.0, f64::max));
    if most > 0.0 { (most / least).ln() } else { f64::MAX }
}

fn figure(factor: f64) -> String {
    if factor >= 1.0 { format!("× {factor:.3}") } else { format!("÷ {:.3}", 1.0 / factor) }
}

fn hours(same: &Same<'_>, was: &Sketch, is: &Sketch) -> Option<Finding> {
    // The hour at which something was loaded says nothing of the zone.
    if same.then.distinct.min(same.now.distinct) < MOMENTS_MIN {
        return None;
    }
    let (moved, gain) = distribution::hours_moved(&was.hours, &is.hours)?;
    let few = was.hours.iter().sum::<u64>().min(is.hours.iter().sum()) as f64;
    if gain < 0.25 + 0.5 * (24.0 / few).sqrt() {
        return None;
    }
    let says = format!("the day has moved by {moved:+} h");
    Some(
        Finding::new(ChangeKind::TimeZoneChanged, vec![Evidence::new(Signal::Distribution, says)])
            .repaired(Repair::Review, Vec::new(), 0.8, Proof::Distribution)
            .held("no mapping rule moves a time; the source must say its zone"),
    )
}

/// Whether codes are made otherwise than they were, so that no one of them can be the beginning of another.
fn is_remade(same: &Same<'_>, was: &Sketch, is: &Sketch) -> bool {
    let one_form = |sketch: &Sketch| -> Option<String> {
        let mut forms: Vec<String> = sketch.forms.iter().map(|(form, _)| digits::one_digit_each(form)).collect();
        forms.dedup();
        (forms.len() == 1).then(|| forms.remove(0))
    };
    // Where the letters and digits of a code are drawn, its separators are still where they were.
    let one_mask = |column: &ColumnShape| -> Option<String> {
        let mask = |text: &String| text.chars().map(|c| if c.is_alphanumeric() { 'x' } else { c }).collect::<String>();
        let first = column.samples.first().map(mask)?;
        column.samples.iter().all(|text| mask(text) == first).then_some(first)
    };
    let differ = |then: Option<String>, now: Option<String>| then.zip(now).is_some_and(|(x, y)| !x.starts_with(&y));
    differ(one_form(was), one_form(is)) || differ(one_mask(same.then), one_mask(same.now))
}

/// Values that end where before they went on.
fn truncated(same: &Same<'_>, was: &Sketch, is: &Sketch) -> Option<Finding> {
    let text = |column: &ColumnShape| column.kind == ValueKind::String;
    if !text(same.then) || !text(same.now) {
        return None;
    }
    // Codes of a shorter number are no codes that were cut, which would be the same more often.
    let differ = |column: &ColumnShape| column.distinct as f64 / column.present.max(1) as f64;
    let counts_on = digits::counts_on(same, was, is) && differ(same.now) >= 0.9 * differ(same.then);
    if counts_on || digits::lost_zeros(same) || is_remade(same, was, is) {
        return None;
    }
    let (end, at_end) = *is.lengths.last()?;
    let beyond: u64 = was.lengths.iter().filter(|(length, _)| *length > end).map(|(_, count)| count).sum();
    let missed = was.share(beyond);
    let at_end = is.share(at_end);
    let before_at_end = was.share(was.lengths.iter().find(|(length, _)| *length == end).map_or(0, |(_, count)| *count));
    // The chance that none of the values after is longer, had nothing changed.
    let chance = (1.0 - missed).powf(is.count as f64);
    // Choices that were cut off still begin as they did.
    let begins = |value: &String| was.choices.iter().any(|(old, _)| old.starts_with(value.as_str()));
    let other_choices = !was.choices.is_empty() && !is.choices.iter().all(|(value, _)| begins(value));
    let piled_up = !other_choices && at_end - before_at_end > 0.5 * missed;
    (chance < 1e-5 && missed >= 0.03 && piled_up && end >= 2).then(|| {
        let says = format!(
            "no value is longer than {end} characters, {:.0} % were; {:.0} % end exactly there",
            missed * 100.0,
            at_end * 100.0
        );
        Finding::new(ChangeKind::Truncated, vec![Evidence::new(Signal::Distribution, says)])
            .loses()
            .repaired(Repair::Review, Vec::new(), 0.9, Proof::Distribution)
            .held("what was cut off cannot be got back by a rule")
    })
}

//! What the numbers of one column have to do with those of another in the same records: equal, in another unit, with fewer digits.

use super::relation::{ROWS_FEW, Related, Relation, chance, share};
use aos_core::parse;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::{HashMap, HashSet};

/// Finds the relation that at least this share of the pairs obeys.
pub(super) fn numbers(both: &[(&str, &str)], agree_min: f64) -> Option<Related> {
    let read: Vec<(Decimal, Decimal)> =
        both.iter().filter_map(|(b, a)| Some((parse::decimal(b)?, parse::decimal(a)?))).collect();
    if read.len() * 10 < both.len() * 8 {
        return None;
    }
    let rows = both.len();
    let values: Vec<(String, String)> =
        read.iter().map(|(b, a)| (b.normalize().to_string(), a.normalize().to_string())).collect();
    let chance = chance(values.iter().map(|p| p.0.as_str()), values.iter().map(|p| p.1.as_str()), rows);
    let related = |relation, agreeing| Some(Related { relation, agree: share(agreeing, rows), chance, rows });
    // A number that was written with more digits than it has, as some do with fractions, is that number.
    let is_equal = |(b, a): &&(Decimal, Decimal)| b == a || a.scale() > b.scale() + 3 && a.round_dp(b.scale()) == *b;
    let equal = read.iter().filter(is_equal).count();
    if share(equal, rows) >= agree_min {
        return related(Relation::Equal, equal);
    }
    let mut ratios: Vec<Decimal> =
        read.iter().filter(|(b, a)| !a.is_zero() && !b.is_zero()).filter_map(|(b, a)| b.checked_div(*a)).collect();
    if ratios.len() < ROWS_FEW {
        return None;
    }
    ratios.sort();
    let factor = nice(ratios[ratios.len() / 2]);
    let scaled = read.iter().filter(|(b, a)| is_product(*b, *a, factor)).count();
    let different = values.iter().map(|pair| &pair.0).collect::<HashSet<_>>().len();
    // Numbers that count on, such as those of tickets, are all as far from those before, and nearly in one proportion.
    let mut apart: HashMap<Decimal, usize> = HashMap::new();
    read.iter().filter_map(|(b, a)| b.checked_sub(*a)).for_each(|by| *apart.entry(by.normalize()).or_default() += 1);
    let moved = apart.values().copied().max().unwrap_or(0) * 2 > read.len();
    if factor != Decimal::ONE && !moved && share(scaled, rows) >= agree_min && different >= 3 {
        return related(Relation::Scaled(factor), scaled);
    }
    // Nearly all numbers have at most so many digits behind the point; what was longer ends there.
    let mut scales: Vec<u32> = read.iter().map(|(_, a)| a.scale()).collect();
    scales.sort_unstable();
    let digits = scales.get(scales.len() * 9 / 10).copied().unwrap_or(0);
    let cut = |b: Decimal, a: Decimal| {
        let midpoint = RoundingStrategy::MidpointAwayFromZero;
        let below = RoundingStrategy::ToNegativeInfinity;
        b == a
            || b.round_dp(digits) == a
            || b.trunc_with_scale(digits) == a
            || [midpoint, below].iter().any(|way| b.round_dp_with_strategy(digits, *way) == a)
    };
    let rounded = read.iter().filter(|(b, a)| cut(*b, *a)).count();
    if share(rounded, rows) >= agree_min {
        return related(Relation::Rounded, rounded);
    }
    None
}

/// Kilograms of a pound and grams of an ounce, centimetres of an inch, metres of a foot, kilometres of a mile, litres of a gallon.
const MEASURES: [f64; 6] = [0.453_592_37, 28.349_523_125, 2.54, 0.3048, 1.609_344, 3.785_411_784];

/// Whether the factor is that between two measures of weight, length or volume.
pub(super) fn is_unit(factor: Decimal) -> bool {
    let Some(value) = factor.to_f64().map(f64::abs) else { return false };
    let both = MEASURES.into_iter().flat_map(|measure| [measure, 1.0 / measure]);
    both.into_iter().any(|measure| (value / measure - 1.0).abs() < 1e-6)
}

/// Rounds a measured factor to the one that people would have meant.
pub(super) fn nice(ratio: Decimal) -> Decimal {
    let Some(value) = ratio.to_f64().filter(|value| *value != 0.0) else { return ratio };
    let known = [1.0, 60.0, 3_600.0, 86_400.0, 24.0, 12.0, 1_024.0, 1_048_576.0, 1_073_741_824.0];
    let powers = (-9..=9).map(|power| 10f64.powi(power));
    let all = known.into_iter().chain(MEASURES).flat_map(|factor| [factor, 1.0 / factor]).chain(powers);
    let near = all
        .filter(|factor| (value.abs() / factor - 1.0).abs() < 0.004)
        .min_by(|x, y| (value.abs() / x - 1.0).abs().total_cmp(&(value.abs() / y - 1.0).abs()));
    let exact = near.and_then(Decimal::from_f64).map(|factor| if value < 0.0 { -factor } else { factor });
    exact.unwrap_or_else(|| ratio.round_sf(6).unwrap_or(ratio)).normalize()
}

/// Whether before = after × factor, as well as the digits that are written allow.
pub(super) fn is_product(before: Decimal, after: Decimal, factor: Decimal) -> bool {
    let unit =
        |value: Decimal| Decimal::new(5, 1).checked_mul(Decimal::new(1, value.scale().min(20))).unwrap_or_default();
    let Some(product) = after.checked_mul(factor) else { return false };
    let rounding = unit(after).checked_mul(factor.abs()).unwrap_or_default().saturating_add(unit(before));
    let relative = before.abs().checked_mul(Decimal::new(1, 5)).unwrap_or_default();
    // Where rounding is as large as the value, anything would do.
    let tolerance = rounding.max(relative).min((before.abs() / Decimal::from(20)).max(unit(before)));
    product.checked_sub(before).is_some_and(|off| off.abs() <= tolerance)
}

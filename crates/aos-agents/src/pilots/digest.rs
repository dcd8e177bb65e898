//! What is new, in a few lines for people.

use super::{Found, Pilot};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Findings that are named one by one; the others are counted.
const NAMED_MAX: usize = 5;

/// Tells what is new; none when nothing is. The findings that are worth most come first, each currency for itself.
pub fn digest(pilot: Pilot, new: &[&Found]) -> Option<String> {
    if new.is_empty() {
        return None;
    }
    let mut text = format!("{}: {} new", name(pilot), findings(new.len()));
    let mut at_stake: BTreeMap<&str, Decimal> = BTreeMap::new();
    for found in new {
        if let (Some(amount), Some(currency)) = (amount(found), &found.seen.currency) {
            *at_stake.entry(currency).or_default() += amount;
        }
    }
    for (at, (currency, sum)) in at_stake.iter().enumerate() {
        let before = if at == 0 { "; at stake " } else { ", " };
        write!(text, "{before}{} {currency}", sum.round_dp(2)).expect("a string takes all");
    }
    let mut ordered = new.to_vec();
    ordered.sort_by_key(|found| std::cmp::Reverse(amount(found)));
    for found in ordered.iter().take(NAMED_MAX) {
        write!(text, "\n• {}", found.title).expect("a string takes all");
        if let (Some(amount), Some(currency)) = (amount(found), &found.seen.currency) {
            write!(text, " ({} {currency})", amount.round_dp(2)).expect("a string takes all");
        }
    }
    if new.len() > NAMED_MAX {
        write!(text, "\n… and {} more", new.len() - NAMED_MAX).expect("a string takes all");
    }
    Some(text)
}

fn name(pilot: Pilot) -> &'static str {
    match pilot {
        Pilot::FinOps => "FinOps Pilot",
        Pilot::RevOps => "RevOps Pilot",
    }
}

fn findings(count: usize) -> String {
    if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") }
}

fn amount(found: &Found) -> Option<Decimal> {
    found.seen.amount.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_store::SeenFinding;
    use serde_json::json;
    use uuid::Uuid;

    fn found(title: &str, amount: Option<&str>, currency: Option<&str>) -> Found {
        let seen = SeenFinding {
            id: Uuid::nil(),
            kind: "stalled_deal".to_owned(),
            subject: title.to_owned(),
            body: json!({}),
            amount: amount.map(str::to_owned),
            currency: currency.map(str::to_owned),
            confidence: None,
        };
        Found { title: title.to_owned(), seen }
    }

    #[test]
    fn a_digest_adds_within_a_currency_only_and_names_the_largest_first() {
        let all = [
            found("small", Some("10.5"), Some("EUR")),
            found("unknown", None, None),
            found("large", Some("200"), Some("EUR")),
            found("dollars", Some("7"), Some("USD")),
        ];
        let text = digest(Pilot::RevOps, &all.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(
            text,
            "RevOps Pilot: 4 findings new; at stake 210.5 EUR, 7 USD\n• large (200 EUR)\n• small (10.5 EUR)\n• dollars (7 USD)\n• unknown"
        );
        assert_eq!(digest(Pilot::FinOps, &[]), None);
    }
}

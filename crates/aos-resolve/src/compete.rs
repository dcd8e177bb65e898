//! Where a source holds nothing twice, its records compete: at most one of them is the same thing as a record of another source.

use std::collections::BTreeMap;

/// Odds beyond this are as good as certain.
const LOG_ODDS_MAX: f64 = 25.0;

/// Neighbours of a record with their log odds.
pub(crate) type Neighbours = BTreeMap<u32, f64>;

/// A record that fits one of a pair as well as its partner does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rival {
    pub log_odds: f64,
    /// Whom the rival fits best apart from that one, and how well that one would fit the partner who is left over. A rival who is
    /// better placed elsewhere is no threat.
    pub elsewhere: Option<(f64, f64)>,
}

/// Returns the log odds of a pair, given its rivals.
///
/// With at most one true partner each, the odds of this one stand against all alternatives together: none, or a rival in its place,
/// after which the two who are left over may find each other.
pub(crate) fn against(log_odds: f64, rivals: impl Iterator<Item = Rival>) -> f64 {
    let others: f64 = rivals
        .map(|rival| {
            let (placed, left_over) = rival.elsewhere.unwrap_or((f64::NEG_INFINITY, f64::NEG_INFINITY));
            (rival.log_odds.min(LOG_ODDS_MAX) + one_plus(left_over) - one_plus(placed)).exp()
        })
        .sum();
    log_odds - others.ln_1p()
}

/// The logarithm of one plus these odds.
fn one_plus(log_odds: f64) -> f64 {
    log_odds.min(LOG_ODDS_MAX).exp().ln_1p()
}

//! The ledger of a run: what was read equals what landed, was known already, was left out on purpose, or was rejected.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counts of source records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tally {
    pub read: u64,
    pub landed: u64,
    pub duplicate: u64,
    /// Left out by a stated rule, e.g. a stream that feeds no entity.
    pub filtered: u64,
    pub rejected: u64,
    /// Values lost from records that landed, by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub warnings: BTreeMap<String, u64>,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Success,
    /// Some records or values were rejected.
    Partial,
    /// Nothing was read where there was something before.
    SuspiciousEmpty,
    NoChange,
    Throttled,
    Unreachable,
    Failed,
}

impl Tally {
    pub fn balanced(&self) -> bool {
        self.read == self.landed + self.duplicate + self.filtered + self.rejected
    }

    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.landed += other.landed;
        self.duplicate += other.duplicate;
        self.filtered += other.filtered;
        self.rejected += other.rejected;
        for (code, count) in &other.warnings {
            *self.warnings.entry(code.clone()).or_default() += count;
        }
    }

    /// Names the outcome of a run that came to its end. A tally that does not balance is a failure, whatever else it says.
    pub fn outcome(&self, read_before: u64) -> Outcome {
        if !self.balanced() {
            Outcome::Failed
        } else if self.read == 0 && read_before > 0 {
            Outcome::SuspiciousEmpty
        } else if self.rejected > 0 || !self.warnings.is_empty() {
            Outcome::Partial
        } else if self.landed == 0 && (self.duplicate > 0 || self.read == 0) {
            Outcome::NoChange
        } else {
            Outcome::Success
        }
    }
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Partial => "partial",
            Self::SuspiciousEmpty => "suspicious_empty",
            Self::NoChange => "no_change",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::Failed => "failed",
        }
    }

    /// Returns the outcome that describes both runs: the one that most needs a look.
    pub fn worse(self, other: Self) -> Self {
        let rank = |outcome: Self| match outcome {
            Self::NoChange => 0,
            Self::Success => 1,
            Self::Partial => 2,
            Self::SuspiciousEmpty => 3,
            Self::Throttled => 4,
            Self::Unreachable => 5,
            Self::Failed => 6,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_does_not_balance_is_never_green() {
        let tally = Tally { read: 3, landed: 2, ..Tally::default() };
        assert_eq!(tally.outcome(0), Outcome::Failed);
    }

    #[test]
    fn outcomes_say_what_happened() {
        let tally = |read, landed, duplicate, rejected| Tally { read, landed, duplicate, rejected, ..Tally::default() };
        assert_eq!(tally(2, 2, 0, 0).outcome(0), Outcome::Success);
        assert_eq!(tally(2, 1, 0, 1).outcome(0), Outcome::Partial);
        assert_eq!(tally(2, 0, 2, 0).outcome(2), Outcome::NoChange);
        assert_eq!(tally(0, 0, 0, 0).outcome(2), Outcome::SuspiciousEmpty);
        let unmapped = Tally { read: 2, filtered: 2, ..Tally::default() };
        assert_eq!(unmapped.outcome(0), Outcome::Success, "read for the first time, though it feeds no entity");
    }
}

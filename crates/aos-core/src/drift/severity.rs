//! How bad a change is, and what becomes of the records meanwhile. The defaults are those a data engineer would choose: what nobody
//! reads cannot break, a number that is silently wrong is worse than one that is missing, and nothing is dropped without a trace.

use super::{ChangeKind, Widening};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing that is read changes.
    Harmless,
    /// Values may be missing or unknown; none is wrong.
    Risky,
    /// What is read is gone, cannot be read any more, or means something else.
    Breaking,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        }
    }
}

/// What a contract does with records that a change touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractAction {
    /// The new shape is accepted.
    Evolve,
    /// The accepted shape holds; the stream waits for a decision.
    Freeze,
    /// Records with such a value are kept aside.
    DiscardRow,
    /// Such values are kept aside and are null meanwhile.
    DiscardValue,
}

impl ContractAction {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Evolve => "evolve",
            Self::Freeze => "freeze",
            Self::DiscardRow => "discard_row",
            Self::DiscardValue => "discard_value",
        }
    }
}

/// What else decides how bad a change is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stake {
    /// Whether anything reads the path; true when no mapping says.
    pub read: bool,
    pub widening: Option<Widening>,
    /// Every value that was seen can be read as before.
    pub conforms: bool,
    /// Values that were known before are gone or mean something else, not only new ones come in.
    pub loses: bool,
}

pub fn severity(kind: ChangeKind, stake: &Stake) -> Severity {
    use ChangeKind as C;
    if !stake.read {
        return Severity::Harmless;
    }
    match kind {
        C::Added | C::StreamAdded => Severity::Harmless,
        C::Retyped => match stake.widening {
            _ if stake.conforms => Severity::Harmless,
            Some(Widening::Widened | Widening::Narrowed) if !stake.loses => Severity::Risky,
            _ => Severity::Breaking,
        },
        C::FormatChanged | C::NullabilityChanged if stake.conforms => Severity::Harmless,
        C::FormatChanged => Severity::Breaking,
        C::NullabilityChanged => Severity::Risky,
        C::EnumChanged | C::NullRateChanged if !stake.loses => Severity::Risky,
        _ => Severity::Breaking,
    }
}

/// Returns what happens to records where no contract was written.
pub fn default_action(kind: ChangeKind, severity: Severity) -> ContractAction {
    use ChangeKind as C;
    match (kind, severity) {
        (_, Severity::Harmless) => ContractAction::Evolve,
        (C::Retyped | C::FormatChanged | C::EnumChanged | C::Truncated, _) => ContractAction::DiscardValue,
        (C::NullRateChanged | C::NullabilityChanged, _) => ContractAction::Evolve,
        (C::IdReused, _) => ContractAction::DiscardRow,
        _ => ContractAction::Freeze,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_cannot_break() {
        let unread = Stake { loses: true, ..Stake::default() };
        assert_eq!(severity(ChangeKind::Removed, &unread), Severity::Harmless);
        assert_eq!(severity(ChangeKind::Removed, &Stake { read: true, ..unread }), Severity::Breaking);
    }

    #[test]
    fn a_silently_wrong_number_breaks_and_a_new_choice_is_a_risk() {
        let read = Stake { read: true, ..Stake::default() };
        assert_eq!(severity(ChangeKind::ScaleChanged, &read), Severity::Breaking);
        assert_eq!(severity(ChangeKind::EnumChanged, &read), Severity::Risky);
        assert_eq!(severity(ChangeKind::EnumChanged, &Stake { loses: true, ..read }), Severity::Breaking);
        let text = Stake { widening: Some(Widening::Widened), ..read };
        assert_eq!(severity(ChangeKind::Retyped, &text), Severity::Risky);
        assert_eq!(severity(ChangeKind::Retyped, &Stake { loses: true, ..text }), Severity::Breaking);
    }
}

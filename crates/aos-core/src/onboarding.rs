//! What is proposed to be connected, and how far it has come: the states of an intent, what may follow what, and the funnel over all of
//! them. Nothing here looks anything up.

use serde::{Deserialize, Serialize};

/// Records of a stream that are looked at before anybody has promoted its connection.
pub const SAMPLE_RECORDS_MAX: u64 = 20;
/// The share of what could be connected that is to be active.
pub const COVERAGE_MIN: f64 = 0.90;

/// How far an intent has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntentState {
    /// Written down; nothing was asked of its source.
    Proposed,
    /// The source answered, and knows us.
    Checked,
    /// Its streams are known, none of their records.
    Discovered,
    /// A few records of each stream were looked at; somebody decides.
    Sampled,
    /// It is read like every other connection.
    Promoted,
    /// Somebody, or the operator's list, turned it down.
    Rejected,
    /// A step did not succeed; it goes on when somebody asks for it.
    Failed,
}

impl IntentState {
    pub const ALL: [Self; 7] =
        [Self::Proposed, Self::Checked, Self::Discovered, Self::Sampled, Self::Promoted, Self::Rejected, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Checked => "checked",
            Self::Discovered => "discovered",
            Self::Sampled => "sampled",
            Self::Promoted => "promoted",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }

    /// Whether one state may follow the other. Nothing is promoted that was not sampled.
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Proposed, Self::Checked)
                | (Self::Checked, Self::Discovered)
                | (Self::Discovered, Self::Sampled)
                | (Self::Sampled, Self::Promoted)
                | (Self::Failed, Self::Proposed | Self::Rejected)
                | (Self::Proposed | Self::Checked | Self::Discovered | Self::Sampled, Self::Rejected | Self::Failed)
        )
    }
}

/// How much harm a source could do, by the word of whoever proposes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    Low,
    #[default]
    #[serde(alias = "medium")]
    Med,
    High,
}

/// Where an intent stands in the funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Turned down by a person or by the operator's list, or its connection was removed: it does not count.
    TurnedDown,
    /// Nothing here reads such a source.
    Unsupported,
    /// Nothing was asked of its source yet, or it is paused.
    Waiting,
    /// The source answers; it is not read yet.
    Reachable,
    /// It is read, and well.
    Active,
    /// It is read, and something stands in the way that passes or is looked after.
    Healing,
    AwaitingCredentials,
    NetworkBlocked,
    Error,
}

impl Standing {
    /// Says where an intent stands that is not promoted, by its state and by the code of what stands in its way.
    pub fn of(state: IntentState, code: Option<&str>) -> Self {
        match (state, code) {
            (IntentState::Rejected, Some("unsupported_type")) => Self::Unsupported,
            (IntentState::Rejected, _) => Self::TurnedDown,
            (_, Some("unauthorized" | "missing_scope" | "credentials")) => Self::AwaitingCredentials,
            (_, Some("unreachable")) => Self::NetworkBlocked,
            (IntentState::Failed, _) => Self::Error,
            (IntentState::Proposed, _) => Self::Waiting,
            (IntentState::Checked | IntentState::Discovered | IntentState::Sampled | IntentState::Promoted, _) => {
                Self::Reachable
            }
        }
    }
}

/// How many of the proposed sources have come how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Funnel {
    /// Everything that was proposed.
    pub proposed: u64,
    /// What could be connected: neither turned down nor of a kind that nothing here reads.
    pub eligible: u64,
    /// Of the eligible: the source answers and knows us.
    pub reachable: u64,
    /// Of the reachable: it is read, and well.
    pub active: u64,
    pub awaiting_credentials: u64,
    pub network_blocked: u64,
    pub unsupported_type: u64,
    pub healing: u64,
    pub error: u64,
    /// Active of eligible; none while nothing is eligible.
    pub coverage: Option<f64>,
    /// What coverage is to be at least.
    pub coverage_min: f64,
    /// Whether it is; none while nothing is eligible.
    pub coverage_met: Option<bool>,
}

/// Sums up where intents stand.
pub fn funnel(standings: impl IntoIterator<Item = Standing>) -> Funnel {
    let mut funnel = Funnel { coverage_min: COVERAGE_MIN, ..Funnel::default() };
    for standing in standings {
        funnel.proposed += 1;
        match standing {
            Standing::TurnedDown => continue,
            Standing::Unsupported => {
                funnel.unsupported_type += 1;
                continue;
            }
            Standing::Waiting => {}
            Standing::Reachable => funnel.reachable += 1,
            Standing::Active => {
                funnel.reachable += 1;
                funnel.active += 1;
            }
            Standing::Healing => {
                funnel.reachable += 1;
                funnel.healing += 1;
            }
            Standing::AwaitingCredentials => funnel.awaiting_credentials += 1,
            Standing::NetworkBlocked => funnel.network_blocked += 1,
            Standing::Error => funnel.error += 1,
        }
        funnel.eligible += 1;
    }
    if funnel.eligible > 0 {
        let coverage = funnel.active as f64 / funnel.eligible as f64;
        funnel.coverage = Some(coverage);
        funnel.coverage_met = Some(coverage >= COVERAGE_MIN);
    }
    funnel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_promoted_that_was_not_sampled_and_an_end_is_an_end() {
        for state in IntentState::ALL {
            assert_eq!(state.may_become(IntentState::Promoted), state == IntentState::Sampled, "{state:?}");
            assert!(!IntentState::Promoted.may_become(state) && !IntentState::Rejected.may_become(state), "{state:?}");
        }
        assert!(IntentState::Failed.may_become(IntentState::Proposed));
    }

    #[test]
    fn the_funnel_counts_each_once_and_leaves_out_what_cannot_be_connected() {
        let standings = [
            Standing::of(IntentState::Rejected, Some("unsupported_type")),
            Standing::of(IntentState::Rejected, Some("rejected")),
            Standing::of(IntentState::Failed, Some("unauthorized")),
            Standing::of(IntentState::Proposed, Some("unreachable")),
            Standing::of(IntentState::Failed, Some("contract")),
            Standing::of(IntentState::Sampled, None),
            Standing::Active,
            Standing::Healing,
        ];
        let funnel = funnel(standings);
        assert_eq!((funnel.proposed, funnel.eligible, funnel.reachable, funnel.active), (8, 6, 3, 1));
        assert_eq!((funnel.unsupported_type, funnel.awaiting_credentials, funnel.network_blocked), (1, 1, 1));
        assert_eq!((funnel.healing, funnel.error), (1, 1));
        assert_eq!(funnel.coverage_met, Some(false));
    }

    #[test]
    fn coverage_is_unknown_while_there_is_nothing_to_cover() {
        assert_eq!(funnel([]).coverage, None);
        assert_eq!(funnel([Standing::TurnedDown]).coverage_met, None);
        assert_eq!(funnel([Standing::Active; 9].into_iter().chain([Standing::Waiting])).coverage_met, Some(true));
    }
}

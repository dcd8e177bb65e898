//! The pilots: they look at the unified picture and write down what they find, each finding with the statement that shows it again.
//!
//! A pilot changes nothing but its own findings. When it runs is the business of tasks and schedules.

mod check;
mod digest;
mod finops;
mod look;
mod revops;
mod run;
mod wording;

pub use digest::digest;
pub use look::{Found, Look, Skipped, look};
pub use run::{PilotReport, run};
pub use wording::Wording;

use check::Check;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pilot {
    FinOps,
    RevOps,
}

impl Pilot {
    pub const ALL: [Self; 2] = [Self::FinOps, Self::RevOps];

    /// Returns the id that `ontology/agents.yaml` gives it.
    pub fn id(self) -> &'static str {
        match self {
            Self::FinOps => "finops_pilot",
            Self::RevOps => "revops_pilot",
        }
    }

    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pilot| pilot.id() == id)
    }

    /// Returns the kinds of findings that it looks for, with what each means.
    pub fn kinds(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.checks().iter().map(|check| (check.kind, check.means))
    }

    fn checks(self) -> &'static [Check] {
        match self {
            Self::FinOps => finops::CHECKS,
            Self::RevOps => revops::CHECKS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_agent_is_a_pilot_and_every_pilot_ships() {
        let shipped: Vec<String> = aos_dcl::agents::shipped().into_iter().map(|agent| agent.id).collect();
        assert_eq!(shipped, Pilot::ALL.map(|pilot| pilot.id().to_owned()));
        assert!(Pilot::ALL.into_iter().all(|pilot| Pilot::of(pilot.id()) == Some(pilot)));
    }
}

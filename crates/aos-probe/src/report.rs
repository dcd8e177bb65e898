//! What a probe found, for people and, as JSON, for programs.

use serde::Serialize;
use std::fmt;

#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    pub findings: Vec<Finding>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// `operation`, `sql`, `store`, `lake`, `topic`, `cache` and so on.
    pub area: &'static str,
    pub what: String,
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "why", rename_all = "snake_case")]
pub enum Outcome {
    /// The other tenant was kept out.
    Held,
    /// Anyone may have it, because it tells nothing of a tenant.
    Public(String),
    /// The other tenant was let in.
    Broken(String),
    /// It could not be tried.
    NotCovered(String),
}

impl Report {
    pub fn add(&mut self, area: &'static str, what: impl Into<String>, outcome: Outcome) {
        self.findings.push(Finding { area, what: what.into(), outcome });
    }

    /// Adds what was tried and must have been so; `why` says what it means when it was not.
    pub fn check(&mut self, area: &'static str, what: impl Into<String>, held: bool, why: impl FnOnce() -> String) {
        self.add(area, what, if held { Outcome::Held } else { Outcome::Broken(why()) });
    }

    pub fn broken(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| matches!(finding.outcome, Outcome::Broken(_)))
    }

    pub fn not_covered(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| matches!(finding.outcome, Outcome::NotCovered(_)))
    }

    pub fn is_sound(&self) -> bool {
        self.broken().next().is_none()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { area, what, outcome } in &self.findings {
            match outcome {
                Outcome::Held => writeln!(f, "held         {area}: {what}")?,
                Outcome::Public(why) => writeln!(f, "public       {area}: {what}: {why}")?,
                Outcome::Broken(why) => writeln!(f, "BROKEN       {area}: {what}: {why}")?,
                Outcome::NotCovered(why) => writeln!(f, "not covered  {area}: {what}: {why}")?,
            }
        }
        let (broken, not_covered) = (self.broken().count(), self.not_covered().count());
        let public = self.findings.iter().filter(|finding| matches!(finding.outcome, Outcome::Public(_))).count();
        let held = self.findings.len() - public - broken - not_covered;
        write!(f, "{held} held, {public} public, {broken} broken, {not_covered} not covered")
    }
}

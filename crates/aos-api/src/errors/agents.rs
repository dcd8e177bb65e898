//! How what agents are told becomes problems.

use crate::problem::Problem;
use aos_agents::registry::Error;
use axum::http::StatusCode;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let said = error.to_string();
        let (detail, next_step) = match said.split_once("; ") {
            Some((detail, next_step)) => (detail.to_owned(), next_step.to_owned()),
            None => (said, "ask an admin of your tenant".to_owned()),
        };
        let refuse = |code: &'static str| Self::new(StatusCode::FORBIDDEN, code, detail.clone(), next_step.clone());
        match error {
            Error::Unknown { .. } => Self::missing("agent"),
            Error::AgentsOff => refuse("agents_off"),
            Error::Stopped { .. } => refuse("agent_stopped"),
            Error::Mode { .. } => refuse("agent_mode"),
            Error::OverBudget { .. } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "agent_budget_used_up", detail, next_step)
            }
            Error::Invalid { .. } => Self::unprocessable("invalid_agent", detail, next_step),
            Error::Store(error) => error.into(),
            Error::Dcl(error) => error.into(),
            other @ Error::Corrupt { .. } => Self::log_internal(&other),
        }
    }
}

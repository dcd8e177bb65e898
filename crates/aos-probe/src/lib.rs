//! Proves on a running deployment that tenants are kept apart: two throw-away tenants, of which one calls everything with what belongs
//! to the other.
//!
//! What is called and what must be answered is data, in `cases.yaml`; the tests of the API go through the same cases. `doors.rs` does
//! the same behind the API, for who has the store, the lake and the broker at hand. How requests are sent is the caller's business.

mod call;
mod case;
mod doors;
mod http;
mod report;
mod seed;

pub use call::{Answer, Call, Caller, CallerError};
pub use doors::{Doors, look_behind};
pub use http::{Options, probe};
pub use report::{Finding, Outcome, Report};
pub use seed::Pair;

/// Why a deployment could not be probed at all. What was found to be wrong with it is in the report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cases.yaml cannot be read: {0}")]
    Cases(String),
    #[error("{what} was not answered: {source}; check the address and that the deployment runs")]
    Unanswered { what: String, source: CallerError },
    #[error("{what} was answered {status}: {body}; the two tenants of the probe need it")]
    Refused { what: String, status: u16, body: String },
    #[error("{what} was answered with something else than expected: {body}")]
    Unexpected { what: String, body: String },
    #[error("{what} did not come to its end in time")]
    Endless { what: String },
}

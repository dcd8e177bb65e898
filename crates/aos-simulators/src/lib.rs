//! Services that AutonomOS talks to, simulated on this machine: one module per service, each an axum router that follows the
//! service's public contract. `autonomos simulate` serves them, tests start them on a loopback port.
//!
//! A simulator knows no crate of the product: it is the other side of the wire. Everything it says is a function of its seed, its
//! clock, and of what it is asked, so that a run can be repeated.
//!
//! The five vendors share one account (`account`): records are computed from their row, changes are kept in a journal, and drift
//! rewrites how fields are computed. `gate` is what every request passes, with the chaos dial in it; a vendor's module holds its
//! objects, its paths, and its way of writing.

mod account;
pub mod aod;
mod auth;
mod chaos;
mod clock;
mod control;
mod drift;
mod dynamics;
mod gate;
mod hubspot;
mod json;
mod limits;
mod pipedrive;
mod query;
mod random;
mod salesforce;
mod simulator;
mod tls;
mod vendor;
mod world;
mod zendesk;

pub use account::{BROKEN_BYTE, Change, ChangeError};
pub use auth::Credentials;
pub use chaos::{Chaos, HINDERED_IN_A_ROW_MAX, UnknownDial};
pub use drift::{Drift, DriftError};
pub use simulator::{Error, Running, Simulator, Which};
pub use vendor::Vendor;
pub use world::Options;

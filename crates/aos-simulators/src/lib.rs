//! Services that AutonomOS talks to, simulated on this machine: one module per service, each an axum router that follows the
//! service's public contract. `autonomos simulate` serves them, tests mount them on a loopback port.
//!
//! A simulator knows no crate of the product: it is the other side of the wire. Everything it says is a function of its seed and
//! of what it is asked, so that a run can be repeated.

pub mod aod;
mod chaos;
mod random;

pub use chaos::Chaos;

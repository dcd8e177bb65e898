//! `autonomos probe`: proves on a running deployment, or on this installation, what the tests prove here.

pub mod functional;
pub mod isolation;

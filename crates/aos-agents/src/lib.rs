//! What is asked of the unified picture and what acts on it: questions and their receipts, personas, pilots, budgets and approvals.

pub mod functions;
pub mod personas;
pub mod pilots;
pub mod questions;
pub mod registry;

//! Questions in words, answered from the unified views: understood or refused, never guessed.
//!
//! A question becomes a plan over the ontology. Whoever makes the plan, it is checked, planned by the engine without being run, run as SQL
//! through the engine's own guard with its limits and masks, and answered with everything it rests on and a signed receipt.

mod ask;
mod check;
mod grammar;
mod lexicon;
mod load;
mod model;
mod plan;
mod receipt;
mod refusal;
mod sql;
mod words;

pub use ask::{Answer, Asked, Outcome, Planner, Questions, Rerun, Source};
pub use model::ModelPlanner;
pub use plan::{Bucket, Filter, FilterOp, Grouping, Measure, MeasureOp, Order, Plan, SCHEMA};
pub use receipt::Receipt;
pub use refusal::{Missing, Refusal, RefusalCode};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Dcl(#[from] aos_dcl::Error),
    #[error(transparent)]
    Store(#[from] aos_store::Error),
    #[error("there is no answer with a receipt of this id; list the questions to find those there are")]
    NoReceipt,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

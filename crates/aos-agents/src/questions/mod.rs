//! Questions in words, answered from the unified views: understood or refused, never guessed.
//!
//! A question becomes a plan over the ontology. Whoever makes the plan, it is checked, planned by the engine without being run, run as SQL
//! through the engine's own guard with its limits and masks, and answered with everything it rests on and a signed receipt.

mod answer;
mod ask;
mod check;
mod contradiction;
mod currency;
mod gap;
mod grammar;
mod known;
mod lexicon;
mod load;
mod model;
mod namesake;
mod notes;
mod origin;
mod plan;
mod planner;
mod receipt;
mod refusal;
mod rerun;
mod share;
mod spoken;
mod sql;
mod stated;
mod things;
mod ways;
mod words;

pub use answer::{Answer, Source};
pub use ask::{Asked, Outcome, Questions};
pub use gap::{GAP, Gap};
pub use model::ModelPlanner;
pub use plan::{Bucket, Filter, FilterOp, Grouping, Measure, MeasureOp, Of, Order, Plan, SCHEMA};
pub use planner::{Planner, Proposed};
pub use receipt::Receipt;
pub use refusal::{Missing, Refusal, RefusalCode};
pub use rerun::Rerun;
pub use things::Counted;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Dcl(#[from] aos_dcl::Error),
    #[error(transparent)]
    Store(#[from] aos_store::Error),
    #[error("there is no answer with a receipt of this id; list the questions to find those there are")]
    NoReceipt,
    #[error("there is no refused question of this id; list the questions to find those there are")]
    NoRefusal,
    #[error("this refusal misses nothing that could be added; choose among what it names, and ask again")]
    NothingMissing,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

//! Runs tasks: claims them from the store, runs the handler of their kind, and brings back what became of them.
//!
//! The store's rows are the truth. Everything in here may be lost at any moment without losing a task: an attempt whose worker is
//! gone is begun again elsewhere once the worker's lease has run out, and what the lost attempt still does is refused by its fence.
//! Who may enqueue what is the API's; the queue itself is the store's.

mod announce;
mod attempt;
mod claim;
mod context;
mod error;
mod finish;
mod handler;
mod housekeeping;
mod lease;
mod maintenance;
mod metrics;
mod notes;
mod options;
mod pace;
mod runner;
mod running;
pub mod tasks;
mod worker;

pub use context::TaskContext;
pub use error::Error;
pub use handler::{Registry, TaskError, TaskHandler};
pub use options::WorkerOptions;
pub use worker::{Summary, Worker, WorkerParts};

pub type Result<T, E = Error> = std::result::Result<T, E>;

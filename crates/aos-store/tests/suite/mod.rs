//! The store's suite: what holds on every database. `sqlite.rs` and `postgres.rs` beside it run it on theirs.

pub mod common;

mod attempts;
mod callbacks;
mod feed;
mod ingest;
mod isolation;
pub mod keys;
mod loads;
mod nouns;
mod tasks;
mod texts;

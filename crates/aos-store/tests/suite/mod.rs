//! The store's suite: what holds on every database. `sqlite.rs` and `postgres.rs` beside it run it on theirs.

pub mod common;

mod attempts;
mod audit;
mod callbacks;
mod feed;
mod flags;
mod idempotency;
mod identity;
mod ingest;
mod isolation;
pub mod keys;
mod loads;
mod nouns;
mod secrets;
mod tasks;
mod tenant_deletions;
mod texts;

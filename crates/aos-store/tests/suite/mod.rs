//! The store's suite: what holds on every database. `sqlite.rs` and `postgres.rs` beside it run it on theirs.

pub mod common;

mod agents;
mod attempts;
mod audit;
mod callbacks;
mod drift;
mod feed;
mod flags;
mod golden;
mod idempotency;
mod identity;
mod ingest;
mod isolation;
pub mod keys;
mod knowledge;
mod loads;
pub mod memory;
mod mesh;
mod models;
mod nouns;
mod onboarding;
mod programs;
mod questions;
mod secrets;
mod tasks;
mod tenant_deletions;
mod texts;

//! What a worker does on every database. `sqlite.rs` and `postgres.rs` beside it run it on theirs.

pub mod common;

mod delivering;
mod leases;
mod orchestrating;
mod receiver;
mod running;
mod stopping;
mod tidying;
mod watching;

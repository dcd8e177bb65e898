//! The handlers, by resource. Each takes typed input, calls one thing and returns typed output; its route is a line in `router.rs`.

pub mod auth;
pub mod connections;
pub mod dcl;
pub mod health;
pub mod ledger;
pub mod ui;

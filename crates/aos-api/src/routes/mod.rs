//! The handlers, by resource. Each takes typed input, calls one thing and returns typed output; its route is a line in `router.rs`.

pub mod aoa;
pub mod auth;
pub mod callbacks;
pub mod connections;
pub mod dcl;
pub mod health;
pub mod ledger;
pub mod notifications;
pub mod schedules;
pub mod tasks;
pub mod ui;

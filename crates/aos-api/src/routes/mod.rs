//! The handlers, by resource. Each takes typed input, calls one thing and returns typed output; its route is a line in `router.rs`.

pub mod aoa;
pub mod audit;
pub mod auth;
pub mod callbacks;
pub mod connections;
pub mod dcl;
pub mod flags;
pub mod health;
pub mod ledger;
pub mod notifications;
pub mod policy;
pub mod redoc;
pub mod schedules;
pub mod tasks;
pub mod tenants;
pub mod ui;

//! The API, tried at its door. One program, because linking is what takes time.

mod aoa;
mod audit;
mod auth;
mod bad_input;
mod events;
mod flags;
mod gateway;
mod held;
mod http;
mod isolation;
mod journey;
mod live;
mod masking;
mod members;
mod notifications;
mod openapi;
mod policy;
mod providers;
mod schedules;
mod sessions;
mod tasks;
mod waiting;

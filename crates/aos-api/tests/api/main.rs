//! The API, tried at its door. One program, because linking is what takes time.

mod aoa;
mod auth;
mod bad_input;
mod http;
mod isolation;
mod journey;
mod live;
mod notifications;
mod openapi;
mod schedules;
mod tasks;
mod waiting;

//! PostgreSQL as a source, read from a real server. Without one on this machine these tests say so and do nothing.

mod discovery;
mod encryption;
mod following;
mod log;
mod reading;
mod refusals;
mod support;
mod values;

//! MongoDB as a source, read from a server that speaks its protocol. Without one on this machine these tests say so and do nothing.

mod reading;
mod refusals;
mod support;
mod values;

//! Airbyte sources as programs: scripts that behave well and badly, and a real connector where there is one.

mod behaviour;
mod differential;
mod protocol;
mod real;
mod server;
mod support;

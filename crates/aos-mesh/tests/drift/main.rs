//! Drift, from outside: a source that changes what it says, read by the mesh into a real store and lake.

mod alone;
mod contracts;
mod limits;
mod noticed;
mod odd;
mod repaired;
mod world;

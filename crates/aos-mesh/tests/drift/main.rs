//! Drift, from outside: a source that changes what it says, read by the mesh into a real store and lake.

mod again;
mod alone;
mod contracts;
mod elsewhere;
#[path = "../ground/mod.rs"]
mod ground;
mod limits;
mod noticed;
mod odd;
mod repaired;
mod world;

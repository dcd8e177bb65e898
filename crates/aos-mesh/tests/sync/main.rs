//! What a sync makes of a source, whatever the source does: a scripted one is read into a real store and lake.

mod columns;
mod deletes;
mod endings;
#[path = "../ground/mod.rs"]
mod ground;
mod places;
mod spending;
mod world;

//! What a sync makes of a source, whatever the source does: a scripted one is read into a real store and lake.

mod deletes;
mod endings;
mod places;
mod world;

//! Drift in the running mesh: noticed while a stream is read, answered within what the tenant allows, repaired by a new version of the
//! mapping, rehearsed before and undone after. What counts as drift and what a repair would do is said in `aos-drift`.

mod alone;
mod apply;
mod earlier;
mod held;
mod item;
mod policy;
mod rehearse;
mod remap;
mod respond;
mod seen;
mod undo;
mod watch;

pub use apply::{Applied, Chosen};
pub use item::{DRIFT, DriftItem, ItemCandidate, MAPPING};
pub use policy::{Autonomy, DriftPolicy, POLICY_SETTING, Standing};
pub use rehearse::RAW_RECORDS_MAX;
pub(crate) use remap::manifest;
pub use remap::{RemapEnd, RemapStep};
pub(crate) use respond::Response;
pub use undo::Undone;
pub(crate) use watch::Watch;

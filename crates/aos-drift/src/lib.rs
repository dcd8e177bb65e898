//! What becomes of drift while a stream is read: whether what is seen differs from what was accepted, what happens to the records
//! meanwhile, which repairs may go ahead, and what a repair would do. Pure: the mesh reads, keeps and applies.

mod calibration;
mod candidate;
mod contract;
mod judge;
mod quarantine;
mod rehearsal;
mod risk;
mod same_rows;
mod sample;

pub use calibration::{Fitted, Reliability, ReliabilityBin, fitted, reliability};
pub use candidate::{Candidate, Edit, EditError, edited};
pub use contract::{Contract, ContractRule};
pub use judge::{Finding, Judged, Seen, accepted_with, brief, deviates, judge, touched};
pub use quarantine::{Discard, Quarantine};
pub use rehearsal::{CellChange, FieldEffect, Given, Rehearsal, rehearse};
pub use risk::{DECISIONS_CONFIDENCE, Limit, Threshold, threshold};
pub use sample::Sample;

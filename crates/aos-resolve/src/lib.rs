//! Which records of different systems speak of the same thing, how sure that is, and what is then true of it.
//!
//! Values are normalised by the class of their field, records that share a key are compared, and each comparison is weighed by the
//! model of Fellegi and Sunter, which is fitted on the tenant's own records on top of a shipped prior. Clusters are made of the
//! probabilities, get ids that outlive merges and splits, and each field of a cluster gets the value that survives. Pure: values and
//! functions of values; who reads and keeps them is `aos-dcl` and `aos-store`.

mod address;
mod block;
mod calibration;
mod class;
mod cluster;
mod compare;
mod compete;
mod explain;
mod fit;
mod fold;
mod frequency;
mod guess;
mod identity;
mod mail;
mod model;
mod normal;
mod numbers;
mod parallel;
mod record;
mod resolver;
mod sample;
mod survive;

pub use calibration::{Calibration, Reviewed};
pub use class::Class;
pub use cluster::{Cluster, Ruling, Verdict};
pub use compare::Level;
pub use explain::{FieldEvidence, PairEvidence};
pub use fit::fit;
pub use guess::{guess_class, guess_key};
pub use identity::{Assigned, assign_ids, singleton_id};
pub use mail::is_provider;
pub use model::{Limits, Model};
pub use record::{Field, Record, RecordKey};
pub use resolver::{Pair, Resolver, Uncertain};
pub use survive::{Candidate, Rule, Survivor, survive};

//! Golden records: finding the records of different connections that are one thing, showing what is then true of it and why, and taking
//! what people rule about it.

mod compared;
mod detail;
mod history;
mod resolve;
mod rulings;
mod things;
mod uncertain;

pub use detail::{GoldenCell, GoldenDetail, GoldenLink, GoldenMember, GoldenSummary, LosingCell};
pub use history::{GoldenChange, GoldenEvent, ThingRuling};
pub use resolve::{UnifiedEntity, UnifyReport};
pub use rulings::{PairExplanation, RecordName, RuleRequest, RuledPair};
pub use things::Unification;

/// The kind of review items about two records.
pub const ENTITY_PAIR: &str = "entity_pair";

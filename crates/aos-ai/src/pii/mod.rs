//! Personal data and secrets in text: found with class, place and score, and taken out before a text is kept or shown to a model.
//!
//! Everything here is a function of the text and of the model for names, where the policy has one; nothing leaves the machine. Whoever stores
//! or sends text calls [`redact`] (or [`redact_value`] for a record) first and goes on with what it returns; when it fails, there is no text
//! to go on with.
//!
//! ```
//! use aos_ai::pii::{Class, Detector, Policy, redact};
//!
//! let text = "Call Ms. Jane Miller at +44 20 7946 0958.";
//! let found = Detector::standard().find(text)?;
//! assert_eq!(found[1].class, Class::Phone);
//! assert_eq!(redact(text, &Policy::standard())?.text, "Call Ms. <PERSON_NAME> at <PHONE>.");
//! # Ok::<(), aos_ai::pii::Error>(())
//! ```

mod class;
mod column;
mod detector;
mod finding;
mod names;
mod policy;
mod recognize;
mod record;
mod redact;
mod table;
mod text;
mod token;
mod words;

pub use class::{Class, UnknownClass};
pub use column::Column;
pub use detector::{Detector, TEXT_BYTES_MAX};
pub use finding::{Finding, Span};
pub use names::{Name, NameModel, Names};
pub use policy::{Policy, Replacement};
pub use record::{PathFinding, RedactedValue, find_in_value, redact_value};
pub use redact::{Redacted, aside, redact, redact_aside, redact_column, redact_each};
pub use token::{Revealed, TokenKey};

/// Why a text was not searched, or a token not opened. No variant holds any of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the text has {size} bytes and at most {limit} are searched at once; give it in parts")]
    TooLarge { size: usize, limit: usize },
    #[error("the record is nested deeper than {limit} levels; give it in parts")]
    TooDeep { limit: usize },
    /// The model that finds names did not read the text.
    #[error("the model {model}, which finds names, cannot be used: {why}; see to it, or take it out of the settings")]
    Names { model: String, why: String },
    #[error("a key for tokens has 32 bytes, this one has {0}; let the store make it")]
    KeyLength(usize),
}

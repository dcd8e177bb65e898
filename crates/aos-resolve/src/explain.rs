//! Why two records are, or are not, of the same thing: each field's part in it.

use crate::compare::Level;
use serde::Serialize;

/// What one field says about a pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldEvidence {
    pub field: String,
    pub left: Option<String>,
    pub right: Option<String>,
    /// None when a value is missing: then the field says nothing.
    pub level: Option<Level>,
    /// How much it speaks for the same thing (or, below 0, against it): each bit doubles the odds.
    pub bits: f64,
}

/// Why a pair has its probability.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairEvidence {
    pub probability: f64,
    /// What is known before looking: how rare matches are, in bits.
    pub prior_bits: f64,
    /// What other records take from it that fit as well, in bits; 0 or less.
    pub rivals_bits: f64,
    pub fields: Vec<FieldEvidence>,
}

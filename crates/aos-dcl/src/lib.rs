//! The Data Connection Layer: everything that is derived from canonical records and can be rebuilt from them at any time.

pub mod engine;

//! Models on this machine, which the tests write themselves: what they find is known beforehand, or computed elsewhere.
#![cfg(feature = "local-embeddings")]

mod passages;
mod tags;

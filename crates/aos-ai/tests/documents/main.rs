//! What comes out of documents, and how it is cut.

mod chunks;
mod reading;

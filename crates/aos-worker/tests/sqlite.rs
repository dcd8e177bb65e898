//! The worker's suite on the embedded database.

mod suite;

const BACKEND: suite::common::Backend = suite::common::Backend::Sqlite;

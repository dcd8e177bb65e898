//! The store's suite on SQLite.

mod suite;

const BACKEND: suite::common::Backend = suite::common::Backend::Sqlite;

//! The store's suite on PostgreSQL, and what only PostgreSQL has: roles, row security, migrations by hand, failures of a server,
//! a pooler.

mod suite;

#[path = "postgres/failures.rs"]
mod failures;
#[path = "postgres/migrations.rs"]
mod migrations;
#[path = "postgres/pooler.rs"]
mod pooler;
#[path = "postgres/roles.rs"]
mod roles;
#[path = "postgres/row_security.rs"]
mod row_security;
#[path = "postgres/vectors.rs"]
mod vectors;

const BACKEND: suite::common::Backend = suite::common::Backend::Postgres;

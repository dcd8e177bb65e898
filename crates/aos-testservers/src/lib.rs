//! Private servers for tests, from the programs that are installed on this machine: nothing is configured beforehand, nothing
//! outlives the tests, nobody else can reach them. Only a dev-dependency; it knows no other crate of ours.

mod bert;
mod certificates;
mod embedding_model;
mod models;
mod mongodb;
mod pgbouncer;
mod postgres;
mod redis;

pub use bert::{Bert, Head, noise};
pub use certificates::Certificate;
pub use embedding_model::embedding_model;
pub use models::{Act, ModelServer, Seen, Speaks};
pub use mongodb::{Deployment, MongoDb};
pub use pgbouncer::PgBouncer;
pub use postgres::{Database, OwnPostgres, Postgres};
pub use redis::Redis;

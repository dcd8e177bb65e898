//! What an application under test keeps its things in: the embedded database and a broker in its process, or, where
//! `AOS_TEST_STORE=postgres` says so, a database of its own on a private PostgreSQL and a private Redis.

use aos_broker::{Broker, BrokerConfig, RedisConfig};
use aos_core::Clock;
use aos_core::vault::MasterKeys;
use aos_store::{Keyring, MigrateOptions, PostgresOptions, Store, migrate};
use aos_testservers::{Database, Postgres, Redis};
use std::path::Path;

pub enum Backend {
    Embedded,
    /// Without a Redis on this machine the broker stays in the process.
    Servers {
        database: Database,
        redis: Option<Redis>,
    },
}

impl Backend {
    /// Starts what the environment asks for.
    #[allow(clippy::disallowed_methods)] // Tests are told by the environment what to run on.
    pub fn chosen() -> Self {
        match std::env::var("AOS_TEST_STORE").as_deref() {
            Err(_) | Ok("" | "sqlite") => Self::Embedded,
            Ok("postgres") => {
                let server =
                    Postgres::start().expect("AOS_TEST_STORE=postgres needs PostgreSQL 15 or newer on this machine");
                Self::Servers { database: server.database(fill), redis: Redis::start() }
            }
            Ok(other) => panic!("AOS_TEST_STORE is `{other}`; it may be `sqlite` or `postgres`"),
        }
    }

    /// Opens the store; an embedded one in this file.
    pub async fn store(&self, file: &Path, clock: &Clock) -> Store {
        match self {
            Self::Embedded => sealing(Store::open(file, clock.clone()).await.expect("a store")),
            Self::Servers { database, .. } => {
                let options = PostgresOptions { max_connections: 6, ..PostgresOptions::new(database.url("app")) };
                sealing(Store::open_postgres(&options, clock.clone()).await.expect("a store"))
            }
        }
    }

    pub async fn broker(&self, clock: &Clock) -> Broker {
        match self {
            Self::Servers { redis: Some(redis), .. } => {
                let config = BrokerConfig::Redis(RedisConfig::new(redis.url()));
                Broker::open(config, clock.clone()).await.expect("a broker")
            }
            Self::Embedded | Self::Servers { redis: None, .. } => Broker::in_process(clock.clone()),
        }
    }
}

/// Gives a store a master key that every process of a test has.
fn sealing(store: Store) -> Store {
    let keyring = Keyring::open(|| Ok(MasterKeys::parse(&"42".repeat(32))?)).expect("a master key");
    store.with_keyring(keyring)
}

/// Makes the tables, and the roles `app` and `app_system`.
fn fill(database: &Database) {
    let wanted = MigrateOptions {
        owner_url: database.owner_url(),
        application_url: Some(database.url("app")),
        system_url: None,
        allow_destructive: false,
    };
    // Tests are asynchronous already, and one runtime cannot wait inside another.
    let migrating = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(migrate(&wanted)).expect("migrated");
    });
    migrating.join().expect("migrated");
}

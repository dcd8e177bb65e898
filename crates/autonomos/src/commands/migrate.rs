//! `autonomos migrate`: brings the database to this version of the program, as the owner of its tables.

use crate::cli::{Cli, MigrateArgs};
use crate::settings::{Settings, variable};
use crate::show::say;
use aos_core::Clock;
use aos_store::{DataDir, MigrateOptions, Store, migrate, migration_states};
use std::process::ExitCode;

const OWNER: &str = "AUTONOMOS_MIGRATE_DATABASE_URL";

pub async fn run(cli: &Cli, args: &MigrateArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let Some(owner_url) = variable(OWNER) else {
        if settings.database_is_embedded() {
            return embedded(cli).await;
        }
        anyhow::bail!(
            "{OWNER} is not set; set it to the address of the role that owns the tables, which is not the one in DATABASE_URL: \
             postgres://OWNER:PASSWORD@HOST:PORT/DATABASE"
        );
    };
    if args.status {
        return status(&owner_url).await;
    }
    let given = |url: &str| Some(url.to_owned()).filter(|url| !url.is_empty());
    let wanted = MigrateOptions {
        owner_url,
        application_url: given(&settings.database.url),
        system_url: given(&settings.database.system_url),
        allow_destructive: args.allow_destructive,
    };
    let done = migrate(&wanted).await?;
    for role in &done.roles {
        say!("{role}");
    }
    for name in &done.applied {
        say!("applied {name}");
    }
    if done.applied.is_empty() {
        say!("the tables are those of this version; no migration was missing");
    }
    if wanted.application_url.is_none() {
        say!("DATABASE_URL is not set, so no role was made for the program to sign in as; set it and run this again");
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(owner_url: &str) -> anyhow::Result<ExitCode> {
    let states = migration_states(owner_url).await?;
    for state in &states {
        say!("{}  {}", if state.applied { "applied" } else { "missing" }, state.name);
    }
    let missing = states.iter().filter(|state| !state.applied).count();
    say!("{} migrations, {missing} missing", states.len());
    Ok(ExitCode::SUCCESS)
}

async fn embedded(cli: &Cli) -> anyhow::Result<ExitCode> {
    let data = DataDir::open(cli.data_dir()?)?;
    Store::open(data.store(), Clock::default()).await?.close().await;
    say!("the embedded database in {} has the tables of this version", data.path().display());
    Ok(ExitCode::SUCCESS)
}

//! `autonomos secrets`: the keys that seal secrets, changed while the system runs.

use crate::cli::{Cli, SecretsAction, SecretsArgs};
use crate::compose::House;
use crate::master_key;
use crate::settings::Settings;
use crate::show::{say, table};
use serde_json::json;
use std::process::ExitCode;

pub async fn run(cli: &Cli, args: &SecretsArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    if let SecretsAction::NewKey = args.action {
        say!("{}", master_key::new_key());
        return Ok(ExitCode::SUCCESS);
    }
    let house = House::open(&cli.data_dir()?, settings).await?;
    let system = house.store.system();
    match &args.action {
        SecretsAction::NewKey => {}
        SecretsAction::Status => {
            let (source, used) = (master_key::describe(settings)?, system.master_key_use().await?);
            if args.json {
                say!("{:#}", json!({ "source": source, "current": house.store.master_key_id(), "data_keys": used }));
            } else {
                say!("the master key comes from {source}");
                let mut out = table(["master key", "data keys", ""]);
                for (id, keys) in &used {
                    let current = house.store.master_key_id().as_deref() == Some(id);
                    out.add_row([
                        id.clone(),
                        keys.to_string(),
                        if current { "current" } else { "to be replaced" }.to_owned(),
                    ]);
                }
                say!("{out}");
            }
        }
        SecretsAction::RotateMaster => {
            let done = system.rotate_master_key().await?;
            if args.json {
                say!("{}", serde_json::to_string_pretty(&done)?);
            } else {
                say!("{} data keys wrapped anew; all are wrapped with {} now", done.rewrapped, done.master_key);
            }
        }
        SecretsAction::RotateTenant(args) => rotate(&house, args.tenant.as_deref()).await?,
        SecretsAction::List(of) => {
            let scope = house.known_scope(&of.tenant).await?;
            let secrets = house.store.tenant(&scope).list_secrets().await?;
            if args.json {
                say!("{}", serde_json::to_string_pretty(&secrets)?);
            } else {
                let mut out = table(["purpose", "name", "version", "changed"]);
                for secret in secrets {
                    let changed = secret.updated_at.format("%Y-%m-%d %H:%M:%S").to_string();
                    out.add_row([secret.purpose, secret.name, secret.version.to_string(), changed]);
                }
                say!("{out}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Rotates one tenant's data key, or everybody's and the installation's.
async fn rotate(house: &House, tenant: Option<&str>) -> anyhow::Result<()> {
    let names = match tenant {
        Some(tenant) => vec![tenant.to_owned()],
        None => {
            let done = house.store.system().rotate_data_key().await?;
            say!("the installation: data key {}, {} secrets sealed anew", done.version, done.resealed);
            house.store.system().list_tenants().await?.into_iter().map(|tenant| tenant.id.to_string()).collect()
        }
    };
    for name in names {
        let scope = house.scope_of(&name).await?;
        let done = house.store.tenant(&scope).rotate_data_key().await?;
        say!(
            "{name}: data key {}, {} secrets sealed anew, {} old keys removed",
            done.version,
            done.resealed,
            done.removed
        );
    }
    Ok(())
}

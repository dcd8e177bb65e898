//! `autonomos keys`: the keys that sign access tokens, changed while the system runs.

use crate::cli::{Cli, KeysAction, KeysArgs};
use crate::compose::House;
use crate::settings::Settings;
use crate::show::{say, table};
use aos_api::{JwtKeys, KeyNote};
use serde_json::json;
use std::process::ExitCode;

pub async fn run(cli: &Cli, args: &KeysArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let keys = match &args.action {
        KeysAction::List => JwtKeys::list(&house.store).await?,
        KeysAction::Rotate(rotate) => {
            JwtKeys::rotate(&house.store, settings.auth.access_token_ttl(), rotate.forget_old).await?
        }
    };
    if args.json {
        let shown =
            |key: &KeyNote| json!({ "kid": key.kid, "signs_from": key.signs_from, "expires_at": key.expires_at });
        say!("{:#}", json!({ "keys": keys.iter().map(shown).collect::<Vec<_>>() }));
        return Ok(ExitCode::SUCCESS);
    }
    let mut out = table(["key", "signs from", "verifies until"]);
    for key in keys {
        let time = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M:%S").to_string();
        out.add_row([key.kid, time(key.signs_from), key.expires_at.map_or("it is replaced".to_owned(), time)]);
    }
    say!("{out}");
    Ok(ExitCode::SUCCESS)
}

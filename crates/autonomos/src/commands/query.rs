//! `autonomos query`: read-only SQL over the tenant's unified views.

use crate::cli::{Cli, QueryArgs};
use crate::compose::House;
use crate::settings::Settings;
use crate::show::{cell, say};
use std::process::ExitCode;

pub async fn run(cli: &Cli, args: &QueryArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let tenant = house.dcl.tenant(&house.known_scope(&args.tenant).await?);
    tenant.refresh_engine().await?;
    let result = tenant.query(&args.sql, args.limit).await?;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&result)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut out = crate::show::table([]);
    out.set_header(result.columns.iter().map(|column| column.name.as_str()));
    for row in &result.rows {
        out.add_row(row.iter().map(cell));
    }
    say!("{out}");
    let more = if result.truncated { ", more were cut off (raise --limit)" } else { "" };
    say!("{} rows{more}, {} ms", result.rows.len(), result.elapsed_ms);
    Ok(ExitCode::SUCCESS)
}

//! `autonomos mcp`: how agents on this machine come to the data, over standard input and output or through a running server.

use crate::cli::{Cli, McpAction, McpArgs, McpAuth, McpClient, McpServeArgs};
use crate::compose::House;
use crate::settings::Settings;
use crate::show::say;
use anyhow::Context;
use aos_agents::questions::{ModelPlanner, Questions};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::sync::Arc;

/// The name that clients show.
const NAME: &str = "autonomos";
/// What stands in the place of a key: nobody should copy one out of a terminal's history.
const KEY_PLACE: &str = "<an API key: POST /api/v1/api-keys>";

pub async fn run(cli: &Cli, args: &McpArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    match &args.action {
        Some(McpAction::Serve(args)) => serve(cli, args, settings).await,
        None => print(cli, args),
    }
}

async fn serve(cli: &Cli, args: &McpServeArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let scope = house.known_scope(&args.tenant).await?;
    let (store, dcl, broker) = (house.store.clone(), house.dcl.clone(), house.broker.clone());
    let signer = house.audit_signer().await?;
    let questions = Questions::new(dcl.clone(), store.clone(), house.clock.clone(), signer)
        .with_planner(Arc::new(ModelPlanner::new(house.models.clone(), house.store.clone())));
    aos_api::serve_stdio(store, dcl, broker, house.clock.clone(), questions, scope)
        .await
        .map_err(|error| anyhow::anyhow!("the other side does not speak the Model Context Protocol: {error}"))?;
    Ok(ExitCode::SUCCESS)
}

fn print(cli: &Cli, args: &McpArgs) -> anyhow::Result<ExitCode> {
    let all = [McpClient::Claude, McpClient::Cursor, McpClient::Vscode];
    let wanted = args.client.map_or(all.to_vec(), |one| vec![one]);
    for client in &wanted {
        let entry = match &args.url {
            Some(url) => remote(*client, url.trim_end_matches('/'), args.auth),
            None => local(*client, cli, &args.tenant)?,
        };
        let text = serde_json::to_string_pretty(&file(*client, entry))?;
        if wanted.len() > 1 {
            say!("{}:", place(*client));
        }
        say!("{text}");
    }
    Ok(ExitCode::SUCCESS)
}

fn place(client: McpClient) -> &'static str {
    match client {
        McpClient::Claude => "Claude Desktop (claude_desktop_config.json)",
        McpClient::Cursor => "Cursor (.cursor/mcp.json)",
        McpClient::Vscode => "VS Code (.vscode/mcp.json)",
    }
}

fn file(client: McpClient, entry: Value) -> Value {
    let servers = if client == McpClient::Vscode { "servers" } else { "mcpServers" };
    json!({ servers: { NAME: entry } })
}

/// This program, started by the client.
fn local(client: McpClient, cli: &Cli, tenant: &str) -> anyhow::Result<Value> {
    let program = std::env::current_exe().context("this program does not find itself")?;
    let data = std::path::absolute(cli.data_dir()?).context("the data directory has no absolute path")?;
    let mut entry = json!({ "command": program, "args": ["--data", data, "mcp", "serve", "--tenant", tenant] });
    if client == McpClient::Vscode {
        entry["type"] = json!("stdio");
    }
    Ok(entry)
}

/// A server that runs somewhere. Clients that have no key find out from its refusal where their person is asked.
fn remote(client: McpClient, url: &str, auth: McpAuth) -> Value {
    let address = format!("{url}/mcp");
    let key = format!("Bearer {KEY_PLACE}");
    let with_key = auth == McpAuth::Key;
    let mut entry = match client {
        // Claude Desktop's settings start programs only; this one passes the messages on, and opens the browser where it has no key.
        McpClient::Claude => {
            let mut args = vec![json!("-y"), json!("mcp-remote"), json!(address)];
            if with_key {
                args.extend([json!("--header"), json!(format!("Authorization: {key}"))]);
            }
            return json!({ "command": "npx", "args": args });
        }
        McpClient::Cursor => json!({ "url": address }),
        McpClient::Vscode => json!({ "type": "http", "url": address }),
    };
    if with_key {
        entry["headers"] = json!({ "Authorization": key });
    }
    entry
}

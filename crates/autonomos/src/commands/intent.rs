//! `autonomos intent`: what is proposed to be connected, from the command line, on the same store as the server.

use super::connection::word;
use crate::cli::{Cli, IntentAction, IntentArgs};
use crate::compose::House;
use crate::settings::Settings;
use crate::show::{say, short, table};
use anyhow::Context;
use aos_core::IntentId;
use aos_core::onboarding::IntentState;
use aos_dcl::TenantDcl;
use aos_dcl::onboarding::{IntentDetail, IntentRequest};
use aos_store::{IntentFilter, MAX_LIMIT, Page};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

const MESSAGE_CHARS: usize = 60;

pub async fn run(cli: &Cli, args: &IntentArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let scope = match &args.action {
        // A proposal may be the first thing that a tenant has.
        IntentAction::Propose { .. } => house.local_scope(&args.tenant).await?,
        _ => house.known_scope(&args.tenant).await?,
    };
    let tenant = house.dcl.tenant(&scope);
    match &args.action {
        IntentAction::List { state } => list(&tenant, state.as_deref(), args.json).await?,
        IntentAction::Show { id } => print(&tenant.intent(intent_id(id)?).await?, args.json)?,
        IntentAction::Propose { file } => {
            let proposed = tenant.propose_intents(requests(file)?).await?;
            if args.json {
                say!("{}", serde_json::to_string_pretty(&proposed)?);
            } else {
                proposed.iter().for_each(|one| say!("{}: {} is proposed", one.id, one.name));
                if settings.database_is_embedded() {
                    say!("a server looks into them: start `autonomos serve`, or leave them to the one that runs");
                } else {
                    say!("a server or `autonomos worker --once` looks into them");
                }
            }
        }
        IntentAction::Promote { id, reason } => {
            let why = reason.as_deref().unwrap_or("it is promoted");
            print(&tenant.promote_intent(intent_id(id)?, why).await?, args.json)?;
        }
        IntentAction::Reject { id, reason } => {
            let why = reason.as_deref().unwrap_or("it is turned down");
            print(&tenant.reject_intent(intent_id(id)?, why).await?, args.json)?;
        }
        IntentAction::Retry { id } => print(&tenant.retry_intent(intent_id(id)?).await?, args.json)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(tenant: &TenantDcl, state: Option<&str>, as_json: bool) -> anyhow::Result<()> {
    let state: Option<IntentState> = match state {
        Some(word) => Some(serde_json::from_value(json!(word)).with_context(|| {
            format!("`{word}` is no state of a proposal; `autonomos intent list` shows those there are")
        })?),
        None => None,
    };
    let filter = IntentFilter { state, ..IntentFilter::default() };
    let page = tenant.intents(&filter, Page::first(MAX_LIMIT)).await?;
    if as_json {
        say!("{}", serde_json::to_string_pretty(&page.items)?);
        return Ok(());
    }
    let mut out = table(["id", "name", "source", "state", "since", ""]);
    for one in &page.items {
        out.add_row([
            one.id.to_string(),
            one.name.clone(),
            one.source_type.clone(),
            word(one.state)?,
            one.updated_at.format("%Y-%m-%d %H:%M").to_string(),
            short(one.message.as_deref().unwrap_or_default(), MESSAGE_CHARS),
        ]);
    }
    say!("{out}");
    Ok(())
}

fn print(one: &IntentDetail, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        say!("{}", serde_json::to_string_pretty(one)?);
        return Ok(());
    }
    say!("{} ({}): {}", one.intent.name, one.intent.source_type, word(one.intent.state)?);
    for step in &one.transitions {
        say!("{} {} by {}: {}", step.at.format("%Y-%m-%d %H:%M:%S"), word(step.to)?, step.by, step.message);
    }
    Ok(())
}

/// Reads proposals: one object, or a list of them.
fn requests(file: &Path) -> anyhow::Result<Vec<IntentRequest>> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text)?;
        text
    } else {
        std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?
    };
    let value: Value = serde_json::from_str(&text).context("the proposals are no JSON")?;
    let list = if value.is_array() { value } else { json!([value]) };
    serde_json::from_value(list).context("a proposal is not as POST /api/v1/aam/intents takes it")
}

fn intent_id(text: &str) -> anyhow::Result<IntentId> {
    text.parse().ok().with_context(|| format!("`{text}` is no id of a proposal; `autonomos intent list` shows them"))
}

//! `autonomos connection`: connections from the command line, on the same store as the server.

mod authorize;

use crate::cli::{Cli, ConnectionAction, ConnectionArgs, ConnectionSyncArgs};
use crate::compose::House;
use crate::settings::Settings;
use crate::show::{say, short, table};
use anyhow::Context;
use aos_core::kind::{self, Sync};
use aos_core::ledger::Outcome;
use aos_core::task::NewTask;
use aos_core::{ConnectionId, RunId};
use aos_dcl::TenantDcl;
use aos_dcl::connections::ConnectionDetail;
use aos_mesh::AWAITS_CONFIRMATION;
use aos_store::{MAX_LIMIT, Page, TenantStore};
use serde::Serialize;
use serde_json::json;
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;

const MESSAGE_CHARS: usize = 80;
/// As the exit codes say it: the source cannot be read, or not now.
const UNREADABLE: u8 = 3;

pub async fn run(cli: &Cli, args: &ConnectionArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let scope = house.known_scope(&args.tenant).await?;
    let tenant = house.dcl.tenant(&scope);
    match &args.action {
        ConnectionAction::List => list(&tenant, args.json).await?,
        ConnectionAction::Show { name } => {
            let shown = tenant.connection(named(&tenant, name).await?).await?;
            print(&shown, args.json)?;
        }
        ConnectionAction::Check { name } => {
            let looked = tenant.check_connection(named(&tenant, name).await?).await?;
            if args.json {
                say!("{}", serde_json::to_string_pretty(&looked)?);
            } else {
                say!("{} ({} ms)", looked.message, looked.latency_ms);
                looked.next_step.iter().for_each(|next| say!("{next}"));
            }
            if !looked.ok {
                return Ok(ExitCode::from(UNREADABLE));
            }
        }
        ConnectionAction::Sync(sync) => {
            let store = house.store.tenant(&scope);
            return read(&tenant, &store, sync, settings.database_is_embedded(), args.json).await;
        }
        ConnectionAction::Confirm { name } => {
            let confirmed = tenant.confirm_read(named(&tenant, name).await?).await?;
            print(&confirmed, args.json)?;
        }
        ConnectionAction::Authorize(authorize) => {
            let id = named(&tenant, &authorize.name).await?;
            authorize::run(&tenant, id, authorize.port).await?;
            print(&tenant.connection(id).await?, args.json)?;
        }
        ConnectionAction::Forget { name } => {
            let id = named(&tenant, name).await?;
            tenant.forget_grant(id).await?;
            let events = tenant.connection_events(Some(id), Page::first(1)).await?;
            events.items.iter().for_each(|event| say!("{}", event.message));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn named(tenant: &TenantDcl, name: &str) -> anyhow::Result<ConnectionId> {
    let found = tenant.named_connection(name).await;
    Ok(found.with_context(|| format!("there is no connection `{name}`; `autonomos connection list` shows them"))?.id)
}

async fn list(tenant: &TenantDcl, as_json: bool) -> anyhow::Result<()> {
    let mut all = Vec::new();
    let mut page = Page::first(MAX_LIMIT);
    loop {
        let found = tenant.list_connections(page).await?;
        all.extend(found.items);
        let Some(cursor) = found.next_cursor else { break };
        page = Page::after(cursor, MAX_LIMIT);
    }
    if as_json {
        say!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    let mut out = table(["name", "connector", "status", "streams", "last read", "id"]);
    for one in &all {
        let last = one.last_run.as_ref().map(|run| run.started_at.format("%Y-%m-%d %H:%M").to_string());
        out.add_row([
            one.name.clone(),
            one.connector.clone(),
            word(one.status)?,
            one.streams.len().to_string(),
            last.unwrap_or_default(),
            one.id.to_string(),
        ]);
    }
    say!("{out}");
    Ok(())
}

fn print(one: &ConnectionDetail, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        say!("{}", serde_json::to_string_pretty(one)?);
        return Ok(());
    }
    say!("{} ({}): {}", one.name, one.connector, word(one.status)?);
    if let Some(grant) = &one.grant {
        say!("leave given by {}: {} {}", grant.given_by, grant.state, grant.message);
    }
    if let Some(held) = &one.held_read {
        match &held.confirmed_by {
            Some(by) => {
                say!("a read that takes {} requests goes on, as {by} said", held.requests.unwrap_or(held.spent))
            }
            None => say!("{}", held.message),
        }
    }
    let mut out = table(["stream", "entity", "records", "read to its end", "deletes"]);
    for stream in &one.streams {
        out.add_row([
            stream.name.clone(),
            stream.entity.clone().unwrap_or_default(),
            stream.rows.to_string(),
            stream.completed_at.map(|at| at.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
            stream.deletes.clone().unwrap_or_default(),
        ]);
    }
    say!("{out}");
    Ok(())
}

/// Reads a connection here, where the embedded store belongs to this process alone; otherwise a worker does it.
async fn read(
    tenant: &TenantDcl,
    store: &TenantStore<'_>,
    args: &ConnectionSyncArgs,
    embedded: bool,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let id = named(tenant, &args.name).await?;
    let mode = serde_json::from_value(json!(args.mode))
        .with_context(|| format!("`{}` is no mode; use incremental, full, backfill or keys", args.mode))?;
    let sync = Sync {
        connection: id.to_string(),
        mode,
        streams: args.streams.clone(),
        columns: args.columns.clone(),
        accept_loss: args.accept_loss,
    };
    let payload = kind::checked(kind::SYNC, serde_json::to_value(&sync)?)?;
    if !embedded {
        let task = NewTask {
            exclusive: Some(kind::sync_right(id)),
            max_attempts: kind::SYNC_ATTEMPTS,
            ..NewTask::new(kind::SYNC, payload)
        };
        let enqueued = store.enqueue_task(task).await?;
        say!("task {} reads it; `autonomos tasks show {}` says how it does", enqueued.task.id, enqueued.task.id);
        return Ok(ExitCode::SUCCESS);
    }
    let report = tenant.sync_connection(RunId::new(), &sync, CancellationToken::new(), |_| {}).await?;
    if as_json {
        say!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        let mut out =
            table(["stream", "outcome", "read", "landed", "duplicate", "filtered", "rejected", "deleted", ""]);
        for stream in &report.streams {
            let ledger = serde_json::to_value(&stream.ledger)?;
            let count = |name: &str| ledger[name].to_string();
            out.add_row([
                stream.stream.clone(),
                stream.outcome.as_str().to_owned(),
                count("read"),
                count("landed"),
                count("duplicate"),
                count("filtered"),
                count("rejected"),
                stream.deleted.to_string(),
                short(stream.problem.as_deref().unwrap_or_default(), MESSAGE_CHARS),
            ]);
        }
        say!("{out}");
        report.error.iter().for_each(|error| say!("{error}"));
    }
    let unread = matches!(report.outcome, Outcome::Failed | Outcome::Unreachable | Outcome::Throttled);
    let unread = unread || report.code == Some(AWAITS_CONFIRMATION);
    Ok(if unread { ExitCode::from(UNREADABLE) } else { ExitCode::SUCCESS })
}

/// A word of the API's, as people read it.
pub(super) fn word(value: impl Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_value(value)?.as_str().unwrap_or_default().replace('_', " "))
}

//! `autonomos tasks`: a tenant's tasks from the command line, on the same store as the server.

use crate::cli::{Cli, TaskFilterArgs, TaskReplayArgs, TasksAction, TasksArgs};
use crate::compose::House;
use crate::settings::Settings;
use crate::show::{say, short, table};
use anyhow::Context;
use aos_core::task::{TaskId, TaskState};
use aos_store::{Cancel, Page, Task, TaskFilter, TenantStore};
use chrono::{DateTime, Utc};
use std::process::ExitCode;

/// Logs of one task are no longer than this.
const LOG_LINES: u32 = 1000;
const REPLAYED_MAX: u32 = 10_000;
const ERROR_CHARS: usize = 60;

pub async fn run(cli: &Cli, args: &TasksArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let scope = house.known_scope(&args.tenant).await?;
    let store = house.store.tenant(&scope);
    match &args.action {
        TasksAction::List(list) => list_tasks(&store, &filter(&list.filter)?, list.limit, args.json).await?,
        TasksAction::Show { id } => show_task(&found(&store, id).await?, args.json)?,
        TasksAction::Cancel { id } => cancel(&store, task_id(id)?).await?,
        TasksAction::Replay(replay) => replay_tasks(&store, replay, args.json).await?,
        TasksAction::Logs { id } => logs(&store, found(&store, id).await?.id, args.json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list_tasks(store: &TenantStore<'_>, filter: &TaskFilter, limit: u32, json: bool) -> anyhow::Result<()> {
    let page = store.list_tasks(filter, Page::first(limit)).await?;
    if json {
        say!("{}", serde_json::to_string_pretty(&page.items)?);
        return Ok(());
    }
    let mut out = table(["id", "kind", "state", "attempts", "enqueued", "ended", "error"]);
    for task in &page.items {
        out.add_row([
            task.id.to_string(),
            task.kind.clone(),
            task.state.as_str().to_owned(),
            format!("{} of {}", task.attempts, task.max_attempts),
            moment(Some(task.created_at)),
            moment(task.finished_at),
            short(task.error.as_deref().unwrap_or_default(), ERROR_CHARS),
        ]);
    }
    say!("{out}");
    let more = if page.next_cursor.is_some() { ", there are more (raise --limit)" } else { "" };
    say!("{} tasks{more}", page.items.len());
    Ok(())
}

fn show_task(task: &Task, json: bool) -> anyhow::Result<()> {
    if json {
        say!("{}", serde_json::to_string_pretty(task)?);
        return Ok(());
    }
    say!("{} {}: {}", task.kind, task.id, task.state.as_str());
    say!("attempts {} of {}, priority {}", task.attempts, task.max_attempts, task.priority.get());
    say!("enqueued {} by {}", moment(Some(task.created_at)), task.created_by);
    for (what, time) in [("may begin", task.run_at), ("begun", task.started_at), ("ended", task.finished_at)] {
        if time.is_some() {
            say!("{what} {}", moment(time));
        }
    }
    if let Some(progress) = &task.progress {
        say!("progress {:.0} %: {}", progress.fraction * 100.0, progress.message);
    }
    if let Some(error) = &task.error {
        say!("error: {error}");
    }
    say!("payload: {}", serde_json::to_string_pretty(&task.payload)?);
    if let Some(result) = &task.result {
        say!("result: {}", serde_json::to_string_pretty(result)?);
    }
    Ok(())
}

async fn cancel(store: &TenantStore<'_>, id: TaskId) -> anyhow::Result<()> {
    match store.cancel_task(id).await? {
        Cancel::Canceled => say!("task {id} is canceled"),
        Cancel::Requested => say!("task {id} is running; its worker stops it at its next sign of life"),
        Cancel::Ended(state) => {
            anyhow::bail!("task {id} has ended already, as {}; nothing is left to cancel", state.as_str())
        }
    }
    Ok(())
}

async fn replay_tasks(store: &TenantStore<'_>, args: &TaskReplayArgs, json: bool) -> anyhow::Result<()> {
    let replayed = if args.ids.is_empty() {
        let filter =
            TaskFilter { kinds: args.kind.clone(), since: since(args.since.as_deref())?, ..TaskFilter::default() };
        store.replay_tasks(&filter, REPLAYED_MAX).await?
    } else {
        let mut replayed = Vec::new();
        for id in &args.ids {
            let id = task_id(id)?;
            store.replay_task(id).await.with_context(|| format!("task {id} is not run again"))?;
            replayed.push(id);
        }
        replayed
    };
    if json {
        say!("{}", serde_json::to_string_pretty(&replayed)?);
    } else {
        say!("{} tasks wait again; a running server or worker does them", replayed.len());
    }
    Ok(())
}

async fn logs(store: &TenantStore<'_>, id: TaskId, json: bool) -> anyhow::Result<()> {
    let lines = store.task_logs(id, Page::first(LOG_LINES)).await?.items;
    if json {
        say!("{}", serde_json::to_string_pretty(&lines)?);
        return Ok(());
    }
    for line in &lines {
        say!("{} attempt {} {}: {}", moment(Some(line.at)), line.attempt, line.level.as_str(), line.message);
    }
    Ok(())
}

async fn found(store: &TenantStore<'_>, id: &str) -> anyhow::Result<Task> {
    let id = task_id(id)?;
    store
        .task(id)
        .await?
        .with_context(|| format!("there is no task {id} here; `autonomos tasks list` shows those there are"))
}

fn task_id(text: &str) -> anyhow::Result<TaskId> {
    text.parse().map_err(|_| anyhow::anyhow!("`{text}` is not the id of a task; `autonomos tasks list` shows them"))
}

fn filter(args: &TaskFilterArgs) -> anyhow::Result<TaskFilter> {
    let states = args.state.iter().map(|name| state(name)).collect::<anyhow::Result<_>>()?;
    Ok(TaskFilter { states, kinds: args.kind.clone(), since: since(args.since.as_deref())?, ..TaskFilter::default() })
}

fn state(name: &str) -> anyhow::Result<TaskState> {
    serde_json::from_value(name.into()).map_err(|_| {
        anyhow::anyhow!("there is no state `{name}`; use queued, in_progress, success, failed or canceled")
    })
}

fn since(text: Option<&str>) -> anyhow::Result<Option<DateTime<Utc>>> {
    let read = |text: &str| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    text.map(read).transpose().context("--since is not a time; write it as 2026-11-21T08:00:00Z")
}

fn moment(time: Option<DateTime<Utc>>) -> String {
    time.map(|time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default()
}

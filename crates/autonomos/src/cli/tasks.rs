//! `autonomos tasks`, as `--help` shows it.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct TasksArgs {
    #[arg(long, global = true, default_value = "local")]
    pub tenant: String,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub action: TasksAction,
}

#[derive(Debug, Subcommand)]
pub enum TasksAction {
    /// List tasks, newest first
    List(TaskListArgs),
    /// Show one task: its state, attempts, payload and result
    Show { id: String },
    /// Stop a task; one that runs is stopped by its worker
    Cancel { id: String },
    /// Run failed tasks again with all their attempts: the ones named, or all that the filters leave
    Replay(TaskReplayArgs),
    /// Print what a task logged
    Logs { id: String },
}

#[derive(Debug, Args)]
pub struct TaskListArgs {
    #[command(flatten)]
    pub filter: TaskFilterArgs,
    /// How many at most
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: u32,
}

#[derive(Debug, Args)]
pub struct TaskReplayArgs {
    #[arg(value_name = "ID", conflicts_with_all = ["kind", "since", "all"], required_unless_present_any = ["all", "kind", "since"])]
    pub ids: Vec<String>,
    /// Every failed task
    #[arg(long)]
    pub all: bool,
    /// Only tasks of this kind; may be repeated
    #[arg(long)]
    pub kind: Vec<String>,
    /// Only tasks enqueued at or after this time, e.g. 2026-11-21T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

#[derive(Debug, Args)]
pub struct TaskFilterArgs {
    /// Only tasks in this state: queued, in_progress, success, failed or canceled; may be repeated
    #[arg(long)]
    pub state: Vec<String>,
    /// Only tasks of this kind; may be repeated
    #[arg(long)]
    pub kind: Vec<String>,
    /// Only tasks enqueued at or after this time, e.g. 2026-11-21T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

//! `autonomos worker`: runs tasks until it is told to stop, beside as many other processes as one likes. Also the worker that
//! `autonomos serve` has inside.

use crate::cli::{Cli, WorkerArgs};
use crate::commands::serve::told_to_stop;
use crate::compose::House;
use crate::settings::{Settings, WorkerSettings};
use crate::show::say;
use anyhow::{Context, bail};
use aos_store::ClaimOptions;
use aos_worker::tasks::TaskParts;
use aos_worker::{Worker, WorkerOptions, WorkerParts};
use std::process::ExitCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A shorter lease would be lost to an ordinary pause of the machine.
const LEASE_MIN: Duration = Duration::from_millis(500);

pub async fn run(cli: &Cli, args: &WorkerArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    if settings.database_is_embedded() {
        bail!(
            "a worker shares its queue with other processes, and the embedded database is for one; \
             set DATABASE_URL to a PostgreSQL, or let `autonomos serve` run the tasks, as it does by itself"
        );
    }
    let house = House::open(&cli.data_dir()?, settings).await?;
    let mut options = options(&settings.worker)?;
    if let Some(slots) = args.slots {
        options.slots = usize::from(slots);
    }
    if let Some(seconds) = args.drain_timeout {
        options.drain_timeout = Duration::from_secs(seconds);
    }
    let worker = worker(&house, options);
    let stop = CancellationToken::new();
    let listening = tokio::spawn(stop_when_told(stop.clone()));
    let summary = if args.once { worker.run_once(stop).await? } else { worker.run(stop).await? };
    listening.abort();
    say!(
        "{} succeeded, {} failed, {} canceled, {} given back",
        summary.succeeded,
        summary.failed,
        summary.canceled,
        summary.released
    );
    Ok(ExitCode::SUCCESS)
}

/// Makes a worker with every handler there is.
pub fn worker(house: &House, options: WorkerOptions) -> Worker {
    let parts = WorkerParts { store: house.store.clone(), broker: house.broker.clone(), clock: house.clock.clone() };
    let (dcl, net, broker, aod) = (house.dcl.clone(), house.net.clone(), house.broker.clone(), house.aod.clone());
    let tasks = TaskParts { dcl, net, broker, aod };
    Worker::new(parts, options, aos_worker::tasks::registry(&tasks))
}

/// Reads the settings of a worker.
pub fn options(settings: &WorkerSettings) -> anyhow::Result<WorkerOptions> {
    let lease = Duration::from_millis(settings.lease_ms);
    if lease < LEASE_MIN {
        bail!("worker.lease_ms is {}, the least is {}; raise it", settings.lease_ms, LEASE_MIN.as_millis());
    }
    Ok(WorkerOptions {
        hostname: hostname()?,
        slots: settings.slots,
        prefetch_max: settings.prefetch_max,
        claiming: ClaimOptions {
            fair: settings.fair,
            max_running: Some(settings.tenant_running_max).filter(|most| *most > 0),
        },
        lease,
        poll_interval: Duration::from_millis(settings.poll_interval_ms.max(10)),
        drain_timeout: Duration::from_secs(settings.drain_timeout_s),
        attempt_timeout: Duration::from_secs(settings.attempt_timeout_s.max(1)),
        retention: Duration::from_secs(settings.retention_days.max(1) * 24 * 60 * 60),
    })
}

/// Stops at the first signal; the second one ends the process as it would have without us.
async fn stop_when_told(stop: CancellationToken) {
    told_to_stop().await;
    stop.cancel();
    told_to_stop().await;
    std::process::exit(i32::from(crate::exit::FAILED));
}

fn hostname() -> anyhow::Result<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").context("this machine's name cannot be read")?;
    Ok(name.trim().to_owned())
}

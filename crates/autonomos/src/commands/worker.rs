//! `autonomos worker`: runs tasks until it is told to stop, beside as many other processes as one likes. Also the worker that
//! `autonomos serve` has inside.

use crate::cli::{Cli, WorkerArgs};
use crate::commands::serve::told_to_stop;
use crate::compose::House;
use crate::settings::{Settings, WorkerSettings};
use crate::show::say;
use crate::telemetry;
use anyhow::{Context, bail};
use aos_api::{BuildInfo, Readiness, WorkerState};
use aos_store::ClaimOptions;
use aos_worker::tasks::TaskParts;
use aos_worker::{Registry, Worker, WorkerOptions, WorkerParts};
use std::process::ExitCode;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A shorter lease would be lost to an ordinary pause of the machine.
const LEASE_MIN: Duration = Duration::from_millis(500);
/// A worker that has not failed by then has signed on.
const SIGNED_ON: Duration = Duration::from_secs(1);
const SIGN_ON_RETRY: Duration = Duration::from_secs(5);
/// What this binary was built from; the build script finds out.
pub const BUILD: BuildInfo = BuildInfo { version: env!("CARGO_PKG_VERSION"), commit: env!("AUTONOMOS_COMMIT") };

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
    let worker = Workers::new(&house, options).make();
    let stop = CancellationToken::new();
    let deleting = crate::deletions::spawn(&house, stop.clone());
    let renewing = tokio::spawn({
        let (dcl, stop) = (house.dcl.clone(), stop.clone());
        async move { dcl.keep_vault_token(stop).await }
    });
    let readiness = Readiness::default();
    readiness.set_worker(WorkerState::Running);
    let watched = watch(&house, settings, &readiness, &stop).await?;
    let listening = tokio::spawn(stop_when_told(stop.clone()));
    let summary = if args.once { worker.run_once(stop.clone()).await? } else { worker.run(stop.clone()).await? };
    stop.cancel();
    let _ = deleting.await;
    let _ = renewing.await;
    if let Some(watched) = watched {
        let _ = watched.await;
    }
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

/// Makes workers with every handler there is.
pub struct Workers {
    parts: WorkerParts,
    options: WorkerOptions,
    registry: Registry,
}

impl Workers {
    pub fn new(house: &House, options: WorkerOptions) -> Self {
        let parts =
            WorkerParts { store: house.store.clone(), broker: house.broker.clone(), clock: house.clock.clone() };
        let (dcl, net, broker, aod) = (house.dcl.clone(), house.net.clone(), house.broker.clone(), house.aod.clone());
        let (knowledge, models) = (house.knowledge.clone(), house.models.clone());
        let registry = aos_worker::tasks::registry(&TaskParts { dcl, net, broker, aod, knowledge, models });
        Self { parts, options, registry }
    }

    pub fn make(&self) -> Worker {
        Worker::new(self.parts.clone(), self.options.clone(), self.registry.clone())
    }

    /// Runs tasks until stopped. A worker that cannot sign on says so at once, there and in the readiness of the process, and another one tries.
    pub async fn keep_working(self, readiness: Readiness, stop: CancellationToken) {
        loop {
            let working = self.make().run(stop.clone());
            tokio::pin!(working);
            let ended = tokio::select! {
                ended = &mut working => ended,
                () = tokio::time::sleep(SIGNED_ON) => {
                    readiness.set_worker(WorkerState::Running);
                    working.await
                }
            };
            let Err(error) = ended else { return };
            let reason = format!("{:#}", anyhow::Error::from(error));
            tracing::error!(reason, "no tasks are run in this process: {reason}");
            readiness.set_worker(WorkerState::Failed { since: self.parts.clock.now(), reason });
            if stop.run_until_cancelled(tokio::time::sleep(SIGN_ON_RETRY)).await.is_none() {
                return;
            }
        }
    }
}

/// Opens the listener for those who watch over this process, where it is wanted.
pub async fn watch(
    house: &House,
    settings: &Settings,
    readiness: &Readiness,
    stop: &CancellationToken,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    let Some(recorder) = telemetry::recorder() else { return Ok(None) };
    let address = &settings.telemetry.metrics_address;
    telemetry::serve_metrics(address, recorder, house, readiness.clone(), BUILD, stop.clone()).await.map(Some)
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
        stale_after: Duration::from_secs(settings.stale_after_s.max(60)),
        watch_interval: Duration::from_secs(settings.watch_interval_s.max(1)),
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

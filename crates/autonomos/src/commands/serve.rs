//! `autonomos serve`: the API, the live events and the web UI, until it is told to stop.

use crate::cli::{Cli, ServeArgs};
use crate::commands::worker;
use crate::compose::House;
use crate::exit::PortInUse;
use crate::settings::Settings;
use crate::show::say;
use anyhow::Context;
use aos_api::{ApiSettings, ApiState, DemoLogin, JwtKeys};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub async fn run(cli: &Cli, args: &ServeArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let host = args.host.clone().unwrap_or_else(|| settings.server.host.clone());
    let listener = bind(&host, args.port.unwrap_or(settings.server.port)).await?;
    let house = House::open(&cli.data_dir()?, settings).await?;
    say!("listening on http://{}", listener.local_addr()?);
    serve(house, settings, listener, None, !args.no_worker).await
}

/// Takes the port, before anything else is opened.
pub async fn bind(host: &str, port: u16) -> anyhow::Result<TcpListener> {
    let address = format!("{host}:{port}");
    match TcpListener::bind(&address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(PortInUse { address }.into()),
        Err(error) => {
            Err(error).with_context(|| format!("cannot listen on {address}; check server.host and server.port"))
        }
    }
}

/// Serves until Ctrl-C or SIGTERM, then lets requests and tasks that are under way come to their end.
pub async fn serve(
    house: House,
    settings: &Settings,
    listener: TcpListener,
    demo_login: Option<DemoLogin>,
    runs_tasks: bool,
) -> anyhow::Result<ExitCode> {
    let worker = runs_tasks.then(|| worker::options(&settings.worker).map(|options| worker::worker(&house, options)));
    let worker = worker.transpose()?;
    let keys = JwtKeys::new(&signing_key(house.data.path())?)?;
    let api_settings = ApiSettings {
        access_token_ttl: Duration::from_secs(settings.auth.access_token_ttl_s),
        request_timeout: Duration::from_secs(settings.server.request_timeout_s),
        body_bytes_max: settings.server.body_bytes_max,
        demo_login,
        aod_configured: house.aod.is_some(),
        ..ApiSettings::default()
    };
    let state = ApiState {
        store: house.store.clone(),
        broker: house.broker.clone(),
        dcl: house.dcl.clone(),
        clock: house.clock.clone(),
        keys,
        guard: house.net.guard().clone(),
        settings: api_settings,
    };
    let router = aos_api::router(state);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tracing::info!(address = %listener.local_addr()?, "serving");
    let stop_worker = CancellationToken::new();
    let working = worker.map(|worker| tokio::spawn(worker.run(stop_worker.clone())));
    // Live sockets have no end of their own, so a stop does not wait for them longer than this.
    const DRAIN: Duration = Duration::from_secs(10);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        told_to_stop().await;
        let _ = stop.send(());
    });
    let server = tokio::spawn(async move { server.await });
    let _ = stopped.await;
    tracing::info!("stopping");
    stop_worker.cancel();
    if tokio::time::timeout(DRAIN, server).await.is_err() {
        tracing::warn!("some connections did not end in time and were cut");
    }
    if let Some(working) = working
        && let Err(error) = working.await?
    {
        tracing::error!(%error, "no tasks were run in this process: {error}");
    }
    drop(house);
    Ok(ExitCode::SUCCESS)
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn told_to_stop() {
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect("signals can be listened to");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Returns this installation's signing key, which is made at the first start and readable by its owner only.
fn signing_key(data: &Path) -> anyhow::Result<Vec<u8>> {
    let path = data.join("signing.key");
    secret_file(&path, || {
        let mut key = vec![0u8; 32];
        rand::fill(&mut key[..]);
        key
    })
}

/// Reads a secret file, or makes it: written whole under another name first, then given its own.
pub fn secret_file(path: &Path, make: impl FnOnce() -> Vec<u8>) -> anyhow::Result<Vec<u8>> {
    match std::fs::read(path) {
        Ok(secret) if !secret.is_empty() => return Ok(secret),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
    let secret = make();
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&partial).with_context(|| format!("{} cannot be written", partial.display()))?;
    file.write_all(&secret)?;
    file.sync_all()?;
    // Two processes may start on one directory at once: the name is taken by one of them, and both use what stands there.
    let placed = std::fs::hard_link(&partial, path);
    std::fs::remove_file(&partial)?;
    match placed {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(std::fs::read(path)?),
        Err(error) => Err(error).with_context(|| format!("{} cannot be written", path.display())),
    }
}

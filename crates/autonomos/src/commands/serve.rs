//! `autonomos serve`: the API, the live events and the web UI, until it is told to stop.

use crate::cli::{Cli, ServeArgs};
use crate::commands::worker::{self, Workers};
use crate::compose::House;
use crate::exit::PortInUse;
use crate::settings::{Rates, Settings};
use crate::show::say;
use anyhow::Context;
use aos_api::listener::ConnectionLimits;
use aos_api::{
    ApiSettings, ApiState, DemoLogin, Denials, JwtKeys, Oidc, Rate, RateSettings, Readiness, SocketSettings,
};
use std::io::Write;
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
    let workers = runs_tasks.then(|| worker::options(&settings.worker).map(|options| Workers::new(&house, options)));
    let workers = workers.transpose()?;
    let readiness = Readiness::default();
    let keys = JwtKeys::stored(&house.store).await.context("the keys that sign tokens cannot be read")?;
    let api_settings = ApiSettings {
        access_token_ttl: settings.auth.access_token_ttl(),
        session_ttl: Duration::from_secs(settings.auth.session_ttl_s.max(1)),
        program_ttl: Duration::from_secs(settings.auth.program_ttl_s.max(1)),
        invitation_ttl: Duration::from_secs(settings.auth.invitation_ttl_s.max(1)),
        registration: settings.auth.registration,
        public_url: settings.server.public_url(),
        mcp_hosts: settings.server.mcp_hosts.iter().map(str::to_owned).collect(),
        cors_origins: settings.server.cors_origins.iter().map(str::to_owned).collect(),
        request_timeout: Duration::from_secs(settings.server.request_timeout_s),
        body_bytes_max: settings.server.body_bytes_max,
        readiness: readiness.clone(),
        build: worker::BUILD,
        demo_login,
        rate: rates(&settings.rate),
        trusted_proxies: settings.server.trusted_proxies()?,
        aod_configured: house.aod.is_some(),
        socket: SocketSettings { per_tenant_max: settings.server.live_per_tenant_max, ..SocketSettings::default() },
        ..ApiSettings::default()
    };
    let denials = Denials::new(house.store.clone(), house.clock.clone());
    let state = ApiState {
        store: house.store.clone(),
        broker: house.broker.clone(),
        dcl: house.dcl.clone(),
        clock: house.clock.clone(),
        keys,
        guard: house.net.guard().clone(),
        net: house.net.clone(),
        oidc: Oidc::new(&house.net, &house.clock, settings.auth.providers())?,
        signer: house.audit_signer().await?,
        denials: denials.clone(),
        models: house.models.clone(),
        embeddings: house.embeddings.clone(),
        knowledge: house.knowledge.clone(),
        settings: api_settings,
    };
    let router = aos_api::router(state);
    let limits = ConnectionLimits {
        max: settings.server.connections_max.max(1),
        per_address_max: settings.server.connections_per_address_max.max(1),
        trusted_proxies: settings.server.trusted_proxies()?,
        header_timeout: Duration::from_secs(settings.server.header_timeout_s.max(1)),
        stall_timeout: Duration::from_secs(settings.server.stall_timeout_s.max(1)),
    };
    tracing::info!(address = %listener.local_addr()?, "serving");
    let stop_worker = CancellationToken::new();
    let playing = crate::simulated::play(settings, &stop_worker).await?;
    let deleting = crate::deletions::spawn(&house, stop_worker.clone());
    let renewing = tokio::spawn({
        let (dcl, stop) = (house.dcl.clone(), stop_worker.clone());
        async move { dcl.keep_vault_token(stop).await }
    });
    let watched = worker::watch(&house, settings, &readiness, &stop_worker).await?;
    let working = workers.map(|workers| tokio::spawn(workers.keep_working(readiness, stop_worker.clone())));
    // Live sockets have no end of their own, so a stop does not wait for them longer than this.
    const DRAIN: Duration = Duration::from_secs(10);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let told = async move {
        told_to_stop().await;
        let _ = stop.send(());
    };
    let server = tokio::spawn(aos_api::listener::serve(listener, router, denials.clone(), limits, told));
    let _ = stopped.await;
    tracing::info!("stopping");
    stop_worker.cancel();
    if tokio::time::timeout(DRAIN, server).await.is_err() {
        tracing::warn!("some connections did not end in time and were cut");
    }
    for task in [working, watched].into_iter().flatten().chain(playing) {
        task.await?;
    }
    let _ = deleting.await;
    let _ = renewing.await;
    denials.write_down().await;
    drop(house);
    Ok(ExitCode::SUCCESS)
}

fn rates(settings: &Rates) -> RateSettings {
    RateSettings {
        reads: Rate { per_minute: settings.reads_per_minute, burst: settings.reads_burst },
        writes: Rate { per_minute: settings.writes_per_minute, burst: settings.writes_burst },
        anonymous: Rate { per_minute: settings.anonymous_per_minute, burst: settings.anonymous_burst },
    }
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

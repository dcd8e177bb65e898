//! `autonomos simulate`: a service that AutonomOS talks to, played on this machine only.

use crate::cli::{Service, SimulateArgs};
use crate::commands::serve::{bind, told_to_stop};
use crate::show::say;
use aos_simulators::{Chaos, aod};
use std::process::ExitCode;
use std::time::Duration;

pub async fn run(args: &SimulateArgs) -> anyhow::Result<ExitCode> {
    let Service::Aod(aod) = &args.service;
    let dial = &aod.dial;
    let chaos = Chaos { latency: Duration::from_millis(dial.latency_ms), failure_share: dial.failure_share };
    let options = aod::Options { seed: dial.seed, systems: aod.systems, token: aod.token.clone(), chaos };
    let listener = bind("127.0.0.1", dial.port).await?;
    say!("AOD simulator, seed {}, listening on http://{}", dial.seed, listener.local_addr()?);
    say!(
        "name it in the settings: [aod] url = \"http://{}\", [net] allow_private = [\"127.0.0.1/32\"]",
        listener.local_addr()?
    );
    axum::serve(listener, aod::router(options)).with_graceful_shutdown(told_to_stop()).await?;
    Ok(ExitCode::SUCCESS)
}

//! The listener for Prometheus and for whoever watches over the process: `/metrics`, `/health/live`, `/health/ready`, `/version`. It has an address of
//! its own, so that it is never where tenants are, and workers have it too.

use super::Recorder;
use crate::compose::House;
use anyhow::Context;
use aos_api::{BuildInfo, Readiness};
use aos_broker::{Broker, Health};
use aos_core::Clock;
use aos_dcl::Dcl;
use aos_store::Store;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics::gauge;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[derive(Clone)]
struct Watched {
    recorder: Recorder,
    store: Store,
    broker: Broker,
    dcl: Dcl,
    net: aos_net::Client,
    clock: Clock,
    readiness: Readiness,
    build: BuildInfo,
}

/// Listens until it is stopped.
///
/// # Errors
/// When the address is taken, or is none.
pub async fn serve(
    address: &str,
    recorder: Recorder,
    house: &House,
    readiness: Readiness,
    build: BuildInfo,
    stop: CancellationToken,
) -> anyhow::Result<JoinHandle<()>> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; check telemetry.metrics_address, which each process needs its own of")
    })?;
    tracing::info!(address = %listener.local_addr()?, "metrics are at http://{}/metrics", listener.local_addr()?);
    gauge!("autonomos_start_time_seconds").set(house.clock.now().timestamp() as f64);
    gauge!("autonomos_build_info", "version" => build.version, "commit" => build.commit).set(1.0);
    let watched = Watched {
        recorder,
        store: house.store.clone(),
        broker: house.broker.clone(),
        dcl: house.dcl.clone(),
        net: house.net.clone(),
        clock: house.clock.clone(),
        readiness,
        build,
    };
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/health/live", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/health/ready", get(ready))
        .route("/version", get(version))
        .with_state(watched);
    let serving = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
    Ok(tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the listener for metrics has ended: {error}");
        }
    }))
}

async fn metrics(State(watched): State<Watched>) -> Response {
    watched.look().await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], watched.recorder.render()).into_response()
}

async fn ready(State(watched): State<Watched>) -> Response {
    let report = watched.readiness.report(&watched.store, &watched.broker).await;
    let status = if report.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(report)).into_response()
}

async fn version(State(watched): State<Watched>) -> Json<serde_json::Value> {
    Json(
        json!({ "version": watched.build.version, "commit": watched.build.commit, "schema": aos_store::schema_version() }),
    )
}

impl Watched {
    /// Reads what is only looked at when somebody asks.
    async fn look(&self) {
        let up = |is_up: bool| if is_up { 1.0 } else { 0.0 };
        let queue = self.store.system().queue_depth().await;
        gauge!("autonomos_database_up").set(up(queue.is_ok()));
        if let Ok(queue) = queue {
            for (state, tasks) in [("ready", queue.ready), ("delayed", queue.delayed), ("running", queue.running)] {
                gauge!("autonomos_tasks", "state" => state).set(tasks as f64);
            }
            let waited = queue.oldest_ready.map_or(0.0, |since| (self.clock.now() - since).as_seconds_f64().max(0.0));
            gauge!("autonomos_oldest_ready_task_seconds").set(waited);
            gauge!("autonomos_tenant_deletions_unfinished").set(queue.deletions as f64);
        }
        for pool in self.store.connections() {
            gauge!("autonomos_database_connections", "role" => pool.role, "state" => "idle").set(f64::from(pool.idle));
            gauge!("autonomos_database_connections", "role" => pool.role, "state" => "used").set(f64::from(pool.used));
        }
        gauge!("autonomos_broker_up").set(up(matches!(self.broker.health(), Health::Healthy)));
        gauge!("autonomos_circuits_open").set(self.net.open_circuits() as f64);
        gauge!("autonomos_engines_open").set(self.dcl.engines_open() as f64);
        gauge!("autonomos_worker_up").set(up(self.readiness.runs_tasks()));
    }
}

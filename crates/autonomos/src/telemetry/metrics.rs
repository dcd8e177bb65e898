//! The numbers of this process for Prometheus: what they are called and mean, and how they are kept until somebody asks.
//!
//! Labels are words of the program: routes as they are written in the router, kinds of tasks, outcomes. A tenant is never one.

use anyhow::Context;
use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// Upper bounds of the buckets of durations, in seconds.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

#[derive(Clone)]
pub struct Recorder(PrometheusHandle);

/// The one of this process: what the crates count has no other place to go to.
static RECORDER: OnceLock<Recorder> = OnceLock::new();

/// Returns what keeps the numbers; none where nobody is to see them.
pub fn recorder() -> Option<Recorder> {
    RECORDER.get().cloned()
}

/// Takes up what the crates count from here on.
pub fn install() -> anyhow::Result<()> {
    let recorder = Recorder::install()?;
    let _ = RECORDER.set(recorder);
    Ok(())
}

impl Recorder {
    fn install() -> anyhow::Result<Self> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
            .context("the buckets are in order")?
            .install_recorder()
            .context("the numbers of this process are kept already")?;
        describe();
        Ok(Self(handle))
    }

    pub fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

fn describe() {
    describe_histogram!(
        "autonomos_http_request_duration_seconds",
        "Time to answer a request, by method, route and status"
    );
    describe_counter!("autonomos_task_attempts_total", "Attempts at tasks that ended, by kind and outcome");
    describe_histogram!("autonomos_task_attempt_duration_seconds", "How long attempts at tasks took, by kind");
    describe_counter!("autonomos_ingest_records_total", "Records of sources, by what became of them");
    describe_counter!("autonomos_ingest_pages_total", "Pages of records that were kept");
    describe_counter!("autonomos_spans_dropped_total", "Spans that the collector did not get");
    describe_gauge!("autonomos_tasks", "Tasks in the queue, of all tenants, by state");
    describe_gauge!("autonomos_oldest_ready_task_seconds", "How long the oldest task that could begin has waited");
    describe_gauge!("autonomos_database_up", "1 when the database answers");
    describe_gauge!(
        "autonomos_database_connections",
        "Connections to the database, by role and whether they are in use"
    );
    describe_gauge!("autonomos_broker_up", "1 when what processes tell each other arrives");
    describe_gauge!("autonomos_circuits_open", "Hosts that are left alone for a while because they keep failing");
    describe_gauge!("autonomos_engines_open", "Query engines that are open in this process");
    describe_gauge!("autonomos_worker_up", "1 when this process runs tasks");
    describe_gauge!("autonomos_tenant_deletions_unfinished", "Deletions of tenants that have not come to their end");
    describe_gauge!("autonomos_build_info", "Always 1; the version is in the labels");
    describe_gauge!("autonomos_start_time_seconds", "When this process started, in seconds since the epoch");
}

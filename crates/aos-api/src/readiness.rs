//! Whether a process can do its work, and if not, why. The same for the API and for whoever watches over a process that serves none.

use aos_broker::{Broker, Health};
use aos_store::Store;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use utoipa::ToSchema;

/// How long the store may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_secs(3);

/// What this process is, for whoever asks which one answers.
#[derive(Debug, Clone, Copy)]
pub struct BuildInfo {
    pub version: &'static str,
    /// The commit it was built from; `unknown` where the build was not told.
    pub commit: &'static str,
}

impl Default for BuildInfo {
    fn default() -> Self {
        Self { version: env!("CARGO_PKG_VERSION"), commit: "unknown" }
    }
}

/// What parts of the process say about themselves. Cloning it is cheap and gives the same.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    worker: Arc<Mutex<Option<WorkerState>>>,
}

/// Whether this process runs tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerState {
    Running,
    /// It cannot, and tries again.
    Failed {
        since: DateTime<Utc>,
        reason: String,
    },
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Report {
    /// `degraded` when the work goes on with something missing, `unavailable` when it does not.
    #[schema(example = "ok")]
    status: Status,
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// What carries live events and wake-ups between processes.
    broker: Part,
    /// Each part that work goes through.
    parts: BTreeMap<&'static str, Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    Degraded,
    Unavailable,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct Part {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
    /// What is wrong, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Part {
    fn ok() -> Self {
        Self { status: Status::Ok, since: None, reason: None }
    }
}

impl Report {
    /// Whether the process can do its work, be it with something missing.
    pub fn is_ready(&self) -> bool {
        self.status < Status::Unavailable
    }

    /// Says what is missing, in one sentence.
    pub fn reason(&self) -> String {
        let wrong = self.parts.iter().filter_map(|(name, part)| Some(format!("{name}: {}", part.reason.as_ref()?)));
        wrong.collect::<Vec<_>>().join("; ")
    }
}

impl Readiness {
    /// Says how the worker of this process stands.
    pub fn set_worker(&self, state: WorkerState) {
        *self.worker.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
    }

    pub fn runs_tasks(&self) -> bool {
        *self.worker.lock().unwrap_or_else(PoisonError::into_inner) == Some(WorkerState::Running)
    }

    /// Looks at everything that work goes through.
    pub async fn report(&self, store: &Store, broker: &Broker) -> Report {
        let database = match tokio::time::timeout(PATIENCE, store.ping()).await {
            Ok(Ok(())) => Part::ok(),
            Ok(Err(error)) => unavailable(error.to_string()),
            Err(_) => unavailable(format!("nothing came back within {} seconds", PATIENCE.as_secs())),
        };
        let broker = match broker.health() {
            Health::Healthy => Part::ok(),
            Health::Degraded { since, reason } => {
                Part { status: Status::Degraded, since: Some(since), reason: Some(reason) }
            }
        };
        let mut parts = BTreeMap::from([("database", database), ("broker", broker.clone())]);
        match self.worker.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            None => {}
            Some(WorkerState::Running) => drop(parts.insert("worker", Part::ok())),
            Some(WorkerState::Failed { since, reason }) => {
                let part = Part { status: Status::Degraded, since: Some(since), reason: Some(reason) };
                parts.insert("worker", part);
            }
        }
        let status = parts.values().map(|part| part.status).max().unwrap_or(Status::Ok);
        Report { status, version: env!("CARGO_PKG_VERSION"), broker, parts }
    }
}

fn unavailable(reason: String) -> Part {
    Part { status: Status::Unavailable, since: None, reason: Some(reason) }
}

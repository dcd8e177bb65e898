//! Tells a tenant's live events what its tasks do: at once when little happens, collected when much does.

use aos_broker::{Broker, Topic};
use aos_core::task::{TaskId, TaskState};
use aos_core::{TenantId, TenantScope};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Between two events of one tenant.
const COLLECTED_FOR: Duration = Duration::from_millis(50);
/// Tasks that one event names; of more it says how many, and the list is to be read again.
const NAMED_MAX: usize = 100;

/// What is told of a task.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Change {
    pub id: TaskId,
    pub kind: Arc<str>,
    pub state: TaskState,
    pub attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Change {
    /// Takes what was told later; how far the attempt had come holds on while nothing else is said of it.
    fn follow(&mut self, later: Self) {
        let earlier = std::mem::replace(self, later);
        if (earlier.state, earlier.attempt) == (self.state, self.attempt) && self.progress.is_none() {
            (self.progress, self.message) = (earlier.progress, earlier.message);
        }
    }
}

#[derive(Clone)]
pub(crate) struct Announcer {
    untold: Arc<Untold>,
}

#[derive(Default)]
struct Untold {
    tenants: Mutex<HashMap<TenantId, Changes>>,
    added: Notify,
}

struct Changes {
    scope: TenantScope,
    tasks: Vec<Change>,
    /// Changes of tasks that found no room.
    more: u64,
}

impl Announcer {
    /// Begins telling. It ends when the returned handle is aborted; [`Announcer::tell_all`] tells the rest.
    pub fn start(broker: Broker) -> (Self, tokio::task::JoinHandle<()>) {
        let announcer = Self { untold: Arc::default() };
        let telling = announcer.clone();
        let handle = tokio::spawn(async move {
            loop {
                telling.untold.added.notified().await;
                telling.tell_all(&broker).await;
                tokio::time::sleep(COLLECTED_FOR).await;
            }
        });
        (announcer, handle)
    }

    /// Notes a change; of several of one task the last one is told.
    pub fn changed(&self, scope: &TenantScope, change: Change) {
        let mut tenants = self.lock();
        let changes = tenants.entry(scope.tenant_id()).or_insert_with(|| Changes {
            scope: scope.clone(),
            tasks: Vec::new(),
            more: 0,
        });
        let room = changes.tasks.len() < NAMED_MAX;
        match changes.tasks.iter_mut().rev().find(|known| known.id == change.id) {
            Some(known) => known.follow(change),
            None if room => changes.tasks.push(change),
            None => changes.more += 1,
        }
        drop(tenants);
        self.untold.added.notify_one();
    }

    /// Tells what is not told yet. That nobody could be told is no reason to stop: the store has it.
    pub async fn tell_all(&self, broker: &Broker) {
        let untold = std::mem::take(&mut *self.lock());
        for (tenant, changes) in untold {
            let payload = json!({ "tasks": changes.tasks, "more": changes.more });
            if let Err(error) = broker.tenant(&changes.scope).publish(Topic::TaskChanged, payload).await {
                tracing::warn!(tenant.id = %tenant, %error, "a change of tasks could not be told: {error}");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Changes>> {
        self.untold.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

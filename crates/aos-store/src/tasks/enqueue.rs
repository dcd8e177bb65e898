//! Enqueueing: in the transaction of whatever makes the task necessary, once per key, and never two for one exclusive right.

use super::rights::with_right;
use super::rows::{self, Entry};
use super::task::Task;
use crate::again::until_clear;
use crate::convert::{time, to_json};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::tenant::TenantStore;
use aos_core::Clock;
use aos_core::task::{NewTask, TaskId, TaskState};
use serde_json::json;
use uuid::Uuid;

pub(super) const PAYLOAD_BYTES_MAX: usize = 256 * 1024;
/// How long a key is remembered, in microseconds.
pub(super) const KEY_LIFE: i64 = 24 * 60 * 60 * 1_000_000;
/// Tasks of one call; more would hold the transaction too long.
const BULK_MAX: usize = 100_000;

/// What became of a request to enqueue.
#[derive(Debug, Clone, PartialEq)]
pub struct Enqueued {
    pub task: Task,
    /// Whether the task was there already, under the same key.
    pub known: bool,
}

/// A task that has its place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    New { id: TaskId, created_at: i64, run_at: i64 },
    Known(TaskId),
}

impl TenantStore<'_> {
    /// Enqueues a task, or returns the one that was enqueued with the same key within a day.
    ///
    /// # Errors
    /// [`Error::TaskActive`] when another task holds the exclusive right, [`Error::KeyReused`] when the key stands for another task,
    /// [`Error::InvalidTask`] and [`Error::TooLarge`] for what cannot be kept.
    pub async fn enqueue_task(&self, new: NewTask) -> Result<Enqueued> {
        until_clear(|| async {
            let mut tx = self.begin().await?;
            let enqueued = self.enqueue_in(&mut tx, new.clone()).await?;
            tx.commit().await?;
            Ok(enqueued)
        })
        .await
    }

    /// Enqueues a task in the transaction of its cause.
    pub(crate) async fn enqueue_in(&self, tx: &mut Tx, new: NewTask) -> Result<Enqueued> {
        let entry = self.entry(with_right(&mut *tx, self.id(), new).await?)?;
        match place(tx, &self.store.clock, &entry).await? {
            Placed::New { id, created_at, run_at } => {
                self.audit(tx, "task.enqueue", &id.to_string(), json!({ "kind": entry.task.kind })).await?;
                Ok(Enqueued { task: entry.into_task(created_at, run_at), known: false })
            }
            Placed::Known(id) => {
                let task = self.task_in(tx, id).await?;
                Ok(Enqueued { task: task.ok_or_else(|| Error::NotFound(Resource::Task(id.to_string())))?, known: true })
            }
        }
    }

    /// Enqueues many tasks in one transaction, all or none, and returns their ids in the order given.
    ///
    /// # Errors
    /// Those of [`TenantStore::enqueue_task`]. At most 100,000 tasks are taken at once.
    pub async fn enqueue_tasks(&self, new: Vec<NewTask>) -> Result<Vec<TaskId>> {
        if new.len() > BULK_MAX {
            return Err(Error::TooLarge { what: "the list of tasks", size: new.len(), limit: BULK_MAX });
        }
        let mut tx = self.begin().await?;
        let mut entries = Vec::with_capacity(new.len());
        for new in new {
            entries.push(self.entry(with_right(&mut tx, self.id(), new).await?)?);
        }
        let placed = place_all(&mut tx, &self.store.clock, &entries).await?;
        let ids = placed.into_iter().map(|placed| placed.map(Placed::id)).collect::<Result<Vec<_>>>()?;
        // One entry for the whole call: a hundred thousand would say no more.
        let named = json!({ "tasks": ids.len(), "first": ids.first(), "last": ids.last() });
        self.audit(&mut tx, "task.enqueue", "tasks", named).await?;
        tx.commit().await?;
        Ok(ids)
    }

    fn entry(&self, new: NewTask) -> Result<Entry> {
        new.check(self.store.clock.now())?;
        let by = (self.scope.principal().to_string(), self.scope.role().as_str().to_owned());
        Entry::new(self.id(), by, new)
    }
}

impl Placed {
    pub(crate) fn id(self) -> TaskId {
        match self {
            Self::New { id, .. } | Self::Known(id) => id,
        }
    }
}

impl Entry {
    /// Prepares a checked task for being written, on behalf of a principal with a role.
    pub(super) fn new(tenant: Uuid, (principal, role): (String, String), mut task: NewTask) -> Result<Self> {
        let payload = sized("the payload of the task", to_json(&task.payload))?;
        let body = task.key.is_some().then(|| digest(&task));
        let next_task = task.on_success_next_task.take();
        let next_json = next_task.as_ref().map(to_json);
        let next_json = next_json.map(|text| sized("the chain of tasks that follow", text)).transpose()?;
        let trace_id = task.trace_id.take().unwrap_or_else(|| Uuid::new_v4().simple().to_string());
        let id = TaskId::new();
        Ok(Self {
            tenant,
            id,
            task,
            payload,
            body,
            next_task,
            next_json,
            principal,
            role,
            trace_id,
            parent: None,
            schedule: None,
        })
    }

    fn is_plain(&self) -> bool {
        self.task.key.is_none() && self.task.exclusive.is_none()
    }

    fn into_task(self, created_at: i64, run_at: i64) -> Task {
        Task {
            id: self.id,
            kind: self.task.kind,
            state: TaskState::Queued,
            payload: self.task.payload,
            priority: self.task.priority,
            created_at: time(created_at),
            created_by: self.principal,
            trace_id: self.trace_id,
            run_at: Some(time(run_at)),
            started_at: None,
            finished_at: None,
            attempts: 0,
            max_attempts: self.task.max_attempts,
            timeout_ms: self.task.timeout_ms,
            result: None,
            error: None,
            progress: None,
            cancel_requested: false,
            exclusive: self.task.exclusive,
            callback_url: self.task.callback_url,
            on_success_next_task: self.next_task.map(|next| *next),
            next_task_id: None,
            parent_id: self.parent,
            schedule_id: self.schedule,
            worker_id: None,
        }
    }
}

/// Gives each entry its place, or says why it has none; what has none leaves nothing behind, and the others are not held up by it.
pub(super) async fn place_all(tx: &mut Tx, clock: &Clock, entries: &[Entry]) -> Result<Vec<Result<Placed>>> {
    let plain: Vec<_> = entries.iter().filter(|entry| entry.is_plain()).collect();
    let mut inserted = rows::insert(tx, clock, &plain).await?;
    let mut placed = Vec::with_capacity(entries.len());
    for entry in entries {
        placed.push(match inserted.remove(&entry.id.0) {
            Some((run_at, created_at)) => Ok(Placed::New { id: entry.id, created_at, run_at }),
            None => match place(tx, clock, entry).await {
                Err(error @ (Error::TaskActive { .. } | Error::KeyReused { .. })) => Err(error),
                done => Ok(done?),
            },
        });
    }
    Ok(placed)
}

async fn place(tx: &mut Tx, clock: &Clock, entry: &Entry) -> Result<Placed> {
    if let (Some(key), Some(body)) = (&entry.task.key, &entry.body)
        && let Some(known) = take_key(tx, clock, entry, key, body).await?
    {
        return Ok(Placed::Known(known));
    }
    if let Some(name) = &entry.task.exclusive
        && let Err(error) = take_right(tx, entry.tenant, name, entry.id).await
    {
        give_back_key(tx, entry).await?;
        return Err(error);
    }
    let inserted = rows::insert(tx, clock, &[entry]).await?;
    let (run_at, created_at) = inserted.get(&entry.id.0).copied().ok_or(sqlx::Error::RowNotFound)?;
    Ok(Placed::New { id: entry.id, created_at, run_at })
}

/// Takes the key for this task, or returns the task that has it. Whoever takes the same key at the same moment is waited for.
async fn take_key(tx: &mut Tx, clock: &Clock, entry: &Entry, key: &str, body: &[u8]) -> Result<Option<TaskId>> {
    let now = super::moment::now(tx, clock).await?;
    let taken = query(
        "INSERT INTO task_keys (tenant_id, key, task_id, body, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, key) DO UPDATE
            SET task_id = excluded.task_id, body = excluded.body, expires_at = excluded.expires_at
          WHERE task_keys.expires_at <= $6",
    )
    .bind(entry.tenant)
    .bind(key)
    .bind(entry.id.0)
    .bind(body.to_vec())
    .bind(now + KEY_LIFE)
    .bind(now)
    .execute(tx)
    .await?;
    if taken > 0 {
        return Ok(None);
    }
    let (task, known_body) =
        query_as::<(Uuid, Vec<u8>)>("SELECT task_id, body FROM task_keys WHERE tenant_id = $1 AND key = $2")
            .bind(entry.tenant)
            .bind(key)
            .fetch_one(tx)
            .await?;
    if known_body != body {
        return Err(Error::KeyReused { key: key.to_owned() });
    }
    Ok(Some(TaskId(task)))
}

async fn give_back_key(tx: &mut Tx, entry: &Entry) -> Result<()> {
    let Some(key) = &entry.task.key else { return Ok(()) };
    query("DELETE FROM task_keys WHERE tenant_id = $1 AND key = $2 AND task_id = $3")
        .bind(entry.tenant)
        .bind(key)
        .bind(entry.id.0)
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes an exclusive right for a task, or says who holds it. Whoever takes it at the same moment is waited for.
pub(super) async fn take_right(tx: &mut Tx, tenant: Uuid, name: &str, task: TaskId) -> Result<()> {
    // A holder may end between the two statements; then the right is free after all.
    for _ in 0..super::TRIES {
        let taken = query(
            "INSERT INTO task_rights (tenant_id, name, task_id) VALUES ($1, $2, $3)
             ON CONFLICT (tenant_id, name) DO NOTHING",
        )
        .bind(tenant)
        .bind(name)
        .bind(task.0)
        .execute(tx)
        .await?;
        if taken > 0 {
            return Ok(());
        }
        let holder = query_scalar::<Uuid>("SELECT task_id FROM task_rights WHERE tenant_id = $1 AND name = $2")
            .bind(tenant)
            .bind(name)
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(holder) = holder {
            return Err(Error::TaskActive { name: name.to_owned(), task: TaskId(holder) });
        }
    }
    Err(Error::TaskActive { name: name.to_owned(), task })
}

fn sized(what: &'static str, text: String) -> Result<String> {
    if text.len() > PAYLOAD_BYTES_MAX {
        return Err(Error::TooLarge { what, size: text.len(), limit: PAYLOAD_BYTES_MAX });
    }
    Ok(text)
}

/// Digests what was asked for, so that a key is not taken for another request. The trace differs from request to request.
fn digest(task: &NewTask) -> Vec<u8> {
    let asked = NewTask { key: None, trace_id: None, ..task.clone() };
    xxhash_rust::xxh3::xxh3_128(to_json(&asked).as_bytes()).to_be_bytes().to_vec()
}

//! The unit of work of a request: all its writes in one transaction, which is committed together with the answer.
//!
//! While a unit of work is open in the task at hand, a transaction that is committed is parked instead, the next one goes on in it, and
//! reads see what it holds. What must not happen before the commit (waking others, telling them, removing files) waits for it:
//! [`after_commit`]. On PostgreSQL this holds for the writes of the tenant; what the system role writes is committed by itself.

use crate::db::{Actor, Parked, Pool, Tx};
use crate::error::Result;
use crate::tenant::TenantStore;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

tokio::task_local! {
    static UNIT: Arc<Unit>;
}

type Later = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Unit {
    pool: Arc<Pool>,
    tenant: Uuid,
    parked: Arc<Mutex<Parked>>,
    later: std::sync::Mutex<Vec<(When, Later)>>,
}

/// What something waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Committed,
    /// The end of the unit of work, whichever it is.
    Ended,
}

/// What a request has done so far. Dropped, it leaves nothing.
pub struct UnitOfWork(Arc<Unit>);

/// Does something once what was done so far is committed: at once, or at the end of the unit of work in which this is called. Where
/// that ends without a commit, it is not done.
pub async fn after_commit(work: impl Future<Output = ()> + Send + 'static) {
    wait_for(When::Committed, work).await;
}

/// Does something that is to stand whatever becomes of the unit of work in which this is called: at its end, or at once outside of one.
pub async fn after_end(work: impl Future<Output = ()> + Send + 'static) {
    wait_for(When::Ended, work).await;
}

/// Does something that must hold whatever becomes of the unit of work in which this is called, and whose outcome is needed at once, in
/// a transaction of its own. With the embedded database nothing may have been written in the unit before it, or the two would wait for
/// each other.
pub async fn apart<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    if UNIT.try_with(|_| ()).is_err() {
        return work.await;
    }
    // A task of its own knows nothing of the unit that this one is in.
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is being taken down ends a task that nobody has aborted, and this one with it.
            Err(_) => std::future::pending().await,
        },
    }
}

async fn wait_for(when: When, work: impl Future<Output = ()> + Send + 'static) {
    match UNIT.try_with(Arc::clone) {
        Ok(unit) => unit.later.lock().unwrap_or_else(PoisonError::into_inner).push((when, Box::pin(work))),
        Err(_) => work.await,
    }
}

impl TenantStore<'_> {
    /// Does some work as one unit, which is then to be committed, or dropped.
    pub async fn as_one<T>(&self, work: impl Future<Output = T>) -> (T, UnitOfWork) {
        let unit = Arc::new(Unit {
            pool: self.store.pool.clone(),
            tenant: self.id(),
            parked: Arc::default(),
            later: std::sync::Mutex::default(),
        });
        let done = UNIT.scope(unit.clone(), work).await;
        (done, UnitOfWork(unit))
    }
}

impl UnitOfWork {
    /// Whether anything was written.
    pub async fn has_written(&self) -> bool {
        !self.0.parked.lock().await.is_empty()
    }

    /// Takes the transaction out, if there is one, to be committed.
    pub(crate) async fn take(&self) -> Result<Option<Tx>> {
        Ok(self.0.parked.lock().await.take(self.0.pool.prepared()).await?)
    }

    /// Undoes what was done.
    pub async fn give_up(self) {
        drop(self.take().await);
        self.end(false).await;
    }

    /// Does what had to wait for the commit.
    pub(crate) async fn committed(self) {
        self.end(true).await;
    }

    async fn end(self, committed: bool) {
        let later = std::mem::take(&mut *self.0.later.lock().unwrap_or_else(PoisonError::into_inner));
        for (when, work) in later {
            if committed || when == When::Ended {
                work.await;
            }
        }
    }
}

/// Returns where a transaction of this actor is to go on, in a unit of work; waits for the part before it.
pub(crate) async fn place(pool: &Pool, actor: Actor) -> Option<OwnedMutexGuard<Parked>> {
    let parked = parked(pool, actor)?;
    Some(parked.lock_owned().await)
}

/// Returns where a reader has to look first: nowhere while a part is in hand, whose writes are nobody else's yet.
pub(crate) fn reading_place(pool: &Pool, actor: Actor) -> Option<OwnedMutexGuard<Parked>> {
    parked(pool, actor)?.try_lock_owned().ok().filter(|parked| !parked.is_empty())
}

fn parked(pool: &Pool, actor: Actor) -> Option<Arc<Mutex<Parked>>> {
    let unit = UNIT.try_with(Arc::clone).ok()?;
    let same = std::ptr::eq(&*unit.pool, pool) && (pool.is_this_process_alone() || actor == Actor::Tenant(unit.tenant));
    same.then(|| unit.parked.clone())
}

//! Rotation of the queue on PostgreSQL. Rows that are done with stay in a table until vacuum removes them, and vacuum may not while some
//! session holds an old snapshot. So the queue has three partitions that take turns (as Skype's PgQ has): what is enqueued goes to the
//! current one, and one that has run empty is truncated, which no snapshot prevents. What a claim steps over is bounded by
//! what has ended since the last turn.

use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::Result;
use crate::system::SystemStore;
use serde::Serialize;

/// A partition of this size, in bytes, has had its turn: some thousand tasks, of which little more than the waiting ones are alive.
const TURN_BYTES: i64 = 1024 * 1024;
/// Tasks moved out of a partition's way at once. Those that stay long are few: the running ones.
const MOVED_MAX: i64 = 1000;
const PARTITIONS: i64 = 3;

/// What was done to the queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Rotation {
    /// Whether another partition is the current one now.
    pub turned: bool,
    /// Partitions that were emptied of dead rows.
    pub truncated: u32,
    /// Tasks moved to the current partition.
    pub moved: u64,
}

impl SystemStore<'_> {
    /// Keeps the queue small. To be called every fraction of a second while tasks end, and now and then otherwise; a call that finds
    /// nothing to do costs one short query. On SQLite, whose readers do not outlive a page, there is nothing to do.
    pub async fn rotate_queue(&self) -> Result<Rotation> {
        let mut tx = self.begin_tasks().await?;
        if matches!(tx, Tx::Sqlite(_)) {
            return Ok(Rotation::default());
        }
        let sizes = query_as::<(i64, i64, i64, i64)>(
            "SELECT g.last_value, pg_relation_size('task_queue_0'), pg_relation_size('task_queue_1'),
                    pg_relation_size('task_queue_2')
               FROM task_generation g",
        );
        let (current, first, second, third) = sizes.fetch_one(&mut tx).await?;
        drop(tx);
        let sizes = [first, second, third];
        let mut rotation = Rotation::default();
        let mut free = None;
        for other in (1..PARTITIONS).map(|step| (current + step) % PARTITIONS) {
            let used = usize::try_from(other).is_ok_and(|place| sizes[place] > 0);
            if used && self.truncate(other).await? {
                rotation.truncated += 1;
            } else if used {
                continue;
            }
            free = free.or(Some(other));
        }
        let is_full = usize::try_from(current).is_ok_and(|place| sizes[place] >= TURN_BYTES);
        match free {
            Some(next) if is_full => {
                self.turn(current, next).await?;
                rotation.turned = true;
            }
            None if is_full => rotation.moved = self.make_room(current).await?,
            _ => {}
        }
        Ok(rotation)
    }

    /// Empties a partition in which nothing is left. Returns false when there is, or when somebody works on it just now.
    async fn truncate(&self, generation: i64) -> Result<bool> {
        if self.holds_tasks(generation).await? {
            return Ok(false);
        }
        let mut tx = self.begin_tasks().await?;
        let truncated = truncate(&mut tx, generation).await;
        match truncated {
            Ok(true) => {
                tx.commit().await?;
                Ok(true)
            }
            Ok(false) => Ok(false),
            Err(error) if error.is_contention() => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn holds_tasks(&self, generation: i64) -> Result<bool> {
        query_scalar("SELECT EXISTS (SELECT 1 FROM task_queue WHERE generation = $1)")
            .bind(generation)
            .fetch_one(self.reader())
            .await
    }

    async fn turn(&self, current: i64, next: i64) -> Result<()> {
        let mut tx = self.begin_claim().await?;
        let still: i64 = query_scalar("SELECT last_value FROM task_generation").fetch_one(&mut tx).await?;
        if still == current {
            query_scalar::<i64>("SELECT setval('task_generation', $1)").bind(next).fetch_one(&mut tx).await?;
        }
        tx.commit().await
    }

    /// Moves tasks that stay long, out of the other partition that has the fewest, to the current one.
    async fn make_room(&self, current: i64) -> Result<u64> {
        let mut tx = self.begin_claim().await?;
        let mut fewest: Option<(i64, i64)> = None;
        for other in (1..PARTITIONS).map(|step| (current + step) % PARTITIONS) {
            let tasks = query_scalar::<i64>(
                "SELECT COUNT(*) FROM (SELECT 1 FROM task_queue WHERE generation = $1 LIMIT $2) some_of_them",
            );
            let tasks = tasks.bind(other).bind(MOVED_MAX).fetch_one(&mut tx).await?;
            fewest = fewest.filter(|(least, _)| *least <= tasks).or(Some((tasks, other)));
        }
        let Some((_, from)) = fewest else { return Ok(0) };
        // A task that an attempt holds just now is moved the next time.
        let moved = query(
            "UPDATE task_queue q SET generation = $2
               FROM (SELECT tenant_id, id FROM task_queue WHERE generation = $1 LIMIT $3 FOR UPDATE SKIP LOCKED) m
              WHERE q.generation = $1 AND q.tenant_id = m.tenant_id AND q.id = m.id",
        );
        let moved = moved.bind(from).bind(current).bind(MOVED_MAX).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(moved)
    }
}

/// Nobody waits long for it: whoever uses the partition goes first, and it is tried again.
async fn truncate(tx: &mut Tx, generation: i64) -> Result<bool> {
    let (lock, truncate) = match generation {
        0 => ("LOCK TABLE task_queue_0 IN ACCESS EXCLUSIVE MODE", "TRUNCATE task_queue_0"),
        1 => ("LOCK TABLE task_queue_1 IN ACCESS EXCLUSIVE MODE", "TRUNCATE task_queue_1"),
        _ => ("LOCK TABLE task_queue_2 IN ACCESS EXCLUSIVE MODE", "TRUNCATE task_queue_2"),
    };
    query("SET LOCAL lock_timeout = '50ms'").execute(tx).await?;
    query(lock).execute(tx).await?;
    // Only now is it certain that nobody is about to add to it. A role to which row security shows nothing must not conclude
    // that there is nothing.
    let holds: bool = query_scalar(
        "SELECT EXISTS (SELECT 1 FROM task_queue WHERE generation = $1)
             OR NOT EXISTS (SELECT 1 FROM pg_policy
                             WHERE polrelid = 'task_queue'::regclass AND polname = 'system_crosses')",
    )
    .bind(generation)
    .fetch_one(&mut *tx)
    .await?;
    if holds {
        return Ok(false);
    }
    query(truncate).execute(tx).await?;
    Ok(true)
}

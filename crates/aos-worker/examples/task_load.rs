//! Load for `bench/tasks`: enqueues no-op tasks as a program beside the workers would, and prints one JSON object of what it measured.
//!
//!     task_load DATABASE_URL REDIS_URL enqueue COUNT        one call each, one after the other
//!     task_load DATABASE_URL REDIS_URL bulk COUNT           500 with each call
//!     task_load DATABASE_URL REDIS_URL trickle COUNT PAUSE_MS
//!     task_load DATABASE_URL REDIS_URL feed SECONDS DEPTH   keeps so many waiting
//!     task_load DATABASE_URL REDIS_URL slow SLEEP_MS        one that takes its time and may be tried again

use aos_broker::{Broker, BrokerConfig, RedisConfig};
use aos_core::kind;
use aos_core::task::NewTask;
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantScope};
use aos_store::{PostgresOptions, Store, TenantStore};
use serde_json::{Value, json};
use std::error::Error;
use std::time::{Duration, Instant};

const AT_ONCE: usize = 500;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [database, redis, command, numbers @ ..] = texts.as_slice() else {
        return Err("usage: task_load DATABASE_URL REDIS_URL COMMAND NUMBER...".into());
    };
    let numbers = numbers.iter().map(|text| text.parse()).collect::<Result<Vec<u64>, _>>()?;
    let store = Store::open_postgres(&PostgresOptions::new(*database), Clock::default()).await?;
    let broker = Broker::open(BrokerConfig::Redis(RedisConfig::new(*redis)), Clock::default()).await?;
    let tenant = store.system().ensure_tenant("bench").await?.id;
    #[allow(clippy::disallowed_methods)] // Whoever runs a benchmark owns the database.
    let scope = TenantScope::establish(tenant, Principal::Local, Role::Owner);
    let load = Load { tasks: store.tenant(&scope), broker: &broker };
    let measured = match (*command, numbers.as_slice()) {
        ("enqueue", [count]) => load.one_by_one(*count, Duration::ZERO).await?,
        ("trickle", [count, pause]) => load.one_by_one(*count, Duration::from_millis(*pause)).await?,
        ("bulk", [count]) => load.bulk(*count).await?,
        ("feed", [seconds, depth]) => load.feed(Duration::from_secs(*seconds), *depth).await?,
        ("slow", [sleep_ms]) => load.slow(*sleep_ms).await?,
        _ => return Err(format!("there is no command `{command}` with {} numbers", numbers.len()).into()),
    };
    println!("{measured}");
    // What was to be told to other processes is on its way.
    tokio::time::sleep(Duration::from_millis(100)).await;
    store.close().await;
    Ok(())
}

struct Load<'s> {
    tasks: TenantStore<'s>,
    broker: &'s Broker,
}

impl Load<'_> {
    async fn one_by_one(&self, count: u64, pause: Duration) -> Result<Value, Box<dyn Error>> {
        let mut calls = Vec::new();
        for _ in 0..count {
            let call = Instant::now();
            self.tasks.enqueue_task(noop(json!({}))).await?;
            calls.push(call.elapsed());
            self.wake();
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
        let total: f64 = calls.iter().map(Duration::as_secs_f64).sum();
        calls.sort();
        let at = |share: f64| calls[((calls.len() as f64 * share) as usize).min(calls.len() - 1)].as_micros() as u64;
        Ok(json!({ "per_s": count as f64 / total, "p50_us": at(0.5), "p95_us": at(0.95), "p99_us": at(0.99) }))
    }

    async fn bulk(&self, count: u64) -> Result<Value, Box<dyn Error>> {
        let begun = Instant::now();
        let mut left = usize::try_from(count)?;
        while left > 0 {
            let some = left.min(AT_ONCE);
            self.tasks.enqueue_tasks(vec![noop(json!({})); some]).await?;
            left -= some;
        }
        self.wake();
        Ok(json!({ "per_s": count as f64 / begun.elapsed().as_secs_f64() }))
    }

    async fn feed(&self, time: Duration, depth: u64) -> Result<Value, Box<dyn Error>> {
        let begun = Instant::now();
        let mut enqueued = 0;
        while begun.elapsed() < time {
            let waiting = self.tasks.queue_stats().await?.waiting;
            if waiting >= depth {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            self.tasks.enqueue_tasks(vec![noop(json!({})); AT_ONCE]).await?;
            enqueued += AT_ONCE;
            self.wake();
        }
        Ok(json!({ "enqueued": enqueued, "seconds": begun.elapsed().as_secs_f64() }))
    }

    async fn slow(&self, sleep_ms: u64) -> Result<Value, Box<dyn Error>> {
        let task = NewTask { max_attempts: 5, ..noop(json!({ "sleep_ms": sleep_ms })) };
        let enqueued = self.tasks.enqueue_task(task).await?;
        self.wake();
        Ok(json!({ "id": enqueued.task.id }))
    }

    fn wake(&self) {
        self.broker.system().wake(kind::WAKE);
    }
}

fn noop(payload: Value) -> NewTask {
    NewTask::new(kind::NOOP, payload)
}

//! What customers do during the storm, and what they were told: a task counts as enqueued when a server has said so.

use crate::house::House;
use crate::http::{Answer, Request};
use crate::receiver::Receiver;
use crate::tenants::{Tenant, text};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// How often somebody asks again who got no answer.
const TRIES: u32 = 40;
const PAUSE_MS: std::ops::Range<u64> = 5..60;

/// What was acknowledged.
#[derive(Default)]
pub struct Book {
    /// Tenant and task.
    pub tasks: RefCell<Vec<(String, String)>>,
    /// Tasks whose cancel was acknowledged.
    pub canceled: RefCell<Vec<(String, String)>>,
    /// How often each schedule was made due, and how often perhaps: the connection broke off.
    pub due: RefCell<BTreeMap<String, (u64, u64)>>,
    /// Answers by status and code.
    pub answers: RefCell<BTreeMap<String, u64>>,
    stopped: Cell<bool>,
}

impl Book {
    pub fn stop(&self) {
        self.stopped.set(true);
    }
}

/// One customer at work.
pub struct Customer {
    pub house: Rc<House>,
    pub tenant: Rc<Tenant>,
    pub receiver: Rc<Receiver>,
    pub book: Rc<Book>,
    random: StdRng,
    keys: u64,
}

impl Customer {
    pub fn new(house: Rc<House>, tenant: Rc<Tenant>, receiver: Rc<Receiver>, book: Rc<Book>, seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed.wrapping_mul(1000) + tenant.number as u64);
        Self { house, tenant, receiver, book, random, keys: 0 }
    }

    /// Works until the book is closed.
    pub async fn work(mut self) {
        while !self.book.stopped.get() {
            match self.random.random_range(0..20) {
                0..5 => self.enqueue_some_noops().await,
                5..10 => self.enqueue_effect().await,
                10..12 => self.connect().await,
                12 => self.run_orchestration().await,
                13..15 => self.cancel_one().await,
                15 => self.make_schedule_due().await,
                16 => self.set_prod_mode().await,
                17 => self.look("/api/v1/tasks?limit=20").await,
                18 => self.look("/api/v1/aoa/status").await,
                _ => self.look("/api/v1/dcl/state").await,
            }
            let pause = self.random.random_range(PAUSE_MS);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn enqueue_some_noops(&mut self) {
        for _ in 0..self.random.random_range(1..8) {
            let next = json!({ "kind": "noop", "max_retries": 20 });
            let task = json!({
                "kind": "noop",
                "max_retries": 20,
                "priority": self.random.random_range(0..10),
                "payload": { "sleep_ms": self.random.random_range(0..30) },
                "on_success_next_task": if self.random.random_bool(0.4) { next } else { Value::Null },
            });
            self.enqueue(task).await;
        }
    }

    async fn enqueue_effect(&mut self) {
        let callback = format!("http://{}/told", self.receiver.address);
        let task = json!({
            "kind": "effect",
            "max_retries": if self.random.random_bool(0.2) { 0 } else { 20 },
            "payload": { "work_ms": self.random.random_range(0..1200), "failures": self.random.random_range(0..2) },
            "callback_url": if self.random.random_bool(0.3) { json!(callback) } else { Value::Null },
        });
        self.enqueue(task).await;
    }

    async fn connect(&mut self) {
        self.tenant.sources.borrow_mut().change(&mut self.random);
        self.enqueue(json!({ "kind": "connect", "max_retries": 20 })).await;
    }

    /// Asks without a key: without an answer nobody knows whether there is a job, and the next one may be refused because of it.
    async fn run_orchestration(&mut self) {
        self.tenant.sources.borrow_mut().change(&mut self.random);
        if let Some(answer) = self.ask(Request::post("/api/v1/aoa/run", json!({}))).await {
            self.take_enqueued(&answer);
        }
    }

    async fn set_prod_mode(&mut self) {
        let body = json!({ "enabled": self.random.random_bool(0.5) });
        if let Some(answer) = self.ask(Request::post("/api/v1/aoa/prod-mode", body)).await {
            self.take_enqueued(&answer);
        }
    }

    async fn cancel_one(&mut self) {
        let tenant = self.tenant.id();
        let newest = self
            .book
            .tasks
            .borrow()
            .iter()
            .rev()
            .filter(|(of, _)| *of == tenant)
            .map(|(_, id)| id.clone())
            .take(12)
            .collect::<Vec<_>>();
        let Some(id) = newest.get(self.random.random_range(0..12)) else { return };
        let path = format!("/api/v1/tasks/{id}");
        if self.ask(Request::delete(&path)).await.is_some_and(|answer| answer.is_success()) {
            self.book.canceled.borrow_mut().push((tenant, id.clone()));
        }
    }

    /// Lets the schedule's next time come now, if it is still to come.
    async fn make_schedule_due(&mut self) {
        let schedule = &self.tenant.schedule;
        let sql = format!(
            "UPDATE task_schedules SET next_at = autonomos_now() WHERE id = '{schedule}' AND next_at > autonomos_now() RETURNING 1"
        );
        let changed = self.house.sql(&sql).await;
        let mut due = self.book.due.borrow_mut();
        let (surely, perhaps) = due.entry(schedule.clone()).or_default();
        match changed {
            Ok(changed) => *surely += u64::from(changed.starts_with('1')),
            Err(_) => *perhaps += 1,
        }
    }

    async fn look(&mut self, path: &str) {
        self.ask(Request::get(path)).await;
    }

    /// Enqueues a task under a key, asking again until it was answered.
    async fn enqueue(&mut self, task: Value) {
        self.keys += 1;
        let key = format!("key-{}-{}", self.tenant.number, self.keys);
        for _ in 0..TRIES {
            let request = Request::post("/api/v1/tasks", task.clone()).keyed(&key);
            match self.ask(request).await {
                Some(answer) if answer.is_success() => return self.take_enqueued(&answer),
                // Whoever began with it may have died; seconds later the key is free.
                Some(answer) if answer.code() == Some("idempotency_key_in_flight") => {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                // Refused for good.
                Some(answer) if answer.status < 500 => return,
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    fn take_enqueued(&self, answer: &Answer) {
        if answer.is_success() {
            self.book.tasks.borrow_mut().push((self.tenant.id(), text(&answer.body["id"])));
        }
        if answer.status == 409 && answer.body["task"]["id"].as_str().is_none() {
            self.house.journal.problem(format_args!("a refusal names no task: {}", answer.body));
        }
    }

    /// Asks one of the servers; None when there was no answer.
    async fn ask(&mut self, request: Request<'_>) -> Option<Answer> {
        let server = self.house.servers[self.random.random_range(0..2)];
        let (method, path) = (request.method.to_owned(), request.path.to_owned());
        let answered = request.by(&self.tenant.token).send(server).await;
        let word = match &answered {
            Ok(answer) => format!("{} {}", answer.status, answer.code().unwrap_or("")).trim().to_owned(),
            Err(_) => "no answer".to_owned(),
        };
        *self.book.answers.borrow_mut().entry(word).or_default() += 1;
        match answered {
            Ok(answer) => {
                if !answer.is_clear() {
                    self.house
                        .journal
                        .problem(format_args!("{method} {path} was answered with {}: {}", answer.status, answer.body));
                }
                Some(answer)
            }
            Err(_) => None,
        }
    }
}

//! Two brokers that share their state, and the time.

use aos_broker::{Broker, BrokerConfig, EventId, Message, RedisConfig, Subscription, Topic};
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantId, TenantScope, UserId};
use aos_testservers::Redis;
use chrono::DateTime;
use serde_json::json;
use std::time::{Duration, Instant};

/// The longest that a test waits for something that should come.
pub const SOON: Duration = Duration::from_secs(30);

pub struct World {
    /// What happens here is seen there; the same broker where there is no Redis.
    pub here: Broker,
    pub there: Broker,
    pub redis: Option<Redis>,
    clock: Clock,
}

impl World {
    pub fn in_process() -> Self {
        let clock = Clock::fixed(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let here = Broker::in_process(clock.clone());
        Self { there: here.clone(), here, redis: None, clock }
    }

    /// `None` where tests are to run without Redis.
    pub async fn on_redis() -> Option<Self> {
        let redis = Redis::start()?;
        let (here, there) = (connect(&redis).await, connect(&redis).await);
        Some(Self { here, there, redis: Some(redis), clock: Clock::System })
    }

    /// Lets time pass: at once where the clock is ours, really where it is the server's.
    pub async fn pass(&self, time: Duration) {
        self.clock.advance(chrono::Duration::from_std(time).unwrap());
        if self.redis.is_some() {
            tokio::time::sleep(time + Duration::from_millis(5)).await;
        }
    }

    pub fn redis(&self) -> &Redis {
        self.redis.as_ref().expect("a test on Redis")
    }
}

pub async fn connect(redis: &Redis) -> Broker {
    let config = BrokerConfig::Redis(RedisConfig::new(redis.url()));
    Broker::open(config, Clock::System).await.unwrap()
}

#[allow(clippy::disallowed_methods)] // Tests stand in for the doors that may.
pub fn someone() -> TenantScope {
    TenantScope::establish(TenantId::new(), Principal::User(UserId::new()), Role::Member)
}

pub async fn next(subscription: &mut Subscription) -> Message {
    tokio::time::timeout(SOON, subscription.next()).await.expect("an event comes")
}

/// The numbers of events, which are `{"n": …}`; none for a lag.
pub fn number(message: &Message) -> Option<u64> {
    match message {
        Message::Event(event) => serde_json::from_str::<serde_json::Value>(event.payload.get()).unwrap()["n"].as_u64(),
        Message::Lagged { .. } => None,
    }
}

/// Waits for events until this one comes, and returns all messages.
pub async fn until(subscription: &mut Subscription, last: u64) -> Vec<Message> {
    let mut messages = Vec::new();
    loop {
        messages.push(next(subscription).await);
        if messages.last().and_then(number) == Some(last) {
            return messages;
        }
    }
}

pub fn numbers(messages: &[Message]) -> Vec<u64> {
    messages.iter().filter_map(number).collect()
}

pub fn lags(messages: &[Message]) -> usize {
    messages.iter().filter(|message| matches!(message, Message::Lagged { .. })).count()
}

/// Waits until something holds.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < SOON, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub async fn healthy(broker: &Broker) {
    eventually("the broker is healthy", async || broker.health().is_healthy()).await;
}

pub async fn degraded(broker: &Broker) {
    eventually("the broker is degraded", async || !broker.health().is_healthy()).await;
}

/// Publishes an event with a number.
pub async fn say(broker: &Broker, scope: &TenantScope, n: u64) -> EventId {
    broker.tenant(scope).publish(Topic::MappingProgress, json!({ "n": n })).await.unwrap()
}

/// Publishes here until it is read there.
pub async fn heard(here: &Broker, scope: &TenantScope, there: &mut Subscription, n: u64) {
    for _ in 0..100 {
        say(here, scope, n).await;
        while let Ok(message) = tokio::time::timeout(Duration::from_millis(100), there.next()).await {
            if number(&message) == Some(n) {
                return;
            }
        }
    }
    panic!("{n} is not heard");
}

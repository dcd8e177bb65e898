//! Keeps the two connections: makes them, looks now and then whether they are any good, and makes them again.

use super::connect::{Dialler, Lines};
use super::ear::{Ear, Order};
use super::link::{ANSWER_MAX, Link};
use super::{herald, keys};
use crate::access::AccessChange;
use crate::flag::FlagChange;
use crate::local::Local;
use aos_core::TenantId;
use futures_util::StreamExt;
use rand::Rng;
use redis::aio::{MultiplexedConnection, PubSubSink, PubSubStream};
use redis::{Msg, RedisResult, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use uuid::Uuid;

/// Between two attempts to connect; doubled each time, less up to a half by chance, so that processes do not come all at once.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Between two looks at connections that seem well.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const PROBE_TTL_MS: u64 = 60_000;

pub(super) struct Keeper {
    pub(super) dialler: Dialler,
    pub(super) link: Arc<Link>,
    pub(super) ear: Arc<Ear>,
    pub(super) local: Arc<Local>,
    pub(super) origin: Uuid,
}

/// Connections in use.
pub(super) struct Attended {
    questions: MultiplexedConnection,
    sink: PubSubSink,
    news: PubSubStream,
}

impl Keeper {
    /// Keeps the connections for ever, beginning with those that are there already.
    pub(super) async fn keep(self, mut attended: Option<Attended>, mut orders: UnboundedReceiver<Order>) {
        let mut pause = PAUSE_MIN;
        loop {
            match attended.take() {
                Some(lines) => {
                    pause = PAUSE_MIN;
                    let reason = self.attend(lines, &mut orders).await;
                    self.link.down(&reason);
                }
                None => match self.dialler.dial().await {
                    Ok(lines) => {
                        attended = self.take_up(Some(lines)).await;
                        if attended.is_some() {
                            continue;
                        }
                    }
                    Err(reason) => self.link.down(&reason),
                },
            }
            rest(pause, &mut orders).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Joins the channels and lets questions pass.
    pub(super) async fn take_up(&self, lines: Option<Lines>) -> Option<Attended> {
        let Lines { mut questions, news } = lines?;
        let (mut sink, news) = news.split();
        let mut channels = self.ear.wanted();
        channels.extend([keys::WAKE, keys::FLAGS, keys::ACCESS].map(str::to_owned));
        let ready = async {
            sink.subscribe(channels).await?;
            probe(&mut questions, &mut sink).await
        };
        if let Err(reason) = in_time(ready).await {
            self.link.down(&reason);
            return None;
        }
        self.link.up(questions.clone());
        // Whoever waits looks at once: something may have been told while nobody listened.
        self.ear.ring_all();
        self.local.wakes.wake_all();
        self.local.flags.tell(FlagChange::Missed);
        self.local.access.tell(AccessChange::Missed);
        herald::send_flags(&self.link, &self.local, self.origin).await;
        herald::send_access(&self.link, &self.local, self.origin).await;
        Some(Attended { questions, sink, news })
    }

    /// Listens and looks until the connections are lost; returns why.
    async fn attend(&self, lines: Attended, orders: &mut UnboundedReceiver<Order>) -> String {
        let Attended { mut questions, mut sink, mut news } = lines;
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks.reset();
        loop {
            let done = tokio::select! {
                message = news.next() => match message {
                    Some(message) => { self.hear(&message); Ok(()) }
                    None => return "the connection was closed".to_owned(),
                },
                Some(order) = orders.recv() => self.follow(order, &mut sink).await,
                () = self.link.doubted.notified() => in_time(probe(&mut questions, &mut sink)).await,
                _ = looks.tick() => in_time(probe(&mut questions, &mut sink)).await,
            };
            if let Err(reason) = done {
                return reason;
            }
        }
    }

    async fn follow(&self, order: Order, sink: &mut PubSubSink) -> Result<(), String> {
        match order {
            Order::Join(channel, done) => {
                in_time(sink.subscribe(channel)).await?;
                // Nobody waits any more when it took too long.
                let _ = done.send(());
                Ok(())
            }
            Order::Leave(channel) if self.ear.wants(&channel) => Ok(()),
            Order::Leave(channel) => in_time(sink.unsubscribe(channel)).await,
        }
    }

    /// Understands a message. What this process said itself it knows already.
    fn hear(&self, message: &Msg) {
        let channel = message.get_channel_name();
        if ![keys::WAKE, keys::FLAGS, keys::ACCESS].contains(&channel) {
            return self.ear.ring(channel);
        }
        let Ok(text) = message.get_payload::<String>() else { return };
        let Some((origin, text)) = text.split_once(' ') else { return };
        if origin == self.origin.to_string() {
            return;
        }
        if channel == keys::WAKE {
            self.local.wakes.wake(text);
        } else if channel == keys::ACCESS {
            if let Ok(tenant) = text.parse() {
                self.local.access.tell(AccessChange::Of(tenant));
            }
        } else if let Some(change) = flag_change(text) {
            self.local.flags.tell(change);
        }
    }
}

fn flag_change(text: &str) -> Option<FlagChange> {
    let (tenant, generation) = text.split_once(' ')?;
    Some(FlagChange::Of { tenant: tenant.parse::<TenantId>().ok()?, generation: Some(generation.parse().ok()?) })
}

/// Asks both connections for something. The one writes, because a server that is full or a replica answers but is of no use.
async fn probe(questions: &mut MultiplexedConnection, sink: &mut PubSubSink) -> RedisResult<()> {
    redis::cmd("SET").arg(keys::PROBE).arg(1).arg("PX").arg(PROBE_TTL_MS).exec_async(questions).await?;
    sink.ping::<Value>().await.map(drop)
}

async fn in_time(work: impl Future<Output = RedisResult<()>>) -> Result<(), String> {
    match timeout(ANSWER_MAX, work).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} ms", ANSWER_MAX.as_millis())),
    }
}

/// Waits about so long. Orders that come meanwhile are done with: all wanted channels are joined once there is a connection.
async fn rest(pause: Duration, orders: &mut UnboundedReceiver<Order>) {
    let end = Instant::now() + pause.mul_f64(rand::rng().random_range(0.5..1.0));
    loop {
        tokio::select! {
            () = sleep_until(end) => return,
            Some(order) = orders.recv() => drop(order),
        }
    }
}

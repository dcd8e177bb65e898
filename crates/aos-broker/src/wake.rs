//! Wake-ups: "look at the store now". They carry nothing, many at once count as one, and losing one costs a poll's interval.

use crate::{SystemBroker, lock};
use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// The channels of this process, and what is still to be told to others.
#[derive(Default)]
pub(crate) struct Wakes {
    channels: Mutex<HashMap<&'static str, watch::Sender<()>>>,
    unsent: Mutex<BTreeSet<&'static str>>,
    pub(crate) to_send: Notify,
}

/// Waits on one channel. Whoever is woken while not waiting is woken at once when it waits again.
pub struct Waiter {
    woken: watch::Receiver<()>,
}

impl SystemBroker<'_> {
    /// Wakes whoever waits on a channel, in every process; returns at once.
    ///
    /// The name is fixed in the program, so that it cannot carry a tenant's data. While Redis is away only this process wakes up.
    pub fn wake(&self, channel: &'static str) {
        let wakes = &self.inner.local.wakes;
        wakes.wake(channel);
        if self.inner.redis.is_some() {
            wakes.send_later(channel);
        }
    }

    /// Opens a place to wait on a channel. What was woken before does not count.
    pub fn waiter(&self, channel: &'static str) -> Waiter {
        Waiter { woken: self.inner.local.wakes.subscribe(channel) }
    }
}

impl Waiter {
    /// Waits until woken, or until `timeout`; returns whether it was woken. It may be woken for nothing.
    pub async fn wait(&mut self, timeout: Duration) -> bool {
        matches!(tokio::time::timeout(timeout, self.woken.changed()).await, Ok(Ok(())))
    }
}

impl Wakes {
    pub(crate) fn wake(&self, channel: &str) {
        if let Some(sender) = lock(&self.channels).get(channel) {
            sender.send_replace(());
        }
    }

    /// Wakes everyone, when something may have been missed.
    pub(crate) fn wake_all(&self) {
        lock(&self.channels).values().for_each(|sender| sender.send_replace(()));
    }

    pub(crate) fn take_unsent(&self) -> BTreeSet<&'static str> {
        std::mem::take(&mut lock(&self.unsent))
    }

    fn send_later(&self, channel: &'static str) {
        lock(&self.unsent).insert(channel);
        self.to_send.notify_one();
    }

    fn subscribe(&self, channel: &'static str) -> watch::Receiver<()> {
        lock(&self.channels).entry(channel).or_default().subscribe()
    }
}

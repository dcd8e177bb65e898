//! What is listened for. A channel is joined while somebody holds a bell of it; every message on it rings, and so does the moment in
//! which a lost connection is found again, because something may have been missed.

use super::link::ANSWER_MAX;
use crate::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, oneshot, watch};

pub(super) struct Ear {
    channels: Mutex<HashMap<String, Channel>>,
    /// To the keeper, who holds the connection. As many as there are bells taken and dropped while it is busy for a moment.
    orders: mpsc::UnboundedSender<Order>,
}

struct Channel {
    bells: usize,
    ringing: watch::Sender<()>,
}

pub(super) enum Order {
    /// Joins a channel, and says when it is done.
    Join(String, oneshot::Sender<()>),
    /// Leaves a channel, unless somebody wants it again.
    Leave(String),
}

/// Rings when there is something new on a channel. Many rings at once count as one.
pub(crate) struct Bell {
    ear: Arc<Ear>,
    channel: String,
    ringing: watch::Receiver<()>,
}

impl Ear {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Order>) {
        let (orders, receiver) = mpsc::unbounded_channel();
        (Self { channels: Mutex::default(), orders }, receiver)
    }

    /// Takes a bell of a channel, joined when this returns, unless Redis is away: then it is joined as soon as Redis is back.
    pub(super) async fn listen(self: &Arc<Self>, channel: String) -> Bell {
        let ringing = {
            let mut channels = lock(&self.channels);
            let entry = channels.entry(channel.clone());
            let entry = entry.or_insert_with(|| Channel { bells: 0, ringing: watch::Sender::new(()) });
            entry.bells += 1;
            entry.ringing.subscribe()
        };
        let bell = Bell { ear: self.clone(), channel: channel.clone(), ringing };
        let (done, joined) = oneshot::channel();
        if self.orders.send(Order::Join(channel, done)).is_ok() {
            let _ = tokio::time::timeout(ANSWER_MAX, joined).await;
        }
        bell
    }

    pub(super) fn wants(&self, channel: &str) -> bool {
        lock(&self.channels).contains_key(channel)
    }

    pub(super) fn wanted(&self) -> Vec<String> {
        lock(&self.channels).keys().cloned().collect()
    }

    pub(super) fn ring(&self, channel: &str) {
        if let Some(channel) = lock(&self.channels).get(channel) {
            channel.ringing.send_replace(());
        }
    }

    pub(super) fn ring_all(&self) {
        lock(&self.channels).values().for_each(|channel| channel.ringing.send_replace(()));
    }
}

impl Bell {
    /// Waits for the next ring since the last one that was waited for, or since [`Bell::quiet`].
    pub(crate) async fn rung(&mut self) {
        if self.ringing.changed().await.is_err() {
            // The channel is there as long as a bell of it is; without it nothing would ever ring.
            std::future::pending().await
        }
    }

    /// Forgets what has rung.
    pub(crate) fn quiet(&mut self) {
        self.ringing.mark_unchanged();
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        let mut channels = lock(&self.ear.channels);
        if let Some(channel) = channels.get_mut(&self.channel) {
            channel.bells -= 1;
            if channel.bells == 0 {
                channels.remove(&self.channel);
                // An error says that the keeper is gone, and the connection with it.
                let _ = self.ear.orders.send(Order::Leave(std::mem::take(&mut self.channel)));
            }
        }
    }
}

//! One reader of a tenant's events, at its own speed. A reader that is too slow, or comes back too late, is told what it missed; it
//! never holds anything up.

use crate::lock;
use crate::topic::log::Log;
use crate::topic::{EventId, Message};
use std::sync::Arc;
use tokio::sync::watch;

pub struct Subscription {
    log: Arc<Log>,
    changed: watch::Receiver<()>,
    read: u64,
}

impl Subscription {
    pub(crate) fn new(log: Arc<Log>, after: Option<EventId>) -> Self {
        let changed = log.changed.subscribe();
        let read = after.map_or_else(|| lock(&log.recent).last(), |id| id.0);
        Self { log, changed, read }
    }

    /// Waits for the next event. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Message {
        loop {
            // Seen before looking, so that an event between the look and the wait wakes us.
            self.changed.mark_unchanged();
            if let Some(message) = self.try_next() {
                return message;
            }
            self.changed.changed().await.expect("the log is held by this subscription");
        }
    }

    /// Returns the next event when there is one already.
    pub fn try_next(&mut self) -> Option<Message> {
        let (message, read) = lock(&self.log.recent).after(self.read)?;
        self.read = read;
        Some(message)
    }
}

//! Follows a tenant's stream during the storm, as a subscriber does: always what comes after the last position it has seen.

use crate::house::House;
use aos_core::TenantScope;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(40);
const AT_ONCE: u32 = 500;

pub struct Follower {
    pub scope: TenantScope,
    /// Positions in the order in which they were seen.
    pub seen: RefCell<Vec<i64>>,
    stopped: Cell<bool>,
}

impl Follower {
    pub fn start(house: &Rc<House>, scope: TenantScope) -> Rc<Self> {
        let follower = Rc::new(Self { scope, seen: RefCell::default(), stopped: Cell::new(false) });
        let (house, following) = (house.clone(), follower.clone());
        tokio::task::spawn_local(async move {
            while !following.stopped.get() {
                // The database may be away; what was missed comes later.
                let more = following.look(&house).await.is_some_and(|seen| seen == AT_ONCE as usize);
                if !more {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        });
        follower
    }

    /// Looks once and returns how many events there were; None when the database did not answer.
    pub async fn look(&self, house: &House) -> Option<usize> {
        let after = self.seen.borrow().last().copied().unwrap_or(0);
        let events = house.store.tenant(&self.scope).list_events(after, AT_ONCE, None).await.ok()?;
        // Two looks at once would see the same twice.
        if self.seen.borrow().last().copied().unwrap_or(0) != after {
            return None;
        }
        self.seen.borrow_mut().extend(events.iter().map(|event| event.position));
        Some(events.len())
    }

    pub fn stop(&self) {
        self.stopped.set(true);
    }
}

//! Notices in this process, with the meaning of a Redis stream and its consumer groups.

use crate::notice::{MAX_NOTICES, Notice, NoticeId};
use aos_core::TenantId;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;
use tokio::sync::watch;

pub(crate) struct Notices {
    /// The number of the last notice, of any tenant.
    last: u64,
    tenants: HashMap<TenantId, Stream>,
}

#[derive(Default)]
struct Stream {
    notices: VecDeque<(u64, i64)>,
    groups: HashMap<&'static str, Group>,
    bell: watch::Sender<()>,
}

#[derive(Default)]
struct Group {
    /// The last notice that some consumer took.
    taken: u64,
    /// Taken, and not acknowledged.
    pending: BTreeMap<u64, Taken>,
}

struct Taken {
    at: DateTime<Utc>,
    position: i64,
}

impl Notices {
    pub(super) fn beginning_at(now: DateTime<Utc>) -> Self {
        Self { last: u64::try_from(now.timestamp_micros()).unwrap_or_default(), tenants: HashMap::new() }
    }

    pub(crate) fn publish(&mut self, tenant: TenantId, position: i64) {
        self.last += 1;
        let number = self.last;
        let stream = self.tenants.entry(tenant).or_default();
        stream.notices.push_back((number, position));
        while stream.notices.len() > MAX_NOTICES {
            stream.notices.pop_front();
        }
        stream.bell.send_replace(());
    }

    pub(crate) fn forget(&mut self, tenant: TenantId) {
        self.tenants.remove(&tenant);
    }

    pub(crate) fn bell(&mut self, tenant: TenantId) -> watch::Receiver<()> {
        self.tenants.entry(tenant).or_default().bell.subscribe()
    }

    pub(crate) fn read(
        &mut self,
        tenant: TenantId,
        group: &'static str,
        max: usize,
        now: DateTime<Utc>,
    ) -> Vec<Notice> {
        let Stream { notices, groups, .. } = self.tenants.entry(tenant).or_default();
        let group = groups.entry(group).or_default();
        let from = notices.partition_point(|(number, _)| *number <= group.taken);
        let found: Vec<_> = notices.iter().skip(from).take(max).copied().collect();
        for (number, position) in &found {
            group.taken = *number;
            group.pending.insert(*number, Taken { at: now, position: *position });
        }
        // What nobody acknowledges is forgotten with the notices themselves.
        let oldest = notices.front().map_or(0, |(number, _)| *number);
        group.pending = group.pending.split_off(&oldest);
        found.into_iter().map(|(number, position)| notice(number, position)).collect()
    }

    pub(crate) fn ack(&mut self, tenant: TenantId, group: &'static str, ids: &[NoticeId]) {
        let Some(group) = self.tenants.get_mut(&tenant).and_then(|stream| stream.groups.get_mut(group)) else { return };
        for id in ids {
            if let Ok(number) = id.0.parse() {
                group.pending.remove(&number);
            }
        }
    }

    pub(crate) fn claim(
        &mut self,
        tenant: TenantId,
        group: &'static str,
        idle: Duration,
        max: usize,
        now: DateTime<Utc>,
    ) -> Vec<Notice> {
        let Some(group) = self.tenants.get_mut(&tenant).and_then(|stream| stream.groups.get_mut(group)) else {
            return Vec::new();
        };
        let stale = |taken: &Taken| (now - taken.at).to_std().is_ok_and(|since| since >= idle);
        let claimed = group.pending.iter_mut().filter(|(_, taken)| stale(taken)).take(max);
        claimed
            .map(|(number, taken)| {
                taken.at = now;
                notice(*number, taken.position)
            })
            .collect()
    }
}

fn notice(number: u64, position: i64) -> Notice {
    Notice { id: NoticeId(number.to_string()), position }
}

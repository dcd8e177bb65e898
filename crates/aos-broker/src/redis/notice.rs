//! Notices in Redis: a stream per tenant, read by consumer groups, and a channel that says when there is another, so that waiting takes
//! no connection of its own.

use super::link::Away;
use super::{Bell, Redis, keys};
use crate::notice::{MAX_NOTICES, Notice, NoticeId};
use aos_core::TenantId;
use redis::Script;
use redis::streams::{StreamAutoClaimReply, StreamId, StreamReadReply};
use std::sync::LazyLock;
use std::time::Duration;

/// A stream in which nothing happens for so long is forgotten, with its groups.
const STREAM_TTL_MS: u64 = 7 * 24 * 3600 * 1000;

static PUBLISH: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/publish_position.lua")));

impl Redis {
    pub(crate) async fn publish_position(&self, tenant: TenantId, position: i64) -> Result<(), Away> {
        let mut call = PUBLISH.key(stream(tenant));
        call.arg(position).arg(MAX_NOTICES).arg(STREAM_TTL_MS).arg(stream(tenant));
        self.link.invoke(&call).await
    }

    pub(crate) async fn listen_for_notices(&self, tenant: TenantId) -> Bell {
        self.ear.listen(stream(tenant)).await
    }

    pub(crate) async fn read_notices(
        &self,
        tenant: TenantId,
        group: &str,
        consumer: &str,
        max: usize,
    ) -> Result<Vec<Notice>, Away> {
        let mut command = redis::cmd("XREADGROUP");
        command.arg("GROUP").arg(group).arg(consumer).arg("COUNT").arg(max).arg("STREAMS").arg(stream(tenant)).arg(">");
        let found: Option<StreamReadReply> = match self.link.query(&command).await {
            Err(Away(reason)) if reason.contains("NOGROUP") => {
                self.make_group(tenant, group).await?;
                self.link.query(&command).await?
            }
            answer => answer?,
        };
        let entries = found.into_iter().flat_map(|found| found.keys).flat_map(|key| key.ids);
        Ok(entries.filter_map(|entry| notice(&entry)).collect())
    }

    pub(crate) async fn ack_notices(&self, tenant: TenantId, group: &str, ids: &[NoticeId]) -> Result<(), Away> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
        self.link.query(redis::cmd("XACK").arg(stream(tenant)).arg(group).arg(ids)).await
    }

    pub(crate) async fn claim_notices(
        &self,
        tenant: TenantId,
        group: &str,
        consumer: &str,
        idle: Duration,
        max: usize,
    ) -> Result<Vec<Notice>, Away> {
        let mut command = redis::cmd("XAUTOCLAIM");
        let idle = u64::try_from(idle.as_millis()).unwrap_or(u64::MAX);
        command.arg(stream(tenant)).arg(group).arg(consumer).arg(idle).arg("0-0").arg("COUNT").arg(max);
        match self.link.query::<StreamAutoClaimReply>(&command).await {
            Err(Away(reason)) if reason.contains("NOGROUP") => Ok(Vec::new()),
            answer => Ok(answer?.claimed.iter().filter_map(notice).collect()),
        }
    }

    /// Makes a group that begins with what is kept; that somebody else was faster is fine.
    async fn make_group(&self, tenant: TenantId, group: &str) -> Result<(), Away> {
        let mut command = redis::cmd("XGROUP");
        command.arg("CREATE").arg(stream(tenant)).arg(group).arg("0").arg("MKSTREAM");
        match self.link.query::<()>(&command).await {
            Err(Away(reason)) if !reason.contains("BUSYGROUP") => Err(Away(reason)),
            _ => Ok(()),
        }
    }
}

fn stream(tenant: TenantId) -> String {
    keys::of(tenant, "notices")
}

fn notice(entry: &StreamId) -> Option<Notice> {
    Some(Notice { id: NoticeId(entry.id.clone()), position: entry.get("position")? })
}

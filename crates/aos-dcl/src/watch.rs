//! Files that are watched: which of them came or changed since they were read, told without opening one.

use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_connectors::file::{FileSettings, Stamp};
use aos_core::ConnectionId;
use aos_core::ledger::Outcome;
use aos_store::{AlertKind, Page, Run, RunFilter, StreamState};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::{Duration, SystemTime};

/// File systems keep times of change by a clock of their own, which ticks more slowly: so much later at most.
const COARSE: Duration = Duration::from_secs(1);

impl TenantDcl {
    /// Lists the files of a connection that are to be read: they came or changed since they were read or tried, and nobody has written to
    /// them for as long as `settled`. A file that was read and is not there any more gets an alert, until it is back.
    pub async fn changed_files(&self, id: ConnectionId, settled: Duration) -> Result<Vec<String>> {
        let connection = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let Ok(settings) = serde_json::from_value::<FileSettings>(connection.config.clone()) else {
            return Ok(Vec::new());
        };
        let looked = tokio::task::spawn_blocking(move || settings.open(&connection.name)?.stamps()).await;
        let looked = looked.map_err(|_| Error::Stopped)?;
        let known = self.store().list_streams(id).await?;
        self.tell_gone(id, &known, &looked).await?;
        // A folder that is empty or away has nothing to be read.
        let Ok(stamps) = looked else { return Ok(Vec::new()) };
        let last = self.store().list_runs(RunFilter { connection: Some(id) }, Page::first(1)).await?;
        #[allow(clippy::disallowed_methods)] // Files are stamped by the machine's clock, whatever ours says.
        let (now, last) = (SystemTime::now(), last.items.first());
        // Whoever tried a file because it was quiet came later than that.
        let coarse = TimeDelta::from_std(COARSE.min(settled / 2)).unwrap_or_default();
        let is_settled = |stamp: &Stamp| now.duration_since(stamp.changed_at).is_ok_and(|quiet| quiet >= settled);
        let wanted = stamps.into_iter().filter(|stamp| is_settled(stamp) && is_new(stamp, &known, last, coarse));
        Ok(wanted.map(|stamp| stamp.stream).collect())
    }

    /// Raises an alert for each file that was read and is gone, and clears those of files that are back. What was read of them stays: a file
    /// that is away may come back, and who means it to be gone says so.
    async fn tell_gone(
        &self,
        id: ConnectionId,
        known: &[StreamState],
        looked: &std::result::Result<Vec<Stamp>, aos_connectors::Error>,
    ) -> Result<()> {
        let standing = self.store().list_alerts(Some(id)).await?;
        let standing: Vec<&str> = standing
            .iter()
            .filter(|alert| alert.kind == AlertKind::FileGone)
            .map(|alert| alert.stream.as_str())
            .collect();
        for stream in known.iter().filter(|stream| stream.version.is_some()) {
            let name = stream.name.as_str();
            let why = match looked {
                Ok(stamps) if stamps.iter().any(|stamp| stamp.stream == name) => None,
                Ok(_) => Some("it is not in the folder any more".to_owned()),
                Err(error) => Some(error.to_string()),
            };
            match (why, standing.contains(&name)) {
                (Some(why), false) => {
                    let message = format!(
                        "the file was read and is gone ({why}); the {} records that were read of it stay as they were. Put it back, or remove the connection",
                        stream.records_read
                    );
                    self.store().raise_alert(id, name, AlertKind::FileGone, &message).await?;
                }
                (None, true) => {
                    self.store().clear_alert(id, name, AlertKind::FileGone).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether a file is another one than was read, and was not tried in vain since it changed.
fn is_new(stamp: &Stamp, known: &[StreamState], last: Option<&Run>, coarse: TimeDelta) -> bool {
    let state = known.iter().find(|state| state.name == stamp.stream);
    let version = state.and_then(|state| state.version.as_deref());
    if version.is_some_and(|version| version.starts_with(&stamp.version_begins)) {
        return false;
    }
    let Some(last) = last else { return true };
    let all_failed = last.streams.is_empty() && matches!(last.outcome, Some(Outcome::Failed | Outcome::Unreachable));
    let was_tried = all_failed || last.streams.iter().any(|stream| stream.stream == stamp.stream);
    !was_tried || DateTime::<Utc>::from(stamp.changed_at) + coarse > last.started_at
}

//! What an Airbyte server says of its own syncs: per connection the last job's status, records, bytes and time. By the server's public API,
//! version 1. <https://reference.airbyte.com/reference/getting-started>

use crate::context::Secret;
use crate::error::Error;
use aos_core::Clock;
use aos_net::{Client, Request};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long an answer is good for: the server is asked once a minute at most, however many look.
const FRESH: Duration = Duration::from_secs(60);
/// How long before its end a token is renewed.
const TOKEN_MARGIN: Duration = Duration::from_secs(30);
const PAGE: usize = 100;
/// Connections that are watched.
const CONNECTIONS_MAX: usize = 500;

/// Where the server is and how we prove who we are.
#[derive(Debug, Clone)]
pub struct Server {
    /// The public API's address, e.g. `https://api.airbyte.com/v1` or `http://airbyte:8001/api/public/v1`.
    pub url: String,
    pub access: Access,
    /// Only the connections of this workspace; of all when left out.
    pub workspace: Option<String>,
}

#[derive(Debug, Clone)]
pub enum Access {
    /// The server asks nobody who they are.
    Open,
    Token(Secret),
    /// An application's id and secret, exchanged for tokens that last minutes.
    Application {
        id: String,
        secret: Secret,
    },
}

/// The last sync of one connection of an Airbyte server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct ConnectionSync {
    pub connection_id: String,
    pub name: String,
    /// Of the connection: `active`, `inactive` or `deprecated`.
    pub connection_status: String,
    /// None when it was never synced.
    pub last: Option<LastSync>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastSync {
    pub job_id: i64,
    /// As the server says: `pending`, `running`, `incomplete`, `failed`, `succeeded` or `cancelled`.
    pub status: String,
    pub started_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    /// In milliseconds; none while it runs or when the server does not say.
    pub duration_ms: Option<u64>,
    pub records: Option<u64>,
    pub bytes: Option<u64>,
}

/// What the server said, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Syncs {
    pub asked_at: DateTime<Utc>,
    pub connections: Vec<ConnectionSync>,
    /// Whether the server has more connections than are watched.
    pub cut: bool,
}

/// Watches one server. Cloning it is cheap and shares what is known.
#[derive(Clone)]
pub struct Monitor {
    server: Arc<Server>,
    net: Client,
    clock: Clock,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    syncs: Option<Syncs>,
    token: Option<(Secret, DateTime<Utc>)>,
}

impl Monitor {
    pub fn new(server: Server, net: Client, clock: Clock) -> Self {
        Self { server: Arc::new(server), net, clock, known: Arc::default() }
    }

    /// Returns the last sync of each connection, at most a minute old.
    ///
    /// # Errors
    /// Any of a call; the last answer is not shown in place of one.
    pub async fn syncs(&self) -> Result<Syncs, Error> {
        // Held while asking, so that ten who look at once ask once.
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        if let Some(syncs) = &known.syncs
            && (now - syncs.asked_at).to_std().is_ok_and(|age| age < FRESH)
        {
            return Ok(syncs.clone());
        }
        let (listed, cut) = self.connections(&mut known).await?;
        let mut connections = Vec::with_capacity(listed.len());
        for connection in listed {
            let last = self.last_job(&connection.connection_id, &mut known).await?;
            connections.push(ConnectionSync {
                connection_id: connection.connection_id,
                name: connection.name,
                connection_status: connection.status,
                last,
            });
        }
        let syncs = Syncs { asked_at: now, connections, cut };
        known.syncs = Some(syncs.clone());
        Ok(syncs)
    }

    async fn connections(&self, known: &mut Known) -> Result<(Vec<RawConnection>, bool), Error> {
        let mut connections = Vec::new();
        loop {
            let offset = connections.len().to_string();
            let mut query = vec![("limit", PAGE.to_string()), ("offset", offset)];
            query.extend(self.server.workspace.iter().map(|workspace| ("workspaceIds", workspace.clone())));
            let page: Data<RawConnection> = self.get("connections", &query, known).await?;
            let got = page.data.len();
            connections.extend(page.data);
            if got < PAGE {
                return Ok((connections, false));
            }
            if connections.len() >= CONNECTIONS_MAX {
                connections.truncate(CONNECTIONS_MAX);
                return Ok((connections, true));
            }
        }
    }

    async fn last_job(&self, connection: &str, known: &mut Known) -> Result<Option<LastSync>, Error> {
        let query = [
            ("connectionId", connection.to_owned()),
            ("jobType", "sync".to_owned()),
            ("limit", "1".to_owned()),
            ("orderBy", "createdAt|DESC".to_owned()),
        ];
        let jobs: Data<RawJob> = self.get("jobs", &query, known).await?;
        Ok(jobs.data.into_iter().next().map(LastSync::from))
    }

    async fn get<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
        known: &mut Known,
    ) -> Result<T, Error> {
        let request =
            Request::get(&self.address(path))?.query(query.iter().map(|(name, value)| (*name, value.as_str())));
        let request = match self.token(known).await? {
            Some(token) => request.bearer(token.expose())?,
            None => request,
        };
        Ok(self.net.send_json(request).await?)
    }

    fn address(&self, path: &str) -> String {
        format!("{}/{path}", self.server.url.trim_end_matches('/'))
    }

    async fn token(&self, known: &mut Known) -> Result<Option<Secret>, Error> {
        let (id, secret) = match &self.server.access {
            Access::Open => return Ok(None),
            Access::Token(token) => return Ok(Some(token.clone())),
            Access::Application { id, secret } => (id, secret),
        };
        let now = self.clock.now();
        if let Some((token, until)) = &known.token
            && now < *until
        {
            return Ok(Some(token.clone()));
        }
        let body = serde_json::json!({ "client_id": id, "client_secret": secret.expose(), "grant-type": "client_credentials" });
        let request = Request::post(&self.address("applications/token"))?.json(&body)?;
        let granted: RawToken = self.net.send_json(request).await?;
        let lasts = Duration::from_secs(granted.expires_in.unwrap_or(60)).saturating_sub(TOKEN_MARGIN);
        let token = Secret::new(granted.access_token);
        known.token = Some((token.clone(), now + lasts));
        Ok(Some(token))
    }
}

#[derive(Deserialize)]
struct Data<T> {
    data: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawConnection {
    connection_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawJob {
    job_id: i64,
    status: String,
    #[serde(default)]
    start_time: Option<DateTime<Utc>>,
    #[serde(default)]
    last_updated_at: Option<DateTime<Utc>>,
    /// ISO 8601, e.g. `PT8M53S`.
    #[serde(default)]
    duration: Option<String>,
    #[serde(default)]
    bytes_synced: Option<u64>,
    #[serde(default)]
    rows_synced: Option<u64>,
}

#[derive(Deserialize)]
struct RawToken {
    access_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl From<RawJob> for LastSync {
    fn from(job: RawJob) -> Self {
        Self {
            job_id: job.job_id,
            status: job.status,
            started_at: job.start_time,
            updated_at: job.last_updated_at,
            duration_ms: job.duration.as_deref().and_then(milliseconds),
            records: job.rows_synced,
            bytes: job.bytes_synced,
        }
    }
}

/// Reads an ISO 8601 duration of days, hours, minutes and seconds.
fn milliseconds(text: &str) -> Option<u64> {
    let (days, time) = text.strip_prefix('P')?.split_once('T').unwrap_or((text.strip_prefix('P')?, ""));
    let mut seconds = 0.0;
    for (part, units) in [(days, [('D', 86_400.0)].as_slice()), (time, &[('H', 3_600.0), ('M', 60.0), ('S', 1.0)])] {
        let mut rest = part;
        for (unit, worth) in units {
            if let Some((number, behind)) = rest.split_once(*unit) {
                seconds += number.parse::<f64>().ok().filter(|number| *number >= 0.0)? * worth;
                rest = behind;
            }
        }
        if !rest.is_empty() {
            return None;
        }
    }
    Some((seconds * 1000.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn durations_are_read_and_nonsense_is_not() {
        for (text, expected) in [
            ("PT8M53S", Some(533_000)),
            ("PT1H0.25S", Some(3_600_250)),
            ("P1DT2H", Some(93_600_000)),
            ("PT0S", Some(0)),
            ("8M", None),
            ("PT5X", None),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}

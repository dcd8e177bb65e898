//! The connection for questions. Every question is answered in time, or the answer is that Redis is away.

use crate::{Error, Health, lock};
use aos_core::Clock;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, RedisError, RedisResult, ScriptInvocation};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Notify;

/// The longest that anybody waits for an answer.
pub(super) const ANSWER_MAX: Duration = Duration::from_millis(500);

pub(super) struct Link {
    line: Mutex<Line>,
    /// Tells the keeper that a look is needed.
    pub(super) doubted: Notify,
    clock: Clock,
}

struct Line {
    connection: Option<MultiplexedConnection>,
    /// Counts the connections, so that a failure of an old one is not held against its successor.
    number: u64,
    health: Health,
}

/// Redis did not answer, or not as it should. What that means is the caller's to say.
#[derive(Debug)]
pub(crate) struct Away(pub(super) String);

impl From<Away> for Error {
    fn from(Away(reason): Away) -> Self {
        Self::Away { reason }
    }
}

impl Link {
    /// Makes a link without a connection; questions are answered once the keeper has brought one.
    pub(super) fn new(clock: Clock) -> Self {
        let health = Health::Degraded { since: clock.now(), reason: "not connected yet".to_owned() };
        Self { line: Mutex::new(Line { connection: None, number: 0, health }), doubted: Notify::new(), clock }
    }

    pub(super) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Away> {
        let (mut connection, number) = self.connection()?;
        let answer = tokio::time::timeout(ANSWER_MAX, command.query_async(&mut connection)).await;
        self.judge(answer.map_err(|_| ()), number)
    }

    pub(super) async fn invoke<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Away> {
        let (mut connection, number) = self.connection()?;
        let answer = tokio::time::timeout(ANSWER_MAX, script.invoke_async(&mut connection)).await;
        self.judge(answer.map_err(|_| ()), number)
    }

    pub(super) fn health(&self) -> Health {
        lock(&self.line).health.clone()
    }

    pub(super) fn up(&self, connection: MultiplexedConnection) {
        let mut line = lock(&self.line);
        (line.connection, line.number, line.health) = (Some(connection), line.number + 1, Health::Healthy);
        tracing::info!("Redis is connected");
    }

    /// Takes the connection away; the time of the first failure stays.
    pub(super) fn down(&self, reason: &str) {
        let mut line = lock(&self.line);
        line.connection = None;
        let since = match &line.health {
            Health::Healthy => {
                tracing::warn!(reason, "Redis is away, so this process goes on by itself: {reason}");
                self.clock.now()
            }
            Health::Degraded { since, .. } => *since,
        };
        line.health = Health::Degraded { since, reason: reason.to_owned() };
    }

    fn connection(&self) -> Result<(MultiplexedConnection, u64), Away> {
        let line = lock(&self.line);
        match (&line.connection, &line.health) {
            (Some(connection), _) => Ok((connection.clone(), line.number)),
            (None, Health::Degraded { reason, .. }) => Err(Away(reason.clone())),
            (None, Health::Healthy) => Err(Away("not connected".to_owned())),
        }
    }

    /// A lost connection ends at once; after anything else the keeper looks whether it is any good.
    fn judge<T>(&self, answer: Result<RedisResult<T>, ()>, number: u64) -> Result<T, Away> {
        let reason = match answer {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => {
                if is_lost(&error) && lock(&self.line).number == number {
                    self.down(&error.to_string());
                }
                error.to_string()
            }
            Err(()) => format!("no answer within {} ms", ANSWER_MAX.as_millis()),
        };
        self.doubted.notify_one();
        Err(Away(reason))
    }
}

fn is_lost(error: &RedisError) -> bool {
    error.is_connection_dropped() && !error.is_timeout()
}

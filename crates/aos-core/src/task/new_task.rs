//! A task as it is asked for.

use super::{Backoff, Priority};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const NAME_BYTES_MAX: usize = 200;
const KIND_BYTES_MAX: usize = 64;
const URL_BYTES_MAX: usize = 2048;
const ATTEMPTS_MAX: u32 = 100;
const CHAIN_MAX: usize = 20;
const TIMEOUT_MS_MAX: u64 = 24 * 60 * 60 * 1000;
/// A year and a day, whatever the year.
const DELAY_MS_MAX: u64 = 367 * 24 * 60 * 60 * 1000;

/// A task that holds an exclusive right keeps others out from the moment it is enqueued, so it cannot be put off for long.
const EXCLUSIVE_DELAY_MS_MAX: u64 = 10 * 60 * 1000;

/// What is to be done, when, how often it may be tried, and what follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    /// Which handler does it, e.g. `connect`.
    pub kind: String,
    #[serde(default)]
    pub payload: Value,
    #[serde(default)]
    pub priority: Priority,
    #[serde(default)]
    pub start: Start,
    /// How often it is tried at most, lost attempts included.
    #[serde(default = "once")]
    pub max_attempts: u32,
    #[serde(default)]
    pub backoff: Backoff,
    /// How long one attempt may take, in milliseconds; the worker's limit when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// A name that one unfinished task of a tenant can hold at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<String>,
    /// Asking again with the same key within a day gives the task there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Who is told about the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Enqueued together with the success of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success_next_task: Option<Box<NewTask>>,
}

/// When a task may begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    #[default]
    Now,
    /// So many milliseconds after it was enqueued.
    AfterMs(u64),
    At(DateTime<Utc>),
}

/// Why a task cannot be enqueued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTask {
    #[error(
        "`{0}` cannot be the kind of a task; use 1 to {KIND_BYTES_MAX} lower-case letters, digits, dots, hyphens and underscores"
    )]
    Kind(String),
    #[error("{0} is no priority; use 0 (most urgent) to 9")]
    Priority(u8),
    #[error("a task can have 1 to {ATTEMPTS_MAX} attempts, not {0}")]
    Attempts(u32),
    #[error(
        "the backoff does not fit; use a factor from 1 to 100 and waits of at most a day, the first no longer than the longest"
    )]
    Backoff,
    #[error("an attempt can take 1 to {TIMEOUT_MS_MAX} ms, not {0}")]
    Timeout(u64),
    #[error("a task can be put off by a year at most; use a schedule, or enqueue it later")]
    Delay,
    #[error("a task that keeps others out while it waits can be put off by ten minutes at most; use a schedule")]
    ExclusiveDelay,
    #[error("the {0} has 1 to {NAME_BYTES_MAX} bytes and no control characters")]
    Name(&'static str),
    #[error("the callback URL has at most {URL_BYTES_MAX} bytes and begins with http:// or https://")]
    CallbackUrl,
    #[error("at most {CHAIN_MAX} tasks can follow one another by on_success_next_task")]
    ChainTooLong,
}

impl NewTask {
    /// A task that is tried once, now.
    pub fn new(kind: impl Into<String>, payload: Value) -> Self {
        Self {
            kind: kind.into(),
            payload,
            priority: Priority::default(),
            start: Start::Now,
            max_attempts: 1,
            backoff: Backoff::default(),
            timeout_ms: None,
            exclusive: None,
            key: None,
            callback_url: None,
            trace_id: None,
            on_success_next_task: None,
        }
    }

    /// Refuses what no store would take, here and in the tasks that follow. `now` bounds the time of the start.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), InvalidTask> {
        let mut next = Some(self);
        for _ in 0..=CHAIN_MAX {
            let Some(task) = next else { return Ok(()) };
            task.check_alone(now)?;
            next = task.on_success_next_task.as_deref();
        }
        next.map_or(Ok(()), |_| Err(InvalidTask::ChainTooLong))
    }

    fn check_alone(&self, now: DateTime<Utc>) -> Result<(), InvalidTask> {
        let plain =
            |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || "._-".contains(character);
        if self.kind.is_empty() || self.kind.len() > KIND_BYTES_MAX || !self.kind.chars().all(plain) {
            return Err(InvalidTask::Kind(self.kind.chars().take(KIND_BYTES_MAX).collect()));
        }
        if !(1..=ATTEMPTS_MAX).contains(&self.max_attempts) {
            return Err(InvalidTask::Attempts(self.max_attempts));
        }
        self.backoff.check()?;
        if let Some(timeout) = self.timeout_ms.filter(|timeout| !(1..=TIMEOUT_MS_MAX).contains(timeout)) {
            return Err(InvalidTask::Timeout(timeout));
        }
        let delay = match self.start {
            Start::Now => 0,
            Start::AfterMs(delay) => delay,
            Start::At(time) => u64::try_from((time - now).num_milliseconds()).unwrap_or_default(),
        };
        if delay > DELAY_MS_MAX {
            return Err(InvalidTask::Delay);
        }
        if self.exclusive.is_some() && delay > EXCLUSIVE_DELAY_MS_MAX {
            return Err(InvalidTask::ExclusiveDelay);
        }
        check_name("exclusive right", self.exclusive.as_deref())?;
        check_name("idempotency key", self.key.as_deref())?;
        check_name("trace id", self.trace_id.as_deref())?;
        let fits =
            |url: &&String| url.len() <= URL_BYTES_MAX && (url.starts_with("http://") || url.starts_with("https://"));
        if self.callback_url.as_ref().is_some_and(|url| !fits(&url)) {
            return Err(InvalidTask::CallbackUrl);
        }
        Ok(())
    }
}

fn check_name(what: &'static str, name: Option<&str>) -> Result<(), InvalidTask> {
    let fits = |name: &str| (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.chars().any(char::is_control);
    if name.is_some_and(|name| !fits(name)) {
        return Err(InvalidTask::Name(what));
    }
    Ok(())
}

fn once() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn chain(length: usize) -> NewTask {
        let mut task = NewTask::new("noop", json!({}));
        for _ in 0..length {
            task = NewTask { on_success_next_task: Some(Box::new(task)), ..NewTask::new("noop", json!({})) };
        }
        task
    }

    #[test]
    fn a_task_reads_back_as_it_was_written() {
        let task = NewTask {
            start: Start::At(now()),
            exclusive: Some("aoa".into()),
            callback_url: Some("https://example.com/hook".into()),
            ..chain(2)
        };
        let text = serde_json::to_string(&task).unwrap();
        assert_eq!(serde_json::from_str::<NewTask>(&text).unwrap(), task);
        let short: NewTask = serde_json::from_str(r#"{"kind":"noop","start":{"after_ms":5}}"#).unwrap();
        assert_eq!(short, NewTask { start: Start::AfterMs(5), ..NewTask::new("noop", Value::Null) });
    }

    #[test]
    fn a_chain_has_an_end() {
        assert_eq!(chain(CHAIN_MAX).check(now()), Ok(()));
        assert_eq!(chain(CHAIN_MAX + 1).check(now()), Err(InvalidTask::ChainTooLong));
    }

    #[test]
    fn what_does_not_fit_is_refused_and_named() {
        let noop = || NewTask::new("noop", json!({}));
        let far = now() + chrono::Duration::days(400);
        let alone = || NewTask { exclusive: Some("aoa".into()), ..noop() };
        for (task, why) in [
            (NewTask::new("Not a kind", json!({})), InvalidTask::Kind("Not a kind".into())),
            (NewTask::new("", json!({})), InvalidTask::Kind(String::new())),
            (NewTask { max_attempts: 0, ..noop() }, InvalidTask::Attempts(0)),
            (NewTask { max_attempts: 101, ..noop() }, InvalidTask::Attempts(101)),
            (NewTask { timeout_ms: Some(0), ..noop() }, InvalidTask::Timeout(0)),
            (NewTask { start: Start::At(far), ..noop() }, InvalidTask::Delay),
            (NewTask { start: Start::AfterMs(u64::MAX), ..noop() }, InvalidTask::Delay),
            (NewTask { start: Start::AfterMs(EXCLUSIVE_DELAY_MS_MAX + 1), ..alone() }, InvalidTask::ExclusiveDelay),
            (NewTask { start: Start::At(now() + chrono::Duration::hours(1)), ..alone() }, InvalidTask::ExclusiveDelay),
            (NewTask { exclusive: Some(String::new()), ..noop() }, InvalidTask::Name("exclusive right")),
            (NewTask { key: Some("a\nb".into()), ..noop() }, InvalidTask::Name("idempotency key")),
            (NewTask { callback_url: Some("file:///etc/passwd".into()), ..noop() }, InvalidTask::CallbackUrl),
            (NewTask { backoff: Backoff { factor: f64::NAN, ..Backoff::default() }, ..noop() }, InvalidTask::Backoff),
        ] {
            assert_eq!(task.check(now()), Err(why));
        }
        assert_eq!(NewTask { start: Start::AfterMs(EXCLUSIVE_DELAY_MS_MAX), ..alone() }.check(now()), Ok(()));
        assert!(Priority::try_from(10).is_err());
        let late = NewTask { max_attempts: 0, ..noop() };
        let first = NewTask { on_success_next_task: Some(Box::new(late)), ..noop() };
        assert_eq!(first.check(now()), Err(InvalidTask::Attempts(0)), "what follows is checked too");
    }
}

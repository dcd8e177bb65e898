//! A task as it is asked for over HTTP, and what makes it one that can be enqueued.

use crate::problem::Problem;
use crate::state::App;
use aos_core::kind;
use aos_core::task::{NewTask, Priority, Start};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The member of a payload that names its kind, as older clients send it.
const ACTION: &str = "action";
const MS_PER_S: u64 = 1000;

/// What is to be done. Its kind is named by `kind`, or by `action` in the payload.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "slack", "payload": { "text": "The quarter is closed." }, "max_retries": 3, "delay_seconds": 60 }))]
pub struct TaskCreate {
    /// `noop`, `connect`, `reset`, `prod_mode`, `discover` or `slack`.
    #[serde(default)]
    kind: Option<String>,
    /// What the kind takes: `connect` {sources?, agents?}, `prod_mode` {enabled}, `slack` {text, channel?}, `discover` as in
    /// `POST /aoa/discover`, `noop` {sleep_ms?}, `reset` nothing. With `action` (`aoa_connect`, `aoa_reset`, `aoa_prod_mode`,
    /// `aoa_discover`, `post_to_slack`) in place of `kind` when that is left out.
    #[serde(default)]
    payload: Value,
    /// Told about the task's end: a signed POST of it, repeated over days until it is taken.
    #[serde(default)]
    #[schema(max_length = 2048, format = "uri")]
    callback_url: Option<String>,
    /// How often the task is tried again after an attempt that failed or was lost. A `sync` that says 0 or nothing is tried again 49 times,
    /// since a source that takes no more requests puts it off.
    #[serde(default)]
    #[schema(maximum = 99)]
    max_retries: u32,
    /// How long one attempt may take; the worker's limit when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 86400)]
    timeout_seconds: Option<u64>,
    /// 0 is the most urgent, 9 the least, among the tenant's own tasks; 5 when left out.
    #[serde(default)]
    #[schema(value_type = Option<u8>, maximum = 9)]
    priority: Option<Priority>,
    /// Begins so much later; at most a year.
    #[serde(default)]
    delay_seconds: Option<u64>,
    /// Begins at this time; at most a year from now.
    #[serde(default)]
    run_at: Option<DateTime<Utc>>,
    /// Enqueued together with the success of this one; up to 20 can follow one another.
    #[serde(default)]
    #[schema(no_recursion)]
    on_success_next_task: Option<Box<TaskCreate>>,
}

impl TaskCreate {
    /// Returns the task to enqueue, or says why it cannot be.
    pub fn into_new(self, app: &App) -> Result<NewTask, Problem> {
        let task = self.unchecked(app)?;
        task.check(app.clock.now())?;
        Ok(task)
    }

    fn unchecked(self, app: &App) -> Result<NewTask, Problem> {
        let (kind, payload) = named(self.kind, self.payload)?;
        let payload = kind::checked(&kind, payload)?;
        if let Some(url) = &self.callback_url {
            check_callback(app, url)?;
        }
        let start = match (self.delay_seconds, self.run_at) {
            (None, None) => Start::Now,
            (Some(delay), None) => Start::AfterMs(delay.saturating_mul(MS_PER_S)),
            (None, Some(time)) => Start::At(time),
            (Some(_), Some(_)) => {
                let detail = "a task begins after a delay or at a time, not both";
                return Err(Problem::unprocessable("invalid_task", detail, "leave out `delay_seconds` or `run_at`"));
            }
        };
        let max_attempts = match (kind.as_str(), self.max_retries) {
            (kind::SYNC, 0) => kind::SYNC_ATTEMPTS,
            (_, retries) => retries.saturating_add(1),
        };
        let next = self.on_success_next_task.map(|next| next.unchecked(app)).transpose()?;
        Ok(NewTask {
            start,
            exclusive: kind::exclusive(&kind).map(str::to_owned),
            max_attempts,
            timeout_ms: self.timeout_seconds.map(|seconds| seconds.saturating_mul(MS_PER_S)),
            priority: self.priority.unwrap_or_default(),
            callback_url: self.callback_url,
            on_success_next_task: next.map(Box::new),
            ..NewTask::new(kind, payload)
        })
    }
}

/// Refuses what can be seen to be a wrong address now; what its name leads to is judged at each delivery.
fn check_callback(app: &App, url: &str) -> Result<(), Problem> {
    let parsed = aos_net::Url::parse(url).map_err(|error| aos_net::Error::Url(error.to_string()));
    parsed.and_then(|url| app.guard.check_url(&url)).map_err(|error| {
        let next_step =
            "give a public http or https address, or let the operator allow its network in [net] allow_private";
        Problem::unprocessable("callback_url_refused", error.to_string(), next_step)
    })
}

/// Takes the kind from `kind`, or from the payload's `action`, which then is no part of the payload any more.
fn named(kind: Option<String>, mut payload: Value) -> Result<(String, Value), Problem> {
    if let Some(kind) = kind {
        return Ok((kind, payload));
    }
    match payload.as_object_mut().and_then(|members| members.remove(ACTION)) {
        Some(Value::String(action)) => Ok((kind::of_action(&action).to_owned(), payload)),
        _ => {
            let detail = "neither `kind` nor `payload.action` says what is to be done";
            let next_step = format!("name one of {} as `kind`", kind::OPEN.join(", "));
            Err(Problem::unprocessable("unknown_task_kind", detail, next_step))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_action_in_the_payload_names_the_kind_and_is_no_part_of_it() {
        let (kind, payload) = named(None, json!({ "action": "post_to_slack", "text": "hello" })).unwrap();
        assert_eq!((kind.as_str(), payload), (kind::SLACK, json!({ "text": "hello" })));
        let (kind, _) = named(Some("noop".to_owned()), json!({ "action": "x" })).unwrap();
        assert_eq!(kind, "noop");
        assert!(named(None, json!({})).is_err() && named(None, json!({ "action": 7 })).is_err());
    }
}

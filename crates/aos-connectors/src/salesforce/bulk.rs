//! Bulk API 2.0 query jobs: asked for, waited for. Their results are read by `results`.

use super::access::Org;
use crate::error::Error;
use crate::rest::envelope;
use aos_net::Request;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// How long a job may take, and how often it is looked at.
const JOB_WAIT_MAX: Duration = Duration::from_secs(2 * 60 * 60);
const LOOK_FIRST: Duration = Duration::from_millis(250);
const LOOK_EVERY_MAX: Duration = Duration::from_secs(15);

/// A query job and where its results are read.
#[derive(Debug)]
pub(super) struct Job {
    pub id: String,
    /// None: from the first result on.
    pub locator: Option<String>,
    pub is_complete: bool,
    pub was_resumed: bool,
    pub records: Option<u64>,
}

impl Job {
    /// A job whose results were being read before.
    pub fn at(id: String, locator: String) -> Self {
        Self { id, locator: Some(locator), is_complete: true, was_resumed: true, records: None }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobState {
    id: String,
    state: String,
    number_records_processed: Option<u64>,
    error_message: Option<String>,
}

/// Creates a job, and returns the source's time at that moment.
pub(super) async fn create(org: &Org, soql: &str, with_deleted: bool) -> Result<(Job, Option<DateTime<Utc>>), Error> {
    let operation = if with_deleted { "queryAll" } else { "query" };
    let request = Request::post(&format!("{}{}/jobs/query", org.base, org.path))?
        .header("accept", "application/json")?
        .json(&json!({
            "operation": operation,
            "query": soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }))?;
    let (created, date) =
        org.session.ask(&request, &[], |reply| Ok((envelope::<JobState>(reply.body().text())?, reply.date()))).await?;
    let job = Job { id: created.id, locator: None, is_complete: false, was_resumed: false, records: None };
    Ok((job, date))
}

/// Waits until a job's results can be read.
pub(super) async fn complete(org: &Org, job: &mut Job) -> Result<(), Error> {
    let request = org.get(&format!("{}/jobs/query/{}", org.path, job.id))?;
    let (mut look, mut waited) = (LOOK_FIRST, Duration::ZERO);
    while !job.is_complete {
        let state: JobState = org.session.ask(&request, &[], |reply| envelope(reply.body().text())).await?;
        match state.state.as_str() {
            "JobComplete" => {
                job.is_complete = true;
                job.records = state.number_records_processed;
            }
            "Failed" | "Aborted" => {
                let said =
                    state.error_message.unwrap_or_else(|| format!("the bulk job {} is {}", state.id, state.state));
                return Err(Error::Refused { said });
            }
            _ if waited >= JOB_WAIT_MAX => {
                let said = format!("the bulk job {} is {} for two hours", state.id, state.state);
                return Err(Error::Transient { said });
            }
            _ => {
                tokio::select! {
                    () = org.session.context.cancel.cancelled() => return Err(Error::Canceled),
                    () = tokio::time::sleep(look) => {}
                }
                waited += look;
                look = (look * 2).min(LOOK_EVERY_MAX);
            }
        }
    }
    Ok(())
}

//! The steps of an intent that go without a decision: is it allowed, does the source answer, what streams are there, what do their first
//! records look like. Each is kept before the next begins, so that what is cut off goes on where it stopped.

use super::proposal::{IntentRequest, connection_of};
use super::source_type;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_connectors::file::NAME as FILE;
use aos_connectors::{Notes, Stream};
use aos_core::flag::Flag;
use aos_core::onboarding::{IntentState, SAMPLE_RECORDS_MAX};
use aos_core::{ConnectionId, IntentId};
use aos_mesh::StreamSample;
use aos_store::{Connection, Intent, IntentSample, IntentStep};
use serde::Serialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// Streams that are sampled at most, where the intent names none.
const STREAMS_SAMPLED_MAX: usize = 50;
/// How long the sampled records of a stream are at most, as JSON; what comes after is left out.
const SAMPLE_BYTES_MAX: usize = 64 * 1024;

/// How far an intent came.
#[derive(Debug, Clone, Serialize)]
pub struct Onboarded {
    pub state: IntentState,
    pub code: Option<String>,
    pub message: Option<String>,
}

/// What became of a look into an intent.
pub enum Looked {
    /// It went as far as it goes.
    Done(Onboarded),
    /// Something stands in the way that may pass.
    PutOff(String),
}

/// Why a step did not succeed.
struct Trouble {
    code: String,
    message: String,
    /// Whether it may go well later without anybody changing anything.
    may_pass: bool,
}

impl TenantDcl {
    /// Takes an intent as far as it goes without a decision. `last` says that nobody tries again: what might pass is then a failure too.
    pub async fn look_into_intent(&self, id: IntentId, cancel: CancellationToken, last: bool) -> Result<Looked> {
        loop {
            let intent = self.store().intent(id).await?.ok_or(Error::NotFound("intent"))?;
            let done = match intent.state {
                IntentState::Proposed => self.check_intent(&intent).await?,
                IntentState::Checked => self.discover_intent(&intent, &cancel).await?,
                IntentState::Discovered => self.sample_intent(&intent, &cancel).await?,
                IntentState::Sampled => {
                    if !self.promote_by_policy(&intent).await? {
                        return Ok(Looked::Done(Onboarded::of(intent)));
                    }
                    Ok(())
                }
                IntentState::Promoted | IntentState::Rejected | IntentState::Failed => {
                    return Ok(Looked::Done(Onboarded::of(intent)));
                }
            };
            match done {
                Ok(()) => {}
                Err(trouble) if trouble.may_pass && !last => {
                    self.store().note_intent(id, &trouble.code, &trouble.message).await?;
                    return Ok(Looked::PutOff(trouble.message));
                }
                Err(trouble) => {
                    let to = match trouble.code.as_str() {
                        "unsupported_type" | "not_allowed" => IntentState::Rejected,
                        _ => IntentState::Failed,
                    };
                    self.go(&intent, to, Some(&trouble.code), &trouble.for_good(), json!({}), Vec::new()).await?;
                }
            }
        }
    }

    /// First step: it may be connected at all, has a connection in Safe Mode, and the source answers and knows us.
    async fn check_intent(&self, intent: &Intent) -> Result<Result<(), Trouble>> {
        let connection = match intent.connection_id {
            Some(id) => id,
            None => match self.connect_intent(intent).await? {
                Ok(id) => id,
                Err(trouble) => return Ok(Err(trouble)),
            },
        };
        aos_core::fault::point("onboarding.connected");
        let check = match self.check_connection(connection).await {
            Err(Error::NotFound(_)) => return Ok(Err(Trouble::gone())),
            check => check?,
        };
        if !check.ok {
            let code = check.code.unwrap_or("problem").to_owned();
            let next_step = check.next_step.map(|step| format!("; {step}")).unwrap_or_default();
            let may_pass = matches!(code.as_str(), "unreachable" | "transient" | "rate_limited" | "contract");
            return Ok(Err(Trouble { code, message: format!("{}{next_step}", check.message), may_pass }));
        }
        let message =
            check.identity.map_or(check.message.clone(), |identity| format!("{}, as {identity}", check.message));
        let detail = json!({ "latency_ms": check.latency_ms, "streams": check.streams });
        self.go(intent, IntentState::Checked, None, &message, detail, Vec::new()).await?;
        Ok(Ok(()))
    }

    async fn connect_intent(&self, intent: &Intent) -> Result<Result<ConnectionId, Trouble>> {
        let Some(connector) = source_type::connector(&intent.source_type) else {
            let message = format!("nothing here reads {} yet", intent.source_type);
            return Ok(Err(Trouble::lasting("unsupported_type", message)));
        };
        if !self.inner.sources.operator.proposable.iter().any(|allowed| allowed == connector) {
            let message =
                format!("the operator does not let {connector} be proposed; it is not in onboarding.connectors");
            return Ok(Err(Trouble::lasting("not_allowed", message)));
        }
        if connector == FILE && !self.flag(Flag::FeatureUseFilesource).await? {
            return Ok(Err(Trouble::lasting("not_allowed", Error::FilesOff.to_string())));
        }
        let request = connection_of(intent, connector)?;
        match self.insert_requested(&request, Some(intent.id)).await {
            Ok(connection) => Ok(Ok(connection.id)),
            Err(error @ Error::NameTaken { .. }) => Ok(Err(Trouble::lasting("name_taken", error.to_string()))),
            Err(error @ Error::PathNotAllowed { .. }) => {
                Ok(Err(Trouble::lasting("path_not_allowed", error.to_string())))
            }
            Err(Error::Source(error)) => Ok(Err(Trouble::of(&error))),
            Err(error) => Err(error),
        }
    }

    /// Second step: what streams there are. Nothing of their records is read, except of files, which declare nothing.
    async fn discover_intent(&self, intent: &Intent, cancel: &CancellationToken) -> Result<Result<(), Trouble>> {
        let found = self.streams_of(intent, cancel).await?;
        let streams = match found {
            Ok((_, streams)) => streams,
            Err(trouble) => return Ok(Err(trouble)),
        };
        let counts: Option<u64> = streams.iter().map(|stream| stream.count.map(|count| count.records())).sum();
        let detail = json!({
            "streams": streams.len(),
            "fields": streams.iter().map(|stream| stream.fields.len().max(stream.shape.columns.len())).sum::<usize>(),
            "records": counts,
            "unreadable": streams.iter().filter(|stream| stream.problem.is_some()).count(),
        });
        let message = format!("{} streams", streams.len());
        self.go(intent, IntentState::Discovered, None, &message, detail, Vec::new()).await?;
        Ok(Ok(()))
    }

    /// Third step: the first records of each stream, and what they would be mapped to.
    async fn sample_intent(&self, intent: &Intent, cancel: &CancellationToken) -> Result<Result<(), Trouble>> {
        let (source, mut streams) = match self.streams_of(intent, cancel).await? {
            Ok(found) => found,
            Err(trouble) => return Ok(Err(trouble)),
        };
        streams.truncate(STREAMS_SAMPLED_MAX);
        let vocabulary = self.vocabulary().await?;
        let words = aos_mesh::Vocabulary { ontology: &vocabulary.ontology, matcher: &vocabulary.matcher };
        let samples = match aos_mesh::sample(&source, streams, words, SAMPLE_RECORDS_MAX).await {
            Ok(samples) => samples,
            Err(aos_mesh::Error::Source(error)) => return Ok(Err(Trouble::of(&error))),
            Err(error) => return Err(error.into()),
        };
        let problems: Vec<Value> = samples
            .iter()
            .filter_map(|sample| {
                Some(json!({ "stream": sample.stream, "problem": sample.problem.as_ref()?.to_string() }))
            })
            .collect();
        if problems.len() == samples.len()
            && let Some(error) = samples.iter().find_map(|sample| sample.problem.as_ref())
        {
            return Ok(Err(Trouble::of(error)));
        }
        let records: usize = samples.iter().map(|sample| sample.records.len()).sum();
        let message = format!("{records} records of {} streams", samples.len() - problems.len());
        let detail = json!({ "streams": samples.len(), "records": records, "problems": problems });
        let kept = samples.into_iter().filter(|sample| sample.problem.is_none()).map(kept).collect();
        self.go(intent, IntentState::Sampled, None, &message, detail, kept).await?;
        Ok(Ok(()))
    }

    /// Opens the source of an intent and lists the streams that it is about.
    async fn streams_of(
        &self,
        intent: &Intent,
        cancel: &CancellationToken,
    ) -> Result<Result<(aos_mesh::Source, Vec<Stream>), Trouble>> {
        let Some(connection) = self.connection_in_safe_mode(intent).await? else { return Ok(Err(Trouble::gone())) };
        let opened = async {
            let source =
                self.inner.sources.open(&self.scope, &connection, Notes::unheard(), cancel.child_token()).await?;
            let streams = source.connector.discover(&source.context).await?;
            Ok((source, streams))
        };
        let opened: Result<_, aos_mesh::Error> = opened.await;
        let (source, mut streams) = match opened {
            Ok(opened) => opened,
            Err(aos_mesh::Error::Source(error)) => return Ok(Err(Trouble::of(&error))),
            Err(error @ (aos_mesh::Error::Config(_) | aos_mesh::Error::UnknownConnector(_))) => {
                return Ok(Err(Trouble::lasting("config", error.to_string())));
            }
            Err(error) => return Err(error.into()),
        };
        let request: IntentRequest =
            serde_json::from_value(intent.body.clone()).map_err(|error| Error::Intent(error.to_string()))?;
        if let Some(missing) =
            request.resource_ids.iter().find(|wanted| !streams.iter().any(|stream| stream.name == **wanted))
        {
            let message =
                format!("the source has no stream {missing}; name one that it has, or leave resource_ids out");
            return Ok(Err(Trouble::lasting("unknown_stream", message)));
        }
        if !request.resource_ids.is_empty() {
            streams.retain(|stream| request.resource_ids.contains(&stream.name));
        }
        if streams.is_empty() {
            return Ok(Err(Trouble::lasting("no_streams", "the source has no stream that can be read".to_owned())));
        }
        Ok(Ok((source, streams)))
    }

    async fn connection_in_safe_mode(&self, intent: &Intent) -> Result<Option<Connection>> {
        let Some(id) = intent.connection_id else { return Ok(None) };
        Ok(self.store().connection(id).await?.filter(|connection| connection.safe_mode_at.is_some()))
    }

    async fn promote_by_policy(&self, intent: &Intent) -> Result<bool> {
        let request: IntentRequest =
            serde_json::from_value(intent.body.clone()).map_err(|error| Error::Intent(error.to_string()))?;
        let samples = self.store().intent_samples(intent.id).await?;
        let best = samples.iter().filter_map(|sample| sample.confidence).max_by(f64::total_cmp);
        let Some(why) = self.onboarding_policy().await?.promotes(request.risk_level, best) else { return Ok(false) };
        if !self.go(intent, IntentState::Promoted, None, &why, json!({ "policy": true }), Vec::new()).await? {
            return Ok(true);
        }
        if let Some(connection) = intent.connection_id {
            self.read_promoted(connection, intent).await?;
        }
        self.touch().await?;
        Ok(true)
    }

    /// Takes a step; false when somebody else has decided meanwhile.
    async fn go(
        &self,
        intent: &Intent,
        to: IntentState,
        code: Option<&str>,
        message: &str,
        detail: Value,
        samples: Vec<IntentSample>,
    ) -> Result<bool> {
        aos_core::fault::point("onboarding.step");
        let taken =
            self.take_step(intent, &IntentStep { from: intent.state, to, code, message, detail, samples }).await;
        aos_core::fault::point("onboarding.stepped");
        taken
    }
}

/// Keeps of a sample what has room.
fn kept(sample: StreamSample) -> IntentSample {
    let (mut records, mut bytes) = (Vec::new(), 0);
    for record in sample.records {
        bytes += record.to_string().len();
        if bytes > SAMPLE_BYTES_MAX {
            break;
        }
        records.push(record);
    }
    let (entity, confidence) = sample.entity.unzip();
    IntentSample { stream: sample.stream, entity, confidence, records: records.into() }
}

impl Trouble {
    fn of(error: &aos_connectors::Error) -> Self {
        Self { code: error.code().to_owned(), message: error.to_string(), may_pass: error.may_pass() }
    }

    /// What to say when nobody tries again: a promise of that gives way to what can be done.
    fn for_good(&self) -> String {
        match aos_connectors::with_next_step(&self.message) {
            (what, _) if matches!(self.code.as_str(), "transient" | "rate_limited") => {
                format!("{what}; it was tried several times, retry the intent when the source is well")
            }
            _ => self.message.clone(),
        }
    }

    fn lasting(code: &str, message: String) -> Self {
        Self { code: code.to_owned(), message, may_pass: false }
    }

    fn gone() -> Self {
        Self::lasting("connection_gone", "its connection was removed; reject the intent, or propose it anew".to_owned())
    }
}

impl Onboarded {
    fn of(intent: Intent) -> Self {
        Self { state: intent.state, code: intent.code, message: intent.message }
    }
}

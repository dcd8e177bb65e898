//! The lines that an Airbyte source writes. <https://docs.airbyte.com/platform/understanding-airbyte/airbyte-protocol>
//!
//! What the protocol calls state, schema or record is kept as the text it came in: no digit of it is ours to round.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// One line, as far as it concerns a reader.
#[derive(Debug)]
pub(super) enum Message<'l> {
    Record(Record<'l>),
    State(State<'l>),
    Log {
        level: Cow<'l, str>,
        text: String,
    },
    Trace(Trace),
    Status {
        succeeded: bool,
        text: String,
    },
    Catalog(&'l RawValue),
    Spec(&'l RawValue),
    /// The connector changed its own configuration, e.g. because a token was renewed.
    NewConfig(&'l RawValue),
    /// A line of the protocol that says nothing to us.
    Other,
    /// Something between the lines of the protocol: what a library printed. With the reason why it is no message.
    Garbage(String),
}

#[derive(Debug, Deserialize)]
pub(super) struct Record<'l> {
    #[serde(borrow)]
    pub stream: Cow<'l, str>,
    #[serde(default, borrow)]
    pub namespace: Option<Cow<'l, str>>,
    #[serde(borrow)]
    pub data: &'l RawValue,
}

/// A place to go on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State<'l> {
    /// The message as it goes back to the connector.
    pub text: &'l str,
    pub of: StateOf,
    /// Records of the stream since its state before, by the source's own count.
    pub records: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StateOf {
    Stream {
        name: String,
        namespace: Option<String>,
    },
    /// Of all streams together.
    Global,
    /// As connectors wrote it before there were states per stream: the text is the whole state.
    Legacy,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trace {
    Error {
        text: String,
        kind: FailureKind,
    },
    /// How many records a stream will bring.
    Estimate {
        stream: String,
        records: u64,
    },
    Stream {
        name: String,
        status: StreamStatus,
    },
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FailureKind {
    SystemError,
    ConfigError,
    TransientError,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum StreamStatus {
    Started,
    Running,
    Complete,
    Incomplete,
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct Envelope<'l> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'l, str>,
    #[serde(default, borrow)]
    record: Option<&'l RawValue>,
    #[serde(default, borrow)]
    state: Option<&'l RawValue>,
    #[serde(default, borrow)]
    log: Option<&'l RawValue>,
    #[serde(default, borrow)]
    trace: Option<&'l RawValue>,
    #[serde(default, borrow)]
    catalog: Option<&'l RawValue>,
    #[serde(default, borrow)]
    spec: Option<&'l RawValue>,
    #[serde(default, borrow)]
    control: Option<&'l RawValue>,
    #[serde(default, rename = "connectionStatus", borrow)]
    status: Option<&'l RawValue>,
}

impl<'l> Message<'l> {
    /// Reads a line. Whatever is no message of the protocol is [`Message::Garbage`], never an error.
    pub fn parse(line: &'l str) -> Self {
        let envelope = match serde_json::from_str::<Envelope<'l>>(line) {
            Ok(envelope) => envelope,
            Err(error) => return Self::Garbage(error.to_string()),
        };
        Self::of(&envelope).unwrap_or_else(|reason| Self::Garbage(format!("a {} message {reason}", envelope.kind)))
    }

    fn of(envelope: &Envelope<'l>) -> Result<Self, String> {
        let body = |body: Option<&'l RawValue>| body.ok_or_else(|| "without its content".to_owned());
        Ok(match &*envelope.kind {
            "RECORD" => Self::Record(read(body(envelope.record)?)?),
            "STATE" => Self::State(State::of(body(envelope.state)?)?),
            "LOG" => {
                let log: Log = read(body(envelope.log)?)?;
                Self::Log { level: log.level, text: log.message.into_owned() }
            }
            "TRACE" => Self::Trace(Trace::of(body(envelope.trace)?)?),
            "CATALOG" => Self::Catalog(body(envelope.catalog)?),
            "SPEC" => Self::Spec(body(envelope.spec)?),
            "CONNECTION_STATUS" => {
                let status: Status = read(body(envelope.status)?)?;
                let text = status.message.map(Cow::into_owned).unwrap_or_default();
                Self::Status { succeeded: status.status == "SUCCEEDED", text }
            }
            "CONTROL" => {
                let control: Control = read(body(envelope.control)?)?;
                control.connector_config.map_or(Self::Other, |changed| Self::NewConfig(changed.config))
            }
            _ => Self::Other,
        })
    }
}

fn read<'l, T: Deserialize<'l>>(raw: &'l RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| error.to_string())
}

#[derive(Deserialize)]
struct Log<'l> {
    #[serde(borrow)]
    level: Cow<'l, str>,
    #[serde(borrow)]
    message: Cow<'l, str>,
}

#[derive(Deserialize)]
struct Status<'l> {
    #[serde(borrow)]
    status: Cow<'l, str>,
    #[serde(default, borrow)]
    message: Option<Cow<'l, str>>,
}

#[derive(Deserialize)]
struct Control<'l> {
    #[serde(default, rename = "connectorConfig", borrow)]
    connector_config: Option<NewConfig<'l>>,
}

#[derive(Deserialize)]
struct NewConfig<'l> {
    #[serde(borrow)]
    config: &'l RawValue,
}

#[derive(Deserialize)]
struct RawState<'l> {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    stream: Option<StreamState>,
    #[serde(default, borrow)]
    data: Option<&'l RawValue>,
    #[serde(default, rename = "sourceStats")]
    stats: Option<Stats>,
}

#[derive(Deserialize)]
struct StreamState {
    stream_descriptor: Descriptor,
}

#[derive(Deserialize)]
struct Descriptor {
    name: String,
    #[serde(default)]
    namespace: Option<String>,
}

#[derive(Deserialize)]
struct Stats {
    #[serde(default, rename = "recordCount")]
    records: Option<f64>,
}

impl<'l> State<'l> {
    fn of(raw: &'l RawValue) -> Result<Self, String> {
        let state: RawState<'l> = read(raw)?;
        let records = state.stats.and_then(|stats| stats.records).filter(|count| count.is_finite() && *count >= 0.0);
        let records = records.map(|count| count.round() as u64);
        let (of, text) = match (state.kind.as_deref(), state.stream, state.data) {
            (Some("STREAM"), Some(stream), _) => {
                let Descriptor { name, namespace } = stream.stream_descriptor;
                (StateOf::Stream { name, namespace }, raw.get())
            }
            (Some("GLOBAL"), _, _) => (StateOf::Global, raw.get()),
            (None | Some("LEGACY"), _, Some(data)) => (StateOf::Legacy, data.get()),
            _ => return Err("of a kind that is not known".to_owned()),
        };
        Ok(Self { text, of, records })
    }
}

#[derive(Deserialize)]
struct RawTrace {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    error: Option<RawError>,
    #[serde(default)]
    estimate: Option<RawEstimate>,
    #[serde(default)]
    stream_status: Option<RawStreamStatus>,
}

#[derive(Deserialize)]
struct RawError {
    #[serde(default)]
    message: String,
    #[serde(default)]
    internal_message: Option<String>,
    #[serde(default = "unknown")]
    failure_type: FailureKind,
}

fn unknown() -> FailureKind {
    FailureKind::Unknown
}

#[derive(Deserialize)]
struct RawEstimate {
    name: String,
    #[serde(default)]
    row_estimate: Option<f64>,
}

#[derive(Deserialize)]
struct RawStreamStatus {
    stream_descriptor: Descriptor,
    status: StreamStatus,
}

impl Trace {
    fn of(raw: &RawValue) -> Result<Self, String> {
        let trace: RawTrace = read(raw)?;
        Ok(match (trace.kind.as_str(), trace.error, trace.estimate, trace.stream_status) {
            ("ERROR", Some(error), _, _) => {
                let text = match error.internal_message.filter(|inner| *inner != error.message) {
                    Some(inner) if !error.message.is_empty() => format!("{} ({inner})", error.message),
                    Some(inner) => inner,
                    None => error.message,
                };
                Self::Error { text, kind: error.failure_type }
            }
            ("ESTIMATE", _, Some(estimate), _) => match estimate.row_estimate {
                Some(rows) if rows.is_finite() && rows >= 0.0 => {
                    Self::Estimate { stream: estimate.name, records: rows as u64 }
                }
                _ => Self::Other,
            },
            ("STREAM_STATUS", _, _, Some(status)) => {
                Self::Stream { name: status.stream_descriptor.name, status: status.status }
            }
            _ => Self::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_its_text() {
        let line = r#"{"type":"RECORD","record":{"stream":"a","data":{"n":12345678901234567890.10},"emitted_at":1}}"#;
        let Message::Record(record) = Message::parse(line) else { panic!("a record") };
        assert_eq!(record.data.get(), r#"{"n":12345678901234567890.10}"#);
    }

    #[test]
    fn states_of_all_three_kinds_are_told_apart() {
        let state = |text: &'static str| match Message::parse(text) {
            Message::State(state) => state,
            other => panic!("{other:?}"),
        };
        let stream = state(
            r#"{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"a","namespace":"s"},"stream_state":{"id":7}},"sourceStats":{"recordCount":2.0}}}"#,
        );
        assert_eq!(stream.of, StateOf::Stream { name: "a".into(), namespace: Some("s".into()) });
        assert_eq!(stream.records, Some(2));
        assert!(stream.text.starts_with(r#"{"type":"STREAM""#));
        let global =
            state(r#"{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[]}}}"#);
        assert_eq!(global.of, StateOf::Global);
        let legacy = state(r#"{"type":"STATE","state":{"data":{"a":{"id":7}}}}"#);
        assert_eq!((legacy.of, legacy.text), (StateOf::Legacy, r#"{"a":{"id":7}}"#));
    }

    #[test]
    fn what_is_no_message_is_garbage_and_never_an_error() {
        for line in [
            "",
            "Traceback",
            "{}",
            "[1]",
            r#"{"type":"RECORD"}"#,
            r#"{"type":"RECORD","record":{"stream":"a"}}"#,
            "{\"type\":\"STATE\",\"state\":{\"type\":\"X\"}}",
        ] {
            assert!(matches!(Message::parse(line), Message::Garbage(_)), "{line}");
        }
        assert!(matches!(Message::parse(r#"{"type":"NEW_THING","new":1}"#), Message::Other));
    }
}

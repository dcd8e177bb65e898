//! Traces: spans as they end, in batches, to a collector by OTLP over HTTP with JSON (opentelemetry.io/docs/specs/otlp, version 1). Our own
//! hundred lines instead of the SDK: they go out through the one way out, and take the trace ids that requests and tasks carry.
//!
//! Nothing waits for a collector: what it does not take in time is dropped, and counted.

use super::fields::Fields;
use crate::settings::TelemetrySettings;
use anyhow::Context as _;
use aos_core::Clock;
use aos_net::{NetConfig, Request};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;
use uuid::Uuid;

const QUEUE: usize = 8192;
const BATCH: usize = 512;
const BATCH_EVERY: Duration = Duration::from_secs(2);
const SEND_MAX: Duration = Duration::from_secs(10);
/// How long the end of the process waits for the last batches.
const LAST: Duration = Duration::from_secs(3);
const EVENTS_MAX: usize = 32;

/// The layer that turns spans into what is sent.
pub struct Spans {
    to: mpsc::Sender<Value>,
    dropped: Arc<AtomicU64>,
    /// Traces whose first eight bytes are below this are kept.
    kept_below: u64,
}

pub struct Exporter {
    endpoint: String,
    headers: Vec<(String, String)>,
    from: Option<mpsc::Receiver<Value>>,
    dropped: Arc<AtomicU64>,
    running: Option<JoinHandle<()>>,
    stop: tokio_util::sync::CancellationToken,
}

/// What is known of a span while it lasts.
struct Open {
    trace: [u8; 16],
    id: [u8; 8],
    parent: Option<[u8; 8]>,
    begun: i64,
    fields: Fields,
    events: Vec<Value>,
    failed: bool,
}

impl Spans {
    /// Makes the layer and its exporter; none without an address.
    pub fn to(settings: &TelemetrySettings) -> anyhow::Result<Option<(Self, Exporter)>> {
        if settings.otlp_endpoint.is_empty() {
            return Ok(None);
        }
        let ratio = settings.otlp_sample_ratio;
        anyhow::ensure!((0.0..=1.0).contains(&ratio), "telemetry.otlp_sample_ratio is {ratio}; it goes from 0 to 1");
        let header = |text: &str| {
            let (name, value) = text.split_once('=').context("telemetry.otlp_headers are written name=value")?;
            anyhow::Ok((name.trim().to_owned(), value.trim().to_owned()))
        };
        let headers = settings.otlp_headers.iter().map(header).collect::<Result<_, _>>()?;
        let (to, from) = mpsc::channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        // As a share of all numbers there are; 1.0 is all of them.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let kept_below = if ratio >= 1.0 { u64::MAX } else { (ratio * u64::MAX as f64) as u64 };
        let endpoint = format!("{}/v1/traces", settings.otlp_endpoint.trim_end_matches('/'));
        let exporter = Exporter {
            endpoint,
            headers,
            from: Some(from),
            dropped: dropped.clone(),
            running: None,
            stop: tokio_util::sync::CancellationToken::new(),
        };
        Ok(Some((Self { to, dropped, kept_below }, exporter)))
    }
}

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let Some(span) = context.span(id) else { return };
        let around =
            span.parent().and_then(|parent| parent.extensions().get::<Open>().map(|open| (open.trace, open.id)));
        let (trace, parent) = match around {
            Some((trace, parent)) => (trace, Some(parent)),
            None => (trace_of(&fields.0), id_of(&fields.0, "w3c.parent")),
        };
        // A request has told its caller the id of its span already.
        let own = id_of(&fields.0, "w3c.span").unwrap_or_else(new_id);
        fields.0.retain(|name, _| !name.starts_with("w3c."));
        let open = Open { trace, id: own, parent, begun: now(), fields, events: Vec::new(), failed: false };
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            values.record(&mut open.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(span) = context.event_span(event) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            open.failed |= *event.metadata().level() == Level::ERROR;
            if open.events.len() < EVENTS_MAX {
                let mut said = Fields::default();
                event.record(&mut said);
                let name = said.0.remove("message").unwrap_or_else(|| event.metadata().name().into());
                open.events.push(json!({
                    "timeUnixNano": now().to_string(), "name": name, "attributes": attributes(&said.0),
                }));
            }
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        let (first, _) = open.trace.split_at(8);
        if u64::from_be_bytes(first.try_into().unwrap_or_default()) > self.kept_below {
            return;
        }
        if self.to.try_send(written(span.name(), open)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn written(name: &str, open: Open) -> Value {
    let said = |field: &str| open.fields.0.get(field).and_then(Value::as_str);
    let name = match (said("method"), said("route")) {
        (Some(method), Some(route)) => format!("{method} {route}"),
        _ => said("kind").map_or_else(|| name.to_owned(), |kind| format!("{name} {kind}")),
    };
    // SERVER for a request that came in, CONSUMER for a task, INTERNAL otherwise.
    let kind = match name.split(' ').next() {
        Some("task") => 5,
        _ if said("route").is_some() => 2,
        _ => 1,
    };
    let mut span = json!({
        "traceId": hex(&open.trace),
        "spanId": hex(&open.id),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": open.begun.to_string(),
        "endTimeUnixNano": now().to_string(),
        "attributes": attributes(&open.fields.0),
        "events": open.events,
        "status": if open.failed { json!({ "code": 2 }) } else { json!({}) },
    });
    if let Some(parent) = open.parent {
        span["parentSpanId"] = hex(&parent).into();
    }
    span
}

/// Takes the trace that a request or task belongs to: the W3C one, or the one that stands for its trace id.
fn trace_of(fields: &Map<String, Value>) -> [u8; 16] {
    let said = |name: &str| fields.get(name).and_then(Value::as_str);
    let trace = said("w3c.trace").map(str::to_owned).or_else(|| said("trace_id").map(aos_api::w3c_id));
    let trace = trace.and_then(|trace| u128::from_str_radix(&trace, 16).ok());
    trace.map_or_else(|| *Uuid::new_v4().as_bytes(), u128::to_be_bytes)
}

/// Takes the id of a span from a field.
fn id_of(fields: &Map<String, Value>, name: &str) -> Option<[u8; 8]> {
    let given = fields.get(name)?.as_str().filter(|given| given.len() == 16)?;
    Some(u64::from_str_radix(given, 16).ok()?.to_be_bytes())
}

fn attributes(fields: &Map<String, Value>) -> Vec<Value> {
    let value = |value: &Value| match value {
        Value::Bool(flag) => json!({ "boolValue": flag }),
        Value::Number(number) if number.is_f64() => json!({ "doubleValue": number }),
        Value::Number(number) => json!({ "intValue": number.to_string() }),
        Value::String(text) => json!({ "stringValue": text }),
        other => json!({ "stringValue": other.to_string() }),
    };
    fields.iter().map(|(key, found)| json!({ "key": key, "value": value(found) })).collect()
}

impl Exporter {
    /// Begins to send.
    pub fn run(&mut self, clock: &Clock) -> anyhow::Result<()> {
        let Some(mut from) = self.from.take() else { return Ok(()) };
        // The operator names the collector, which usually stands in a private network.
        let everywhere = ["0.0.0.0/0", "::/0"].iter().filter_map(|network| network.parse().ok()).collect();
        let config = NetConfig { allow_private: everywhere, ..NetConfig::default() };
        let client = aos_net::Client::new(config, clock.clone())?;
        let (endpoint, headers, dropped) = (self.endpoint.clone(), self.headers.clone(), self.dropped.clone());
        let stop = self.stop.clone();
        self.running = Some(tokio::spawn(async move {
            loop {
                let mut batch = Vec::with_capacity(BATCH);
                let first = tokio::select! {
                    first = from.recv() => first,
                    () = stop.cancelled() => from.try_recv().ok(),
                };
                let Some(first) = first else { return };
                batch.push(first);
                let until = tokio::time::sleep(BATCH_EVERY);
                tokio::pin!(until);
                while batch.len() < BATCH {
                    tokio::select! {
                        more = from.recv() => match more {
                            Some(more) => batch.push(more),
                            None => break,
                        },
                        () = &mut until => break,
                        () = stop.cancelled() => match from.try_recv() {
                            Ok(more) => batch.push(more),
                            Err(_) => break,
                        },
                    }
                }
                let lost = batch.len() as u64;
                if let Err(error) = send(&client, &endpoint, &headers, batch).await {
                    dropped.fetch_add(lost, Ordering::Relaxed);
                    tracing::warn!(%error, lost, "{lost} spans could not be sent to the collector: {error}");
                }
                let unsent = dropped.swap(0, Ordering::Relaxed);
                if unsent > 0 {
                    ::metrics::counter!("autonomos_spans_dropped_total").increment(unsent);
                }
            }
        }));
        Ok(())
    }

    /// Sends what is left.
    pub async fn finish(self) {
        self.stop.cancel();
        if let Some(running) = self.running {
            let _ = tokio::time::timeout(LAST, running).await;
        }
    }
}

async fn send(
    client: &aos_net::Client,
    endpoint: &str,
    headers: &[(String, String)],
    spans: Vec<Value>,
) -> aos_net::Result<()> {
    let body = json!({ "resourceSpans": [{
        "resource": { "attributes": [
            { "key": "service.name", "value": { "stringValue": "autonomos" } },
            { "key": "service.version", "value": { "stringValue": env!("CARGO_PKG_VERSION") } },
            { "key": "process.pid", "value": { "intValue": std::process::id().to_string() } },
        ] },
        "scopeSpans": [{ "scope": { "name": "autonomos" }, "spans": spans }],
    }] });
    let mut request = Request::post(endpoint)?.json(&body)?.total_timeout(SEND_MAX);
    for (name, value) in headers {
        request = request.secret_header(name, value)?;
    }
    client.fetch(request).await.map(drop)
}

fn now() -> i64 {
    Clock::System.now().timestamp_nanos_opt().unwrap_or_default()
}

fn new_id() -> [u8; 8] {
    let mut id = [0; 8];
    rand::fill(&mut id);
    id
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

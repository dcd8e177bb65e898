//! Log lines for machines: one JSON object each, with the fields of the event and of the spans around it side by side, so that `trace_id` and
//! `tenant` stand in every line that belongs to a request or a task.

use super::fields::Fields;
use aos_core::Clock;
use serde_json::{Map, Value};
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

pub struct Lines<W> {
    to: Mutex<W>,
}

impl<W: Write> Lines<W> {
    pub fn to(writer: W) -> Self {
        Self { to: Mutex::new(writer) }
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
    W: Write + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut said = Fields::default();
        event.record(&mut said);
        let metadata = event.metadata();
        let mut line = Map::new();
        line.insert("at".to_owned(), Clock::System.now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true).into());
        line.insert("level".to_owned(), metadata.level().as_str().to_lowercase().into());
        line.insert("message".to_owned(), said.0.remove("message").unwrap_or_else(|| metadata.name().into()));
        line.insert("target".to_owned(), metadata.target().into());
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            line.insert("span".to_owned(), span.name().into());
            if let Some(fields) = span.extensions().get::<Fields>() {
                let shown = fields.0.iter().filter(|(name, _)| !name.starts_with("w3c."));
                line.extend(shown.map(|(name, value)| (name.clone(), value.clone())));
            }
        }
        line.extend(said.0);
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        // Where the log cannot be written there is nobody to tell.
        let _ = self.to.lock().unwrap_or_else(PoisonError::into_inner).write_all(text.as_bytes());
    }
}

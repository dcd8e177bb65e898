//! What the process tells about itself: log lines, traces for a collector, numbers for Prometheus. None of it carries a body, a secret or
//! personal data; what is measured is named in docs/guides/observe.md.

mod fields;
mod json;
mod metrics;
mod otlp;
mod scrape;

pub use metrics::{Recorder, recorder};
pub use scrape::serve as serve_metrics;

use crate::settings::{LogFormat, Settings};
use anyhow::Context;
use std::io::IsTerminal;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// What has been started, and is to be brought to its end.
pub struct Telemetry {
    spans: Option<otlp::Exporter>,
}

impl Telemetry {
    /// Starts logging; to standard error alone, quietly, when standard output belongs to the answer of a command.
    pub fn start(settings: &Settings, command_answers: bool) -> anyhow::Result<Self> {
        let log = &settings.log;
        let filter =
            EnvFilter::try_new(&log.filter).with_context(|| format!("log.filter `{}` is not valid", log.filter))?;
        // Commands answer on the terminal themselves; only what needs a look is logged there.
        let filter = if command_answers && log.filter == "info" { EnvFilter::new("warn") } else { filter };
        let lines = match log.format {
            LogFormat::Text => {
                let lines = tracing_subscriber::fmt::layer().with_target(false).with_writer(std::io::stderr);
                // Colours are for eyes: a file keeps plain lines. NO_COLOR says that a terminal does, too.
                if std::io::stderr().is_terminal() { lines.boxed() } else { lines.with_ansi(false).boxed() }
            }
            LogFormat::Json => json::Lines::to(std::io::stderr()).boxed(),
        };
        let (spans, exporter) = otlp::Spans::to(&settings.telemetry)?.unzip();
        // Statements are spans of level debug. Of others' crates, what they trace is theirs.
        let traced =
            Targets::new().with_target("aos", tracing::Level::DEBUG).with_target("autonomos", tracing::Level::DEBUG);
        tracing_subscriber::registry()
            .with(lines.with_filter(filter))
            .with(spans.map(|spans| spans.with_filter(traced)))
            .try_init()
            .map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))?;
        if !settings.telemetry.metrics_address.is_empty() {
            metrics::install()?;
        }
        Ok(Self { spans: exporter })
    }

    /// Sends spans from here on, within the runtime.
    pub fn run(&mut self, clock: &aos_core::Clock) -> anyhow::Result<()> {
        if let Some(exporter) = &mut self.spans {
            exporter.run(clock)?;
        }
        Ok(())
    }

    /// Sends what is left, for as long as that is worth waiting for.
    pub async fn finish(self) {
        if let Some(exporter) = self.spans {
            exporter.finish().await;
        }
    }
}

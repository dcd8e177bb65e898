//! A run of one verb: its messages one after the other, what went wrong on the way, and what its end means.

use super::hidden::Hidden;
use super::message::{FailureKind, Message, Trace};
use super::process::{Ending, Line, Process};
use super::program::Program;
use crate::context::Context;
use crate::error::Error;
use serde_json::Value;

/// How much of what went wrong is repeated to people.
const SAID_CHARS_MAX: usize = 600;
/// Lines that are no messages, of which the first are noted.
const GARBAGE_NOTED_MAX: u64 = 3;
/// The longest line; a record may be `record_bytes_max`, and the protocol stands around it.
pub(super) const ENVELOPE_BYTES: usize = 64 << 10;

pub(super) struct Run {
    process: Process,
    hidden: Hidden,
    context: Context,
    failure: Option<(String, FailureKind)>,
    messages: u64,
    garbage: u64,
    memory_mb: u64,
}

/// A line that a reader has to look at, with its own parse of it.
pub(super) enum Output {
    Line(Vec<u8>),
    TooLong(Vec<u8>),
    End,
}

impl Run {
    pub fn start(
        program: &Program,
        verb: &str,
        config: Option<&Value>,
        files: &[(&str, &str)],
        record_bytes_max: usize,
        context: &Context,
    ) -> Result<Self, Error> {
        let text = config.map(Value::to_string);
        let mut all = Vec::with_capacity(files.len() + 1);
        all.extend(text.as_deref().map(|text| ("--config", text)));
        all.extend_from_slice(files);
        let process = Process::start(program, verb, &all, record_bytes_max.saturating_add(ENVELOPE_BYTES))?;
        let hidden = config.map(Hidden::of).unwrap_or_default();
        let memory_mb = program.memory_mb;
        Ok(Self { process, hidden, context: context.clone(), failure: None, messages: 0, garbage: 0, memory_mb })
    }

    /// Returns the next line, or its end.
    pub async fn next(&mut self) -> Result<Output, Error> {
        let line = tokio::select! {
            () = self.context.cancel.cancelled() => return Err(Error::Canceled),
            line = self.process.line() => line.map_err(|error| self.explain(error))?,
        };
        Ok(match line {
            Some(Line::Whole(bytes)) => Output::Line(bytes),
            Some(Line::TooLong(bytes)) => Output::TooLong(bytes),
            None => Output::End,
        })
    }

    /// Hears what is not the reader's own business: logs, failures, garbage. Returns what is.
    pub fn hear<'l>(&mut self, message: Message<'l>) -> Option<Message<'l>> {
        match message {
            Message::Garbage(why) => {
                self.garbage += 1;
                if self.garbage <= GARBAGE_NOTED_MAX {
                    self.context
                        .note(&format!("the connector wrote a line that is no message ({})", self.hidden.within(&why)));
                }
                return None;
            }
            Message::Log { level, text } if matches!(&*level, "WARN" | "ERROR" | "FATAL") => {
                let text: String = self.hidden.within(&text).chars().take(SAID_CHARS_MAX).collect();
                self.context.note(&format!("the connector says {}: {text}", level.to_lowercase()));
            }
            Message::Trace(Trace::Error { text, kind }) => self.failure = Some((text, kind)),
            Message::Log { .. } | Message::Other => {}
            other => {
                self.messages += 1;
                return Some(other);
            }
        }
        self.messages += 1;
        None
    }

    /// Waits for its end, and says whether it went well.
    pub async fn end(&mut self) -> Result<(), Error> {
        let ending = self.process.end().await?;
        if let Some(bytes) = self.process.over_memory() {
            let said = format!(
                "the connector and what it started held {} MiB of memory together, may hold {} (the operator's memory_mb), and were ended",
                bytes >> 20,
                self.memory_mb
            );
            return Err(Error::Transient { said: self.shown(&said) });
        }
        if let Some((text, kind)) = &self.failure {
            let said = self.shown(text);
            return Err(match kind {
                FailureKind::ConfigError => Error::Refused { said },
                FailureKind::SystemError | FailureKind::TransientError | FailureKind::Unknown => {
                    Error::Transient { said }
                }
            });
        }
        match ending {
            Ending::Well if self.messages == 0 => {
                Err(Error::Contract { what: self.shown("the program wrote no message of the Airbyte protocol") })
            }
            Ending::Well => Ok(()),
            Ending::Status(126 | 127) => {
                let reason = self.shown("the operator's command cannot be run");
                Err(Error::Config { field: "source".to_owned(), reason })
            }
            Ending::Status(code) => {
                Err(Error::Transient { said: self.shown(&format!("the connector ended with status {code}")) })
            }
            Ending::Signal(9) => {
                let said = format!(
                    "the connector was killed (signal 9), mostly for memory; its limit is {} MiB",
                    self.memory_mb
                );
                Err(Error::Transient { said: self.shown(&said) })
            }
            Ending::Signal(signal) => {
                Err(Error::Transient { said: self.shown(&format!("the connector was ended by signal {signal}")) })
            }
        }
    }

    /// Adds what the connector complained of to an error of ours.
    fn explain(&self, error: Error) -> Error {
        match error {
            Error::Transient { said } => Error::Transient { said: self.shown(&said) },
            error => error,
        }
    }

    /// A sentence, and the last that the connector said on its error output; without what is hidden.
    fn shown(&self, said: &str) -> String {
        let said: String = self.hidden.within(said).chars().take(SAID_CHARS_MAX).collect();
        let complaint = self.process.complaint(&self.hidden);
        let last: Vec<&str> = complaint.lines().rev().take(3).filter(|line| !line.trim().is_empty()).collect();
        if last.is_empty() {
            return said;
        }
        let last = last.into_iter().rev().collect::<Vec<_>>().join(" / ");
        let last: String = last.chars().take(SAID_CHARS_MAX).collect();
        format!("{said}; its last words: {last}")
    }
}

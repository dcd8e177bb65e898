//! What a sync did, stream by stream and as a whole.

use super::judge;
use super::spending::AWAITS_CONFIRMATION;
use aos_connectors::{SourceCount, Stream};
use aos_core::ConnectionId;
use aos_core::ledger::{Outcome, Tally};
use aos_store::{Connection, RunStreamEnd};
use chrono::{DateTime, Utc};

/// What a read of one source did.
#[derive(Debug, Clone)]
pub struct SourceReport {
    pub connection: ConnectionId,
    pub source: String,
    pub outcome: Outcome,
    pub streams: Vec<StreamReport>,
    pub error: Option<String>,
    /// The kind of problem, for programs.
    pub code: Option<&'static str>,
    /// When the source takes requests again, where it was throttled.
    pub resume_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
pub struct StreamReport {
    pub stream: String,
    pub tally: Tally,
    pub outcome: Outcome,
    /// Why the stream could not be read, or what is not as it should be.
    pub problem: Option<String>,
    pub code: Option<&'static str>,
    pub count: Option<SourceCount>,
    /// Records found gone.
    pub deleted: u64,
    /// How many records a sweep did not meet, where that is so many that nothing was deleted.
    pub held_back: Option<u64>,
    /// When the source takes requests again, where it was throttled.
    pub resume_at: Option<DateTime<Utc>>,
}

impl StreamReport {
    pub(super) fn new(stream: &str, tally: Tally, outcome: Outcome) -> Self {
        Self {
            stream: stream.to_owned(),
            tally,
            outcome,
            problem: None,
            code: None,
            count: None,
            deleted: 0,
            held_back: None,
            resume_at: None,
        }
    }

    /// A stream that is there and cannot be read.
    pub(super) fn unread(stream: &Stream) -> Self {
        match &stream.problem {
            Some(problem) => Self::broken_off(&stream.name, Tally::default(), problem),
            None => Self::new(&stream.name, Tally::default(), Outcome::Unreachable),
        }
    }

    /// A stream of which so much was read before its source broke off.
    pub(super) fn broken_off(stream: &str, tally: Tally, error: &aos_connectors::Error) -> Self {
        let resume_at = match error {
            aos_connectors::Error::RateLimited { until } => Some(*until),
            _ => None,
        };
        Self {
            problem: Some(error.to_string()),
            code: Some(error.code()),
            resume_at,
            ..Self::new(stream, tally, judge::outcome_of(error))
        }
    }

    /// A stream that goes no further before somebody confirms what it costs.
    pub(super) fn waiting(stream: &str, tally: Tally, error: &crate::Error) -> Self {
        let report = Self::new(stream, tally, Outcome::Throttled);
        Self { problem: Some(error.to_string()), code: Some(AWAITS_CONFIRMATION), ..report }
    }

    /// A stream that was not begun because its source takes no more requests.
    pub(super) fn put_off(stream: &str) -> Self {
        Self::new(stream, Tally::default(), Outcome::Throttled)
    }

    pub(super) fn end(&self) -> RunStreamEnd {
        let bound = |count: SourceCount| match count {
            SourceCount::Exactly(_) => "exactly",
            SourceCount::AtLeast(_) => "at_least",
            SourceCount::About(_) => "about",
        };
        RunStreamEnd {
            outcome: self.outcome,
            problem: self.problem.clone(),
            problem_code: self.code.map(str::to_owned),
            source_count: self.count.map(|count| (bound(count).to_owned(), count.records())),
        }
    }
}

impl SourceReport {
    pub(super) fn of(connection: &Connection, streams: Vec<StreamReport>) -> Self {
        let outcome = streams.iter().map(|stream| stream.outcome).fold(Outcome::NoChange, Outcome::worse);
        let problems: Vec<String> = streams
            .iter()
            .filter_map(|stream| Some(format!("{}: {}", stream.stream, stream.problem.as_ref()?)))
            .collect();
        let lost = matches!(outcome, Outcome::Unreachable | Outcome::Failed);
        let read = |stream: &StreamReport| !matches!(stream.outcome, Outcome::Unreachable | Outcome::Failed);
        Self {
            connection: connection.id,
            source: connection.name.clone(),
            // A source of which some tables could be read is partial, not lost; unless our own books do not balance.
            outcome: if lost && streams.iter().any(read) && streams.iter().all(|stream| stream.tally.balanced()) {
                Outcome::Partial
            } else {
                outcome
            },
            error: (!problems.is_empty()).then(|| problems.join("; ")),
            code: if streams.iter().any(|stream| stream.code == Some(AWAITS_CONFIRMATION)) {
                Some(AWAITS_CONFIRMATION)
            } else {
                streams.iter().find_map(|stream| stream.code)
            },
            resume_at: streams.iter().filter_map(|stream| stream.resume_at).max(),
            streams,
        }
    }

    /// A source of which nothing could be read.
    pub(super) fn unreadable(connection: &Connection, error: &aos_connectors::Error) -> Self {
        let resume_at = match error {
            aos_connectors::Error::RateLimited { until } => Some(*until),
            _ => None,
        };
        let outcome = judge::outcome_of(error);
        Self { outcome, code: Some(error.code()), resume_at, ..Self::failed(connection, &error.to_string()) }
    }

    pub(super) fn failed(connection: &Connection, error: &str) -> Self {
        Self {
            connection: connection.id,
            source: connection.name.clone(),
            outcome: Outcome::Failed,
            streams: Vec::new(),
            error: Some(error.to_owned()),
            code: None,
            resume_at: None,
        }
    }
}

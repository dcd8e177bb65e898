//! An answer with its whole body, and what may be thought of it.

use super::body::Body;
use crate::context::Secret;
use crate::error::Error;
use aos_net::StatusCode;
use aos_net::header::HeaderMap;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::time::Duration;

/// How much of a refusal is repeated to people.
const SAID_BYTES_MAX: usize = 4096;
const SAID_CHARS_MAX: usize = 300;

/// An answer that came in whole; whether it is a good one is for the vendor's module to say.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub retry_after: Option<Duration>,
    pub bytes: Bytes,
    /// What is not shown, should the source repeat it.
    pub hidden: Vec<Secret>,
}

/// What an answer means for the request.
#[derive(Debug)]
pub(crate) enum Verdict {
    Fine,
    /// The token is refused: another one may be taken.
    Renew {
        said: String,
    },
    /// Too much was asked; wait that long, or for a while of our own choice.
    Wait(Option<Duration>),
    /// Trouble of the source that may pass.
    Trouble {
        said: String,
    },
    Refused(Error),
}

/// How a vendor's answers are judged.
pub(crate) type Judge = fn(&Reply) -> Verdict;

/// Why an answer with a good status is not taken: it breaks off, lacks what it announces, or goes in a circle. It is asked for again.
#[derive(Debug)]
pub(crate) struct Doubt(pub String);

impl Doubt {
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the source's own time, from the header `Date`.
    pub fn date(&self) -> Option<DateTime<Utc>> {
        let date = httpdate::parse_http_date(self.header("date")?).ok()?;
        Some(date.into())
    }

    pub fn body(&self) -> Body<'_> {
        Body::of(&self.bytes)
    }

    /// Whether the body begins as JSON and is none.
    fn is_cut(&self) -> bool {
        let body = self.body();
        let text = body.text().trim_start();
        text.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err()
    }

    /// Returns the beginning of the body in one line without our secrets, for a refusal.
    pub fn said(&self) -> String {
        let beginning = String::from_utf8_lossy(&self.bytes[..self.bytes.len().min(SAID_BYTES_MAX)]);
        let shown = self.hidden.iter().filter(|secret| !secret.expose().is_empty());
        let shown = shown.fold(beginning.into_owned(), |text, secret| text.replace(secret.expose(), "[hidden]"));
        let words = shown.split(|letter: char| letter.is_whitespace() || letter.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let text = format!("status {} {}", self.status.as_u16(), words.join(" "));
        text.trim_end().chars().take(SAID_CHARS_MAX).collect()
    }
}

/// Reads an envelope out of an answer's text. What it borrows are the records, as they stand there.
pub(crate) fn envelope<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Doubt> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column, kind) = (error.line(), error.column(), error.classify());
        Doubt(format!("its answer is not the documented JSON ({kind:?} error in line {line}, column {column})"))
    })
}

/// What a status means where a vendor says nothing else (RFC 9110, RFC 6585).
pub(crate) fn standard(reply: &Reply) -> Verdict {
    match reply.status.as_u16() {
        200..=299 => Verdict::Fine,
        401 => Verdict::Renew { said: reply.said() },
        // A refusal that broke off may have said anything: it is asked for again.
        400..=499 if reply.status.as_u16() != 429 && reply.is_cut() => Verdict::Trouble { said: reply.said() },
        403 => Verdict::Refused(Error::MissingScope { what: "this".to_owned(), said: reply.said() }),
        404 | 410 => Verdict::Refused(Error::Gone { what: "what was asked for".to_owned(), said: reply.said() }),
        429 => Verdict::Wait(reply.retry_after),
        503 if reply.retry_after.is_some() => Verdict::Wait(reply.retry_after),
        408 | 425 | 500 | 502..=504 | 506..=599 => Verdict::Trouble { said: reply.said() },
        _ => Verdict::Refused(Error::Refused { said: reply.said() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_broke_off_is_asked_for_again_and_a_whole_one_is_taken() {
        let verdict = |status: u16, body: &'static str| {
            let reply = Reply {
                status: StatusCode::from_u16(status).unwrap(),
                headers: HeaderMap::new(),
                retry_after: None,
                bytes: Bytes::from_static(body.as_bytes()),
                hidden: Vec::new(),
            };
            standard(&reply)
        };
        assert!(matches!(verdict(400, r#"{"message":"Unable to infer","corre"#), Verdict::Trouble { .. }));
        assert!(matches!(verdict(403, "[{"), Verdict::Trouble { .. }));
        assert!(matches!(verdict(400, r#"{"message":"no"}"#), Verdict::Refused(Error::Refused { .. })));
        assert!(matches!(verdict(404, "Not found"), Verdict::Refused(Error::Gone { .. })));
        assert!(matches!(verdict(429, "{"), Verdict::Wait(None)));
    }
}

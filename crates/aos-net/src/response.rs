//! An answer, read as far as its reader wants and its limits allow.

use crate::circuit::Verdict;
use crate::error::{Cause, Error, Phase, Result};
use crate::host::Pass;
use crate::retry_after;
use aos_core::json::{self, Unsound};
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How much of an unwelcome answer is read to say what it was, and how much of that is shown.
const EXCERPT_BYTES_MAX: usize = 4096;
const EXCERPT_CHARS_MAX: usize = 300;
/// Memory that is taken on the word of a `Content-Length`.
const PREALLOCATED_BYTES_MAX: u64 = 1 << 20;

/// The head is there; the body is read by `chunk`, `bytes` or `json`. The host's place is free again when this is dropped.
pub struct Response {
    pub(crate) answer: reqwest::Response,
    pub(crate) origin: String,
    pub(crate) secrets: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) received: u64,
    /// When the head came, for dates in headers.
    pub(crate) at: DateTime<Utc>,
    pub(crate) pass: Pass,
}

pub(crate) struct Limits {
    pub started: Instant,
    pub deadline: Instant,
    pub idle: Duration,
    pub body_bytes_max: u64,
}

impl Response {
    pub fn status(&self) -> StatusCode {
        self.answer.status()
    }

    pub fn headers(&self) -> &HeaderMap {
        self.answer.headers()
    }

    /// Returns how long the server asks to wait; at most a day.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after::parse(self.headers().get(RETRY_AFTER)?.to_str().ok()?, self.at)
    }

    /// Returns the next piece of the body; nothing at its end.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Timeout`] in phase `Idle` or `Total`, [`Error::Interrupted`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let announced = self.answer.content_length().unwrap_or_default();
        if self.received == 0 && announced > self.limits.body_bytes_max {
            return Err(self.too_large());
        }
        let asked = Instant::now();
        let idle_until = asked + self.limits.idle;
        match timeout_at(idle_until.min(self.limits.deadline), self.answer.chunk()).await {
            Ok(Ok(Some(piece))) => {
                self.received += piece.len() as u64;
                if self.received > self.limits.body_bytes_max { Err(self.too_large()) } else { Ok(Some(piece)) }
            }
            Ok(Ok(None)) => Ok(None),
            Ok(Err(error)) => {
                self.pass.conclude(Verdict::Failed);
                Err(Error::Interrupted { origin: self.origin.clone(), source: Cause::of(&error) })
            }
            Err(_) => {
                self.pass.conclude(Verdict::Failed);
                let total = self.limits.deadline <= idle_until;
                let (phase, since) = if total { (Phase::Total, self.limits.started) } else { (Phase::Idle, asked) };
                Err(Error::Timeout { origin: self.origin.clone(), phase, waited: Instant::now() - since })
            }
        }
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// As `chunk`.
    pub async fn bytes(mut self) -> Result<Bytes> {
        let announced = self.answer.content_length().unwrap_or_default().min(PREALLOCATED_BYTES_MAX);
        let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or_default());
        while let Some(piece) = self.chunk().await? {
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    }

    /// Reads the whole body as JSON.
    ///
    /// # Errors
    /// As `chunk`, and [`Error::Decode`].
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let origin = self.origin.clone();
        let body = self.bytes().await?;
        // What is no UTF-8 is left to the reader, and what is said twice to the one whose answer it is.
        if let Ok(text) = std::str::from_utf8(&body)
            && let Err(unsound @ (Unsound::TooDeep { .. } | Unsound::Reserved { .. })) = json::check(text)
        {
            let error = <serde_json::Error as serde::de::Error>::custom(unsound);
            return Err(Error::Decode { origin, source: Cause::of_json(&error) });
        }
        serde_json::from_slice(&body).map_err(|error| Error::Decode { origin, source: Cause::of_json(&error) })
    }

    /// Lets an answer with a status of 2xx through and makes an error of every other.
    ///
    /// # Errors
    /// [`Error::Status`] with the beginning of what the server says.
    pub async fn accepted(mut self) -> Result<Self> {
        if self.status().is_success() {
            return Ok(self);
        }
        let (status, retry_after) = (self.status().as_u16(), self.retry_after());
        let excerpt = self.excerpt().await;
        Err(Error::Status { origin: self.origin.clone(), status, excerpt, retry_after })
    }

    /// Reads the beginning of the body as one line of text, without the request's secrets. A body that breaks off or takes too
    /// long gives what was there.
    pub(crate) async fn excerpt(&mut self) -> String {
        let mut beginning = Vec::new();
        while beginning.len() < EXCERPT_BYTES_MAX {
            match self.chunk().await {
                Ok(Some(piece)) => beginning.extend_from_slice(&piece),
                Ok(None) | Err(_) => break,
            }
        }
        beginning.truncate(EXCERPT_BYTES_MAX);
        let mut text = String::from_utf8_lossy(&beginning).into_owned();
        for secret in &self.secrets {
            text = text.replace(secret.as_str(), "[hidden]");
        }
        let words =
            text.split(|letter: char| letter.is_whitespace() || letter.is_control()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ").chars().take(EXCERPT_CHARS_MAX).collect()
    }

    fn too_large(&self) -> Error {
        Error::TooLarge { origin: self.origin.clone(), limit: self.limits.body_bytes_max }
    }
}

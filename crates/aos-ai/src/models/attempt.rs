//! One call to a provider: sent, tried again while a failure passes and there is time, read whole or as it comes.

use super::ask::Ask;
use super::error::ModelError;
use super::sse::Events;
use super::wire::{self, End, Endpoint, Reply, Vectors};
use crate::embeddings::TextKind;
use aos_net::{Client, Request, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// Waited for before the second try; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest body of a refusal that is read.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;
/// Bytes that a token has at most: real ones have about four, and escapes in JSON make six of one.
const TOKEN_BYTES_MAX: u64 = 32;
/// Bytes around an answer: names of fields, usage, a thought or two.
const ENVELOPE_BYTES_MAX: u64 = 256 * 1024;

pub(super) struct Caller<'c> {
    pub net: &'c Client,
    pub endpoint: &'c Endpoint,
    pub deadline: Instant,
    pub attempts_max: u32,
}

/// What came of a call, and how many requests it took.
pub(super) struct Called<T> {
    pub outcome: Result<T, ModelError>,
    pub attempts: u32,
}

impl Caller<'_> {
    /// Asks for an answer as a whole.
    pub async fn ask(&self, model: &str, ask: &Ask) -> Called<Reply> {
        let request = match self.endpoint.ask(model, ask, false) {
            Ok(request) => request.body_bytes_max(answer_bytes_max(ask)),
            Err(error) => return Called { outcome: Err(error), attempts: 0 },
        };
        self.again(|| self.whole(request.clone(), |body| self.endpoint.answer(body))).await
    }

    /// Asks for vectors.
    pub async fn embed(
        &self,
        model: &str,
        texts: &[String],
        kind: TextKind,
        dimensions: Option<u32>,
    ) -> Called<Vectors> {
        match self.endpoint.embed(model, texts, kind, dimensions) {
            Ok(request) => self.again(|| self.whole(request.clone(), |body| self.endpoint.vectors(body))).await,
            Err(error) => Called { outcome: Err(error), attempts: 0 },
        }
    }

    /// Asks for an answer as it comes. Once words have come it is not tried again: they were shown already.
    pub async fn stream(&self, model: &str, ask: &Ask, on_words: &mut (dyn FnMut(&str) + Send)) -> Called<Reply> {
        let request = match self.endpoint.ask(model, ask, true) {
            Ok(request) => request.body_bytes_max(answer_bytes_max(ask) * 8),
            Err(error) => return Called { outcome: Err(error), attempts: 0 },
        };
        let opened = self.again(|| self.open(request.clone())).await;
        let outcome = match opened.outcome {
            Ok(response) => self.follow(response, ask, on_words).await,
            Err(error) => Err(error),
        };
        Called { outcome, attempts: opened.attempts }
    }

    async fn again<T, F>(&self, mut work: impl FnMut() -> F) -> Called<T>
    where
        F: Future<Output = Result<T, ModelError>>,
    {
        let mut attempts = 1;
        loop {
            let error = match work().await {
                Ok(done) => return Called { outcome: Ok(done), attempts },
                Err(error) => error,
            };
            let Some(asked) = error.passes() else { return Called { outcome: Err(error), attempts } };
            // Many who were refused at once should not come back at once.
            let pause = PAUSE.saturating_mul(1 << attempts.min(10)).mul_f64(0.5 + rand::random::<f64>() / 2.0) / 2;
            let wait = asked.map_or(pause, |asked| asked.max(Duration::from_millis(10)));
            if attempts >= self.attempts_max || Instant::now() + wait >= self.deadline {
                return Called { outcome: Err(error), attempts };
            }
            tokio::time::sleep(wait).await;
            attempts += 1;
        }
    }

    async fn whole<T>(
        &self,
        request: Request,
        read: impl Fn(&Value) -> Result<T, ModelError>,
    ) -> Result<T, ModelError> {
        let response = self.open(request).await?;
        let body: Value = response.json().await.map_err(|error| match error {
            aos_net::Error::Decode { source, .. } => self.endpoint.unreadable(source.to_string()),
            error => ModelError::Net(error),
        })?;
        read(&body)
    }

    /// Sends a request and returns an answer whose status is 2xx.
    async fn open(&self, request: Request) -> Result<Response, ModelError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let request = request.total_timeout(left).response_timeout(left);
        let mut response = self.net.send(request).await.map_err(ModelError::Net)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, asked) = (response.status().as_u16(), response.retry_after());
        let mut body = Vec::new();
        while body.len() < REFUSAL_BYTES_MAX {
            match response.chunk().await {
                Ok(Some(piece)) => body.extend_from_slice(&piece),
                // What was there says enough.
                Ok(None) | Err(_) => break,
            }
        }
        Err(wire::failure(self.endpoint, status, &body, asked))
    }

    async fn follow(
        &self,
        mut response: Response,
        ask: &Ask,
        on_words: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Reply, ModelError> {
        let streams = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        if !streams.is_some_and(|kind| kind.starts_with("text/event-stream")) {
            // Some servers do not stream, and answer as a whole.
            let body: Value = response.json().await.map_err(ModelError::Net)?;
            let reply = self.endpoint.answer(&body)?;
            on_words(&reply.text);
            return Ok(reply);
        }
        let (mut events, mut reply) = (Events::default(), Reply::default());
        let text_bytes_max = usize::try_from(u64::from(ask.tokens_out_max) * TOKEN_BYTES_MAX).unwrap_or(usize::MAX);
        while let Some(piece) = response.chunk().await.map_err(ModelError::Net)? {
            let whole =
                events.take(&piece).map_err(|_| self.endpoint.unreadable("an event of the stream has no end"))?;
            for event in whole {
                let before = self.endpoint.event(&event, &mut reply)?;
                on_words(&reply.text[before..]);
            }
            if reply.text.len() > text_bytes_max {
                // A model that does not stop is stopped: dropping the answer closes the connection.
                reply.end = Some(End::Cut);
                return Ok(reply);
            }
        }
        if let Some(event) = events.finish() {
            let before = self.endpoint.event(&event, &mut reply)?;
            on_words(&reply.text[before..]);
        }
        if reply.end.is_none() {
            return Err(self.endpoint.unreadable("the stream ended in the middle of the answer"));
        }
        Ok(reply)
    }
}

fn answer_bytes_max(ask: &Ask) -> u64 {
    u64::from(ask.tokens_out_max) * TOKEN_BYTES_MAX + ENVELOPE_BYTES_MAX
}

//! How each provider is spoken to: one request, one answer, one stream, one failure. What is the same for all is here.

mod anthropic;
mod failure;
mod gemini;
mod openai;

pub(super) use failure::failure;

use super::ask::Ask;
use super::choice::Provider;
use super::error::ModelError;
use crate::embeddings::TextKind;
use aos_core::vault::Secret;
use aos_net::Request;
use serde_json::Value;

/// Where a model is, and as whom it is asked.
pub(super) struct Endpoint {
    pub provider: Provider,
    /// Without a slash at its end.
    pub base: String,
    pub key: Option<Secret>,
}

/// What has come of an answer so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reply {
    pub text: String,
    pub end: Option<End>,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    /// It reached the limit of tokens.
    Cut,
    Declined(String),
}

/// Vectors of an embedding call, in the order of the texts.
pub(super) struct Vectors {
    pub vectors: Vec<Vec<f32>>,
    pub tokens_in: Option<u64>,
}

impl Endpoint {
    /// Builds the request for an answer, whole or as a stream.
    pub fn ask(&self, model: &str, ask: &Ask, stream: bool) -> Result<Request, ModelError> {
        let (path, body) = match self.provider {
            Provider::OpenAi | Provider::Compatible => openai::ask(self.provider, model, ask, stream),
            Provider::Gemini => gemini::ask(model, ask, stream),
            Provider::Anthropic => anthropic::ask(model, ask, stream),
        };
        self.post(&path, &body)
    }

    /// Builds the request for vectors.
    pub fn embed(
        &self,
        model: &str,
        texts: &[String],
        kind: TextKind,
        dimensions: Option<u32>,
    ) -> Result<Request, ModelError> {
        let (path, body) = match self.provider {
            Provider::Gemini => gemini::embed(model, texts, kind, dimensions),
            _ => openai::embed(model, texts, dimensions),
        };
        self.post(&path, &body)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Request, ModelError> {
        let request = Request::post(&format!("{}{path}", self.base)).map_err(ModelError::Net)?;
        let request = request.json(body).map_err(ModelError::Net)?;
        let Some(key) = self.key.as_ref() else { return Ok(request) };
        let key = key.expose_text().ok_or_else(|| ModelError::Invalid("the key is no text; give it anew".into()))?;
        let with_key = match self.provider {
            Provider::OpenAi | Provider::Compatible => request.bearer(key),
            Provider::Gemini => request.secret_header("x-goog-api-key", key),
            Provider::Anthropic => request.secret_header("x-api-key", key),
        };
        let request = with_key.map_err(ModelError::Net)?;
        match self.provider {
            Provider::Anthropic => request.header("anthropic-version", anthropic::VERSION).map_err(ModelError::Net),
            _ => Ok(request),
        }
    }

    /// Reads a whole answer.
    pub fn answer(&self, body: &Value) -> Result<Reply, ModelError> {
        let read = match self.provider {
            Provider::OpenAi | Provider::Compatible => openai::answer(body),
            Provider::Gemini => gemini::answer(body),
            Provider::Anthropic => anthropic::answer(body),
        };
        read.map_err(|why| self.unreadable(why))
    }

    /// Reads one event of a stream into the reply; returns how many bytes of text were there before it.
    pub fn event(&self, event: &str, reply: &mut Reply) -> Result<usize, ModelError> {
        let before = reply.text.len();
        if event.trim() == "[DONE]" {
            return Ok(before);
        }
        let body = aos_core::json::read(event).map_err(|_| self.unreadable("an event of the stream is no JSON"))?;
        if let Some(error) = body.get("error").filter(|error| !error.is_null()) {
            let (status, said) = failure::of_event(error);
            return Err(ModelError::Failing { provider: self.provider.as_str(), status, said: self.hidden(&said) });
        }
        let read = match self.provider {
            Provider::OpenAi | Provider::Compatible => openai::event(&body, reply),
            Provider::Gemini => gemini::event(&body, reply),
            Provider::Anthropic => anthropic::event(&body, reply),
        };
        read.map_err(|why| self.unreadable(why))?;
        Ok(before)
    }

    /// Reads vectors.
    pub fn vectors(&self, body: &Value) -> Result<Vectors, ModelError> {
        let read = match self.provider {
            Provider::Gemini => gemini::vectors(body),
            _ => openai::vectors(body),
        };
        read.map_err(|why| self.unreadable(why))
    }

    pub fn unreadable(&self, why: impl Into<String>) -> ModelError {
        ModelError::Unreadable { provider: self.provider.as_str(), why: why.into() }
    }

    /// Takes the key out of what a provider says; some repeat it.
    pub fn hidden(&self, said: &str) -> String {
        match self.key.as_ref().and_then(Secret::expose_text).filter(|key| !key.is_empty()) {
            Some(key) => said.replace(key, "[hidden]"),
            None => said.to_owned(),
        }
    }
}

fn number(body: &Value, path: &str) -> Option<u64> {
    body.pointer(path).and_then(Value::as_u64)
}

fn text<'v>(body: &'v Value, path: &str) -> Option<&'v str> {
    body.pointer(path).and_then(Value::as_str)
}

fn vector(values: &Value) -> Result<Vec<f32>, &'static str> {
    let numbers = values.as_array().ok_or("an embedding is no list")?;
    numbers
        .iter()
        .map(|number| number.as_f64().map(|number| number as f32).ok_or("an embedding has no numbers"))
        .collect()
}

//! What a model is asked, and what comes back.

use aos_store::ModelPayer;
use serde_json::Value;
use std::time::Duration;

/// A question to a model.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What asks, e.g. `questions`: usage is counted by it.
    pub feature: &'static str,
    /// What the model is told to do. Personal data is taken out of it as of every message.
    pub system: String,
    pub messages: Vec<Message>,
    pub output: Output,
    /// How long the answer may be, in tokens; the operator's limit goes before it.
    pub tokens_out_max: u32,
    /// Another model of the tenant's provider than the one that was chosen.
    pub model: Option<String>,
    /// The agent that asks, if one does: it is counted under its own name, and within its own budget beside the tenant's.
    pub payer: Option<ModelPayer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub from: Speaker,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    User,
    Model,
}

/// What the answer has to be.
#[derive(Debug, Clone)]
pub enum Output {
    Text,
    /// One JSON value that fits the schema. The schema is sent as it is: it must hold no values of records.
    Json {
        /// Names the value to the model: letters, digits and underscores.
        name: &'static str,
        schema: Value,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the model said, at most up to the limit.
    pub text: String,
    /// The value, where the question asked for one; it fits the schema.
    pub value: Option<Value>,
    /// Provider and model, e.g. `openai/gpt-4.1-mini`.
    pub model: String,
    /// Of all calls that this answer took.
    pub used: Used,
    /// Whether the answer was cut off at its limit.
    pub cut: bool,
    /// Requests that were sent for it.
    pub attempts: u32,
    /// Whether the first answer did not fit the schema and the model was asked once more.
    pub repaired: bool,
    pub duration: Duration,
    /// Until the first words came; only of a stream.
    pub first_words_after: Option<Duration>,
}

/// What calls used: none where the provider, or the price table, does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    /// Millionths of a US dollar.
    pub micros: Option<u64>,
}

impl Ask {
    /// Asks for text in one message.
    pub fn text(feature: &'static str, system: impl Into<String>, message: impl Into<String>) -> Self {
        let messages = vec![Message { from: Speaker::User, text: message.into() }];
        let output = Output::Text;
        Self { feature, system: system.into(), messages, output, tokens_out_max: 1024, model: None, payer: None }
    }

    /// Asks for a JSON value that fits a schema, in one message.
    pub fn json(
        feature: &'static str,
        system: impl Into<String>,
        message: impl Into<String>,
        name: &'static str,
        schema: Value,
    ) -> Self {
        Self { output: Output::Json { name, schema }, ..Self::text(feature, system, message) }
    }
}

impl Used {
    /// Adds what a further call used. What is unknown of one is unknown of both.
    pub(super) fn and(self, other: Self) -> Self {
        let both = |left: Option<u64>, right: Option<u64>| Some(left? + right?);
        Self {
            tokens_in: both(self.tokens_in, other.tokens_in),
            tokens_out: both(self.tokens_out, other.tokens_out),
            micros: both(self.micros, other.micros),
        }
    }
}

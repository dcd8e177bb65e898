//! The wire formats, from the providers' public documentation.

use super::Seen;
use serde_json::{Value, json};

/// Whose form a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    OpenAi,
    Gemini,
    Anthropic,
}

/// An event of a stream: its name, where the form names events, and its data.
type Event = (Option<&'static str>, Value);

impl Speaks {
    pub(super) fn is_stream(self, seen: &Seen) -> bool {
        match self {
            Self::Gemini => seen.path.contains(":streamGenerateContent"),
            Self::OpenAi | Self::Anthropic => seen.body.get("stream") == Some(&Value::Bool(true)),
        }
    }

    pub(super) fn whole(self, text: &str, counted: bool) -> Value {
        let body = match self {
            Self::OpenAi => json!({
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1_760_000_000, "model": "some",
                "choices": [{ "index": 0, "finish_reason": "stop", "logprobs": null,
                    "message": { "role": "assistant", "content": text, "refusal": null } }],
                "usage": { "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18 },
            }),
            Self::Gemini => json!({
                "candidates": [{ "index": 0, "finishReason": "STOP",
                    "content": { "role": "model", "parts": [{ "text": "hm", "thought": true }, { "text": text }] } }],
                "usageMetadata": { "promptTokenCount": 11, "candidatesTokenCount": 4, "thoughtsTokenCount": 3, "totalTokenCount": 18 },
                "modelVersion": "some",
            }),
            Self::Anthropic => json!({
                "id": "msg_1", "type": "message", "role": "assistant", "model": "some",
                "content": [{ "type": "text", "text": text }], "stop_reason": "end_turn", "stop_sequence": null,
                "usage": { "input_tokens": 6, "cache_creation_input_tokens": 2, "cache_read_input_tokens": 3, "output_tokens": 7 },
            }),
        };
        if counted { body } else { without_usage(body) }
    }

    /// A value in a schema: in the text, or as the input of the tool.
    pub(super) fn whole_value(self, value: &Value) -> Value {
        let mut body = self.whole(&value.to_string(), true);
        if self == Self::Anthropic {
            body["content"] = json!([{ "type": "tool_use", "id": "toolu_1", "name": "answer", "input": value }]);
            body["stop_reason"] = json!("tool_use");
        }
        body
    }

    pub(super) fn declined(self) -> Value {
        let mut body = self.whole("", true);
        match self {
            Self::OpenAi => body["choices"][0]["message"]["refusal"] = json!("I can't help with that."),
            Self::Gemini => {
                body = json!({ "promptFeedback": { "blockReason": "SAFETY" }, "usageMetadata": { "promptTokenCount": 11 } });
            }
            Self::Anthropic => body["stop_reason"] = json!("refusal"),
        }
        body
    }

    /// One event with these words.
    pub(super) fn words(self, words: &str) -> Event {
        match self {
            Self::OpenAi => (
                None,
                json!({ "choices": [{ "index": 0, "delta": { "content": words }, "finish_reason": null }], "usage": null }),
            ),
            Self::Gemini => {
                (None, json!({ "candidates": [{ "content": { "role": "model", "parts": [{ "text": words }] } }] }))
            }
            Self::Anthropic => (
                Some("content_block_delta"),
                json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": words } }),
            ),
        }
    }

    /// A stream with the text word by word.
    pub(super) fn stream(self, text: &str, counted: bool) -> Vec<Event> {
        let mut events: Vec<Event> = self.begin(counted);
        events.extend(text.split_inclusive(' ').map(|words| self.words(words)));
        events.extend(self.end(counted));
        events
    }

    fn begin(self, counted: bool) -> Vec<Event> {
        if self != Self::Anthropic {
            return Vec::new();
        }
        let usage = if counted { json!({ "input_tokens": 11, "output_tokens": 1 }) } else { json!({}) };
        let start = json!({ "type": "message_start", "message": { "id": "msg_1", "role": "assistant", "content": [], "usage": usage } });
        let block =
            json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } });
        vec![
            (Some("message_start"), start),
            (Some("content_block_start"), block),
            (Some("ping"), json!({ "type": "ping" })),
        ]
    }

    fn end(self, counted: bool) -> Vec<Event> {
        match self {
            Self::OpenAi => {
                let mut events = vec![(
                    None,
                    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }], "usage": null }),
                )];
                if counted {
                    let usage = json!({ "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18 });
                    events.push((None, json!({ "choices": [], "usage": usage })));
                }
                events.push((None, json!("[DONE]")));
                events
            }
            Self::Gemini => {
                let mut last = json!({ "candidates": [{ "content": { "role": "model", "parts": [{ "text": "" }] }, "finishReason": "STOP" }] });
                if counted {
                    last["usageMetadata"] =
                        json!({ "promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18 });
                }
                vec![(None, last)]
            }
            Self::Anthropic => {
                let usage = if counted { json!({ "output_tokens": 7 }) } else { json!({}) };
                let delta = json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn", "stop_sequence": null }, "usage": usage });
                vec![
                    (Some("content_block_stop"), json!({ "type": "content_block_stop", "index": 0 })),
                    (Some("message_delta"), delta),
                    (Some("message_stop"), json!({ "type": "message_stop" })),
                ]
            }
        }
    }

    /// Vectors that follow from the texts: how long each is, and then ones.
    pub(super) fn vectors(self, asked: &Value, size: usize) -> Value {
        let vector = |text: &str| {
            let mut vector = vec![1.0; size];
            if let Some(first) = vector.first_mut() {
                *first = text.len() as f64;
            }
            vector
        };
        match self {
            Self::Gemini => {
                let requests = asked["requests"].as_array().cloned().unwrap_or_default();
                let text =
                    |request: &Value| request["content"]["parts"][0]["text"].as_str().unwrap_or_default().to_owned();
                let rows: Vec<_> = requests.iter().map(|request| json!({ "values": vector(&text(request)) })).collect();
                json!({ "embeddings": rows })
            }
            Self::OpenAi | Self::Anthropic => {
                let texts = asked["input"].as_array().cloned().unwrap_or_default();
                let row = |(index, text): (usize, &Value)| json!({ "object": "embedding", "index": index, "embedding": vector(text.as_str().unwrap_or_default()) });
                // The order is not promised; the index says it.
                let rows: Vec<_> = texts.iter().enumerate().map(row).rev().collect();
                json!({ "object": "list", "data": rows, "usage": { "prompt_tokens": 5, "total_tokens": 5 } })
            }
        }
    }
}

fn without_usage(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.remove("usage");
        members.remove("usageMetadata");
    }
    body
}

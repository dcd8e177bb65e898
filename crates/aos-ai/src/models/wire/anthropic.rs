//! Anthropic's Messages API (<https://docs.anthropic.com/en/api/messages>, <https://docs.anthropic.com/en/api/messages-streaming>). A value in
//! a schema is asked for as the input of a tool that the model has to use.

use super::{End, Reply, number, text};
use crate::models::ask::{Ask, Output, Speaker};
use serde_json::{Value, json};

pub const VERSION: &str = "2023-06-01";

pub fn ask(model: &str, ask: &Ask, stream: bool) -> (String, Value) {
    let messages = ask.messages.iter().map(|message| {
        let role = match message.from {
            Speaker::User => "user",
            Speaker::Model => "assistant",
        };
        json!({ "role": role, "content": message.text })
    });
    let mut body = json!({
        "model": model,
        "max_tokens": ask.tokens_out_max,
        "system": ask.system,
        "messages": messages.collect::<Vec<_>>(),
        "stream": stream,
    });
    if let Output::Json { name, schema } = &ask.output {
        body["tools"] = json!([{ "name": name, "description": "Takes the answer.", "input_schema": schema }]);
        body["tool_choice"] = json!({ "type": "tool", "name": name });
    }
    ("/messages".into(), body)
}

pub fn answer(body: &Value) -> Result<Reply, &'static str> {
    let parts = body.get("content").and_then(Value::as_array).ok_or("there is no content in it")?;
    let mut reply = Reply { end: text(body, "/stop_reason").map(end), ..Reply::default() };
    let input = parts.iter().find(|part| text(part, "/type") == Some("tool_use")).and_then(|part| part.get("input"));
    reply.text = match input {
        Some(input) => input.to_string(),
        None => parts.iter().filter_map(|part| text(part, "/text")).collect(),
    };
    usage(body.get("usage"), &mut reply);
    Ok(reply)
}

pub fn event(body: &Value, reply: &mut Reply) -> Result<(), &'static str> {
    match text(body, "/type").ok_or("an event has no type")? {
        "message_start" => usage(body.pointer("/message/usage"), reply),
        "content_block_delta" => {
            let delta = text(body, "/delta/text").or_else(|| text(body, "/delta/partial_json"));
            reply.text.push_str(delta.unwrap_or_default());
        }
        "message_delta" => {
            if let Some(reason) = text(body, "/delta/stop_reason") {
                reply.end = Some(end(reason));
            }
            usage(body.get("usage"), reply);
        }
        // Pings, the ends of blocks, and what may come in later versions.
        _ => {}
    }
    Ok(())
}

fn end(reason: &str) -> End {
    match reason {
        "max_tokens" | "model_context_window_exceeded" => End::Cut,
        "refusal" => End::Declined("the model refused".into()),
        _ => End::Done,
    }
}

fn usage(usage: Option<&Value>, reply: &mut Reply) {
    let Some(usage) = usage else { return };
    // What is read from or written to a cache is counted apart.
    if let Some(fresh) = number(usage, "/input_tokens") {
        let cached = ["/cache_creation_input_tokens", "/cache_read_input_tokens"];
        reply.tokens_in = Some(fresh + cached.iter().filter_map(|path| number(usage, path)).sum::<u64>());
    }
    reply.tokens_out = number(usage, "/output_tokens").or(reply.tokens_out);
}

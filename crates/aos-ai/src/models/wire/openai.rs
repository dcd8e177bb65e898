//! OpenAI's chat completions and embeddings, and everything that speaks them
//! (<https://platform.openai.com/docs/api-reference/chat>, <https://platform.openai.com/docs/api-reference/embeddings>).

use super::{End, Reply, Vectors, number, text, vector};
use crate::models::ask::{Ask, Message, Output, Speaker};
use crate::models::choice::Provider;
use crate::models::schema::is_strict;
use serde_json::{Value, json};

pub fn ask(provider: Provider, model: &str, ask: &Ask, stream: bool) -> (String, Value) {
    let mut system = ask.system.clone();
    // Of those who speak this form many take a schema and do not hold it, and some do not even show it to the model.
    if let (Provider::Compatible, Output::Json { schema, .. }) = (provider, &ask.output) {
        system.push_str(&format!("\nAnswer with one JSON value and nothing else. It fits this JSON schema: {schema}"));
    }
    let mut messages = vec![json!({ "role": "system", "content": system })];
    messages.extend(ask.messages.iter().map(message));
    // Reasoning models refuse the older name; most others know no other.
    let limit = if provider == Provider::OpenAi { "max_completion_tokens" } else { "max_tokens" };
    let mut body = json!({ "model": model, "messages": messages, "stream": stream });
    body[limit] = json!(ask.tokens_out_max);
    if stream {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if let Output::Json { name, schema } = &ask.output {
        let schema = json!({ "name": name, "schema": schema, "strict": is_strict(schema) });
        body["response_format"] = json!({ "type": "json_schema", "json_schema": schema });
    }
    ("/chat/completions".into(), body)
}

fn message(message: &Message) -> Value {
    let role = match message.from {
        Speaker::User => "user",
        Speaker::Model => "assistant",
    };
    json!({ "role": role, "content": message.text })
}

pub fn answer(body: &Value) -> Result<Reply, &'static str> {
    let choice = body.pointer("/choices/0").ok_or("there is no choice in it")?;
    let mut reply = Reply { end: end(choice), ..Reply::default() };
    if let Some(refusal) = text(choice, "/message/refusal") {
        reply.end = Some(End::Declined(refusal.to_owned()));
    }
    reply.text = text(choice, "/message/content").unwrap_or_default().to_owned();
    usage(body, &mut reply);
    Ok(reply)
}

pub fn event(body: &Value, reply: &mut Reply) -> Result<(), &'static str> {
    if let Some(choice) = body.pointer("/choices/0") {
        reply.text.push_str(text(choice, "/delta/content").unwrap_or_default());
        if let Some(end) = end(choice) {
            reply.end = Some(end);
        }
    }
    usage(body, reply);
    Ok(())
}

fn end(choice: &Value) -> Option<End> {
    match text(choice, "/finish_reason")? {
        "length" => Some(End::Cut),
        "content_filter" => Some(End::Declined("the provider's filter stopped it".into())),
        _ => Some(End::Done),
    }
}

fn usage(body: &Value, reply: &mut Reply) {
    reply.tokens_in = number(body, "/usage/prompt_tokens").or(reply.tokens_in);
    reply.tokens_out = number(body, "/usage/completion_tokens").or(reply.tokens_out);
}

pub fn embed(model: &str, texts: &[String], dimensions: Option<u32>) -> (String, Value) {
    let mut body = json!({ "model": model, "input": texts, "encoding_format": "float" });
    if let Some(dimensions) = dimensions {
        body["dimensions"] = json!(dimensions);
    }
    ("/embeddings".into(), body)
}

pub fn vectors(body: &Value) -> Result<Vectors, &'static str> {
    let rows = body.get("data").and_then(Value::as_array).ok_or("there are no embeddings in it")?;
    let mut placed = Vec::with_capacity(rows.len());
    for (position, row) in rows.iter().enumerate() {
        let index = number(row, "/index").map_or(position, |index| usize::try_from(index).unwrap_or(usize::MAX));
        placed.push((index, vector(row.get("embedding").ok_or("a row has no embedding")?)?));
    }
    placed.sort_by_key(|(index, _)| *index);
    if placed.iter().enumerate().any(|(position, (index, _))| position != *index) {
        return Err("the embeddings are not numbered as the texts are");
    }
    let vectors = placed.into_iter().map(|(_, vector)| vector).collect();
    Ok(Vectors { vectors, tokens_in: number(body, "/usage/prompt_tokens") })
}

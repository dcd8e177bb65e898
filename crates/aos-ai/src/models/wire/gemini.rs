//! Google's Gemini API (<https://ai.google.dev/api/generate-content>, <https://ai.google.dev/api/embeddings>).

use super::{End, Reply, Vectors, number, text, vector};
use crate::embeddings::TextKind;
use crate::models::ask::{Ask, Output, Speaker};
use serde_json::{Value, json};

pub fn ask(model: &str, ask: &Ask, stream: bool) -> (String, Value) {
    let contents = ask.messages.iter().map(|message| {
        let role = match message.from {
            Speaker::User => "user",
            Speaker::Model => "model",
        };
        json!({ "role": role, "parts": [{ "text": message.text }] })
    });
    let mut config = json!({ "maxOutputTokens": ask.tokens_out_max });
    if let Output::Json { schema, .. } = &ask.output {
        config["responseMimeType"] = json!("application/json");
        config["responseJsonSchema"] = schema.clone();
    }
    let body = json!({
        "systemInstruction": { "parts": [{ "text": ask.system }] },
        "contents": contents.collect::<Vec<_>>(),
        "generationConfig": config,
    });
    let method = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
    (format!("/{}:{method}", path(model)), body)
}

/// Models are resources; some people copy their whole name.
fn path(model: &str) -> String {
    if model.contains('/') { model.to_owned() } else { format!("models/{model}") }
}

pub fn answer(body: &Value) -> Result<Reply, &'static str> {
    let mut reply = Reply::default();
    event(body, &mut reply)?;
    if reply.end.is_none() && body.pointer("/candidates/0").is_none() {
        return Err("there is no candidate in it");
    }
    Ok(reply)
}

pub fn event(body: &Value, reply: &mut Reply) -> Result<(), &'static str> {
    if let Some(reason) = text(body, "/promptFeedback/blockReason") {
        reply.end = Some(End::Declined(format!("the question was blocked ({reason})")));
    }
    if let Some(candidate) = body.pointer("/candidates/0") {
        let parts = candidate.pointer("/content/parts").and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            // Thoughts are no part of the answer.
            if part.get("thought") != Some(&Value::Bool(true)) {
                reply.text.push_str(text(part, "/text").unwrap_or_default());
            }
        }
        match text(candidate, "/finishReason") {
            None => {}
            Some("STOP") => reply.end = Some(End::Done),
            Some("MAX_TOKENS") => reply.end = Some(End::Cut),
            Some(reason) => reply.end = Some(End::Declined(format!("it stopped for {reason}"))),
        }
    }
    if let Some(tokens) = number(body, "/usageMetadata/promptTokenCount") {
        reply.tokens_in = Some(tokens);
        // Thoughts are charged as output, and counted apart. A stream's last event has the sums.
        let said = number(body, "/usageMetadata/candidatesTokenCount").unwrap_or_default();
        reply.tokens_out = Some(said + number(body, "/usageMetadata/thoughtsTokenCount").unwrap_or_default());
    }
    Ok(())
}

pub fn embed(model: &str, texts: &[String], kind: TextKind, dimensions: Option<u32>) -> (String, Value) {
    let task = match kind {
        TextKind::Query => "RETRIEVAL_QUERY",
        TextKind::Passage => "RETRIEVAL_DOCUMENT",
    };
    let requests = texts.iter().map(|given| {
        let mut request =
            json!({ "model": path(model), "content": { "parts": [{ "text": given }] }, "taskType": task });
        if let Some(dimensions) = dimensions {
            request["outputDimensionality"] = json!(dimensions);
        }
        request
    });
    (format!("/{}:batchEmbedContents", path(model)), json!({ "requests": requests.collect::<Vec<_>>() }))
}

pub fn vectors(body: &Value) -> Result<Vectors, &'static str> {
    let rows = body.get("embeddings").and_then(Value::as_array).ok_or("there are no embeddings in it")?;
    let values = rows.iter().map(|row| vector(row.get("values").ok_or("a row has no values")?));
    Ok(Vectors {
        vectors: values.collect::<Result<_, _>>()?,
        tokens_in: number(body, "/usageMetadata/promptTokenCount"),
    })
}

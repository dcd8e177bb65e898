//! What is said to who sends something that is no request. hyper answers that by itself, without a body, and has no hook for it; its answers
//! are known by their look, and a problem goes out in their place. An answer of ours never looks like one: its problems have bodies.

use crate::problem;
use uuid::Uuid;

/// A refusal of hyper's, and what is said instead.
struct Refusal {
    status_line: &'static str,
    status: u16,
    title: &'static str,
    code: &'static str,
    detail: &'static str,
    next_step: &'static str,
}

const REFUSALS: [Refusal; 3] = [
    Refusal {
        status_line: "HTTP/1.1 400 Bad Request\r\n",
        status: 400,
        title: "Unreadable request",
        code: "unreadable_request",
        detail: "what was sent is no request of HTTP/1.1, or says its length in a way that cannot be relied on",
        next_step: "send it as RFC 9112 describes",
    },
    Refusal {
        status_line: "HTTP/1.1 414 URI Too Long\r\n",
        status: 414,
        title: "Address too long",
        code: "address_too_long",
        detail: "the address is longer than this server reads",
        next_step: "send less in the query",
    },
    Refusal {
        status_line: "HTTP/1.1 431 Request Header Fields Too Large\r\n",
        status: 431,
        title: "Headers too large",
        code: "headers_too_large",
        detail: "there are more headers, or longer ones, than this server reads",
        next_step: "send fewer or shorter headers",
    },
];

/// Returns what is to be written in place of these bytes, when they are a refusal of hyper's own.
pub(super) fn in_place_of(bytes: &[u8]) -> Option<Vec<u8>> {
    let refusal = REFUSALS.iter().find(|refusal| bytes.starts_with(refusal.status_line.as_bytes()))?;
    let head = std::str::from_utf8(bytes).ok()?;
    (head.ends_with("\r\n\r\n") && head.contains("\r\ncontent-length: 0\r\n")).then(|| refusal.answer())
}

impl Refusal {
    fn answer(&self) -> Vec<u8> {
        let Self { status_line, status, title, code, detail, next_step } = self;
        let trace_id = Uuid::new_v4().simple().to_string();
        tracing::info!(status, trace_id, "something that is no request was answered {status}");
        let body = serde_json::json!({
            "type": format!("urn:autonomos:problem:{code}"), "title": title, "status": status, "detail": detail, "code": code,
            "next_step": next_step, "trace_id": trace_id,
        })
        .to_string();
        let (kind, length) = (problem::CONTENT_TYPE, body.len());
        format!(
            "{status_line}content-type: {kind}\r\nx-trace-id: {trace_id}\r\nx-content-type-options: nosniff\r\n\
             connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_hypers_own_is_said_in_other_words() {
        let bare = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        let instead = String::from_utf8(in_place_of(bare).unwrap()).unwrap();
        assert!(instead.contains("headers_too_large") && instead.contains("application/problem+json"), "{instead}");
        for ours in [
            &b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"[..],
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 70\r\n\r\n",
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\nand a body",
            b"",
        ] {
            assert_eq!(in_place_of(ours), None);
        }
    }
}

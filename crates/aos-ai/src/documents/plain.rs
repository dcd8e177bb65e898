//! Plain text: paragraphs between empty lines.

use super::{Block, Body, Document};

pub(super) fn document(text: &str) -> Document {
    Document { title: None, body: Body::Prose(paragraphs(text).into_iter().map(Block::paragraph).collect()) }
}

/// Splits a text at its empty lines. Lines within a paragraph stay lines.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end).chain([""]) {
        if !line.trim().is_empty() {
            lines.push(line);
        } else if !lines.is_empty() {
            paragraphs.push(lines.join("\n").trim().to_owned());
            lines.clear();
        }
    }
    paragraphs
}

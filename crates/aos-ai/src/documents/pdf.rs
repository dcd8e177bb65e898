//! The text of a PDF, page by page.
//!
//! Whoever writes a PDF decides how much work it is to read, and the libraries that read them give up by panicking. So they are read in a
//! process of their own ([`read_from_standard_input`]), which [`super::PdfProgram`] starts and bounds.

use super::{Block, Body, Document, DocumentError, plain};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// What the reading process says: one JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PdfText {
    /// The pages in order. One that could not be read is empty.
    Pages(Vec<String>),
    Encrypted,
    Unreadable(String),
}

/// Reads a PDF from standard input and writes its text to standard output. It is what the program does when it is started to read a PDF,
/// and may end in any way.
///
/// # Errors
/// When standard input or output cannot be used.
pub fn read_from_standard_input() -> std::io::Result<()> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let text = text_of(&bytes);
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, &text)?;
    out.flush()
}

fn text_of(bytes: &[u8]) -> PdfText {
    let document = match pdf_extract::Document::load_mem(bytes) {
        Ok(document) => document,
        Err(pdf_extract::Error::InvalidPassword | pdf_extract::Error::Decryption(_)) => return PdfText::Encrypted,
        Err(error) => return PdfText::Unreadable(error.to_string()),
    };
    // One that opens without a password is read as it opens.
    if document.is_encrypted() {
        return PdfText::Encrypted;
    }
    let mut pages = Vec::new();
    for number in document.get_pages().into_keys() {
        let mut text = String::new();
        let mut output = pdf_extract::PlainTextOutput::new(&mut text);
        // One page that cannot be read does not take the others along.
        let _ = pdf_extract::output_doc_page(&document, &mut output, number);
        pages.push(text);
    }
    if pages.is_empty() { PdfText::Unreadable("it has no pages".to_owned()) } else { PdfText::Pages(pages) }
}

pub(super) fn document(text: PdfText) -> Result<Document, DocumentError> {
    let pages = match text {
        PdfText::Pages(pages) => pages,
        PdfText::Encrypted => return Err(DocumentError::Encrypted),
        PdfText::Unreadable(why) => return Err(DocumentError::Unreadable(why)),
    };
    let mut blocks = Vec::new();
    for (number, page) in (1..).zip(&pages) {
        let paragraphs = plain::paragraphs(page).into_iter();
        blocks.extend(paragraphs.map(|text| Block { page: Some(number), ..Block::paragraph(unbroken(&text)) }));
    }
    if blocks.is_empty() {
        return Err(DocumentError::Scanned);
    }
    Ok(Document { title: None, body: Body::Prose(blocks) })
}

/// Joins the lines of a paragraph, whose ends are the page's and not the text's, and words that were divided at them.
fn unbroken(paragraph: &str) -> String {
    let mut text = String::with_capacity(paragraph.len());
    for line in paragraph.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")) {
        if text.ends_with('-') && line.starts_with(char::is_lowercase) {
            text.pop();
        } else if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&line);
    }
    text
}

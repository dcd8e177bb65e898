//! Documents: the text out of files, with its structure, and the chunks that it is cut into. Where documents are kept, and who may see
//! them, is elsewhere; nothing here reads a path or a URL.

mod chunk;
mod encoding;
mod format;
mod html;
mod isolated;
mod markdown;
mod pdf;
mod plain;
mod table;
mod tokens;

pub use chunk::{CHUNK_TOKENS_DEFAULT, CHUNK_TOKENS_MAX, CHUNK_TOKENS_MIN, CHUNKS_MAX, Chunk, Chunked, chunk};
pub use format::Format;
pub use isolated::PdfProgram;
pub use pdf::read_from_standard_input;
pub use tokens::tokens;

use crate::pii::{self, Class, Column, Policy};
use std::collections::BTreeMap;

/// A document as it was read: its structure and its text, nothing of its looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it says of itself.
    pub title: Option<String>,
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Headings and paragraphs in order.
    Prose(Vec<Block>),
    Table {
        columns: Vec<String>,
        rows: Vec<Vec<String>>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub kind: BlockKind,
    pub text: String,
    /// The page it is on, from 1, where there are pages.
    pub page: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// From 1, the outermost, to 6.
    Heading(u8),
    Paragraph,
}

/// What a document came with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    /// A file's name or the end of a URL.
    pub name: &'a str,
    /// What its sender says that it is.
    pub content_type: Option<&'a str>,
}

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("this is {0}, which is not read; give plain text, Markdown, HTML, PDF or CSV")]
    Unsupported(&'static str),
    #[error("there is no text in it")]
    Empty,
    #[error("its pages are pictures without text; run it through text recognition (OCR) and give the result")]
    Scanned,
    #[error("the PDF is encrypted; save it without a password and give it again")]
    Encrypted,
    #[error("the PDF cannot be read: {0}; save it anew, or give its text")]
    Unreadable(String),
    #[error("reading the PDF took more {what} than the {limit} that are allowed; split it and give the parts")]
    TooCostly { what: &'static str, limit: String },
    #[error("its text makes more than {CHUNKS_MAX} chunks; split it and give the parts")]
    TooLong,
    #[error(
        "PDFs are not read by this process; give the document's text, or use a server that was started as a program of its own"
    )]
    NoPdfReader,
    #[error("the reader of PDFs cannot be started; see that the program's file is there and may be run")]
    Reader(#[source] std::io::Error),
    #[error("personal data could not be looked for, so nothing of it was kept: {0}")]
    Pii(#[from] pii::Error),
}

/// Reads a document. A PDF is read by a process of its own.
///
/// # Errors
/// Any but [`DocumentError::Pii`] and [`DocumentError::TooLong`].
pub async fn read(
    bytes: Vec<u8>,
    given: Given<'_>,
    pdf: Option<&PdfProgram>,
) -> Result<(Format, Document), DocumentError> {
    let format = Format::of(&bytes, given)?;
    let document = match format {
        Format::Pdf => pdf::document(pdf.ok_or(DocumentError::NoPdfReader)?.read(bytes).await?)?,
        _ => {
            let text = encoding::decode(&bytes, given.content_type, format)?;
            match format {
                Format::Html => html::document(&text),
                Format::Markdown => markdown::document(&text),
                Format::Csv => table::document(&text)?,
                Format::Text | Format::Pdf => plain::document(&text),
            }
        }
    };
    if document.is_empty() { Err(DocumentError::Empty) } else { Ok((format, document)) }
}

impl Block {
    fn paragraph(text: impl Into<String>) -> Self {
        Self { kind: BlockKind::Paragraph, text: text.into(), page: None }
    }
}

impl Document {
    fn is_empty(&self) -> bool {
        match &self.body {
            Body::Prose(blocks) => blocks.iter().all(|block| block.text.trim().is_empty()),
            Body::Table { rows, .. } => rows.is_empty(),
        }
    }

    /// Takes personal data out, everywhere or not at all. Returns what was taken, by class.
    ///
    /// # Errors
    /// [`DocumentError::Pii`] when some text cannot be searched.
    pub fn redact(&mut self, policy: &Policy) -> Result<BTreeMap<Class, u64>, DocumentError> {
        let mut texts: Vec<(&mut String, Column<'_>)> = Vec::new();
        texts.extend(self.title.as_mut().map(|title| (title, Column::default())));
        match &mut self.body {
            Body::Prose(blocks) => {
                texts.extend(blocks.iter_mut().map(|block| (&mut block.text, Column::default())));
            }
            Body::Table { columns, rows } => {
                let columns: &[String] = columns;
                let named = move |at: usize| columns.get(at).map(|name| Column::named(name)).unwrap_or_default();
                let cells = rows.iter_mut().flat_map(|row| row.iter_mut().enumerate());
                texts.extend(cells.map(|(at, cell)| (cell, named(at))));
            }
        }
        texts.retain(|(text, _)| !text.is_empty());
        let values: Vec<(&str, Column<'_>)> = texts.iter().map(|(text, column)| (text.as_str(), *column)).collect();
        let redacted = pii::redact_each(&values, policy)?;
        let mut taken = BTreeMap::new();
        for ((text, _), clean) in texts.into_iter().zip(redacted) {
            *text = clean.text;
            for finding in clean.findings {
                *taken.entry(finding.class).or_default() += 1;
            }
        }
        Ok(taken)
    }
}

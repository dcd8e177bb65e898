//! Cutting a document into chunks along its structure: no chunk reaches over a heading, and within a section it ends with a paragraph where
//! it can, else with a sentence, else with a word.
//!
//! Every chunk of prose is a piece of the document's text, from one character to another; what two neighbours of a section share is the
//! end of the one and the beginning of the other. The chunks of a table repeat its header.

use super::tokens::tokens;
use super::{Block, BlockKind, Body, Document, DocumentError};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// Longer chunks are no answer to a question.
pub const CHUNK_TOKENS_MAX: u32 = 1200;
/// What small embedding models read of a text; the rest of a longer chunk would be found by its words only.
pub const CHUNK_TOKENS_DEFAULT: u32 = 400;
pub const CHUNK_TOKENS_MIN: u32 = 50;
/// Chunks of a document at most.
pub const CHUNKS_MAX: usize = 20_000;
/// How much of a chunk its neighbour may repeat.
const OVERLAP_ONE_IN: usize = 8;

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The headings that it stands under, outermost first.
    pub section: Vec<String>,
    pub page: Option<u32>,
    /// Where it stands in the document's text, in characters.
    pub characters: Range<usize>,
    pub text: String,
    pub tokens: usize,
}

/// A document in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunked {
    /// The whole text, which the chunks' places are in.
    pub text: String,
    pub characters: usize,
    pub chunks: Vec<Chunk>,
}

/// Cuts a document into chunks of at most so many tokens.
///
/// # Errors
/// [`DocumentError::Empty`] and [`DocumentError::TooLong`].
pub fn chunk(document: &Document, tokens_max: u32) -> Result<Chunked, DocumentError> {
    let most = tokens_max.clamp(CHUNK_TOKENS_MIN, CHUNK_TOKENS_MAX) as usize;
    let mut cut = match &document.body {
        Body::Prose(blocks) => prose(blocks, most),
        Body::Table { columns, rows } => table(columns, rows, most),
    };
    if cut.chunks.len() > CHUNKS_MAX {
        return Err(DocumentError::TooLong);
    }
    if cut.chunks.is_empty() {
        return Err(DocumentError::Empty);
    }
    cut.characters = cut.text.chars().count();
    Ok(cut)
}

/// A piece as it is found, in bytes of the text.
struct Piece {
    section: Vec<String>,
    page: Option<u32>,
    bytes: Range<usize>,
}

/// A sentence, or a part of one that is too long, with the space that follows it.
struct Unit {
    bytes: Range<usize>,
    tokens: usize,
    page: Option<u32>,
    /// Whether a paragraph begins with it, and how many tokens that has.
    paragraph: Option<usize>,
}

fn prose(blocks: &[Block], most: usize) -> Chunked {
    let has_text = blocks.iter().any(|block| block.kind == BlockKind::Paragraph);
    let (mut text, mut path, mut units, mut pieces) =
        (String::new(), Vec::<(u8, String)>::new(), Vec::new(), Vec::new());
    for block in blocks.iter().filter(|block| !block.text.trim().is_empty()) {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let begin = text.len();
        text.push_str(&block.text);
        match block.kind {
            // A document of nothing but headings is found by them.
            BlockKind::Heading(depth) if has_text => {
                close(&path, &mut units, most, &mut pieces);
                path.retain(|(above, _)| *above < depth);
                path.push((depth, block.text.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
            _ => {
                // A chunk is of one page, so that the page it is cited by is the one where its words are.
                if units.last().is_some_and(|unit: &Unit| unit.page != block.page) {
                    close(&path, &mut units, most, &mut pieces);
                }
                units.extend(units_of(&text, begin..text.len(), block.page, most));
            }
        }
    }
    close(&path, &mut units, most, &mut pieces);
    let chunks = placed(&text, pieces, "");
    Chunked { text, characters: 0, chunks }
}

/// Ends a section: packs its units into pieces.
fn close(path: &[(u8, String)], units: &mut Vec<Unit>, most: usize, pieces: &mut Vec<Piece>) {
    let units = std::mem::take(units);
    let section: Vec<String> = path.iter().map(|(_, heading)| heading.clone()).collect();
    let mut from = 0;
    while from < units.len() {
        let to = last(&units, from, most);
        let (Some(first), Some(end)) = (units.get(from), units.get(to - 1)) else { return };
        pieces.push(Piece { section: section.clone(), page: first.page, bytes: first.bytes.start..end.bytes.end });
        if to == units.len() {
            return;
        }
        from = overlapping(&units, from, to, most);
    }
}

/// Returns the unit after the last one that a piece takes which begins here.
fn last(units: &[Unit], from: usize, most: usize) -> usize {
    let (mut held, mut to) = (0, from);
    while let Some(unit) = units.get(to) {
        let fits = held + unit.tokens <= most;
        // A paragraph that fits into the next piece as a whole is not begun at the end of a full one.
        let is_better_whole =
            held * 2 > most && unit.paragraph.is_some_and(|paragraph| held + paragraph > most && paragraph <= most);
        if to > from && (!fits || is_better_whole) {
            break;
        }
        held += unit.tokens;
        to += 1;
    }
    to
}

/// Returns where the next piece begins: some sentences back, as far as they are short and leave room for what is new.
fn overlapping(units: &[Unit], from: usize, to: usize, most: usize) -> usize {
    let new = units.get(to).map_or(0, |unit| unit.tokens);
    let (mut begin, mut shared) = (to, 0);
    while begin > from + 1 {
        let Some(before) = units.get(begin - 1) else { break };
        if shared + before.tokens > most / OVERLAP_ONE_IN || shared + before.tokens + new > most {
            break;
        }
        shared += before.tokens;
        begin -= 1;
    }
    begin
}

fn units_of(text: &str, block: Range<usize>, page: Option<u32>, most: usize) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let paragraph = &text[block.clone()];
    for (at, sentence) in paragraph.split_sentence_bound_indices() {
        for part in parts(sentence, most) {
            let bytes = block.start + at + part.start..block.start + at + part.end;
            let tokens = tokens(&text[bytes.clone()]);
            units.push(Unit { bytes, tokens, page, paragraph: None });
        }
    }
    let whole = units.iter().map(|unit| unit.tokens).sum();
    if let Some(first) = units.first_mut() {
        first.paragraph = Some(whole);
    }
    units
}

/// Divides a sentence that is too long between words, and a word that is too long between characters.
fn parts(sentence: &str, most: usize) -> Vec<Range<usize>> {
    if tokens(sentence) <= most {
        return std::iter::once(0..sentence.len()).collect();
    }
    let (mut parts, mut from, mut held) = (Vec::new(), 0, 0);
    for (at, word) in sentence.split_word_bound_indices() {
        let size = tokens(word);
        if held + size > most && at > from {
            parts.push(from..at);
            (from, held) = (at, 0);
        }
        if size > most {
            // No word of a language: any four characters are a token.
            let cuts = word.char_indices().map(|(offset, _)| at + offset).step_by(most).skip(1);
            for cut in cuts {
                parts.push(from..cut);
                from = cut;
            }
            held = tokens(&sentence[from..at + word.len()]);
        } else {
            held += size;
        }
    }
    parts.push(from..sentence.len());
    parts
}

/// Turns places in bytes into places in characters, and cuts what is only space at the ends. Pieces begin and end in ascending order.
fn placed(text: &str, pieces: Vec<Piece>, lead: &str) -> Vec<Chunk> {
    let (mut begins, mut ends) = (Counter::default(), Counter::default());
    let mut chunks = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let raw = &text[piece.bytes.clone()];
        let from = piece.bytes.start + (raw.len() - raw.trim_start().len());
        let body = raw.trim();
        if body.is_empty() {
            continue;
        }
        let characters = begins.at(text, from)..ends.at(text, from + body.len());
        let body = format!("{lead}{body}");
        let tokens = tokens(&body);
        chunks.push(Chunk { section: piece.section, page: piece.page, characters, text: body, tokens });
    }
    chunks
}

/// Counts characters up to a byte, going on from where it was before.
#[derive(Default)]
struct Counter {
    bytes: usize,
    characters: usize,
}

impl Counter {
    fn at(&mut self, text: &str, byte: usize) -> usize {
        self.characters += text.get(self.bytes..byte).map_or(0, |between| between.chars().count());
        self.bytes = self.bytes.max(byte);
        self.characters
    }
}

fn table(columns: &[String], rows: &[Vec<String>], most: usize) -> Chunked {
    let lead = columns.join(" | ") + "\n";
    // A header that would leave no room for rows is not repeated.
    let lead = if tokens(&lead) * 2 <= most { lead } else { String::new() };
    let room = most - tokens(&lead);
    let (mut text, mut pieces, mut held) = (columns.join(" | "), Vec::<Piece>::new(), 0);
    for row in rows {
        text.push('\n');
        let begin = text.len();
        text.push_str(&row.join(" | "));
        for part in parts(&text[begin..], room) {
            let bytes = begin + part.start..begin + part.end;
            let size = tokens(&text[bytes.clone()]);
            match pieces.last_mut().filter(|_| held + size <= room) {
                Some(piece) => {
                    piece.bytes.end = bytes.end;
                    held += size;
                }
                None => {
                    pieces.push(Piece { section: Vec::new(), page: None, bytes });
                    held = size;
                }
            }
        }
    }
    let chunks = placed(&text, pieces, &lead);
    Chunked { text, characters: 0, chunks }
}

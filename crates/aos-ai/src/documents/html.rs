//! HTML: headings, paragraphs, lists and tables out of the tokens of the HTML standard (<https://html.spec.whatwg.org/#tokenization>).
//!
//! Scripts, styles and comments are no text. No tree is built: which element a word stands in does not matter, only where blocks and
//! sections begin, and a page that is broken, or nested without end, costs no more than another one of its length.

use super::{Block, BlockKind, Body, Document};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;

pub(super) fn document(text: &str) -> Document {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(text));
    let tokenizer = Tokenizer::new(Sink(RefCell::default()), TokenizerOpts::default());
    // The sink asks for nothing that would stop it before its end.
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    let mut reader = tokenizer.sink.0.take();
    reader.close();
    Document { title: reader.title, body: Body::Prose(reader.blocks) }
}

struct Sink(RefCell<Reader>);

#[derive(Default)]
struct Reader {
    title: Option<String>,
    blocks: Vec<Block>,
    text: String,
    heading: Option<u8>,
    /// The element whose text is not read, until it ends.
    skipped: Option<String>,
    is_title: bool,
    /// Whether lines and spaces are kept as they stand.
    is_preformatted: bool,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => return reader.tag(&tag),
            Token::CharacterTokens(text) => reader.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Reader {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let (name, begins) = (tag.name.as_ref(), tag.kind == TagKind::StartTag);
        if let Some(skipped) = &self.skipped {
            if !begins && skipped == name {
                self.skipped = None;
            }
            return TokenSinkResult::Continue;
        }
        match name {
            "script" | "style" | "template" | "svg" | "math" | "iframe" | "object" if begins && !tag.self_closing => {
                self.skipped = Some(name.to_owned());
                return match name {
                    "script" => TokenSinkResult::RawData(ScriptData),
                    "style" | "iframe" => TokenSinkResult::RawData(Rawtext),
                    _ => TokenSinkResult::Continue,
                };
            }
            "title" | "textarea" if begins => {
                self.close();
                self.is_title = name == "title" && self.title.is_none();
                return TokenSinkResult::RawData(Rcdata);
            }
            "title" => {
                let title = std::mem::take(&mut self.text);
                if std::mem::take(&mut self.is_title) {
                    self.title = Some(collapsed(&title)).filter(|title| !title.is_empty());
                }
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.close();
                self.heading = begins.then(|| name.as_bytes()[1] - b'0');
            }
            "br" => self.text.push('\n'),
            "td" | "th" if !begins => self.text.push_str(" | "),
            "li" | "tr" | "dt" | "dd" | "option" if begins => {
                self.text.push('\n');
                if name == "li" {
                    self.text.push_str("- ");
                }
            }
            "pre" => {
                self.close();
                self.is_preformatted = begins;
            }
            "p" | "div" | "section" | "article" | "main" | "header" | "footer" | "nav" | "aside" | "ul" | "ol"
            | "dl" | "table" | "blockquote" | "figure" | "figcaption" | "form" | "fieldset" | "hr" | "address"
            | "details" | "summary" | "body" | "html" | "head" => self.close(),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    fn text(&mut self, text: &str) {
        if self.skipped.is_some() {
            return;
        }
        if self.is_preformatted {
            self.text.push_str(text);
        } else {
            // Where the source breaks a line, the page shows a space.
            self.text.extend(text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
        }
    }

    /// Ends a block, if there is any text for it.
    fn close(&mut self) {
        let text = std::mem::take(&mut self.text);
        let text = match self.is_preformatted {
            true => text.trim_matches('\n').trim_end().to_owned(),
            false => text.split('\n').map(collapsed).filter(|line| !is_bare(line)).collect::<Vec<_>>().join("\n"),
        };
        if text.is_empty() {
            return;
        }
        let kind = self.heading.map_or(BlockKind::Paragraph, BlockKind::Heading);
        self.blocks.push(Block { kind, text, page: None });
    }
}

fn collapsed(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end_matches(" |").to_owned()
}

/// Whether nothing is left of a line but what was put there for its looks.
fn is_bare(line: &str) -> bool {
    line.chars().all(|c| matches!(c, '-' | '|' | ' '))
}

//! Markdown: headings, paragraphs, lists, code and tables, as CommonMark reads them. Text that is not shown (comments, front matter) is
//! left out; HTML inside is read as HTML.

use super::{Block, BlockKind, Body, Document, html};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

pub(super) fn document(text: &str) -> Document {
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS | Options::ENABLE_FOOTNOTES;
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, options) {
        reader.take(event);
    }
    reader.close(BlockKind::Paragraph);
    let title = reader.blocks.iter().find(|block| block.kind == BlockKind::Heading(1)).map(|block| block.text.clone());
    Document { title, body: Body::Prose(reader.blocks) }
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    text: String,
    /// HTML as it stands there, until the block of it ends.
    html: String,
    hidden: bool,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::MetadataBlock(_)) => self.hidden = true,
            Event::End(TagEnd::MetadataBlock(_)) => self.hidden = false,
            _ if self.hidden => {}
            Event::Start(Tag::Heading { .. } | Tag::Paragraph | Tag::CodeBlock(_) | Tag::Table(_) | Tag::HtmlBlock) => {
                self.close(BlockKind::Paragraph);
            }
            Event::Start(Tag::Item) => self.new_line("- "),
            Event::End(TagEnd::Heading(level)) => self.close(BlockKind::Heading(depth(level))),
            Event::End(TagEnd::CodeBlock | TagEnd::Table | TagEnd::List(_)) => self.close(BlockKind::Paragraph),
            Event::End(TagEnd::Paragraph) => self.new_line(""),
            Event::End(TagEnd::TableRow | TagEnd::TableHead) => self.end_row(),
            Event::End(TagEnd::TableCell) => self.text.push_str(" | "),
            Event::End(TagEnd::HtmlBlock) => self.take_html(),
            Event::Html(piece) => self.html.push_str(&piece),
            Event::Text(piece) | Event::Code(piece) => self.text.push_str(&piece),
            Event::SoftBreak | Event::HardBreak => self.text.push('\n'),
            _ => {}
        }
    }

    fn take_html(&mut self) {
        let Body::Prose(blocks) = html::document(&std::mem::take(&mut self.html)).body else { return };
        self.blocks.extend(blocks);
    }

    fn end_row(&mut self) {
        let row = self.text.trim_end_matches([' ', '|']).len();
        self.text.truncate(row);
        self.new_line("");
    }

    fn new_line(&mut self, beginning: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') && !self.text.ends_with("- ") {
            self.text.push('\n');
        }
        self.text.push_str(beginning);
    }

    /// Ends a block, if there is any text for it.
    fn close(&mut self, kind: BlockKind) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if !text.is_empty() && text != "-" {
            self.blocks.push(Block { kind, text: text.to_owned(), page: None });
        }
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

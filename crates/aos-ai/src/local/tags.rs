//! A model that says of every word of a text what it is a part of: BERT with a classifier upon each token (`BertForTokenClassification`), in the
//! scheme BIO, BIOES or BILOU. A long text is read in windows that overlap, and each word is judged where most stands around it.

use super::FolderError;
mod join;

use super::encoder::{Bert, Tokens, softmax};
use super::folder::{Folder, tokenizer};
use super::weights::Dense;
use crate::pii::{Class, Name, NameModel};
use join::{Judged, Tag, Word, joined};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tokenizers::{Encoding, Tokenizer};

/// Tokens of a window that are read again at the beginning of the next.
const AGAIN: usize = 64;
/// The same as a part of small windows.
const AGAIN_SHARE: usize = 4;
/// Tokens that are computed at a time: enough that matrices are worth their while, and little memory.
const TOKENS_AT_ONCE: usize = 1024;
/// A text is given to the tokenizer in parts of at most this size, which end where a line or a sentence does.
const PART_BYTES: usize = 64 * 1024;

/// A model that finds names, from a folder such as the one of `bert-base-NER`.
pub struct TagModel {
    name: String,
    bert: Bert,
    classifier: Dense,
    tags: Vec<Tag>,
    tokenizer: Tokenizer,
    /// Tokens of a window at most, with those that stand around every text.
    tokens_max: usize,
    /// Who computes: one window at a time, so that a long text does not keep a short one waiting to its end.
    turn: Mutex<()>,
}

/// Tokens of a text that are read together.
struct Window {
    /// Which of the texts it is of.
    text: usize,
    ids: Vec<u32>,
    /// The words that they are of, and where they stand; those around every text are of none.
    words: Vec<Option<u32>>,
    offsets: Vec<(usize, usize)>,
}

impl TagModel {
    /// Reads a model from its folder. Takes as much memory as its weights have.
    ///
    /// # Errors
    /// What is missing or not built in, also when it does not tell names of persons.
    pub fn load(folder: &Path) -> Result<Self, FolderError> {
        Self::read(folder).map_err(|why| FolderError { directory: folder.display().to_string(), why })
    }

    fn read(path: &Path) -> Result<Self, String> {
        let folder = Folder::open(path)?;
        let outputs = folder.config.id2label.len();
        let tags: Vec<Tag> =
            (0..outputs).map_while(|id| folder.config.id2label.get(&id)).map(|label| Tag::of(label)).collect();
        if tags.len() != outputs || !tags.iter().any(|tag| tag.class == Some(Class::PersonName)) {
            return Err("its id2label does not say which outputs are names of persons (B-PER, I-PER); give a model for named entities".into());
        }
        let file = folder.weights()?;
        let (bert, classifier) =
            folder.encoder(&file, |config, weights| weights.dense("classifier", outputs, config.hidden_size))?;
        let tokenizer = tokenizer(&folder.tokenizer_file()?, None)?;
        let tokens_max = folder.config.tokens_max();
        Ok(Self { name: folder.name(), bert, classifier, tags, tokenizer, tokens_max, turn: Mutex::new(()) })
    }

    /// Cuts texts into windows.
    fn windows(&self, texts: &[&str]) -> Result<Vec<Window>, String> {
        let mut windows = Vec::new();
        for (text, piece) in texts.iter().enumerate() {
            let encoded = self.tokenizer.encode(*piece, true);
            // What the library says of it may repeat the text.
            let encoded = encoded.map_err(|_| "its tokenizer cannot read a text")?;
            // What the tokenizer puts around a text stands around each window.
            let around = encoded.get_special_tokens_mask();
            let before = around.iter().take_while(|mask| **mask == 1).count();
            let behind = around.iter().rev().take_while(|mask| **mask == 1).count().min(around.len() - before);
            let end = around.len() - behind;
            let room = self.tokens_max.saturating_sub(before + behind);
            let step = room - AGAIN.min(room / AGAIN_SHARE);
            if step == 0 {
                return Err("it has no places for words".into());
            }
            let mut start = before;
            while start < end {
                let stop = end.min(start + room);
                windows.push(Window::of(text, &encoded, [0..before, start..stop, end..around.len()]));
                start = if stop == end { end } else { start + step };
            }
        }
        Ok(windows)
    }

    /// Judges the words of windows that fit into one computation.
    fn judge(&self, windows: &[Window], words: &mut [BTreeMap<u32, Word>]) -> Result<(), String> {
        let tokens: Vec<Tokens<'_>> = windows.iter().map(|window| Tokens { ids: &window.ids, segments: &[] }).collect();
        let rows = {
            let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            self.bert.encode(&tokens)?
        };
        for (window, rows) in windows.iter().zip(rows) {
            let mut shares = self.classifier.apply(&rows);
            shares.outer_iter_mut().for_each(softmax);
            let known = words.get_mut(window.text).ok_or("a window of no text")?;
            let (ids, offsets) = (&window.words, &window.offsets);
            for at in 0..ids.len() {
                let (Some(word), (start, end)) = (ids[at], offsets[at]) else { continue };
                // A word's first token speaks for it, as in training.
                let is_first = at == 0 || ids[at - 1] != Some(word);
                let depth = if is_first { at.min(ids.len() - 1 - at) } else { 0 };
                let judged = self.judged(&shares.row(at).to_vec());
                let known = known.entry(word).or_insert_with(|| Word { bytes: start..end, depth, judged });
                known.bytes = known.bytes.start.min(start)..known.bytes.end.max(end);
                if is_first && depth > known.depth {
                    (known.depth, known.judged) = (depth, judged);
                }
            }
        }
        Ok(())
    }

    /// The likeliest class, by the shares of all its tags together, and the likeliest of those.
    fn judged(&self, shares: &[f32]) -> Judged {
        let mut classes: BTreeMap<Option<Class>, f32> = BTreeMap::new();
        for (tag, share) in self.tags.iter().zip(shares) {
            *classes.entry(tag.class).or_default() += share;
        }
        let likeliest = classes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let (class, share) = likeliest.unwrap_or((None, 0.0));
        let of_class = self.tags.iter().zip(shares).filter(|(tag, _)| tag.class == class);
        let tag = of_class.max_by(|a, b| a.1.total_cmp(b.1)).map(|(tag, _)| *tag);
        Judged { tag: tag.unwrap_or(Tag { class: None, begins: false, ends: false }), share }
    }
}

impl NameModel for TagModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn find(&self, texts: &[&str]) -> Result<Vec<Vec<Name>>, String> {
        let mut found: Vec<Vec<Name>> = texts.iter().map(|_| Vec::new()).collect();
        let (mut pieces, mut from) = (Vec::new(), Vec::new());
        for (at, text) in texts.iter().enumerate() {
            for part in parts(text).filter(|part| text[part.clone()].chars().any(char::is_alphabetic)) {
                pieces.push(&text[part.clone()]);
                from.push((at, part.start));
            }
        }
        let mut words: Vec<BTreeMap<u32, Word>> = pieces.iter().map(|_| BTreeMap::new()).collect();
        let windows = self.windows(&pieces)?;
        let mut rest = windows.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(together(rest));
            self.judge(now, &mut words)?;
            rest = later;
        }
        for ((piece, words), (text, start)) in pieces.iter().zip(words).zip(from) {
            let names = joined(piece, words.into_values());
            found[text].extend(
                names.into_iter().map(|name| Name { bytes: name.bytes.start + start..name.bytes.end + start, ..name }),
            );
        }
        Ok(found)
    }
}

impl Window {
    /// Puts a window together of ranges of an encoded text.
    fn of(text: usize, encoded: &Encoding, ranges: [Range<usize>; 3]) -> Self {
        let mut window = Self { text, ids: Vec::new(), words: Vec::new(), offsets: Vec::new() };
        for range in ranges {
            window.ids.extend(&encoded.get_ids()[range.clone()]);
            window.words.extend(&encoded.get_word_ids()[range.clone()]);
            window.offsets.extend(&encoded.get_offsets()[range]);
        }
        window
    }
}

/// How many of the windows are computed together; one at least.
fn together(windows: &[Window]) -> usize {
    let mut tokens = 0;
    let fits = windows.iter().take_while(|window| {
        tokens += window.ids.len();
        tokens <= TOKENS_AT_ONCE
    });
    fits.count().max(1)
}

/// Cuts a text into parts of bearable size, at the end of a line, else of a sentence, else of a word.
fn parts(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = &text[start..];
        if rest.is_empty() {
            return None;
        }
        let most = &rest[..rest.floor_char_boundary(PART_BYTES)];
        let cut = |end: &str| most.rfind(end).map(|at| at + end.len()).filter(|_| most.len() < rest.len());
        let length = cut("\n").or_else(|| cut(". ")).or_else(|| cut(" ")).unwrap_or(most.len());
        let part = start..start + length;
        start += length;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_whole_text_and_end_where_lines_do() {
        let text = format!("{}\n{}", "é ".repeat(20_000), "x".repeat(200_000));
        let parts: Vec<_> = parts(&text).collect();
        assert_eq!(parts.iter().map(|part| &text[part.clone()]).collect::<String>(), text);
        assert!(text[parts[0].clone()].ends_with('\n') && parts.iter().all(|part| part.len() <= PART_BYTES));
    }
}

//! What a text holds that people do not see.

use super::{Signal, phrase};

/// Invisible characters in a row that no orthography asks for.
const ROW_MIN: usize = 6;

/// Whether a character is seen by nobody: tags, zero-width characters, soft hyphens, marks that turn the direction.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}'
        | '\u{E0000}'..='\u{E007F}' | '\u{E0100}'..='\u{E01EF}')
}

pub(super) fn find(text: &str) -> Vec<Signal> {
    let mut signals = Vec::new();
    invisible(text, &mut signals);
    comments(text, &mut signals);
    styled(text, &mut signals);
    signals
}

fn invisible(text: &str, signals: &mut Vec<Signal>) {
    let mut row: Option<(usize, usize, usize)> = None;
    let mut split = 0_usize;
    let mut first_split = None;
    let mut before = ' ';
    let mut characters = text.char_indices().peekable();
    let end_row = |row: Option<(usize, usize, usize)>, signals: &mut Vec<Signal>| {
        if let Some((start, end, length)) = row.filter(|(.., length)| *length >= ROW_MIN) {
            signals.push(Signal {
                bytes: start..end,
                reason: "invisible_text",
                weight: if length > 40 { 0.85 } else { 0.75 },
            });
        }
    };
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map_or(' ', |(_, next)| *next);
        // Flags of regions (a black flag with tags behind it) and joiners in emoji and in scripts that join are orthography.
        if is_invisible(character) {
            let end = at + character.len_utf8();
            row = Some(row.map_or((at, end, 1), |(start, _, length)| (start, end, length + 1)));
            if before.is_ascii_alphabetic() && next.is_ascii_alphabetic() && character != '\u{AD}' {
                split += 1;
                first_split = first_split.or(Some(at));
            }
            if matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
                && before.is_ascii()
                && next.is_ascii()
                && !before.is_whitespace()
            {
                signals.push(Signal { bytes: at..end, reason: "turns_the_direction", weight: 0.45 });
            }
        } else {
            end_row(row.take().filter(|(start, ..)| !text[..*start].ends_with('🏴')), signals);
        }
        before = character;
    }
    end_row(row, signals);
    if let Some(at) = first_split.filter(|_| split > 2) {
        signals.push(Signal { bytes: at..at + 3, reason: "words_split_invisibly", weight: 0.5 });
    }
}

/// Comments in markup that speak to a model: a page does not show them.
fn comments(text: &str, signals: &mut Vec<Signal>) {
    let mut from = 0;
    while let Some(start) = text[from..].find("<!--").map(|at| from + at) {
        let Some(end) = text[start..].find("-->").map(|at| start + at + 3) else { return };
        if !phrase::find(&text[start + 4..end - 3]).is_empty() {
            signals.push(Signal { bytes: start..end, reason: "instructions_in_a_comment", weight: 0.75 });
        }
        from = end;
    }
}

/// Styles that keep text from being seen.
fn styled(text: &str, signals: &mut Vec<Signal>) {
    let lower = text.to_ascii_lowercase();
    for style in [
        "display:none",
        "display: none",
        "font-size:0",
        "font-size: 0",
        "visibility:hidden",
        "visibility: hidden",
        "opacity:0;",
        "opacity: 0;",
        "color:white",
        "color: white",
        "color:#fff",
        "color: #fff",
    ] {
        for (at, found) in lower.match_indices(style).take(super::SIGNALS_MAX) {
            // Only what is hidden and speaks to a model: pages hide much for good reasons.
            let end = text.floor_char_boundary(text.len().min(at + 400));
            if !phrase::find(&text[at..end]).is_empty() {
                signals.push(Signal {
                    bytes: at..at + found.len(),
                    reason: "instructions_in_hidden_markup",
                    weight: 0.7,
                });
            }
        }
    }
}

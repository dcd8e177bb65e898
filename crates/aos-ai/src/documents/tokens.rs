//! How long a text is to a language model, approximately: models disagree, and this needs none of them.

/// Counts tokens: a word has one for every four characters begun, every sign has one, and so has every character of a script that writes
/// without spaces (Chinese, Japanese, Korean, Thai). Tokenizers of English text come out some percent below, so a limit that is held here
/// is held there.
pub fn tokens(text: &str) -> usize {
    let (mut tokens, mut word) = (0_usize, 0_usize);
    for c in text.chars() {
        if c.is_alphanumeric() && !is_whole(c) {
            word += 1;
            continue;
        }
        tokens += std::mem::take(&mut word).div_ceil(4);
        tokens += usize::from(!c.is_whitespace());
    }
    tokens + word.div_ceil(4)
}

/// Whether a character stands for a word, or a good part of one.
fn is_whole(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0e7f}' | '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn words_count_by_their_length_and_signs_and_ideographs_one_each() {
        assert_eq!(tokens(""), 0);
        assert_eq!(tokens("one two"), 2);
        assert_eq!(tokens("refund."), 3);
        assert_eq!(tokens("東京都"), 3);
    }
}

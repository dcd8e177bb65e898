//! The part of a chunk that shows why it was found.

use unicode_segmentation::UnicodeSegmentation;

const SNIPPET_CHARS_MAX: usize = 320;
/// So much of a word's end may differ for it to be taken for the same word in another form.
const ENDING_CHARS: usize = 2;
const STEM_CHARS_MIN: usize = 4;

/// Returns the sentences of a chunk that hold most of the words, from the first of them on.
pub fn snippet(text: &str, words: &[String]) -> String {
    let stems: Vec<String> = words.iter().map(|word| stem(word)).collect();
    let sentences: Vec<&str> = text.split_sentence_bounds().collect();
    let holds = |sentence: &str| {
        let sentence = sentence.to_lowercase();
        stems.iter().filter(|stem| sentence.unicode_words().any(|word| word.starts_with(stem.as_str()))).count()
    };
    // Of several that hold as many, the first.
    let best = (0..sentences.len())
        .rev()
        .max_by_key(|at| sentences.get(*at).map_or(0, |sentence| holds(sentence)))
        .unwrap_or_default();
    let mut shown = String::new();
    let mut room = SNIPPET_CHARS_MAX;
    for sentence in sentences.iter().skip(best) {
        let size = sentence.chars().count();
        if size > room {
            if shown.is_empty() {
                shown = sentence.chars().take(SNIPPET_CHARS_MAX - 1).chain(['…']).collect();
            }
            break;
        }
        shown.push_str(sentence);
        room -= size;
    }
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn stem(word: &str) -> String {
    let length = word.chars().count();
    word.chars().take(length.saturating_sub(ENDING_CHARS).max(STEM_CHARS_MIN)).collect()
}

#[cfg(test)]
mod tests {
    use super::snippet;

    #[test]
    fn the_snippet_begins_with_the_sentence_that_holds_the_words() {
        let text = "Rooms are booked by the office. A booking can be cancelled until noon. Parking is free.";
        let words = ["cancel".to_owned(), "booking".to_owned()];
        assert_eq!(snippet(text, &words), "A booking can be cancelled until noon. Parking is free.");
    }

    #[test]
    fn a_sentence_without_end_is_cut() {
        let shown = snippet(&"word ".repeat(500), &["word".to_owned()]);
        assert!(shown.chars().count() <= 320 && shown.ends_with('…'), "{shown}");
    }
}

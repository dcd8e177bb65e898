//! What a question looks for: its words, without those that stand in every text.

use unicode_segmentation::UnicodeSegmentation;

/// Words that say nothing about what is looked for.
const EVERYWHERE: [&str; 61] = [
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do", "does", "for", "from",
    "had", "has", "have", "how", "i", "if", "in", "is", "it", "its", "me", "my", "of", "on", "or", "our", "shall",
    "should", "that", "the", "their", "there", "these", "they", "this", "those", "to", "us", "was", "we", "were",
    "what", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your", "s", "t",
];

/// Returns the words of a question in lower case, each once. A question of nothing but common words keeps them.
pub fn words(question: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in question.unicode_words().flat_map(|word| word.split(|c: char| !c.is_alphanumeric())) {
        let word = word.to_lowercase();
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    if words.iter().any(|word| !EVERYWHERE.contains(&word.as_str())) {
        words.retain(|word| !EVERYWHERE.contains(&word.as_str()));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_question_is_its_words_without_the_common_ones() {
        assert_eq!(
            words("How do I cancel a Travel booking, and cancel it for free?"),
            ["cancel", "travel", "booking", "free"]
        );
        assert_eq!(words("who are you"), ["who", "are", "you"], "there is nothing else to look for");
        assert!(words("?! --").is_empty());
    }
}

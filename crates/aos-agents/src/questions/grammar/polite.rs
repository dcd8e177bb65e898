//! What people say around a question, and what says nothing: greetings, requests, thanks.

use super::token::{Kind, Token};

/// Requests in a row that are passed over.
const REQUESTS_MAX: usize = 5;
const BEFORE: [&str; 38] = [
    "hi",
    "hello",
    "hey",
    "hi there",
    "hey there",
    "good morning",
    "ok",
    "okay",
    "so",
    "quick question",
    "please",
    "pls",
    "plz",
    "kindly",
    "can you",
    "could you",
    "would you",
    "can you please",
    "could you please",
    "can i",
    "could i",
    "can we",
    "may i",
    "i d like to",
    "i would like to",
    "i want to",
    "i need to",
    "we d like to",
    "we need to",
    "we want to",
    "id like to",
    "do you know",
    "know",
    "see",
    "understand",
    "help me understand",
    "tell us",
    "remind me",
];
const AFTER: [&str; 10] = [
    "please",
    "pls",
    "plz",
    "thanks",
    "thank you",
    "thx",
    "thanks a lot",
    "thank you very much",
    "many thanks",
    "cheers",
];

/// Takes off what stands before and after a question.
pub(super) fn without(mut tokens: Vec<Token>) -> Vec<Token> {
    for _ in 0..REQUESTS_MAX {
        let begun = BEFORE.iter().filter_map(|phrase| starts(&tokens, phrase)).max();
        // A word alone is what is asked, whatever it is.
        let Some(length) = begun.filter(|length| *length < tokens.len()) else { break };
        let pause = tokens[length..].iter().take_while(|token| is_comma(token)).count();
        tokens.drain(..length + pause);
    }
    while let Some(length) = AFTER.iter().filter_map(|phrase| ends(&tokens, phrase)).max()
        && length < tokens.len()
    {
        tokens.truncate(tokens.len() - length);
        while tokens.last().is_some_and(is_comma) {
            tokens.pop();
        }
    }
    tokens
}

fn is_comma(token: &Token) -> bool {
    token.kind == Kind::Sign(",")
}

fn starts(tokens: &[Token], phrase: &str) -> Option<usize> {
    let length = phrase.split(' ').count();
    let fits = tokens.len() >= length && phrase.split(' ').zip(tokens).all(|(word, token)| token.folded() == word);
    fits.then_some(length)
}

fn ends(tokens: &[Token], phrase: &str) -> Option<usize> {
    let length = phrase.split(' ').count();
    starts(tokens.get(tokens.len().checked_sub(length)?..)?, phrase)
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn left(text: &str) -> String {
        let words = without(tokens(text).unwrap()).into_iter().map(|token| token.text);
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn courtesy_is_taken_off_and_nothing_else() {
        assert_eq!(
            left("Hi, could you please tell me how many tickets there are? Thanks!"),
            "tell me how many tickets there are"
        );
        assert_eq!(left("I'd like to know the number of accounts"), "the number of accounts");
        assert_eq!(left("how many tickets can you see"), "how many tickets can you see");
        assert_eq!(left("please"), "please");
    }
}

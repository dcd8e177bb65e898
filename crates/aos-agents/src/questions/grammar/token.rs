//! Words and signs of a question, each with its place, and the one way in which words are compared.

/// A word, a number or a sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// As it was written.
    pub text: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A word, folded: lower case, letters and digits only.
    Word(String),
    /// A number as plans write it.
    Number(String),
    /// A day as 2025-01-31.
    Day(String),
    /// A text in quotes.
    Quoted(String),
    Sign(&'static str),
}

const SIGNS: [&str; 12] = [">=", "<=", "!=", "<>", "=", ">", "<", "%", "$", "€", "£", ","];
/// Signs between words that mean nothing here.
const SILENT: &str = "?!.:;\u{2019}'()-_/&+#@*";

/// Takes a text apart. `None` when there is a character that no question has.
pub fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = if let Some(quoted) = quoted(rest) {
            quoted
        } else if let Some(number) = number(rest) {
            number
        } else if first.is_alphanumeric() {
            word(rest)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Some(Token { text: (*sign).to_owned(), kind: Kind::Sign(sign) }), sign.len())
        } else if SILENT.contains(first) || first.is_whitespace() {
            (None, first.len_utf8())
        } else {
            return None;
        };
        found.extend(token);
        rest = &rest[length..];
    }
    Some(found)
}

fn quoted(rest: &str) -> Option<(Option<Token>, usize)> {
    let open = rest.chars().next()?;
    let close = match open {
        '"' => '"',
        '\u{201c}' => '\u{201d}',
        '\u{2018}' => '\u{2019}',
        '\'' => '\'',
        _ => return None,
    };
    let inner = &rest[open.len_utf8()..];
    let end = inner.find(close).filter(|end| *end > 0)?;
    let text = inner[..end].to_owned();
    Some((Some(Token { kind: Kind::Quoted(text.clone()), text }), open.len_utf8() + end + close.len_utf8()))
}

/// Reads a number with separators and a fraction, or a day.
fn number(rest: &str) -> Option<(Option<Token>, usize)> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let first = digits(0);
    if first == 0 {
        return None;
    }
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    if first == 4 && is(4, b'-') && digits(5) == 2 && is(7, b'-') && digits(8) == 2 {
        let text = rest[..10].to_owned();
        return Some((Some(Token { kind: Kind::Day(text.clone()), text }), 10));
    }
    let mut length = first;
    while first <= 3 && is(length, b',') && digits(length + 1) == 3 {
        length += 4;
    }
    if is(length, b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if let Some((scaled, end)) = scaled(&rest[..length], &rest[length..]) {
        let length = length + end;
        return Some((Some(Token { text: rest[..length].to_owned(), kind: Kind::Number(scaled) }), length));
    }
    // Digits with letters or dashes on them are a word, such as `30d` or an id.
    if rest[length..].starts_with(|next: char| next.is_alphanumeric()) {
        return None;
    }
    let text = rest[..length].to_owned();
    Some((Some(Token { kind: Kind::Number(text.replace(',', "")), text }), length))
}

/// Reads `50k`, `1.5m` and `2bn`.
fn scaled(number: &str, after: &str) -> Option<(String, usize)> {
    let letters = after.find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len());
    let zeros = match after[..letters].to_ascii_lowercase().as_str() {
        "k" => 3,
        "m" => 6,
        "bn" => 9,
        _ => return None,
    };
    Some((shifted(&number.replace(',', ""), zeros)?, letters))
}

/// Moves the point of a number to the right.
pub fn shifted(number: &str, zeros: usize) -> Option<String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let moved = fraction.len().min(zeros);
    let (left, right) = fraction.split_at(moved);
    let text = format!("{whole}{left}{}", "0".repeat(zeros - moved));
    Some(if right.is_empty() { text } else { format!("{text}.{right}") })
}

fn word(rest: &str) -> (Option<Token>, usize) {
    let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let text = rest[..length].to_owned();
    (Some(Token { kind: Kind::Word(text.to_lowercase()), text }), length)
}

impl Token {
    /// Returns the token as a part of a name or value: its letters and digits.
    pub fn folded(&self) -> &str {
        match &self.kind {
            Kind::Word(word) => word,
            Kind::Number(_) | Kind::Day(_) | Kind::Quoted(_) => &self.text,
            Kind::Sign(_) => "",
        }
    }

    pub fn is_word(&self) -> bool {
        matches!(self.kind, Kind::Word(_))
    }
}

/// Folds a name or value so that spelling does not matter: `Closed Won`, `closed_won` and `closedwon` are one.
pub fn key(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Folds the words of a name, the last of them without its plural.
pub fn name_key<'t>(words: impl IntoIterator<Item = &'t str>) -> String {
    let mut words: Vec<String> = words.into_iter().map(str::to_lowercase).collect();
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    words.concat()
}

/// Takes the plural off an English word.
pub fn singular(word: &str) -> String {
    let strip = |end: &str| word.strip_suffix(end).filter(|stem| stem.len() > 1);
    if word == "people" {
        return "person".to_owned();
    }
    if let Some(stem) = strip("ies") {
        return format!("{stem}y");
    }
    for end in ["sses", "uses", "xes", "ches", "shes"] {
        if word.ends_with(end) {
            return word[..word.len() - 2].to_owned();
        }
    }
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word.to_owned();
    }
    strip("s").unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        tokens(text).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn numbers_days_words_and_quotes_are_told_apart() {
        assert_eq!(
            kinds("over 50,000.5 since 2025-01-31 in \"Closed Won\", us-east-1?"),
            [
                Kind::Word("over".into()),
                Kind::Number("50000.5".into()),
                Kind::Word("since".into()),
                Kind::Day("2025-01-31".into()),
                Kind::Word("in".into()),
                Kind::Quoted("Closed Won".into()),
                Kind::Sign(","),
                Kind::Word("us".into()),
                Kind::Word("east".into()),
                Kind::Number("1".into()),
            ]
        );
        assert_eq!(kinds("1.5m 30d"), [Kind::Number("1500000".into()), Kind::Word("30d".into())]);
        assert!(tokens("a \u{7}").is_none());
    }

    #[test]
    fn plurals_and_spelling_do_not_matter() {
        for (plural, one) in
            [("opportunities", "opportunity"), ("statuses", "status"), ("cases", "case"), ("status", "status")]
        {
            assert_eq!(singular(plural), one);
        }
        assert_eq!(key("Closed Won"), key("closedwon"));
        assert_eq!(name_key(["close", "dates"]), name_key(["close_date".replace('_', "").as_str()]));
    }
}

//! Words and signs of a question, each with its place, and the one way in which words are compared.

use chrono::NaiveDate;

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
const SILENT: &str = "?!.:;\u{2019}'()-_/&+#@*`\u{2013}\u{2014}\u{2026}";

/// Takes a text apart. `None` when there is a character that no question has.
pub fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let (token, length) = if let Some(quoted) = quoted(before, rest) {
            quoted
        } else if let Some(day) = day(rest) {
            day
        } else if let Some(negative) = negative(before, rest) {
            negative
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
        before = rest[..length].chars().next_back().unwrap_or(first);
        rest = &rest[length..];
    }
    Some(found)
}

/// Reads a text in quotes. Inside a word, as in `don't`, the sign opens none.
fn quoted(before: char, rest: &str) -> Option<(Option<Token>, usize)> {
    let open = rest.chars().next()?;
    let close = match open {
        '"' => '"',
        '\u{201c}' => '\u{201d}',
        '\u{2018}' => '\u{2019}',
        '\'' if !before.is_alphanumeric() => '\'',
        _ => return None,
    };
    let inner = &rest[open.len_utf8()..];
    let end = inner.find(close).filter(|end| *end > 0)?;
    let text = inner[..end].to_owned();
    Some((Some(Token { kind: Kind::Quoted(text.clone()), text }), open.len_utf8() + end + close.len_utf8()))
}

/// Reads a number below zero. A dash with something before it, as in `us-east-1`, is none.
fn negative(before: char, rest: &str) -> Option<(Option<Token>, usize)> {
    let unsigned = rest.strip_prefix('-').or_else(|| rest.strip_prefix('\u{2212}'))?;
    if !before.is_whitespace() && before != '(' {
        return None;
    }
    let (Some(Token { text, kind: Kind::Number(number) }), length) = number(unsigned)? else { return None };
    let token = Token { text: format!("-{text}"), kind: Kind::Number(format!("-{number}")) };
    Some((Some(token), rest.len() - unsigned.len() + length))
}

/// Reads a day as 31.01.2025, 2025/01/31 or 1/31/2025. Where month and day could stand in each other's place, or it is no day at all, it is a
/// word that nobody knows, so that it is asked back and not guessed.
fn day(rest: &str) -> Option<(Option<Token>, usize)> {
    let end = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.' && sign != '/').unwrap_or(rest.len());
    let text = rest[..end].trim_end_matches(['.', '/']);
    let sign = if text.contains('/') { '/' } else { '.' };
    let parts: Vec<&str> = text.split(sign).collect();
    let [first, second, third] = parts[..] else { return None };
    let lengths = [first.len(), second.len(), third.len()];
    if !matches!(lengths, [1..=2, 1..=2, 2 | 4] | [4, 1..=2, 1..=2])
        || rest[text.len()..].starts_with(char::is_alphanumeric)
    {
        return None;
    }
    let number = |part: &str| part.parse::<u32>().ok();
    let (one, two, three) = (number(first)?, number(second)?, number(third)?);
    let found = match (sign, lengths) {
        (_, [4, ..]) => Some((one, two, three)),
        (_, [.., 2]) => None,
        ('.', _) => Some((three, two, one)),
        _ if one == two || two > 12 => Some((three, one, two)),
        _ if one > 12 => Some((three, two, one)),
        _ => None,
    };
    let known = found.and_then(|(year, month, day)| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day));
    let kind = known.map_or_else(|| Kind::Word(text.to_owned()), |day| Kind::Day(day.to_string()));
    Some((Some(Token { kind, text: text.to_owned() }), text.len()))
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
        // Fifty, or fifty thousand as much of Europe writes it: a word that nobody knows, so that it is asked back and not guessed.
        let is_grouped = first <= 3 && length == first && bytes[0] != b'0' && digits(length + 1) == 3;
        length += 1 + digits(length + 1);
        if is_grouped {
            let text = rest[..length].to_owned();
            return Some((Some(Token { kind: Kind::Word(text.clone()), text }), length));
        }
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
    fn a_number_below_zero_keeps_its_sign_and_a_dash_inside_a_name_is_none() {
        assert_eq!(kinds("over -5"), [Kind::Word("over".into()), Kind::Number("-5".into())]);
        assert_eq!(kinds("\u{2212}1.5k"), [Kind::Number("-1500".into())]);
        assert_eq!(kinds("q3-2025").last(), Some(&Kind::Number("2025".into())));
    }

    #[test]
    fn a_number_that_may_be_a_thousand_times_as_much_is_a_word_that_nobody_knows() {
        assert_eq!(kinds("50.000"), [Kind::Word("50.000".into())]);
        assert_eq!(kinds("0.125 50.00"), [Kind::Number("0.125".into()), Kind::Number("50.00".into())]);
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
    fn a_day_is_read_as_people_write_it_where_it_can_be_one_day_only() {
        for text in ["2025-11-14", "14.11.2025", "2025/11/14", "11/14/2025", "14/11/2025"] {
            assert_eq!(kinds(text), [Kind::Day("2025-11-14".into())], "{text}");
        }
        assert_eq!(kinds("since 1.2.2025."), [Kind::Word("since".into()), Kind::Day("2025-02-01".into())]);
        for text in ["03/04/2025", "31.02.2025", "14.11.25", "30/30/2025"] {
            assert_eq!(kinds(text), [Kind::Word(text.into())], "{text}");
        }
        assert_eq!(kinds("1.5 and 24/7").len(), 4, "neither is a day");
    }

    #[test]
    fn the_sign_inside_a_word_opens_no_quotation() {
        let words = tokens("contacts that don't have what's asked for in 'Closed Won'").unwrap();
        let words: Vec<&str> = words.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(words, ["contacts", "that", "don", "t", "have", "what", "s", "asked", "for", "in", "Closed Won"]);
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

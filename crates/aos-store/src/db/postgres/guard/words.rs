//! SQL as words: enough of PostgreSQL's lexer to tell statements apart and to read their heads. Pure.

/// What a statement is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// A keyword or a name, as PostgreSQL folds it.
    Plain(String),
    /// A name that was quoted.
    Quoted(String),
    /// The text of a string or of a body between dollar signs.
    Text(String),
    Sign(char),
}

impl Word {
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Plain(word) if word == keyword)
    }

    /// Returns the word as a name, if it can be one.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Plain(name) | Self::Quoted(name) => Some(name),
            Self::Text(_) | Self::Sign(_) => None,
        }
    }
}

/// Cuts a script into statements of words; comments are left out.
pub(super) fn statements(sql: &str) -> Vec<Vec<Word>> {
    let mut statements = vec![Vec::new()];
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let word;
        (word, rest) = if rest.starts_with("--") {
            (None, rest.split_once('\n').map_or("", |(_, after)| after))
        } else if rest.starts_with("/*") {
            (None, after_comment(rest))
        } else if first.is_whitespace() {
            (None, &rest[first.len_utf8()..])
        } else if first == '\'' {
            let (text, after) = until_quote(&rest[1..], '\'');
            (Some(Word::Text(text)), after)
        } else if first == '"' {
            let (name, after) = until_quote(&rest[1..], '"');
            (Some(Word::Quoted(name)), after)
        } else if let Some((body, after)) = dollar_body(rest) {
            (Some(Word::Text(body.to_owned())), after)
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
            (Some(Word::Plain(rest[..end].to_lowercase())), &rest[end..])
        } else {
            (Some(Word::Sign(first)), &rest[first.len_utf8()..])
        };
        match word {
            Some(Word::Sign(';')) => statements.push(Vec::new()),
            Some(word) => statements.last_mut().expect("never empty").push(word),
            None => {}
        }
    }
    statements.retain(|statement| !statement.is_empty());
    statements
}

/// Skips a comment, which may hold others.
fn after_comment(sql: &str) -> &str {
    let (mut depth, mut at) = (0, 0);
    while at < sql.len() {
        let rest = &sql.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return &sql[at..];
            }
        } else {
            at += 1;
        }
    }
    ""
}

/// Reads to the closing quote; a doubled one stands for itself.
fn until_quote(sql: &str, quote: char) -> (String, &str) {
    let mut text = String::new();
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once(quote) {
        text.push_str(before);
        match after.strip_prefix(quote) {
            Some(after) => {
                text.push(quote);
                rest = after;
            }
            None => return (text, after),
        }
    }
    text.push_str(rest);
    (text, "")
}

/// Reads `$tag$ … $tag$`.
fn dollar_body(sql: &str) -> Option<(&str, &str)> {
    let tag_end = sql.strip_prefix('$')?.find('$')? + 2;
    let tag = &sql[..tag_end];
    let is_tag = tag[1..tag_end - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
    if !is_tag || tag[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(sql[tag_end..].split_once(tag).unwrap_or((&sql[tag_end..], "")))
}

//! The text format of `COPY … TO STDOUT`: one line a row, cells between tabs, `\N` for null, backslashes before what would be
//! misread. <https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2>

use memchr::{memchr, memchr_iter};
use std::borrow::Cow;

/// Cuts a line without its newline into cells; `None` is null.
pub(super) fn cells(line: &str) -> impl Iterator<Item = Option<Cow<'_, str>>> {
    let bytes = line.as_bytes();
    let ends = memchr_iter(b'\t', bytes).chain(std::iter::once(bytes.len()));
    let mut start = 0;
    ends.map(move |end| {
        let cell = &line[start..end];
        start = end + 1;
        (cell != "\\N").then(|| unescaped(cell))
    })
}

fn unescaped(cell: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'\\', cell.as_bytes()) else { return Cow::Borrowed(cell) };
    let mut text = String::with_capacity(cell.len());
    text.push_str(&cell[..first]);
    let mut rest = cell[first..].chars();
    while let Some(letter) = rest.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        text.push(match rest.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            // The server writes no other escapes; a letter that needs none stands for itself.
            Some(other) => other,
            None => '\\',
        });
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_empty_and_the_text_of_null_are_three_things() {
        let found: Vec<_> = cells("\\N\t\t\\\\N").map(|cell| cell.map(Cow::into_owned)).collect();
        assert_eq!(found, [None, Some(String::new()), Some("\\N".to_owned())]);
    }

    #[test]
    fn what_was_escaped_comes_back() {
        let found: Vec<_> = cells("a\\tb\\nc\\\\d\\r\té\\b\\f\\v").flatten().map(Cow::into_owned).collect();
        assert_eq!(found, ["a\tb\nc\\d\r", "é\u{8}\u{c}\u{b}"]);
    }
}

//! Array literals, `{1,NULL,"a \"b\"",{…}}`. <https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO>

use aos_core::Value;

/// PostgreSQL itself knows no more dimensions.
const DIMENSIONS_MAX: usize = 6;

/// Reads an array; `None` when the text is none that can be told as a list, such as one with bounds of its own (`[0:1]={a,b}`).
pub(super) fn parse(text: &str, delimiter: char, item: &dyn Fn(&str) -> Value) -> Option<Value> {
    let mut reader = Reader { rest: text, delimiter, item };
    let list = reader.list(DIMENSIONS_MAX)?;
    reader.rest.is_empty().then_some(list)
}

struct Reader<'t> {
    rest: &'t str,
    delimiter: char,
    item: &'t dyn Fn(&str) -> Value,
}

impl Reader<'_> {
    fn list(&mut self, deeper: usize) -> Option<Value> {
        let mut items = Vec::new();
        self.take('{').then_some(())?;
        if self.take('}') {
            return Some(Value::List(items));
        }
        loop {
            items.push(match self.rest.chars().next()? {
                '{' if deeper > 1 => self.list(deeper - 1)?,
                '{' => return None,
                '"' => self.quoted()?,
                _ => self.plain()?,
            });
            if self.take('}') {
                return Some(Value::List(items));
            }
            self.take(self.delimiter).then_some(())?;
        }
    }

    fn take(&mut self, letter: char) -> bool {
        let rest = self.rest.strip_prefix(letter);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn plain(&mut self) -> Option<Value> {
        let end = self.rest.find([self.delimiter, '}'])?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        if text.is_empty() || text.contains(['{', '"', '\\']) {
            return None;
        }
        Some(if text.eq_ignore_ascii_case("null") { Value::Null } else { (self.item)(text) })
    }

    fn quoted(&mut self) -> Option<Value> {
        let mut text = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some((self.item)(&text));
                }
                '\\' => text.push(letters.next()?.1),
                other => text.push(other),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Option<serde_json::Value> {
        parse(text, ',', &|item| Value::text(item)).map(|value| value.to_json())
    }

    #[test]
    fn items_nulls_quotes_and_dimensions_are_told_apart() {
        assert_eq!(texts("{}"), Some(serde_json::json!([])));
        assert_eq!(
            texts(r#"{a,NULL,"NULL","","x,\"y\\","é}"}"#),
            Some(serde_json::json!(["a", null, "NULL", "", "x,\"y\\", "é}"]))
        );
        assert_eq!(texts("{{1,2},{3,4}}"), Some(serde_json::json!([["1", "2"], ["3", "4"]])));
    }

    #[test]
    fn what_is_no_plain_array_is_left_to_its_text() {
        for text in ["[0:1]={a,b}", "{a", "{a,}", "{a}b", "", "{\"a}", "1 2 3", "{{{{{{{1}}}}}}}"] {
            assert_eq!(texts(text), None, "{text}");
        }
    }
}

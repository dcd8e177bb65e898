//! Writes JSON as text, member by member. Pages of thousands of records are written this way, and a number keeps all its digits.

/// An object that is being written.
pub struct Object<'a> {
    out: &'a mut String,
    empty: bool,
}

impl<'a> Object<'a> {
    pub fn begin(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    /// Writes a member's name and gives the place for its value, which must be one JSON value.
    pub fn member(&mut self, name: &str) -> &mut String {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
        string(self.out, name);
        self.out.push(':');
        self.out
    }

    pub fn text(&mut self, name: &str, value: &str) {
        string(self.member(name), value);
    }

    /// Writes a member whose value is JSON already.
    pub fn raw(&mut self, name: &str, value: &str) {
        self.member(name).push_str(value);
    }

    pub fn end(self) {
        self.out.push('}');
    }
}

/// Writes a text with quotes.
pub fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => {
                out.push_str(&text[from..at]);
                out.push_str(&format!("\\u{byte:04x}"));
                from = at + 1;
                continue;
            }
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(escaped);
        from = at + 1;
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// Writes an array, item by item.
pub fn array<T>(out: &mut String, items: impl IntoIterator<Item = T>, mut one: impl FnMut(&mut String, T)) {
    out.push('[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        one(out, item);
    }
    out.push(']');
}

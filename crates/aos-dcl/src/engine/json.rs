//! Reads a flat JSON object member by member without building a tree: the load of a million rows spends its time here.

use std::borrow::Cow;

/// A member's value, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw<'a> {
    Null,
    Bool(bool),
    /// A number, with its digits.
    Number(&'a str),
    /// A string without its quotes; escapes are still in it when `escaped`.
    Text {
        inner: &'a str,
        escaped: bool,
    },
    /// A list or an object.
    Nested(&'a str),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl<'a> Raw<'a> {
    /// Returns what a text column shows of the value.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Raw::Null => None,
            Raw::Bool(true) => Some(Cow::Borrowed("true")),
            Raw::Bool(false) => Some(Cow::Borrowed("false")),
            Raw::Number(text) | Raw::Nested(text) | Raw::Text { inner: text, escaped: false } => {
                Some(Cow::Borrowed(text))
            }
            Raw::Text { inner, escaped: true } => serde_json::from_str(&format!("\"{inner}\"")).ok().map(Cow::Owned),
        }
    }
}

/// Calls `member` with each name and value of the object.
pub(super) fn members<'a>(json: &'a str, mut member: impl FnMut(&'a str, Raw<'a>)) -> Result<(), Malformed> {
    let mut scan = Scan { json, at: 0 };
    scan.expect(b'{')?;
    if scan.peek()? == b'}' {
        scan.at += 1;
        return scan.end();
    }
    loop {
        scan.expect(b'"')?;
        let (name, _) = scan.string()?;
        scan.expect(b':')?;
        let value = scan.value()?;
        member(name, value);
        match scan.next()? {
            b',' => {}
            b'}' => return scan.end(),
            _ => return Err(Malformed),
        }
    }
}

struct Scan<'a> {
    json: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    /// Returns the next byte that is not white space, without passing it.
    fn peek(&mut self) -> Result<u8, Malformed> {
        let bytes = self.json.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(*byte);
            }
            self.at += 1;
        }
        Err(Malformed)
    }

    fn next(&mut self) -> Result<u8, Malformed> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Malformed> {
        if self.next()? == wanted { Ok(()) } else { Err(Malformed) }
    }

    fn end(&mut self) -> Result<(), Malformed> {
        if self.json[self.at..].trim_ascii().is_empty() { Ok(()) } else { Err(Malformed) }
    }

    /// Reads a string from behind its opening quote to behind its closing one.
    fn string(&mut self) -> Result<(&'a str, bool), Malformed> {
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.json.as_bytes().get(self.at..).ok_or(Malformed)?;
            let found = memchr::memchr2(b'"', b'\\', rest).ok_or(Malformed)?;
            self.at += found;
            if rest[found] == b'"' {
                let inner = self.json.get(start..self.at).ok_or(Malformed)?;
                self.at += 1;
                return Ok((inner, escaped));
            }
            escaped = true;
            self.at += 2;
        }
    }

    fn value(&mut self) -> Result<Raw<'a>, Malformed> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                let (inner, escaped) = self.string()?;
                Ok(Raw::Text { inner, escaped })
            }
            b'{' | b'[' => self.nested(),
            _ => {
                let start = self.at;
                let rest = &self.json.as_bytes()[start..];
                let length = rest
                    .iter()
                    .position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t'))
                    .ok_or(Malformed)?;
                self.at += length;
                match &self.json[start..self.at] {
                    "null" => Ok(Raw::Null),
                    "true" => Ok(Raw::Bool(true)),
                    "false" => Ok(Raw::Bool(false)),
                    number if is_number(number) => Ok(Raw::Number(number)),
                    _ => Err(Malformed),
                }
            }
        }
    }

    fn nested(&mut self) -> Result<Raw<'a>, Malformed> {
        let start = self.at;
        let mut depth = 0usize;
        loop {
            match self.next()? {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(Raw::Nested(&self.json[start..self.at]));
                    }
                }
                b'"' => {
                    self.string()?;
                }
                _ => {}
            }
        }
    }
}

/// Tells a number from rubbish; whether it fits its column is found out when it is read.
fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<(&str, Raw<'_>)>, Malformed> {
        let mut all = Vec::new();
        members(json, |name, value| all.push((name, value)))?;
        Ok(all)
    }

    #[test]
    fn every_kind_of_value_is_told_apart() {
        let json = r#" {"a":null, "b":true,"c":-1.50,"d":"x\"y","e":"","f":[{"z":"]"},1] , "g":{} } "#;
        let all = read(json).unwrap();
        assert_eq!(all[0].1, Raw::Null);
        assert_eq!(all[1].1, Raw::Bool(true));
        assert_eq!(all[2].1, Raw::Number("-1.50"));
        assert_eq!(all[3].1.text().unwrap(), "x\"y");
        assert_eq!(all[4].1.text().unwrap(), "");
        assert_eq!(all[5].1, Raw::Nested(r#"[{"z":"]"},1]"#));
        assert_eq!(all[6].1, Raw::Nested("{}"));
        assert_eq!(read("{}").unwrap(), vec![]);
    }

    #[test]
    fn what_is_not_an_object_is_malformed_and_never_a_panic() {
        let whole = r#"{"a":"é\u00e9\\","b":[1,{"c":2}],"d":12}"#;
        assert_eq!(read(whole).unwrap().len(), 3);
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(read(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
        for json in [
            "",
            "[]",
            "{} x",
            r#"{"a":nul}"#,
            r#"{"a":1;"b":2}"#,
            r#"{"a":"\"}"#,
            "{\"a\":\"\\é",
            r#"{a:1}"#,
            r#"{"a":]}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}

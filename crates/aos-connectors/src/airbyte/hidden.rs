//! Keeps what a connection hides out of what its connector says.

use serde_json::Value;

/// Texts shorter than this are words, and hiding them would hide half of every message.
const CHARS_MIN: usize = 6;

/// The texts that are shown to nobody.
#[derive(Debug, Clone, Default)]
pub(super) struct Hidden(Vec<String>);

impl Hidden {
    /// Hides every text in a configuration, at whatever depth.
    pub fn of(config: &Value) -> Self {
        let mut texts = Vec::new();
        collect(config, &mut texts);
        // The longest first, so that none is left in pieces.
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.dedup();
        Self(texts)
    }

    pub fn within(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for hidden in &self.0 {
            if shown.contains(hidden.as_str()) {
                shown = shown.replace(hidden.as_str(), "[hidden]");
            }
        }
        shown
    }
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            if text.chars().count() >= CHARS_MIN {
                texts.push(text.clone());
                // As it stands inside JSON that the connector may print.
                let quoted = Value::String(text.clone()).to_string();
                let inner = quoted.trim_matches('"').to_owned();
                if inner != *text {
                    texts.push(inner);
                }
            }
            // Keys of several lines are often printed line by line.
            texts.extend(text.lines().filter(|line| *line != text && line.chars().count() >= 16).map(str::to_owned));
        }
        Value::Number(number) if number.to_string().len() >= CHARS_MIN => texts.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(members) => members.values().for_each(|member| collect(member, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_plain_quoted_and_line_by_line() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END PRIVATE KEY-----";
        let hidden = Hidden::of(&serde_json::json!({"auth": {"token": "hunter2\"x"}, "keys": [key], "n": 5}));
        for said in ["bad token hunter2\"x!", "{\"token\": \"hunter2\\\"x\"}", "at MIIEvQIBADANBgkqhkiG9w0", key] {
            let shown = hidden.within(said);
            assert!(!shown.contains("hunter2") && !shown.contains("MIIE"), "{shown}");
        }
        assert_eq!(hidden.within("row 5 is bad"), "row 5 is bad");
    }
}

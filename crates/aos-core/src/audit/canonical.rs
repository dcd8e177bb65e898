//! Canonical JSON: one way to write a value, so that the same value always has the same digest (RFC 8785, the JSON Canonicalization
//! Scheme).
//!
//! One thing differs: whole numbers are written with all their digits, where the scheme would round those beyond 2^53.

use serde_json::{Number, Value};

/// Writes a value in its canonical form.
pub fn to_string(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Number(number) => out.push_str(&written(number)),
        // serde_json escapes what the scheme escapes, in the same way.
        plain => out.push_str(&plain.to_string()),
    }
}

/// Writes a number as ECMAScript does.
fn written(number: &Number) -> String {
    let Some(value) = number.as_f64().filter(|_| number.is_f64()) else { return number.to_string() };
    match value.abs() {
        0.0 => "0".to_owned(),
        size if (1e-6..1e21).contains(&size) => value.to_string(),
        _ => {
            let text = format!("{value:e}");
            if text.contains("e-") { text } else { text.replace('e', "e+") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_written_as_in_the_standard() {
        let example = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
            "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
        let value: Value = serde_json::from_str(example).unwrap();
        let expected = r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
        assert_eq!(to_string(&value), expected);
    }

    #[test]
    fn names_are_sorted_by_their_utf_16_units() {
        let value: Value =
            serde_json::from_str(r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#)
                .unwrap();
        assert_eq!(
            to_string(&value),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn whole_numbers_keep_their_digits() {
        for text in ["0", "-7", "18446744073709551615", "9007199254740993"] {
            assert_eq!(to_string(&serde_json::from_str(text).unwrap()), text);
        }
        assert_eq!(to_string(&serde_json::json!(1.0)), "1");
    }
}

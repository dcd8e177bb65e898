//! Writes canonical JSON by hand: one pass, no intermediate tree, numbers with the digits they have.

use super::cast::Cast;
use crate::value::Value;
use chrono::{Datelike, Timelike};
use std::fmt::Write;

/// Appends `"name":value` to an object that is being written.
pub(super) fn field(json: &mut String, name: &str, cast: &Cast<'_>) {
    key(json, name);
    match cast {
        Cast::Absent | Cast::Null => json.push_str("null"),
        Cast::Text(value) => text(json, value),
        Cast::Integer(number) => write!(json, "{number}").expect("a string takes all"),
        Cast::Decimal(number) => write!(json, "{number}").expect("a string takes all"),
        Cast::Boolean(flag) => json.push_str(if *flag { "true" } else { "false" }),
        Cast::Date(day) => {
            json.push('"');
            date(json, day);
            json.push('"');
        }
        Cast::Datetime(at) => {
            json.push('"');
            date(json, at);
            let (hour, minute, second, micros) = (at.hour(), at.minute(), at.second(), at.nanosecond() / 1000);
            json.push('T');
            two(json, hour);
            json.push(':');
            two(json, minute);
            json.push(':');
            two(json, second);
            if micros > 0 {
                write!(json, ".{micros:06}").expect("a string takes all");
            }
            json.push_str("Z\"");
        }
    }
}

/// Appends `"name":value` for a source value, as it was read.
pub(super) fn member(json: &mut String, name: &str, value: &Value) {
    key(json, name);
    raw(json, value);
}

/// Shortens a value for a message.
pub(super) fn shown(raw: &str) -> String {
    let mut short: String = raw.chars().take(60).collect();
    if short.len() < raw.len() {
        short.push('…');
    }
    format!("`{short}`")
}

fn key(json: &mut String, name: &str) {
    if !json.ends_with('{') {
        json.push(',');
    }
    text(json, name);
    json.push(':');
}

fn raw(json: &mut String, value: &Value) {
    match value {
        Value::Null => json.push_str("null"),
        Value::Bool(flag) => json.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => json.push_str(number),
        Value::Text(value) => text(json, value),
        nested @ (Value::List(_) | Value::Object(_)) => {
            json.push_str(&serde_json::to_string(nested).expect("a value is always JSON"))
        }
    }
}

fn text(json: &mut String, value: &str) {
    let plain = value.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if plain {
        json.push('"');
        json.push_str(value);
        json.push('"');
    } else {
        json.push_str(&serde_json::to_string(value).expect("a text is always JSON"));
    }
}

fn date(json: &mut String, day: &impl Datelike) {
    write!(json, "{:04}-", day.year()).expect("a string takes all");
    two(json, day.month());
    json.push('-');
    two(json, day.day());
}

fn two(json: &mut String, number: u32) {
    json.push(char::from(b'0' + u8::try_from(number / 10).expect("below 100")));
    json.push(char::from(b'0' + u8::try_from(number % 10).expect("below 10")));
}

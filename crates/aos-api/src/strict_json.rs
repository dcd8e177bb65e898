//! JSON that means one thing; see `aos_core::json`.

use crate::problem::Problem;
use aos_core::json::{self, Objects, Unsound};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

const NEXT_STEP: &str = "correct the body; /docs shows its shape";

/// Reads a body. Refuses one that does not mean one thing, and a list where an object is described.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    check(body)?;
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(Objects(&mut reader)).map_err(|error| {
        // What was read so far says where it was; of what is no JSON at all that says nothing.
        match error.inner().classify() {
            Category::Data => Problem::unprocessable("invalid_body", error.to_string(), NEXT_STEP),
            _ => Problem::bad_request("invalid_json", error.into_inner().to_string(), NEXT_STEP),
        }
    })?;
    reader.end().map_err(|error| Problem::bad_request("invalid_json", error.to_string(), NEXT_STEP))?;
    Ok(read)
}

/// Refuses a body that is not UTF-8, names a member twice, is nested too deeply or uses a name that is reserved. What is no JSON at all is
/// left to its reader.
pub fn check(body: &[u8]) -> Result<(), Problem> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(Problem::bad_request("body_not_utf8", "the body is not UTF-8", NEXT_STEP));
    };
    json::check(text).map_err(|unsound| {
        let (code, next_step) = match unsound {
            Unsound::TooDeep { .. } => ("body_too_deep", "send flatter JSON"),
            Unsound::Twice { .. } => ("duplicate_key", "name each member once"),
            Unsound::Reserved { .. } => ("reserved_name", "call the member something else"),
        };
        Problem::bad_request(code, format!("the body cannot be taken: {unsound}"), next_step)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_mean_one_thing_is_refused_with_its_reason() {
        let deep = "[".repeat(65);
        for (body, code) in [
            (&b"{\"a\": 1, \"a\": 2}"[..], "duplicate_key"),
            (deep.as_bytes(), "body_too_deep"),
            (b"{\"a\": \"\xff\"}", "body_not_utf8"),
            (b"{\"x\": {\"$serde_json::private::RawValue\": \"1\"}}", "reserved_name"),
        ] {
            assert_eq!(check(body).unwrap_err().code(), code);
        }
        assert!(check(b"{\"a\": 1}").is_ok() && check(b"{broken").is_ok());
    }

    #[test]
    fn what_is_no_json_is_told_from_what_has_another_shape_and_that_says_where() {
        for body in [&b"{\"a\""[..], b"", b"{} {}", b"nonsense"] {
            assert_eq!(read::<std::collections::BTreeMap<String, u8>>(body).unwrap_err().code(), "invalid_json");
        }
        let problem = read::<std::collections::BTreeMap<String, u8>>(b"{\"a\": \"x\"}").unwrap_err();
        assert_eq!(problem.code(), "invalid_body");
        assert!(problem.to_string().starts_with("a: invalid type"), "{problem}");
    }
}

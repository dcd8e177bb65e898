//! JSON that means one thing; see `aos_core::json`.

use crate::problem::Problem;
use aos_core::json::{self, Unsound};

/// Refuses a body that is not UTF-8, names a member twice, is nested too deeply or uses a name that is reserved. What is no JSON at all is
/// left to its reader.
pub fn check(body: &[u8]) -> Result<(), Problem> {
    let next_step = "correct the body; /docs shows its shape";
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(Problem::bad_request("body_not_utf8", "the body is not UTF-8", next_step));
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
}

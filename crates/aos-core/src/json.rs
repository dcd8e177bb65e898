//! JSON of strangers, looked at before it is read into [`serde_json::Value`].
//!
//! What is said twice, two readers may read differently; what is nested without end, none can read. And one name is more than a name to
//! `serde_json`: a member called `$serde_json::private::RawValue` is taken for JSON inside a string and read anew, with a new limit of
//! depth, so that a few kilobytes overflow the stack. [`crate::Value`] knows no such name and needs no look.

mod objects;

pub use objects::Objects;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

pub const DEPTH_MAX: usize = 64;
const RESERVED: &str = "$serde_json::private::";
// How the errors of the look are told from those of the text.
const TOO_DEEP: &str = "nested too deeply";
const TWICE: &str = "said twice: ";
const NOT_A_NAME: &str = "not a name: ";

/// Why JSON is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    #[error("it is nested more than {DEPTH_MAX} levels deep (line {line}, column {column})")]
    TooDeep { line: usize, column: usize },
    #[error("it says `{name}` twice in one object (line {line}, column {column})")]
    Twice { name: String, line: usize, column: usize },
    #[error("no member may be called `{name}` (line {line}, column {column})")]
    Reserved { name: String, line: usize, column: usize },
}

/// Looks whether JSON means one thing and can be read. What is no JSON at all is left to its reader.
pub fn check(text: &str) -> Result<(), Unsound> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let Err(error) = (Level { depth: 0 }).deserialize(&mut reader) else { return Ok(()) };
    let (said, line, column) = (error.to_string(), error.line(), error.column());
    let name = |rest: &str| rest.split(" at line ").next().unwrap_or_default().chars().take(100).collect();
    if let Some(rest) = said.strip_prefix(TWICE) {
        return Err(Unsound::Twice { name: name(rest), line, column });
    }
    if let Some(rest) = said.strip_prefix(NOT_A_NAME) {
        return Err(Unsound::Reserved { name: name(rest), line, column });
    }
    // serde_json has a limit of its own, beyond ours.
    if said.starts_with(TOO_DEEP) || said.contains("recursion limit") {
        return Err(Unsound::TooDeep { line, column });
    }
    Ok(())
}

/// Reads JSON after a look at it.
pub fn read(text: &str) -> Result<serde_json::Value, serde_json::Error> {
    check(text).map_err(serde_json::Error::custom)?;
    serde_json::from_str(text)
}

/// Reads a value as a type, every struct of it from an object.
pub fn take<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, serde_json::Error> {
    T::deserialize(Objects(value))
}

struct Level {
    depth: usize,
}

impl Level {
    fn below<E: Error>(&self) -> Result<Self, E> {
        let depth = self.depth + 1;
        if depth > DEPTH_MAX { Err(E::custom(TOO_DEEP)) } else { Ok(Self { depth }) }
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.below()?)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut known = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if name.starts_with(RESERVED) {
                return Err(A::Error::custom(format!("{NOT_A_NAME}{name}")));
            }
            if known.contains(&name) {
                return Err(A::Error::custom(format!("{TWICE}{name}")));
            }
            members.next_value_seed(self.below()?)?;
            known.insert(name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_one_thing_passes_and_what_is_no_json_is_left_to_its_reader() {
        for text in [r#"{"a": [1, -2, 3.5, null, true, "x"], "b": {"a": 1}}"#, "7", "\"ä\"", "{broken"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        assert!(read("{broken").is_err());
    }

    #[test]
    fn what_is_said_twice_is_refused_at_any_depth() {
        for text in [r#"{"a": 1, "a": 2}"#, r#"[{"x": {"a": 1, "\u0061": 1}}]"#] {
            assert!(matches!(check(text), Err(Unsound::Twice { ref name, .. }) if name == "a"), "{text}");
        }
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        assert_eq!(check(&"[".repeat(64)), Ok(()), "only that it does not end is wrong with it");
        for text in ["[".repeat(65), r#"{"a":"#.repeat(100_000)] {
            assert!(matches!(check(&text), Err(Unsound::TooDeep { .. })));
        }
    }

    #[test]
    fn the_name_that_serde_json_reads_anew_is_refused_however_it_is_spelt() {
        let mut nested = "1".to_owned();
        for _ in 0..4 {
            let inner = serde_json::to_string(&nested).unwrap();
            nested = format!(r#"{{"$serde_json::private::RawValue":{inner}}}"#);
        }
        for text in [nested, r#"[{"\u0024serde_json::private::Number":"1"}]"#.to_owned()] {
            assert!(matches!(check(&text), Err(Unsound::Reserved { .. })), "{text}");
            assert!(read(&text).is_err());
        }
    }
}

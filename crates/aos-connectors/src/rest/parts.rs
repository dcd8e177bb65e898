//! An envelope whose members are known by name only when it is read, e.g. where a list is called as its stream.

use super::reply::{Doubt, envelope};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

/// The members of an answer, as they stand there.
#[derive(Debug)]
pub(crate) struct Parts<'t>(HashMap<Cow<'t, str>, &'t RawValue>);

impl<'t> Parts<'t> {
    pub fn of(text: &'t str) -> Result<Self, Doubt> {
        Ok(Self(envelope(text)?))
    }

    /// Returns the list of records called `name`.
    pub fn list(&self, name: &str) -> Result<Vec<&'t RawValue>, Doubt> {
        self.find(name)?.ok_or_else(|| Doubt::new(format!("its answer has no list {name}")))
    }

    /// Returns a member; none when it is null or not there.
    pub fn find<T: Deserialize<'t>>(&self, name: &str) -> Result<Option<T>, Doubt> {
        match self.0.get(name) {
            Some(raw) if raw.get() != "null" => envelope(raw.get()).map(Some),
            _ => Ok(None),
        }
    }
}

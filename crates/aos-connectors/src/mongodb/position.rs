//! Where a reader stands in a collection, in BSON's own types: an id of type Decimal128 comes back as one.

use crate::error::Error;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mongodb::bson::{self, Bson};
use mongodb::change_stream::event::ResumeToken;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// What was written before this was surely read; none while the first pass lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Mark>,
    /// The pass under way, in the order of `_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass: Option<Pass>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pass {
    /// What `since` becomes at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Mark>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Packed>,
    #[serde(default)]
    pub records: u64,
    #[serde(default)]
    pub overlap_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mark {
    /// A place in the change stream.
    Change(Packed),
    /// A value of the cursor field.
    Value(Packed),
}

/// A value as BSON's bytes, in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Packed(String);

#[derive(Serialize, Deserialize)]
struct Within<T> {
    v: T,
}

impl Packed {
    pub fn of(value: &Bson) -> Result<Self, Error> {
        Self::pack(value)
    }

    pub fn of_token(token: &ResumeToken) -> Result<Self, Error> {
        Self::pack(token)
    }

    pub fn value(&self) -> Option<Bson> {
        self.unpack()
    }

    pub fn token(&self) -> Option<ResumeToken> {
        self.unpack()
    }

    fn pack<T: Serialize>(value: T) -> Result<Self, Error> {
        let bytes = bson::serialize_to_vec(&Within { v: value });
        let fail = |error: bson::error::Error| Error::Contract { what: format!("a cursor cannot be kept: {error}") };
        Ok(Self(STANDARD.encode(bytes.map_err(fail)?)))
    }

    fn unpack<T: DeserializeOwned>(&self) -> Option<T> {
        let bytes = STANDARD.decode(&self.0).ok()?;
        Some(bson::deserialize_from_slice::<Within<T>>(&bytes).ok()?.v)
    }
}

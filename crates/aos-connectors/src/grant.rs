//! A grant: what an owner gave us leave to read with, and where it is kept. How it is asked for and renewed is `oauth`'s business.

use crate::connector::Answer;
use crate::context::Secret;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An OAuth grant with its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Grows with every change; 0 for one that was never kept.
    pub version: i64,
    pub state: GrantState,
    pub access_token: Option<Secret>,
    pub refresh_token: Option<Secret>,
    pub expires_at: Option<DateTime<Utc>>,
    /// As the vendor wrote them.
    pub scopes: Vec<String>,
    /// Where the vendor says that this account's API lives, e.g. Salesforce's `instance_url`.
    pub api_base: Option<String>,
    /// What the last attempt to renew it was told; empty when it went well.
    pub message: String,
    pub changed_at: DateTime<Utc>,
}

/// What can be done with a grant. No state but the owner's own word removes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    Valid,
    /// The last attempt to renew it failed in a way that may pass.
    Transient,
    /// The vendor refuses our application or its settings; somebody has to change them.
    Permanent,
    /// The owner took it back; they have to give it again.
    Revoked,
}

/// Keeps the grant of one connection.
pub trait GrantStore: Send + Sync {
    /// Returns the grant as it is now.
    fn load(&self) -> Answer<'_, Option<Grant>>;

    /// Keeps the grant if the one that is kept still has `version`, and says whether it did. When it did not, another process was faster:
    /// load again and use what that one brought.
    fn replace<'a>(&'a self, version: i64, grant: &'a Grant) -> Answer<'a, bool>;

    /// Says whether this process may renew the grant now, so that a refresh token that works once is used once. Nobody may who has seen
    /// another `version` (0: none) than the kept one: it was renewed meanwhile. The right ends with the next change of the grant, or by
    /// itself after some seconds; it spares the vendor, and `replace` decides.
    fn may_renew(&self, version: i64) -> Answer<'_, bool>;
}

//! Services that are played beside this installation, with invented records, for whoever has no account anywhere.

use crate::declaration::Settings;
use serde_json::Value;

/// A service that the operator has played, and how a connection reaches it.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// The connector that reads it.
    pub connector: &'static str,
    /// Everything a connection to it needs. What stands in the place of secrets is none: anybody may read invented records.
    pub settings: Settings,
}

impl Simulated {
    /// Whether a connection with these settings reads it: it leads to the same addresses.
    pub fn is_read_by(&self, settings: &Value) -> bool {
        let mut addresses = self.settings.iter().filter(|(name, _)| name.ends_with("_url")).peekable();
        addresses.peek().is_some() && addresses.all(|(name, address)| settings.get(name) == Some(address))
    }
}

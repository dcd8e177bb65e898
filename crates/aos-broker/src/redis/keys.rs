//! What things are called in Redis.

use aos_core::TenantId;

/// Channels of the whole installation; they carry no tenant's data.
pub(super) const WAKE: &str = "aos:wake";
pub(super) const FLAGS: &str = "aos:flags";
pub(super) const ACCESS: &str = "aos:access";
/// Written now and then to see whether Redis takes writes.
pub(super) const PROBE: &str = "aos:probe";

/// Names something of a tenant, a key or a channel.
pub(super) fn of(tenant: TenantId, what: &str) -> String {
    format!("aos:{{{tenant}}}:{what}")
}

/// Names something of a tenant, or of none, that a caller gave a name.
pub(super) fn named(tenant: Option<TenantId>, what: &str, name: &str) -> String {
    match tenant {
        Some(tenant) => format!("aos:{{{tenant}}}:{what}:{name}"),
        None => format!("aos:{what}:{name}"),
    }
}

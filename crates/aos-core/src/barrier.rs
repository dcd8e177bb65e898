//! Guards between tenants that a test can take away, one at a time, to see that another test notices. Without the feature
//! `removable-guards` each of them stands and nothing is asked: no shipped binary has it.
//!
//! `AOS_WITHOUT_GUARD=lake_path` takes one away.

/// What keeps tenants apart, layer by layer. Taking one away has to make a test fail; `scripts/guards` sees that it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The store's statements ask for the rows of one tenant.
    StoreScope,
    /// PostgreSQL gives a statement the rows of its tenant only.
    RowSecurity,
    /// Everything in the broker is named by its tenant.
    BrokerKey,
    /// A ticket is good once, and for the tenant that asked for it.
    Ticket,
    /// Segments lie in a folder of their tenant.
    LakePath,
    /// What someone may do is asked before it is done.
    Policy,
}

/// Tells whether a guard stands.
#[cfg(not(feature = "removable-guards"))]
#[inline(always)]
pub const fn stands(_: Guard) -> bool {
    true
}

#[cfg(feature = "removable-guards")]
pub use removable::stands;

#[cfg(feature = "removable-guards")]
mod removable {
    use super::Guard;
    use std::sync::OnceLock;

    #[cfg(not(debug_assertions))]
    compile_error!("the feature removable-guards is for tests; leave it out of a release");

    static REMOVED: OnceLock<Option<String>> = OnceLock::new();

    pub fn stands(guard: Guard) -> bool {
        REMOVED.get_or_init(removed).as_deref() != Some(name(guard))
    }

    fn name(guard: Guard) -> &'static str {
        match guard {
            Guard::StoreScope => "store_scope",
            Guard::RowSecurity => "row_security",
            Guard::BrokerKey => "broker_key",
            Guard::Ticket => "ticket",
            Guard::LakePath => "lake_path",
            Guard::Policy => "policy",
        }
    }

    #[allow(clippy::disallowed_methods)] // A script speaks to the test it starts; settings have nothing to do with it.
    fn removed() -> Option<String> {
        std::env::var("AOS_WITHOUT_GUARD").ok()
    }
}

//! What a connector is given to work with: the way out, its own secrets, its turn at the source, a clock, and a word when to stop. It never
//! gets the tenant's scope or store.

use crate::error::Error;
use crate::grant::GrantStore;
use crate::pace::Pace;
use aos_core::Clock;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Everything a connector may use beside its own settings. Cloning it is cheap and gives the same.
#[derive(Clone)]
pub struct Context {
    /// The guarded way out, for this tenant. Drivers that speak for themselves resolve through [`aos_net::Client::guard`].
    pub net: aos_net::Client,
    pub secrets: Secrets,
    /// Where the grant of this connection is kept, for connections that have one.
    pub grants: Option<Arc<dyn GrantStore>>,
    pub pace: Arc<dyn Pace>,
    /// Set when the reader wants nothing more.
    pub cancel: CancellationToken,
    pub clock: Clock,
    pub notes: Notes,
}

/// Lines for whoever watches the read: why it waits, what it skips. Never a secret, never a record.
#[derive(Clone)]
pub struct Notes(Arc<dyn Fn(&str) + Send + Sync>);

/// The secrets of one connection, by the name of the setting they belong to.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<BTreeMap<String, Secret>>);

/// A text that shows itself to nobody who does not ask for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Context {
    /// Refuses to go on when the reader has had enough.
    pub fn check_cancel(&self) -> Result<(), Error> {
        if self.cancel.is_cancelled() { Err(Error::Canceled) } else { Ok(()) }
    }

    /// Tells whoever watches.
    pub fn note(&self, line: &str) {
        self.notes.tell(line);
    }
}

impl Notes {
    pub fn to(hear: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }

    pub fn tell(&self, line: &str) {
        (self.0)(line);
    }

    /// Notes that nobody reads.
    pub fn unheard() -> Self {
        Self::to(|_| {})
    }
}

impl Secrets {
    pub fn new(secrets: impl IntoIterator<Item = (String, Secret)>) -> Self {
        Self(Arc::new(secrets.into_iter().collect()))
    }

    /// Returns a secret that the connector cannot do without.
    ///
    /// # Errors
    /// [`Error::Config`] when the connection has none of that name.
    pub fn require(&self, name: &str) -> Result<&Secret, Error> {
        self.get(name).ok_or_else(|| Error::Credentials {
            field: name.to_owned(),
            reason: "it is missing; give it, or say where it is kept, e.g. as env:NAME".to_owned(),
        })
    }

    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)
    }
}

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, to be handed to the source and to nobody else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[hidden]")
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Context")
            .field("secrets", &self.secrets)
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}

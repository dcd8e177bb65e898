//! How the owner of an account is asked for leave: where, as which application, and for what. Each connector that takes an owner's leave
//! says it of its settings.

use crate::declaration::Settings;
use crate::error::Error;
use crate::oauth::Provider;

/// What an owner is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    pub provider: Provider,
    /// The application that was registered with the vendor.
    pub client_id: String,
    /// All that reading needs, and nothing more.
    pub scopes: Vec<String>,
}

/// Makes what is to be asked of a connection's settings.
pub type Consent = fn(&Settings) -> Result<Asking, Error>;

impl Asking {
    /// # Errors
    /// [`Error::Config`] when the settings name no application.
    pub(crate) fn new(
        provider: Provider,
        client_id: Option<String>,
        scopes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, Error> {
        let client_id = client_id.ok_or_else(|| Error::Config {
            field: "client_id".to_owned(),
            reason: format!("it is missing: it names the application that was registered with {}", provider.vendor),
        })?;
        Ok(Self { provider, client_id, scopes: scopes.into_iter().map(Into::into).collect() })
    }
}

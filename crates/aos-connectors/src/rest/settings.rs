//! Settings as a connector's own type.

use crate::declaration::Settings;
use crate::error::Error;
use serde::de::DeserializeOwned;

/// Reads settings that [`crate::Declaration::check`] has accepted.
///
/// # Errors
/// [`Error::Config`] with what does not fit.
pub(crate) fn read_settings<T: DeserializeOwned>(settings: &Settings) -> Result<T, Error> {
    serde_json::from_value(settings.clone().into())
        .map_err(|error| Error::Config { field: "settings".to_owned(), reason: error.to_string() })
}

//! Addresses that settings or answers give: where the account's API lives, and whether a link stays there.

use crate::error::Error;
use aos_net::Url;

/// Reads the address of an account's API and returns it without a slash at its end.
///
/// # Errors
/// [`Error::Config`] when it is none.
pub(crate) fn base_url(field: &str, address: &str) -> Result<String, Error> {
    let refuse = |reason: &str| Err(Error::Config { field: field.to_owned(), reason: reason.to_owned() });
    match Url::parse(address) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() => {
            refuse("it is to begin with https:// and name a host")
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() => refuse("it is to end with its host or path"),
        Ok(url) => Ok(url.as_str().trim_end_matches('/').to_owned()),
        Err(_) => refuse("it is no address; copy it from the browser, e.g. https://example.my.salesforce.com"),
    }
}

/// Says whether a link that a source gave leads to the source itself. A token goes nowhere else.
pub(crate) fn same_origin(base: &str, link: &str) -> bool {
    match (Url::parse(base), Url::parse(link)) {
        (Ok(base), Ok(link)) => base.origin() == link.origin(),
        _ => false,
    }
}

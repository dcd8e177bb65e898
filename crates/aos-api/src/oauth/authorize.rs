//! Where a program sends a person. The page that asks them belongs to the web interface; what the program said is handed to it behind the `#` of
//! its address, which browsers send to no server, and in letters that nothing on the way takes for its own.

use axum::extract::RawQuery;
use axum::response::Redirect;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The page that asks.
const PAGE: &str = "/allow";

/// Sends a person to the page that asks them.
pub(crate) async fn authorize(RawQuery(query): RawQuery) -> Redirect {
    Redirect::to(&format!("{PAGE}#{}", URL_SAFE_NO_PAD.encode(query.unwrap_or_default())))
}

//! What all sources behind a REST API share: requests that are authorised, take their turn, are repeated where that helps and only as
//! often as it does; answers that are taken whole or not at all; records out of JSON without losing a digit.
//!
//! What an answer means is the vendor's module: this one knows no vendor.

mod authorization;
mod body;
mod link;
pub(crate) mod moment;
mod page;
mod parts;
mod patience;
mod records;
mod reply;
mod rows;
mod session;
mod settings;

pub(crate) use authorization::Authorization;
pub(crate) use body::Body;
pub(crate) use link::{base_url, same_origin};
pub(crate) use moment::Horizon;
pub(crate) use page::{PageSource, Shortfall, Trail, pages};
pub(crate) use parts::Parts;
pub(crate) use records::{Fate, Records};
pub(crate) use reply::{Doubt, Reply, Verdict, envelope, standard};
pub(crate) use rows::{Keep, Mark, Members, Rows};
pub(crate) use session::Session;
pub(crate) use settings::read_settings;

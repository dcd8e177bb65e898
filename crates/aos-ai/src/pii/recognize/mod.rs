//! One recognizer per class: each looks at the whole text and says where its class may stand and how sure that is.

mod address;
mod bank;
mod birth;
mod check;
mod email;
mod europe;
mod name;
mod national;
mod network;
mod organization;
mod phone;
mod secret;
mod things;
mod world;

use super::finding::Found;
use super::text::Text;

/// What is found of one class, without a look at the others.
pub(super) fn all(text: &Text<'_>, found: &mut Vec<Found>) {
    email::find(text, found);
    bank::find(text, found);
    national::find(text, found);
    phone::find(text, found);
    network::find(text, found);
    birth::find(text, found);
    address::find(text, found);
    secret::find(text, found);
    name::find(text, found);
    organization::find(text, found);
}

//! The first lines of a digest in a model's words, where a tenant wants that. The model is told kinds and their meaning, no record and no figure,
//! and what it says is taken only when it brings no figure of its own: the digest's figures are the pilot's.

use super::{Found, Pilot};
use aos_ai::models::{Ask, ModelError, Models};
use aos_core::TenantScope;
use aos_store::ModelPayer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::Write;
use utoipa::ToSchema;

const FEATURE: &str = "digest";
const TOKENS_MAX: u32 = 200;
const CHARS_MAX: usize = 400;
const TASK: &str = "You write the opening of a short note to the people of a company. You are told which kinds of things were found anew in their \
    data, and what each kind means. Say in one or two plain sentences what that is about and why it is worth a look. Write no numbers, neither \
    in digits nor in words, no names, no greeting, no list and no formatting: the figures follow below your sentences.";

/// Who worded the first lines, or why nobody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DigestWording, example = json!({ "by": "open_ai/gpt-4.1-mini", "plain_because": null }))]
pub struct Wording {
    /// Provider and model.
    #[schema(required)]
    pub by: Option<String>,
    /// Why the digest stayed as the pilot writes it.
    #[schema(required)]
    pub plain_because: Option<String>,
}

/// Puts a model's sentences before a digest. Where none come, or they may not be taken, the digest stays as it is.
pub async fn worded(
    models: &Models,
    scope: &TenantScope,
    pilot: Pilot,
    payer: ModelPayer,
    new: &[&Found],
    digest: &str,
) -> (String, Wording) {
    let ask = Ask { tokens_out_max: TOKENS_MAX, payer: Some(payer), ..Ask::text(FEATURE, TASK, kinds_of(pilot, new)) };
    let said = models.tenant(scope).ask(ask).await;
    match said.map_err(|error| why_not(&error)).and_then(|answer| Ok((opening(&answer.text)?, answer.model))) {
        Ok((opening, model)) => (format!("{opening}\n{digest}"), Wording { by: Some(model), plain_because: None }),
        Err(why) => (digest.to_owned(), Wording { by: None, plain_because: Some(why) }),
    }
}

/// What the model is told.
fn kinds_of(pilot: Pilot, new: &[&Found]) -> String {
    let found: BTreeSet<&str> = new.iter().map(|found| found.seen.kind.as_str()).collect();
    let mut text = String::from("Found anew:");
    for (kind, means) in pilot.kinds().filter(|(kind, _)| found.contains(kind)) {
        write!(text, "\n- {}: {means}", kind.replace('_', " ")).expect("a string takes all");
    }
    text
}

/// Takes what a model said as an opening, or says why not.
fn opening(said: &str) -> Result<String, String> {
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    if said.is_empty() || said.chars().count() > CHARS_MAX {
        return Err(format!("the model's opening does not have 1 to {CHARS_MAX} characters"));
    }
    if said.chars().any(char::is_numeric) {
        return Err("the model's opening brings figures of its own".to_owned());
    }
    // A digest is shown where links and mentions would be live.
    if said.contains(['<', '>', '@', '`']) || said.contains("://") {
        return Err("the model's opening brings links, mentions or formatting".to_owned());
    }
    Ok(said)
}

fn why_not(error: &ModelError) -> String {
    format!("no model worded it: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_with_figures_links_or_too_many_words_is_not_taken() {
        assert_eq!(opening(" Deals have\nstalled. ").unwrap(), "Deals have stalled.");
        for said in ["", "3 deals have stalled.", "See https://evil.example", "<!channel> look", "half is ½"] {
            assert!(opening(said).is_err(), "{said}");
        }
        assert!(opening(&"word ".repeat(100)).is_err());
    }
}

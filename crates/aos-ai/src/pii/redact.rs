//! Taking findings out of a text.

use super::{Class, Column, Detector, Error, Finding, Policy, Replacement};

/// A text without what the policy takes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Redacted {
    pub text: String,
    /// What was taken out. The places are those in the text that was given.
    pub findings: Vec<Finding>,
}

/// Returns the text without the personal data and secrets that the policy names.
///
/// # Errors
/// When the text cannot be searched. There is no text to go on with then: what was given must be neither kept nor sent.
pub fn redact(text: &str, policy: &Policy) -> Result<Redacted, Error> {
    redact_column(text, &Column::default(), policy)
}

/// The same for a value of a column whose name or class in the ontology is known.
///
/// # Errors
/// As for [`redact`].
pub fn redact_column(text: &str, column: &Column<'_>, policy: &Policy) -> Result<Redacted, Error> {
    let mut findings = Detector::of(policy).find_in(text, column)?;
    findings.retain(|finding| policy.classes.contains(&finding.class));
    let mut clean = String::with_capacity(text.len());
    let mut taken = 0;
    for finding in &findings {
        clean.push_str(&text[taken..finding.span.bytes.start]);
        clean.push_str(&replacement(&policy.replacement, finding.class, &text[finding.span.bytes.clone()]));
        taken = finding.span.bytes.end;
    }
    clean.push_str(&text[taken..]);
    Ok(Redacted { text: clean, findings })
}

fn replacement(replacement: &Replacement, class: Class, value: &str) -> String {
    match replacement {
        Replacement::Token(key) if class != Class::Secret => key.token(class, value),
        _ => format!("<{}>", class.label()),
    }
}

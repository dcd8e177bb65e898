//! Taking findings out of texts.

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
    let mut redacted = redact_each(&[(text, *column)], policy)?;
    Ok(redacted.pop().unwrap_or(Redacted { text: String::new(), findings: Vec::new() }))
}

/// The same for several values at once: all of them or none.
///
/// # Errors
/// As for [`redact`].
pub fn redact_each(values: &[(&str, Column<'_>)], policy: &Policy) -> Result<Vec<Redacted>, Error> {
    let found = Detector::of(policy).find_each(values)?;
    Ok(values.iter().zip(found).map(|((text, _), findings)| taken_out(text, findings, policy)).collect())
}

/// The same for a text that nobody waits for on this thread: where the policy asks a model for names, it computes on one that may block.
///
/// # Errors
/// As for [`redact`], also when the work was stopped.
pub async fn redact_aside(text: String, policy: &Policy) -> Result<Redacted, Error> {
    aside(policy, move |policy| redact(&text, policy)).await
}

/// Does what a policy is needed for, on a thread that may block where it computes for long.
///
/// # Errors
/// Those of the work, and [`Error::Names`] when it was stopped.
pub async fn aside<T: Send + 'static>(
    policy: &Policy,
    work: impl FnOnce(&Policy) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let Some(model) = policy.names.model().map(str::to_owned) else { return work(policy) };
    let policy = policy.clone();
    let done = tokio::task::spawn_blocking(move || work(&policy)).await;
    done.unwrap_or_else(|_| Err(Error::Names { model, why: "its work was stopped".into() }))
}

fn taken_out(text: &str, mut findings: Vec<Finding>, policy: &Policy) -> Redacted {
    findings.retain(|finding| policy.classes.contains(&finding.class));
    let mut clean = String::with_capacity(text.len());
    let mut taken = 0;
    for finding in &findings {
        clean.push_str(&text[taken..finding.span.bytes.start]);
        clean.push_str(&replacement(&policy.replacement, finding.class, &text[finding.span.bytes.clone()]));
        taken = finding.span.bytes.end;
    }
    clean.push_str(&text[taken..]);
    Redacted { text: clean, findings }
}

fn replacement(replacement: &Replacement, class: Class, value: &str) -> String {
    match replacement {
        Replacement::Token(key) if class != Class::Secret => key.token(class, value),
        _ => format!("<{}>", class.label()),
    }
}

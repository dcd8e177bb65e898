//! What numbers of persons are called, and how what is called so is written.

mod documents;
mod numbers;

/// How a labelled number may be written, beyond the forms of [`read`](crate::pii::text::read).
pub(super) enum Shape {
    Form(&'static str),
    /// Letters and digits, and single hyphens or full stops between them.
    Run {
        least: usize,
        most: usize,
        /// Digits among them at least.
        digits: usize,
    },
}

/// What a number is called, with the shapes of what is called so.
pub(super) struct Label {
    pub kind: &'static str,
    /// In lower case; words of one name have a space between them, which in a text may be a hyphen, an underscore or a full stop.
    pub names: &'static [&'static str],
    pub shapes: &'static [Shape],
}

/// Every label there is.
pub(super) fn all() -> impl Iterator<Item = &'static Label> {
    numbers::LABELS.iter().chain(documents::LABELS)
}

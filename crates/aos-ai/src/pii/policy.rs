//! Which findings are taken out of a text, and what stands in their place.

use super::{Class, Names, TokenKey};
use std::collections::BTreeSet;

/// What stands in the place of what was taken out.
#[derive(Clone, Default)]
pub enum Replacement {
    /// `<EMAIL>`: nothing of it comes back.
    #[default]
    Label,
    /// `<EMAIL:tok_…>`: the same value of the same tenant is always the same token, and who holds the tenant's key can open it.
    Token(TokenKey),
}

/// What is taken out of texts.
#[derive(Clone)]
pub struct Policy {
    pub(super) classes: BTreeSet<Class>,
    pub(super) score_min: f32,
    pub(super) replacement: Replacement,
    pub(super) names: Names,
}

impl Policy {
    /// The least score at which a finding counts, unless one says otherwise.
    pub const SCORE_MIN: f32 = 0.5;

    /// Takes out everything but names of organizations and places, which business texts are about, and puts labels in its place.
    pub fn standard() -> Self {
        let classes =
            Class::ALL.into_iter().filter(|class| !matches!(class, Class::Organization | Class::Location)).collect();
        Self { classes, score_min: Self::SCORE_MIN, replacement: Replacement::Label, names: Names::default() }
    }

    /// Takes out these classes only.
    pub fn only(mut self, classes: impl IntoIterator<Item = Class>) -> Self {
        self.classes = classes.into_iter().collect();
        self
    }

    /// Takes out what is at least this sure, from 0 to 1.
    pub fn score_min(mut self, score_min: f32) -> Self {
        self.score_min = score_min;
        self
    }

    /// Has this model find names beside the rules. Where it cannot be used, no text is searched.
    pub fn with_names(mut self, names: Names) -> Self {
        self.names = names;
        self
    }

    /// The model that finds names; none where the rules do so alone.
    pub fn names_model(&self) -> Option<&str> {
        self.names.model()
    }

    /// Puts tokens that this key opens in the place of values. A secret gets a label all the same: it has no way back.
    pub fn with_tokens(mut self, key: TokenKey) -> Self {
        self.replacement = Replacement::Token(key);
        self
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::standard()
    }
}

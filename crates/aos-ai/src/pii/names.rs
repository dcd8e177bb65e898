//! Names that a model finds, beside the rules: what it is asked through, and what holds where both find something.

use super::finding::Found;
use super::{Class, Error};
use std::ops::Range;
use std::sync::Arc;

/// Why a finding is one that a model made.
pub(super) const BY_MODEL: &str = "model";

/// A name that a model found in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// [`Class::PersonName`], [`Class::Organization`] or [`Class::Location`].
    pub class: Class,
    /// Its place in bytes of UTF-8, at the bounds of characters.
    pub bytes: Range<usize>,
    /// The model's own probability, from 0 to 1.
    pub score: f32,
}

/// A model on this machine that finds names.
pub trait NameModel: Send + Sync {
    /// What people call it.
    fn name(&self) -> &str;

    /// Returns the names of each text, in the order of the texts and within them. It computes, and keeps its thread busy.
    ///
    /// # Errors
    /// Why it cannot be used, without any of the text.
    fn find(&self, texts: &[&str]) -> Result<Vec<Vec<Name>>, String>;
}

/// The model that finds names, or none: then the rules find what they can. Cloning it is cheap and gives the same.
#[derive(Clone, Default)]
pub struct Names(Option<Arc<dyn NameModel>>);

impl Names {
    pub fn by(model: Arc<dyn NameModel>) -> Self {
        Self(Some(model))
    }

    /// What the model is called; none where there is none.
    pub fn model(&self) -> Option<&str> {
        self.0.as_deref().map(NameModel::name)
    }

    /// Returns what the model finds in each text; nothing of any where there is none.
    ///
    /// # Errors
    /// [`Error::Names`]: a text that the model could not read was not searched.
    pub(super) fn find(&self, texts: &[&str]) -> Result<Vec<Vec<Name>>, Error> {
        let Some(model) = self.0.as_ref().filter(|_| !texts.is_empty()) else {
            return Ok(texts.iter().map(|_| Vec::new()).collect());
        };
        let failed = |why: String| Error::Names { model: model.name().to_owned(), why };
        let found = model.find(texts).map_err(failed)?;
        let is_whole = found.len() == texts.len()
            && found
                .iter()
                .zip(texts)
                .all(|(names, text)| names.iter().all(|name| text.get(name.bytes.clone()).is_some()));
        if is_whole { Ok(found) } else { Err(failed("it names places that are not in the text".into())) }
    }
}

impl std::fmt::Debug for Names {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Names({:?})", self.model())
    }
}

/// Adds what a model found to what the rules did.
///
/// What has a form (a number, an address, a date) is not taken apart by a name that stands in it. Where rules and model find the same class,
/// both are one finding that reaches as far as either.
pub(super) fn add(found: &mut Vec<Found>, names: Vec<Name>) {
    for Name { class, bytes, score } in names {
        let touches = |other: &Found| other.bytes.start < bytes.end && bytes.start < other.bytes.end;
        if found.iter().any(|other| touches(other) && !is_name(other.class)) {
            continue;
        }
        let mut name = Found { class, kind: class.as_str(), bytes: bytes.clone(), score, because: vec![BY_MODEL] };
        let (same, others) =
            std::mem::take(found).into_iter().partition(|other| touches(other) && other.class == class);
        *found = others;
        let same: Vec<Found> = same;
        for other in same {
            name.bytes = name.bytes.start.min(other.bytes.start)..name.bytes.end.max(other.bytes.end);
            name.score = name.score.max(other.score);
            name.because.extend(other.because);
        }
        name.because.sort_unstable();
        name.because.dedup();
        found.push(name);
    }
}

fn is_name(class: Class) -> bool {
    matches!(class, Class::PersonName | Class::Organization | Class::Location)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(class: Class, bytes: Range<usize>, score: f32) -> Found {
        Found { class, kind: class.as_str(), bytes, score, because: vec!["form"] }
    }

    fn name(class: Class, bytes: Range<usize>) -> Name {
        Name { class, bytes, score: 0.9 }
    }

    #[test]
    fn a_name_does_not_take_a_number_or_an_address_apart() {
        let mut all = vec![found(Class::Address, 0..30, 0.6)];
        add(&mut all, vec![name(Class::Location, 20..26), name(Class::PersonName, 40..45)]);
        assert_eq!(all.iter().map(|found| found.class).collect::<Vec<_>>(), [Class::Address, Class::PersonName]);
    }

    #[test]
    fn what_rules_and_model_both_find_reaches_as_far_as_either() {
        let mut all = vec![found(Class::PersonName, 0..4, 0.95)];
        add(&mut all, vec![name(Class::PersonName, 2..12)]);
        assert_eq!((all.len(), all[0].bytes.clone(), all[0].score), (1, 0..12, 0.95));
        assert_eq!(all[0].because, ["form", "model"]);
    }
}

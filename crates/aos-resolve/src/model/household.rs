//! People of one house: they share the family name, a telephone and often an address for mail, and are several all the same.

use super::{Model, Prepared, Weights};
use crate::calibration::logit;
use crate::class::Class;
use crate::compare::{Level, generation};
use crate::mail::plain;

/// What the fields of given names are called.
const GIVEN: [&str; 6] = ["first", "given", "fore", "vorname", "prenom", "nombre"];
/// How far below the line of a link, in probability, such a pair is held: people decide about it.
const BELOW_LINK: f64 = 0.05;
/// Letters of a given name that a local part is known by.
const NAME_MIN: usize = 3;

impl Model {
    /// Where something tells two people apart, what a house or a firm shares makes no link by itself: a person is asked.
    pub(super) fn doubt_households(&self, a: &Prepared, b: &Prepared, weights: &mut Weights) {
        if !self.are_other_names(a, b, weights) && !self.are_other_mails(weights) {
            return;
        }
        let line = (logit(self.limits.link - BELOW_LINK) - self.calibration.offset) / self.calibration.slope;
        let evidence: f64 = weights.iter().flatten().map(|(_, weight)| weight).sum();
        let mut over = evidence + self.prior_log_odds(&a.key.source, &b.key.source) - line;
        for (model, weight) in self.fields.iter().zip(weights.iter_mut()) {
            // A date of birth or a number of one's own is not shared.
            if let Some((_, weight)) = weight
                && !matches!(model.field.class, Class::Date | Class::Code)
            {
                let less = over.min(*weight).max(0.0);
                *weight -= less;
                over -= less;
            }
        }
    }

    /// Whether given names differ where mail or a telephone is shared, or father and son are told apart.
    ///
    /// Mail that is equal and names one of the two is theirs alone, whatever they are called elsewhere ("bob" and "robert.smith@").
    fn are_other_names(&self, a: &Prepared, b: &Prepared, weights: &Weights) -> bool {
        let (mut given_differ, mut generations_differ, mut names) = (false, false, Vec::new());
        for (at, model) in self.fields.iter().enumerate().filter(|(_, model)| model.field.class == Class::Person) {
            let (Some(of_a), Some(of_b)) = (&a.cells[at], &b.cells[at]) else { continue };
            let differ = level(weights, at) == Some(Level::Different);
            generations_differ |= differ && generation(&of_a.text).is_some() && generation(&of_b.text).is_some();
            let name = model.field.name.to_lowercase();
            if GIVEN.iter().any(|given| name.contains(given)) {
                given_differ |= differ;
                names.extend([plain(&of_a.text), plain(&of_b.text)]);
            }
        }
        let is_shared = |class: Class| {
            self.of_class(class).any(|at| level(weights, at).is_some_and(|level| level <= Level::Similar))
        };
        if !given_differ || !(is_shared(Class::Email) || is_shared(Class::Phone)) {
            return generations_differ;
        }
        !self.of_class(Class::Email).any(|at| {
            let local = a.cells[at].as_ref().and_then(|mail| Some(plain(mail.text.rsplit_once('@')?.0)));
            level(weights, at) == Some(Level::Equal)
                && local.is_some_and(|local| names.iter().any(|name| name.len() >= NAME_MIN && local.contains(name)))
        })
    }

    /// Whether mail looks like that of two people of one name, and no telephone says otherwise.
    fn are_other_mails(&self, weights: &Weights) -> bool {
        let is_phone_one =
            self.of_class(Class::Phone).any(|at| level(weights, at).is_some_and(|level| level <= Level::Similar));
        let is_mail_two = self.of_class(Class::Email).any(|at| level(weights, at) == Some(Level::Loosely));
        is_mail_two && !is_phone_one
    }

    fn of_class(&self, class: Class) -> impl Iterator<Item = usize> {
        (0..self.fields.len()).filter(move |at| self.fields[*at].field.class == class)
    }
}

fn level(weights: &Weights, at: usize) -> Option<Level> {
    weights[at].map(|(level, _)| level)
}

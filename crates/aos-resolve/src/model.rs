//! The model of Fellegi and Sunter (1969): what it is worth that two records agree or differ in a field.
//!
//! For each field and level of likeness there are two probabilities: `m`, that the same thing has it, and `u`, that two different
//! things have it. The logarithm of their ratio is the weight; weights add up, on top of how rare matches are at all. Where values are
//! equal, `u` is how common just this value is (the frequency-based weights of Winkler, 1989). A field that agrees anyway whenever another one does
//! (a town with its postcode, a phone with its company) adds only what it says beyond that one: among different things each field may
//! depend on one other, a tree in the manner of Chow and Liu (1968).

mod household;

use crate::calibration::Calibration;
use crate::class::Class;
use crate::compare::{LEVELS, Level, compare};
use crate::frequency::Frequencies;
use crate::mail::{is_provider, says_names_only};
use crate::normal::Normal;
use crate::record::{Field, Record, RecordKey};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the prior of `u` for equal values weighs at most, in records.
const EQUAL_PRIOR: f64 = 1000.0;

/// A domain that at least so many records use, and at least this part of those that use another one, is no slip of the pen for that one.
const DOMAIN_USED_MIN: u32 = 3;
const DOMAIN_SLIPS_MAX: f64 = 0.02;

/// From which probability on pairs are linked, and from which on a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    pub link: f64,
    pub review: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { link: 0.75, review: 0.3 }
    }
}

/// A fitted model. It holds all that scores depend on besides the two records, so that the same pair always scores the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub(crate) fields: Vec<FieldModel>,
    pub(crate) rates: Rates,
    /// Keys that too many records share to compare all of them, sorted.
    pub(crate) common: Vec<u64>,
    /// Sources in which no thing is found twice.
    pub(crate) clean: BTreeSet<String>,
    pub calibration: Calibration,
    pub limits: Limits,
    /// How many records it was fitted on.
    pub fitted_on: u64,
    /// How many pairs of them were compared.
    pub compared: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FieldModel {
    pub field: Field,
    pub m: [f64; LEVELS],
    pub u: [f64; LEVELS],
    /// The field that this one depends on among different things, and `u` when that one agrees.
    pub after: Option<(usize, [f64; LEVELS])>,
    pub frequencies: Frequencies,
}

/// How probable it is, before looking, that two records are of the same thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rates {
    pub across: f64,
    /// By source; a source that is not here has the rate across.
    pub within: BTreeMap<String, f64>,
}

/// A record in the form in which it is compared.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub key: RecordKey,
    pub cells: Vec<Option<Normal>>,
}

/// A field of a pair: its level and its weight as a natural logarithm, or nothing where a value is missing.
pub(crate) type Weights = Vec<Option<(Level, f64)>>;

impl Model {
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().map(|model| &model.field)
    }

    pub(crate) fn prepare(&self, record: &Record) -> Prepared {
        let cells = self.fields.iter().zip(&record.values).map(|(model, value)| {
            let mut normal = Normal::of(model.field.class, value.as_deref()?)?;
            normal.weigh(|word| model.frequencies.rarity(word));
            Some(normal)
        });
        Prepared { key: record.key.clone(), cells: cells.collect() }
    }

    /// Compares two records field by field.
    pub(crate) fn weights(&self, a: &Prepared, b: &Prepared) -> Weights {
        let levels = self.levels(a, b);
        let mut weights = Weights::with_capacity(levels.len());
        for (at, model) in self.fields.iter().enumerate() {
            weights.push(levels[at].map(|level| {
                let hash = |record: &Prepared| record.cells[at].as_ref().map_or(0, |cell| cell.hash);
                (level, model.weight(level, (hash(a), hash(b)), &levels))
            }));
        }
        self.doubt_households(a, b, &mut weights);
        weights
    }

    pub(crate) fn levels(&self, a: &Prepared, b: &Prepared) -> Vec<Option<Level>> {
        let mut levels: Vec<Option<Level>> = Vec::with_capacity(self.fields.len());
        for (at, model) in self.fields.iter().enumerate() {
            levels.push(match (&a.cells[at], &b.cells[at]) {
                (Some(a), Some(b)) => Some(compare(model.field.class, a, b)),
                _ => None,
            });
        }
        self.see_swaps(a, b, &mut levels);
        self.see_domains(a, b, &mut levels);
        levels
    }

    /// One local part at two domains. Where it only says the names again, which are compared by themselves, it is no agreement: two firms
    /// speak against one person, and an address that anybody can have says nothing.
    fn see_domains(&self, a: &Prepared, b: &Prepared, levels: &mut [Option<Level>]) {
        for (at, model) in self.fields.iter().enumerate() {
            let (Class::Email, Some(Level::Nearly | Level::Similar), (Some(mail_a), Some(mail_b))) =
                (model.field.class, levels[at], (&a.cells[at], &b.cells[at]))
            else {
                continue;
            };
            let (Some((local_a, domain_a)), Some((local_b, domain_b))) =
                (mail_a.text.rsplit_once('@'), mail_b.text.rsplit_once('@'))
            else {
                continue;
            };
            if domain_a == domain_b || (levels[at] == Some(Level::Nearly) && !model.are_two_domains(mail_a, mail_b)) {
                continue;
            }
            let names_only = |local: &str, record: &Prepared| says_names_only(local, self.names_of(record));
            if !names_only(local_a, a) && !names_only(local_b, b) {
                levels[at] = Some(Level::Similar);
            } else if is_provider(domain_a) || is_provider(domain_b) {
                levels[at] = None;
            } else {
                levels[at] = Some(Level::Different);
            }
        }
    }

    fn names_of<'r>(&'r self, record: &'r Prepared) -> impl Iterator<Item = &'r Normal> {
        let cells = self.fields.iter().zip(&record.cells);
        cells.filter(|(model, _)| model.field.class == Class::Person).filter_map(|(_, cell)| cell.as_ref())
    }

    /// Given and family name, or two lines of an address, that stand in each other's place are similar.
    fn see_swaps(&self, a: &Prepared, b: &Prepared, levels: &mut [Option<Level>]) {
        let differs = |level: Option<Level>| level.is_none_or(|level| level >= Level::Loosely);
        for first in 0..self.fields.len() {
            let class = self.fields[first].field.class;
            if !matches!(class, Class::Person | Class::Address) || !differs(levels[first]) {
                continue;
            }
            for second in first + 1..self.fields.len() {
                if self.fields[second].field.class != class || !differs(levels[second]) {
                    continue;
                }
                let agree = |one: usize, other: usize| match (&a.cells[one], &b.cells[other]) {
                    (Some(a), Some(b)) => compare(class, a, b) <= Level::Nearly,
                    _ => false,
                };
                if agree(first, second) && agree(second, first) {
                    (levels[first], levels[second]) = (Some(Level::Nearly), Some(Level::Similar));
                }
            }
        }
    }

    /// Returns the natural log odds that both are of the same thing, before the scale.
    pub(crate) fn log_odds(&self, a: &Prepared, b: &Prepared) -> f64 {
        let evidence: f64 = self.weights(a, b).into_iter().flatten().map(|(_, weight)| weight).sum();
        evidence + self.prior_log_odds(&a.key.source, &b.key.source)
    }

    pub(crate) fn prior_log_odds(&self, a: &str, b: &str) -> f64 {
        crate::calibration::logit(self.rates.of(a, b))
    }
}

impl Rates {
    pub fn of(&self, a: &str, b: &str) -> f64 {
        if a == b { self.within.get(a).copied().unwrap_or(self.across) } else { self.across }
    }
}

impl FieldModel {
    /// Returns the natural logarithm of `m` over `u` at a level of two values; mail and telephones that are nearly equal never earn more than equal ones.
    pub fn weight(&self, level: Level, values: (u64, u64), levels: &[Option<Level>]) -> f64 {
        let at = level as usize;
        let mut own = (self.m[at] / self.u_at(level, values.0)).ln();
        if matches!(self.field.class, Class::Email | Class::Phone) && level != Level::Equal && own > 0.0 {
            let common = self.u_of_value(values.0).max(self.u_of_value(values.1));
            own = own.min((self.m[0] / common).ln().max(0.0));
        }
        match &self.after {
            Some((other, given)) if own > 0.0 && levels[*other].is_some_and(|level| level <= Level::Nearly) => {
                own.min((self.m[at] / given[at]).ln()).max(0.0)
            }
            _ => own,
        }
    }

    pub fn u_at(&self, level: Level, value: u64) -> f64 {
        if level == Level::Equal { self.u_of_value(value) } else { self.u[level as usize] }
    }

    /// Whether two domains that are one slip apart are two of their own, and not one and its slip: both are used by several records.
    fn are_two_domains(&self, a: &Normal, b: &Normal) -> bool {
        let used = |mail: &Normal| mail.words.first().map_or(0, |domain| self.frequencies.word(domain.hash));
        let (few, many) = (used(a).min(used(b)), used(a).max(used(b)));
        few >= DOMAIN_USED_MIN && f64::from(few) >= DOMAIN_SLIPS_MAX * f64::from(many)
    }

    /// Returns how probable it is that a different thing has just this value.
    fn u_of_value(&self, value: u64) -> f64 {
        let others = f64::from(self.frequencies.others(value));
        let total = f64::from(self.frequencies.total.saturating_sub(1)).max(1.0);
        // What is not seen elsewhere is no rarer than the field's values are, as far as one more record could tell.
        let prior = prior_u(self.field.class)[0].max(self.u[0]);
        let weight = EQUAL_PRIOR.min(1.0 / prior);
        let held = (others + weight * prior) / (total + weight);
        // What more than two records have is known well enough to need no prior.
        if others >= 2.0 { held.max(others / total).min(0.999) } else { held }
    }
}

/// The shipped `m`: how often records of the same thing come out at each level.
pub(crate) fn prior_m(class: Class) -> [f64; LEVELS] {
    match class {
        Class::Person => [0.80, 0.08, 0.06, 0.02, 0.04],
        Class::Organisation => [0.62, 0.16, 0.11, 0.07, 0.04],
        Class::Email => [0.75, 0.06, 0.05, 0.03, 0.11],
        Class::Phone => [0.74, 0.06, 0.03, 0.05, 0.12],
        Class::Web => [0.80, 0.06, 0.03, 0.02, 0.09],
        Class::Address => [0.56, 0.20, 0.10, 0.06, 0.08],
        Class::Place => [0.74, 0.07, 0.07, 0.04, 0.08],
        Class::Code => [0.86, 0.06, 0.02, 0.01, 0.05],
        Class::Date => [0.86, 0.06, 0.03, 0.02, 0.03],
        Class::Number => [0.60, 0.10, 0.10, 0.08, 0.12],
        Class::Category => [0.70, 0.04, 0.06, 0.05, 0.15],
        Class::Text => [0.45, 0.15, 0.15, 0.15, 0.10],
    }
}

/// The shipped `u`: how often records of different things come out at each level.
pub(crate) fn prior_u(class: Class) -> [f64; LEVELS] {
    let [equal, nearly, similar, loosely] = match class {
        Class::Person => [0.003, 0.004, 0.01, 0.03],
        Class::Organisation => [0.0003, 0.001, 0.004, 0.03],
        Class::Email => [1e-6, 2e-6, 1e-4, 1e-3],
        Class::Phone => [1e-5, 2e-5, 2e-5, 1e-3],
        Class::Web => [1e-4, 1e-4, 1e-4, 1e-3],
        Class::Address => [1e-4, 3e-4, 1e-3, 0.02],
        Class::Place => [0.03, 0.005, 0.02, 0.05],
        Class::Code => [1e-4, 2e-4, 5e-4, 1e-3],
        Class::Date => [2e-4, 1e-3, 5e-3, 0.05],
        Class::Number => [0.01, 0.01, 0.04, 0.1],
        Class::Category => [0.15, 0.01, 0.05, 0.1],
        Class::Text => [5e-4, 1e-3, 5e-3, 0.04],
    };
    [equal, nearly, similar, loosely, 1.0 - equal - nearly - similar - loosely]
}

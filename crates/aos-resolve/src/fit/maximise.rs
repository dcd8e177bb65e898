//! Expectation maximisation over the compared pairs.

use super::strata::Strata;
use crate::calibration::logit;
use crate::class::Class;
use crate::compare::{LEVELS, Level};
use crate::model::{FieldModel, Model, prior_m};
use std::collections::HashMap;

const ROUNDS: usize = 40;
const CONVERGED: f64 = 1e-4;
/// What the shipped `m` weighs: in pairs, and as a part of the matches there are, so that no crowd of pairs that merely have something
/// in common is taken for matches whose other fields differ.
const M_PRIOR: f64 = 8.0;
const M_PRIOR_SHARE: f64 = 0.15;
/// What the expected rate of matches weighs, in matches.
const RATE_PRIOR: f64 = 2.0;
/// Within one source a thing may well be there several times: rivals count by this part.
const RIVALS_WITHIN: f64 = 0.25;
const LOG_ODDS_MAX: f64 = 25.0;
/// A source is clean when fewer than this part of its records have a twin in it.
const CLEAN_MAX: f64 = 0.02;
/// Fewer records than this say nothing about whether a source is clean.
const CLEAN_RECORDS_MIN: usize = 30;

/// A compared pair.
pub(super) struct Compared {
    pub a: u32,
    pub b: u32,
    pub stratum: usize,
    pub levels: Vec<Option<Level>>,
    /// The natural logarithm of `u` for each field.
    pub u: Vec<f32>,
}

/// Fits `m` and the rates of matches. Each compared pair stands for `weight` pairs.
pub(super) fn maximise(model: &mut Model, compared: &[Compared], strata: &Strata, weight: f64) {
    let across = strata.sources.len();
    let mut rates: Vec<f64> = (0..=across).map(|stratum| strata.prior_rate(stratum)).collect();
    let mut matches = vec![0.0; across + 1];
    for _ in 0..ROUNDS {
        let odds = odds(model, compared, &rates);
        let rivals = Rivals::of(compared, &odds);
        matches = vec![0.0; across + 1];
        let mut counts = vec![[0.0; LEVELS]; model.fields.len()];
        for (pair, odds) in compared.iter().zip(&odds) {
            let part = if pair.stratum == across { 1.0 } else { RIVALS_WITHIN };
            let p = weight * odds / (1.0 + odds + part * rivals.odds(pair, *odds));
            if p < 1e-9 {
                continue;
            }
            matches[pair.stratum] += p;
            for (counts, level) in counts.iter_mut().zip(&pair.levels) {
                if let Some(level) = level {
                    counts[*level as usize] += p;
                }
            }
        }
        for (field, counts) in model.fields.iter_mut().zip(&counts) {
            let strength = M_PRIOR + M_PRIOR_SHARE * counts.iter().sum::<f64>();
            field.m = shares(counts, &prior_m(field.field.class), strength);
            if matches!(field.field.class, Class::Phone | Class::Code | Class::Web) {
                // Numbers that begin alike are of one town or one series, and hosts a letter apart are two: no sign of one thing.
                let loosely = Level::Loosely as usize;
                field.m[loosely] = field.m[loosely].min(field.u[loosely]);
            }
            keep_order(field);
        }
        let mut moved: f64 = 0.0;
        for (stratum, rate) in rates.iter_mut().enumerate() {
            let (pairs, prior) = (strata.pairs(stratum).max(1.0), strata.prior_rate(stratum));
            let new = ((matches[stratum] + RATE_PRIOR) / (pairs + RATE_PRIOR / prior)).clamp(1e-9, 0.5);
            moved = moved.max((new / *rate).ln().abs());
            *rate = new;
        }
        if moved < CONVERGED {
            break;
        }
    }
    model.rates.across = rates[across];
    model.rates.within = strata.sources.iter().cloned().zip(rates).collect();
    let clean = strata.sources.iter().enumerate().filter(|(at, _)| {
        strata.records[*at] >= CLEAN_RECORDS_MIN && matches[*at] < CLEAN_MAX * strata.records[*at] as f64
    });
    model.clean = clean.map(|(_, source)| source.clone()).collect();
}

fn odds(model: &Model, compared: &[Compared], rates: &[f64]) -> Vec<f64> {
    let prior: Vec<f64> = rates.iter().map(|rate| logit(*rate)).collect();
    let m: Vec<[f64; LEVELS]> = model.fields.iter().map(|field| field.m.map(f64::ln)).collect();
    let given: Vec<_> = model
        .fields
        .iter()
        .map(|field| field.after.as_ref().map(|(other, given)| (*other, given.map(f64::ln))))
        .collect();
    let pair_odds = |pair: &Compared| {
        let mut log_odds = prior[pair.stratum];
        for (at, level) in pair.levels.iter().enumerate() {
            let Some(level) = level else { continue };
            let m = m[at][*level as usize];
            let own = m - f64::from(pair.u[at]);
            log_odds += match &given[at] {
                Some((other, given))
                    if own > 0.0 && pair.levels[*other].is_some_and(|level| level <= Level::Nearly) =>
                {
                    own.min(m - given[*level as usize]).max(0.0)
                }
                _ => own,
            };
        }
        log_odds.min(LOG_ODDS_MAX).exp()
    };
    crate::parallel::in_parallel(compared, pair_odds)
}

/// What else the two records of a pair could match with: all odds of each record, towards its own and towards other sources.
struct Rivals(HashMap<(u32, usize), f64>);

impl Rivals {
    fn of(compared: &[Compared], odds: &[f64]) -> Self {
        let mut sums: HashMap<(u32, usize), f64> = HashMap::new();
        for (pair, odds) in compared.iter().zip(odds).filter(|(_, odds)| **odds > 1e-6) {
            *sums.entry((pair.a, pair.stratum)).or_default() += odds;
            *sums.entry((pair.b, pair.stratum)).or_default() += odds;
        }
        Self(sums)
    }

    fn odds(&self, pair: &Compared, own: f64) -> f64 {
        let all = |record: u32| self.0.get(&(record, pair.stratum)).copied().unwrap_or(0.0);
        (all(pair.a) + all(pair.b) - 2.0 * own).max(0.0)
    }
}

/// Counts and a prior of this strength, as shares.
pub(super) fn shares(counts: &[f64; LEVELS], prior: &[f64; LEVELS], strength: f64) -> [f64; LEVELS] {
    let total: f64 = counts.iter().sum();
    std::array::from_fn(|level| (counts[level] + strength * prior[level]) / (total + strength))
}

/// More likeness is never worth less: levels that are out of order share their weight (pool adjacent violators, Ayer et al., 1955).
fn keep_order(field: &mut FieldModel) {
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(LEVELS);
    for (m, u) in field.m.into_iter().zip(field.u) {
        pools.push((m, u, 1));
        while let [.., (m1, u1, n1), (m2, u2, n2)] = pools[..]
            && m1 * u2 < m2 * u1
        {
            pools.truncate(pools.len() - 2);
            pools.push((m1 + m2, u1 + u2, n1 + n2));
        }
    }
    let mut level = 0;
    for (m, u, count) in pools {
        for _ in 0..count {
            field.m[level] = field.u[level] * m / u;
            level += 1;
        }
    }
}

//! Fits the model on records that nobody has labelled.
//!
//! `u` and the frequencies come from pairs taken at random, which are of different things as good as always. `m` and the rates of
//! matches come from expectation maximisation (Dempster, Laird and Rubin, 1977; for linkage Winkler, 1988) over the pairs that share a
//! key, where all other pairs count as different: keys then bias nothing but what they miss. The shipped prior counts like some pairs
//! more (Dirichlet), so that few records give sensible weights too.

mod dependence;
mod maximise;
mod strata;

use crate::block::{common_keys, keys};
use crate::calibration::Calibration;
use crate::class::Class;
use crate::compare::{LEVELS, Level};
use crate::frequency::Frequencies;
use crate::model::{FieldModel, Limits, Model, Prepared, Rates, prior_m, prior_u};
use crate::normal::Normal;
use crate::record::{Field, Record};
use crate::sample::Draws;
use dependence::fit_dependence;
use maximise::{Compared, maximise};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use strata::Strata;

const RANDOM_PAIRS: usize = 60_000;
/// Pairs that the maximisation goes over; of more, those of some records.
const FITTED_PAIRS: usize = 250_000;
/// More pairs of one thing than this among those taken at random are told from the others.
const SAME_MAX: f64 = 10.0;
/// At least this part of what is counted at random stays different, whatever the matches say.
const DIFFERENT_MIN: f64 = 0.1;
/// What the shipped `u` weighs, in pairs.
const U_PRIOR: f64 = 400.0;

/// Fits a model for records of these fields. The same records give the same model, in whatever order they come.
pub fn fit(fields: &[Field], records: &[Record]) -> Model {
    let mut records: Vec<&Record> = records.iter().collect();
    records.sort_by(|a, b| a.key.cmp(&b.key));
    let mut model = start(fields, &records);
    let prepared: Vec<Prepared> = records.iter().map(|record| model.prepare(record)).collect();
    let random = random_levels(&model, &prepared);
    set_u(&mut model, &random, 0.0);
    let classes: Vec<Class> = fields.iter().map(|field| field.class).collect();
    model.common = common_keys(&classes, &prepared);
    let pairs = pairs(&classes, &prepared, &model.common);
    model.compared = pairs.len() as u64;
    let (pairs, weight) = some(pairs);
    let strata = Strata::of(&prepared);
    let mut compared = compared(&model, &prepared, &strata, &pairs);
    // What goes along with what is looked for first under the shipped weights: else a crowd that has a town and its area code in
    // common is taken for matches.
    model.rates = strata.prior_rates();
    fit_dependence(&mut model, &prepared);
    maximise(&mut model, &compared, &strata, weight);
    // Of few records many pairs taken at random are of one thing; now that it is known how many, they are left out.
    let same = strata.matches(&model.rates) / (records.len() as f64).powi(2) * 2.0;
    if same * RANDOM_PAIRS as f64 > SAME_MAX {
        set_u(&mut model, &random, same);
        for pair in &mut compared {
            pair.u = logs_of_u(&model, &prepared[pair.a as usize], &pair.levels);
        }
        maximise(&mut model, &compared, &strata, weight);
    }
    model
}

/// Chooses the pairs of some records when there are too many, and tells for how many each of them stands.
fn some(pairs: Vec<(u32, u32)>) -> (Vec<(u32, u32)>, f64) {
    let every = u32::try_from(pairs.len().div_ceil(FITTED_PAIRS)).unwrap_or(u32::MAX);
    if every <= 1 {
        return (pairs, 1.0);
    }
    // A pair is in when either record is.
    let every = every * 2;
    let chosen = |record: u32| record.wrapping_mul(2_654_435_761).is_multiple_of(every);
    let all = pairs.len() as f64;
    let some: Vec<(u32, u32)> = pairs.into_iter().filter(|(a, b)| chosen(*a) || chosen(*b)).collect();
    let weight = all / some.len().max(1) as f64;
    (some, weight)
}

fn start(fields: &[Field], records: &[&Record]) -> Model {
    let mut model = Model {
        fields: Vec::new(),
        rates: Rates { across: 0.0, within: BTreeMap::new() },
        common: Vec::new(),
        clean: BTreeSet::new(),
        calibration: Calibration::default(),
        limits: Limits::default(),
        fitted_on: records.len() as u64,
        compared: 0,
    };
    // Records come in the order of their sources.
    let sources: Vec<usize> = records
        .chunk_by(|a, b| a.key.source == b.key.source)
        .enumerate()
        .flat_map(|(source, own)| std::iter::repeat_n(source, own.len()))
        .collect();
    for (at, field) in fields.iter().enumerate() {
        let normals: Vec<(usize, Normal)> = records
            .iter()
            .zip(&sources)
            .filter_map(|(record, source)| {
                Some((*source, Normal::of(field.class, record.values.get(at)?.as_deref()?)?))
            })
            .collect();
        let counted: Vec<(usize, &Normal)> = normals.iter().map(|(source, normal)| (*source, normal)).collect();
        model.fields.push(FieldModel {
            field: field.clone(),
            m: prior_m(field.class),
            u: prior_u(field.class),
            after: None,
            frequencies: Frequencies::of(&counted),
        });
    }
    model
}

/// Counts the levels of pairs taken at random, by field.
fn random_levels(model: &Model, records: &[Prepared]) -> Vec<[f64; LEVELS]> {
    let mut counts = vec![[0.0; LEVELS]; model.fields.len()];
    let mut draws = Draws::new(1);
    let possible = records.len() * records.len().saturating_sub(1) / 2;
    for _ in 0..RANDOM_PAIRS.min(possible * 2) {
        let (a, b) = (draws.below(records.len()), draws.below(records.len()));
        if a == b {
            continue;
        }
        for (counts, level) in counts.iter_mut().zip(model.levels(&records[a], &records[b])) {
            if let Some(level) = level {
                counts[level as usize] += 1.0;
            }
        }
    }
    counts
}

/// Sets `u` by what is counted of pairs taken at random, of which this part is of one thing after all.
fn set_u(model: &mut Model, counts: &[[f64; LEVELS]], same: f64) {
    for (field, counts) in model.fields.iter_mut().zip(counts) {
        let prior = prior_u(field.field.class);
        let total: f64 = counts.iter().sum();
        for level in 0..LEVELS {
            let different = (counts[level] - same * total * field.m[level]).max(counts[level] * DIFFERENT_MIN);
            field.u[level] = (different + U_PRIOR * prior[level]) / (total + U_PRIOR);
        }
        // How often values are equal is known exactly, not only from the draw.
        let pairs = field.frequencies.pairs;
        let equal = (field.frequencies.collision * pairs + U_PRIOR * prior[0]) / (pairs + U_PRIOR);
        let rest: f64 = field.u[1..].iter().sum();
        field.u[0] = equal.clamp(1e-9, 0.999);
        for level in 1..LEVELS {
            field.u[level] *= (1.0 - field.u[0]) / rest;
        }
    }
}

/// Compares the pairs, once; their `u` follows the model.
fn compared(model: &Model, records: &[Prepared], strata: &Strata, pairs: &[(u32, u32)]) -> Vec<Compared> {
    crate::parallel::in_parallel(pairs, |&(at, bt)| {
        let (a, b) = (&records[at as usize], &records[bt as usize]);
        let levels = model.levels(a, b);
        Compared { a: at, b: bt, stratum: strata.stratum(a, b), u: logs_of_u(model, a, &levels), levels }
    })
}

fn logs_of_u(model: &Model, record: &Prepared, levels: &[Option<Level>]) -> Vec<f32> {
    let fields = model.fields.iter().zip(&record.cells).zip(levels);
    let logs = fields.map(|((field, cell), level)| match (cell, level) {
        (Some(cell), Some(level)) => field.u_at(*level, cell.hash).ln() as f32,
        _ => 0.0,
    });
    logs.collect()
}

/// The pairs of records that share a key, each once.
fn pairs(classes: &[Class], records: &[Prepared], common: &[u64]) -> Vec<(u32, u32)> {
    let mut blocks: HashMap<u64, Vec<u32>> = HashMap::new();
    for (at, record) in records.iter().enumerate() {
        for key in keys(classes, record, common) {
            blocks.entry(key).or_default().push(u32::try_from(at).unwrap_or(u32::MAX));
        }
    }
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for block in blocks.values() {
        for (at, a) in block.iter().enumerate() {
            pairs.extend(block[at + 1..].iter().map(|b| (*a, *b)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

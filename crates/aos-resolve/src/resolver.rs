//! Holds records under a model and answers which belong together. A record that comes, changes or goes moves only what it touches.

mod uncertain;

use crate::block::keys;
use crate::calibration::logit;
use crate::class::Class;
use crate::cluster::{Cluster, Link, Ruling, Verdict, cluster};
use crate::compete::{Neighbours, Rival, against};
use crate::explain::{FieldEvidence, PairEvidence};
use crate::model::{Model, Prepared};
use crate::parallel::in_parallel;
use crate::record::{Record, RecordKey};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
pub use uncertain::Uncertain;

/// Pairs with lower log odds than this are as good as impossible and not kept.
const KEPT_LOG_ODDS_MIN: f64 = -4.0;

/// Two records with the probability that they are of the same thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    pub left: RecordKey,
    pub right: RecordKey,
    pub probability: f64,
    /// The model's natural log odds, to which a decision about the pair is kept.
    pub log_odds: f64,
}

pub struct Resolver {
    model: Model,
    classes: Vec<Class>,
    /// None where a record was taken out.
    rows: Vec<Option<Row>>,
    places: BTreeMap<RecordKey, u32>,
    blocks: HashMap<u64, Vec<u32>>,
    neighbours: Vec<Neighbours>,
    /// What people ruled, from both sides.
    rulings: BTreeMap<RecordKey, Vec<(RecordKey, Verdict)>>,
    touched: BTreeSet<u32>,
}

struct Row {
    record: Record,
    prepared: Prepared,
    keys: Vec<u64>,
}

impl Resolver {
    /// Takes all records at once.
    pub fn new(model: Model, records: Vec<Record>) -> Self {
        let classes = model.fields().map(|field| field.class).collect();
        let mut resolver = Self {
            model,
            classes,
            rows: Vec::with_capacity(records.len()),
            places: BTreeMap::new(),
            blocks: HashMap::new(),
            neighbours: Vec::new(),
            rulings: BTreeMap::new(),
            touched: BTreeSet::new(),
        };
        for record in records {
            resolver.place(record);
        }
        resolver.compare_all();
        resolver
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Sets what people ruled, instead of what was set before.
    pub fn rule(&mut self, rulings: &[Ruling]) {
        let mut both: BTreeMap<RecordKey, Vec<(RecordKey, Verdict)>> = BTreeMap::new();
        for ruling in rulings {
            both.entry(ruling.left.clone()).or_default().push((ruling.right.clone(), ruling.verdict));
            both.entry(ruling.right.clone()).or_default().push((ruling.left.clone(), ruling.verdict));
        }
        let keys = self.rulings.keys().chain(both.keys()).filter_map(|key| self.places.get(key));
        self.touched.extend(keys.copied());
        self.rulings = both;
    }

    /// Takes in a record that is new or has changed.
    pub fn put(&mut self, record: Record) {
        let key = record.key.clone();
        self.remove(&key);
        let place = self.place(record);
        let mut others: Vec<u32> = Vec::new();
        if let Some(row) = &self.rows[place as usize] {
            for key in &row.keys {
                others.extend(self.blocks.get(key).into_iter().flatten().filter(|other| **other != place));
            }
        }
        others.sort_unstable();
        others.dedup();
        for other in others {
            if let Some(log_odds) = self.kept(place, other) {
                self.connect(place, other, log_odds);
            }
        }
        self.touch(place);
    }

    /// Takes a record out, if it is there.
    pub fn remove(&mut self, key: &RecordKey) {
        let Some(place) = self.places.remove(key) else { return };
        self.touch(place);
        self.touched.remove(&place);
        for other in std::mem::take(&mut self.neighbours[place as usize]).into_keys() {
            self.neighbours[other as usize].remove(&place);
        }
        if let Some(row) = self.rows[place as usize].take() {
            for key in row.keys {
                if let Some(block) = self.blocks.get_mut(&key) {
                    block.retain(|member| *member != place);
                }
            }
        }
    }

    /// Returns all clusters, single records included, in the order of their first records.
    pub fn clusters(&self) -> Vec<Cluster> {
        self.clusters_around(self.places.values().copied())
    }

    /// Returns the clusters that may have changed since this was asked last: those of all records that what came, changed or went is
    /// connected with.
    pub fn take_touched(&mut self) -> Vec<Cluster> {
        let touched = std::mem::take(&mut self.touched);
        self.clusters_around(touched.into_iter())
    }

    /// Returns the pairs whose probability is at least this, the surest first.
    pub fn pairs(&self, probability_min: f64) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (at, neighbours) in self.neighbours.iter().enumerate() {
            let a = u32::try_from(at).unwrap_or(u32::MAX);
            for &b in neighbours.keys().filter(|b| **b > a) {
                let log_odds = self.log_odds(a, b);
                let probability = self.model.calibration.probability(log_odds);
                if probability >= probability_min
                    && let (Some(left), Some(right)) = (&self.rows[at], &self.rows[b as usize])
                {
                    let (mut left, mut right) = (left.record.key.clone(), right.record.key.clone());
                    if right < left {
                        std::mem::swap(&mut left, &mut right);
                    }
                    pairs.push(Pair { left, right, probability, log_odds });
                }
            }
        }
        pairs.sort_by(|x, y| {
            y.probability.total_cmp(&x.probability).then((&x.left, &x.right).cmp(&(&y.left, &y.right)))
        });
        pairs
    }

    /// Tells why two records have their probability; none when one of them is not here.
    pub fn explain(&self, left: &RecordKey, right: &RecordKey) -> Option<PairEvidence> {
        let (a, b) = (*self.places.get(left)?, *self.places.get(right)?);
        let (of_a, of_b) = (self.rows[a as usize].as_ref()?, self.rows[b as usize].as_ref()?);
        let bits = |nats: f64| nats / std::f64::consts::LN_2;
        let weights = self.model.weights(&of_a.prepared, &of_b.prepared);
        let fields = self.model.fields().zip(weights).enumerate().map(|(at, (field, weight))| FieldEvidence {
            field: field.name.clone(),
            left: of_a.record.values.get(at).cloned().flatten(),
            right: of_b.record.values.get(at).cloned().flatten(),
            level: weight.map(|(level, _)| level),
            bits: bits(weight.map_or(0.0, |(_, weight)| weight)),
        });
        let alone = self.model.log_odds(&of_a.prepared, &of_b.prepared);
        let log_odds = self.log_odds(a, b);
        Some(PairEvidence {
            probability: self.model.calibration.probability(log_odds),
            prior_bits: bits(self.model.prior_log_odds(&left.source, &right.source)),
            rivals_bits: bits(log_odds - alone),
            fields: fields.collect(),
        })
    }

    /// Returns the model's natural log odds of a pair, to which a decision about it is kept; none when one of them is not here.
    pub fn log_odds_of(&self, left: &RecordKey, right: &RecordKey) -> Option<f64> {
        Some(self.log_odds(*self.places.get(left)?, *self.places.get(right)?))
    }

    fn place(&mut self, record: Record) -> u32 {
        let place = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let prepared = self.model.prepare(&record);
        let keys = keys(&self.classes, &prepared, &self.model.common);
        for key in &keys {
            self.blocks.entry(*key).or_default().push(place);
        }
        self.places.insert(record.key.clone(), place);
        self.rows.push(Some(Row { record, prepared, keys }));
        self.neighbours.push(Neighbours::new());
        place
    }

    fn compare_all(&mut self) {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for block in self.blocks.values() {
            for (at, a) in block.iter().enumerate() {
                pairs.extend(block[at + 1..].iter().map(|b| (*a, *b)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        let kept = in_parallel(&pairs, |&(a, b)| self.kept(a, b));
        for ((a, b), log_odds) in pairs.into_iter().zip(kept) {
            if let Some(log_odds) = log_odds {
                self.connect(a, b, log_odds);
            }
        }
    }

    fn kept(&self, a: u32, b: u32) -> Option<f64> {
        let log_odds = self.own_log_odds(a, b)?;
        (log_odds >= KEPT_LOG_ODDS_MIN).then_some(log_odds)
    }

    fn own_log_odds(&self, a: u32, b: u32) -> Option<f64> {
        let (a, b) = (self.rows[a as usize].as_ref()?, self.rows[b as usize].as_ref()?);
        Some(self.model.log_odds(&a.prepared, &b.prepared))
    }

    fn connect(&mut self, a: u32, b: u32, log_odds: f64) {
        self.neighbours[a as usize].insert(b, log_odds);
        self.neighbours[b as usize].insert(a, log_odds);
    }

    fn touch(&mut self, place: u32) {
        self.touched.insert(place);
        self.touched.extend(self.neighbours[place as usize].keys());
    }

    fn source(&self, place: u32) -> &str {
        self.rows[place as usize].as_ref().map_or("", |row| row.record.key.source.as_str())
    }

    /// Returns the log odds of a pair that is kept or not, in view of its rivals.
    fn log_odds(&self, a: u32, b: u32) -> f64 {
        let own = self.neighbours[a as usize].get(&b).copied();
        let own = own.or_else(|| self.own_log_odds(a, b)).unwrap_or(f64::NEG_INFINITY);
        let (source_a, source_b) = (self.source(a), self.source(b));
        if source_a == source_b {
            return own;
        }
        let (of_a, of_b) = (self.rivals(a, b, source_b), self.rivals(b, a, source_a));
        against(own, of_a.into_iter().chain(of_b))
    }

    /// Lists which other records of the partner's source fit a record, if that source is clean.
    fn rivals(&self, of: u32, partner: u32, source: &str) -> Vec<Rival> {
        if !self.model.clean.contains(source) {
            return Vec::new();
        }
        let own_source = self.source(of);
        let rivals = self.neighbours[of as usize]
            .iter()
            .filter(|(other, _)| **other != partner && self.source(**other) == source);
        rivals
            .map(|(rival, log_odds)| {
                let others = self.neighbours[*rival as usize].iter();
                let best = others
                    .filter(|(other, _)| **other != of && self.source(**other) == own_source)
                    .max_by(|x, y| x.1.total_cmp(y.1).then(y.0.cmp(x.0)));
                let elsewhere = best.map(|(other, placed)| {
                    let left_over = self.neighbours[*other as usize].get(&partner).copied();
                    (*placed, left_over.unwrap_or(f64::NEG_INFINITY))
                });
                Rival { log_odds: *log_odds, elsewhere }
            })
            .collect()
    }

    fn clusters_around(&self, places: impl Iterator<Item = u32>) -> Vec<Cluster> {
        let mut seen = BTreeSet::new();
        let mut clusters = Vec::new();
        for place in places {
            if seen.contains(&place) || self.rows[place as usize].is_none() {
                continue;
            }
            let nodes = self.component(place);
            seen.extend(nodes.iter().copied());
            clusters.extend(self.clusters_of(nodes));
        }
        clusters.sort_by(|a, b| a.records.cmp(&b.records));
        clusters
    }

    /// All records that a record is connected with over kept pairs and rulings, in the order of their keys.
    fn component(&self, place: u32) -> Vec<u32> {
        let mut found = BTreeSet::from([place]);
        let mut open = vec![place];
        while let Some(at) = open.pop() {
            let ruled = self.ruled(at).filter(|(_, verdict)| *verdict == Verdict::Same).map(|(other, _)| other);
            let next: Vec<u32> = self.neighbours[at as usize].keys().copied().chain(ruled).collect();
            open.extend(next.into_iter().filter(|next| found.insert(*next)));
        }
        let mut nodes: Vec<u32> = found.into_iter().collect();
        nodes.sort_by(|a, b| self.key(*a).cmp(&self.key(*b)));
        nodes
    }

    fn ruled(&self, place: u32) -> impl Iterator<Item = (u32, Verdict)> {
        let ruled = self.key(place).and_then(|key| self.rulings.get(key));
        ruled.into_iter().flatten().filter_map(|(other, verdict)| Some((*self.places.get(other)?, *verdict)))
    }

    fn key(&self, place: u32) -> Option<&RecordKey> {
        self.rows[place as usize].as_ref().map(|row| &row.record.key)
    }

    fn clusters_of(&self, nodes: Vec<u32>) -> Vec<Cluster> {
        let mut links = Vec::new();
        for &a in &nodes {
            for &b in self.neighbours[a as usize].keys().filter(|b| **b > a) {
                let probability = self.model.calibration.probability(self.log_odds(a, b));
                if probability >= self.model.limits.link {
                    links.push(Link { a, b, probability });
                }
            }
        }
        let rulings: Vec<(u32, u32, Verdict)> =
            nodes.iter().flat_map(|at| self.ruled(*at).map(|(other, verdict)| (*at, other, verdict))).collect();
        let voice = |a: u32, b: u32| logit(self.model.calibration.probability(self.log_odds(a, b)));
        let groups = cluster(&nodes, &links, &rulings, voice);
        let named = groups.into_iter().map(|(members, cohesion)| Cluster {
            records: members.into_iter().filter_map(|member| self.key(member).cloned()).collect(),
            cohesion,
        });
        named.collect()
    }
}

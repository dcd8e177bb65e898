//! The sample sources against the right mapping of every sample table (`bench/matching/samples.gold.yaml`, which explains its own
//! format). Used by the benchmark and by the regression test.

use aos_core::Ontology;
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape};
use aos_core::value::Value;
use aos_match::{Matcher, TableMatch};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Rows looked at per table, as a connector would sample.
const ROWS_LOOKED_AT: usize = 500;

#[derive(Debug, Deserialize)]
pub struct Gold {
    #[allow(dead_code)]
    version: u32,
    pub tables: Vec<GoldTable>,
}

#[derive(Debug, Deserialize)]
pub struct GoldTable {
    pub source: String,
    pub table: String,
    pub set: String,
    pub entity: Option<String>,
    #[serde(default)]
    pub columns: IndexMap<String, Targets>,
    #[serde(default)]
    pub acceptable: IndexMap<String, Targets>,
    pub pivot: Option<GoldPivot>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Targets {
    One(String),
    Several(Vec<String>),
}

#[derive(Debug, Deserialize)]
pub struct GoldPivot {
    pub name: String,
    pub value: String,
    pub fields: IndexMap<String, String>,
}

#[derive(Debug, Default, Clone, Serialize)]
pub struct Tally {
    pub right: usize,
    pub wrong: usize,
    pub missed: usize,
    pub entities_right: usize,
    pub tables: usize,
    /// (confidence, right) of every decision.
    pub judged: Vec<(f64, bool)>,
    pub mistakes: Vec<String>,
}

impl Tally {
    pub fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong).max(1) as f64
    }

    pub fn recall(&self) -> f64 {
        self.right as f64 / (self.right + self.missed).max(1) as f64
    }

    pub fn f1(&self) -> f64 {
        2.0 * self.precision() * self.recall() / (self.precision() + self.recall()).max(f64::MIN_POSITIVE)
    }

    /// Expected calibration error over ten bins.
    pub fn ece(&self) -> f64 {
        let mut bins = [(0.0, 0.0); 10];
        for &(confidence, right) in &self.judged {
            let bin = &mut bins[((confidence * 10.0) as usize).min(9)];
            *bin = (bin.0 + confidence, bin.1 + f64::from(u8::from(right)));
        }
        bins.iter().map(|(confidence, right)| (confidence - right).abs()).sum::<f64>() / self.judged.len().max(1) as f64
    }

    pub fn add(&mut self, other: &Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
        self.entities_right += other.entities_right;
        self.tables += other.tables;
        self.judged.extend_from_slice(&other.judged);
        self.mistakes.extend_from_slice(&other.mistakes);
    }
}

/// Matches every sample source and compares with the gold set; one tally per source and set.
pub fn measure(root: &Path, names_only: bool) -> Result<IndexMap<String, Tally>, String> {
    let matcher = Matcher::new(&Ontology::shipped());
    let mut tallies: IndexMap<String, Tally> = IndexMap::new();
    for (source, gold, shapes) in sources(root)? {
        let shapes: Vec<StreamShape> = if names_only { shapes.iter().map(names).collect() } else { shapes };
        let found = matcher.match_source(&shapes);
        for (table, found) in gold.iter().zip(&found) {
            let tally = judge(&source, table, found, names_only);
            tallies.entry(format!("{} ({source})", table.set)).or_default().add(&tally);
        }
    }
    Ok(tallies)
}

/// A source's name, its gold tables and their shapes, in the same order.
pub type Source = (String, Vec<GoldTable>, Vec<StreamShape>);

/// Reads the gold set and the tables it names, source by source.
pub fn sources(root: &Path) -> Result<Vec<Source>, String> {
    let path = root.join("bench/matching/samples.gold.yaml");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let gold: Gold = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut grouped: IndexMap<String, Vec<GoldTable>> = IndexMap::new();
    for table in gold.tables {
        grouped.entry(table.source.clone()).or_default().push(table);
    }
    let mut sources = Vec::new();
    for (source, tables) in grouped {
        let path = |table: &GoldTable| root.join("samples").join(&source).join(format!("{}.csv", table.table));
        let shapes = tables
            .iter()
            .map(|table| read_shape(&path(table), &table.table, &source))
            .collect::<Result<Vec<_>, _>>()?;
        sources.push((source, tables, shapes));
    }
    Ok(sources)
}

fn names(shape: &StreamShape) -> StreamShape {
    StreamShape::of_names(shape.stream.clone(), shape.columns.iter().map(|column| column.path.clone()))
}

fn read_shape(path: &PathBuf, table: &str, source: &str) -> Result<StreamShape, String> {
    let cannot = |error: csv::Error| format!("cannot read {}: {error}", path.display());
    let mut reader = csv::Reader::from_path(path).map_err(cannot)?;
    let columns: Vec<_> = reader.headers().map_err(cannot)?.iter().map(Into::into).collect();
    let mut records = Vec::new();
    for (at, row) in reader.records().take(ROWS_LOOKED_AT).enumerate() {
        let cells = row.map_err(cannot)?.iter().map(|cell| Some(Value::text(cell))).collect();
        records.push(Record { position: at as u64 + 1, cells });
    }
    let mut shaper = Shaper::new(table, source);
    shaper.observe(&RecordBatch { columns: columns.into(), records });
    Ok(shaper.finish())
}

fn judge(source: &str, gold: &GoldTable, found: &TableMatch, names_only: bool) -> Tally {
    let mut tally = Tally { tables: 1, ..Tally::default() };
    let place = format!("{source}.{}", gold.table);
    let entity = found.entity.as_ref().map(|choice| choice.entity.clone());
    tally.entities_right = usize::from(entity == gold.entity);
    if entity != gold.entity {
        tally.mistakes.push(format!("{place}: entity {entity:?}, should be {:?}", gold.entity));
    }
    for column in &found.columns {
        let required = gold.columns.get(&column.column);
        let allowed = gold.acceptable.get(&column.column);
        let Some(decision) = &column.decision else {
            if required.is_some() {
                tally.missed += 1;
                let reason = column.reason.as_deref().unwrap_or_default();
                tally.mistakes.push(format!("{place}.{}: missed ({reason})", column.column));
            }
            continue;
        };
        let is = |targets: Option<&Targets>| {
            targets.is_some_and(|targets| targets.hold(&decision.entity, &decision.field, gold.entity.as_deref()))
        };
        let right = is(required);
        if !right && is(allowed) {
            continue; // neither required nor wrong
        }
        tally.judged.push((decision.confidence, right));
        if right {
            tally.right += 1;
        } else {
            tally.wrong += 1;
            tally.missed += usize::from(required.is_some());
            tally.mistakes.push(format!(
                "{place}.{}: {}.{} at {:.2} is wrong",
                column.column, decision.entity, decision.field, decision.confidence
            ));
        }
    }
    if let Some(pivot) = gold.pivot.as_ref().filter(|_| !names_only) {
        judge_pivot(&place, pivot, found, &mut tally);
    }
    tally
}

fn judge_pivot(place: &str, gold: &GoldPivot, found: &TableMatch, tally: &mut Tally) {
    let Some(pivot) =
        found.pivot.as_ref().filter(|pivot| pivot.name_column == gold.name && pivot.value_column == gold.value)
    else {
        tally.missed += gold.fields.len();
        tally.mistakes.push(format!("{place}: pivot missed"));
        return;
    };
    for field in &pivot.fields {
        let right = gold.fields.get(&field.metric).is_some_and(|right| *right == field.field);
        tally.judged.push((field.confidence, right));
        tally.right += usize::from(right);
        tally.wrong += usize::from(!right);
        if !right {
            tally.mistakes.push(format!("{place}: metric {} -> {} is wrong", field.metric, field.field));
        }
    }
    for metric in gold.fields.keys().filter(|metric| !pivot.fields.iter().any(|field| field.metric == **metric)) {
        tally.missed += 1;
        tally.mistakes.push(format!("{place}: metric {metric} missed"));
    }
}

impl Targets {
    fn hold(&self, entity: &str, field: &str, main: Option<&str>) -> bool {
        let is = |target: &String| match target.split_once('.') {
            Some((further, name)) => further == entity && name == field,
            None => main == Some(entity) && target == field,
        };
        match self {
            Self::One(target) => is(target),
            Self::Several(targets) => targets.iter().any(is),
        }
    }
}

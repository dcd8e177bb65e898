//! Counts right and wrong: precision, recall, F1, MRR, top-1, traps, abstention and calibration error of a case or of many.

use crate::case::Case;
use aos_match::TableMatch;
use serde::Serialize;

#[derive(Debug, Clone, Default, Serialize)]
pub struct Score {
    pub gold: usize,
    pub right: usize,
    pub wrong: usize,
    pub top1: usize,
    pub reciprocal_ranks: f64,
    pub traps: usize,
    pub traps_taken: usize,
    pub absent: usize,
    pub abstained: usize,
    pub tables: usize,
    pub entities_right: usize,
    /// Decisions the case says nothing about.
    pub unjudged: usize,
    /// (confidence, right) of every judged decision.
    pub judged: Vec<(f64, bool)>,
    pub mistakes: Vec<String>,
}

impl Score {
    pub fn of(case: &Case, found: &TableMatch) -> Self {
        let mut score = Self { tables: 1, gold: case.gold.len(), absent: case.absent.len(), ..Self::default() };
        let entity = found.entity.as_ref().map_or("none", |choice| choice.entity.as_str());
        score.entities_right = usize::from(entity == case.canonical_entity);
        if score.entities_right == 0 {
            score.mistakes.push(format!("{}: entity {entity}, should be {}", case.id, case.canonical_entity));
        }
        score.traps = case.traps.values().map(Vec::len).sum();
        score.judge_decisions(case, found);
        score.rank(case, found);
        let filled = |field: &str| {
            found.columns.iter().any(|column| {
                column.decision.as_ref().is_some_and(|d| d.entity == case.canonical_entity && d.field == field)
            })
        };
        score.abstained = case.absent.iter().filter(|field| !filled(field)).count();
        score
    }

    fn judge_decisions(&mut self, case: &Case, found: &TableMatch) {
        for column in &found.columns {
            let Some(decision) = &column.decision else { continue };
            let ours = decision.entity == case.canonical_entity;
            let right = ours && case.is_right(&decision.field, &column.column);
            let judged = right
                || case.canonical_entity == "none"
                || (ours && case.judges(&decision.field))
                || case.places(&column.column);
            let trap = ours && case.is_trap(&decision.field, &column.column);
            self.traps_taken += usize::from(trap);
            if !judged && !trap {
                self.unjudged += 1;
                continue;
            }
            self.judged.push((decision.confidence, right));
            if right {
                self.right += 1;
            } else {
                self.wrong += 1;
                self.mistakes.push(format!(
                    "{}: {} -> {}.{} at {:.2}, wrong{}",
                    case.id,
                    column.column,
                    decision.entity,
                    decision.field,
                    decision.confidence,
                    if trap { " (trap)" } else { "" }
                ));
            }
        }
    }

    /// Ranks the columns for each field of the gold by the confidence the matcher gives them.
    fn rank(&mut self, case: &Case, found: &TableMatch) {
        for field in case.gold.keys() {
            let decided = |column: &aos_match::ColumnMatch| {
                column.decision.as_ref().is_some_and(|d| d.entity == case.canonical_entity && d.field == *field)
            };
            let mut ranked: Vec<(bool, f64, &str)> = found
                .columns
                .iter()
                .filter_map(|column| {
                    let mut fits =
                        column.candidates.iter().filter(|c| c.entity == case.canonical_entity && c.field == *field);
                    fits.next().map(|candidate| (decided(column), candidate.confidence, column.column.as_str()))
                })
                .collect();
            ranked.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
            let place = ranked.iter().position(|(.., column)| case.is_right(field, column));
            self.top1 += usize::from(place == Some(0));
            self.reciprocal_ranks += place.map_or(0.0, |place| 1.0 / (place as f64 + 1.0));
            let found_right =
                ranked.first().is_some_and(|(decided, _, column)| *decided && case.is_right(field, column));
            if !found_right {
                let best = ranked
                    .first()
                    .map_or("nothing".to_owned(), |(_, confidence, column)| format!("{column} at {confidence:.2}"));
                self.mistakes.push(format!("{}: {field} <- {} missed; first is {best}", case.id, case.gold[field]));
            }
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.gold += other.gold;
        self.right += other.right;
        self.wrong += other.wrong;
        self.top1 += other.top1;
        self.reciprocal_ranks += other.reciprocal_ranks;
        self.traps += other.traps;
        self.traps_taken += other.traps_taken;
        self.absent += other.absent;
        self.abstained += other.abstained;
        self.tables += other.tables;
        self.entities_right += other.entities_right;
        self.unjudged += other.unjudged;
        self.judged.extend_from_slice(&other.judged);
        self.mistakes.extend_from_slice(&other.mistakes);
    }

    pub fn precision(&self) -> f64 {
        ratio(self.right, self.right + self.wrong)
    }

    pub fn recall(&self) -> f64 {
        ratio(self.right.min(self.gold), self.gold)
    }

    pub fn f1(&self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
    }

    /// Expected calibration error over ten bins of equal width.
    pub fn ece(&self) -> f64 {
        let mut bins = [(0usize, 0.0, 0usize); 10];
        for &(confidence, right) in &self.judged {
            let bin = &mut bins[((confidence * 10.0) as usize).min(9)];
            *bin = (bin.0 + 1, bin.1 + confidence, bin.2 + usize::from(right));
        }
        let total = self.judged.len().max(1) as f64;
        bins.iter().filter(|bin| bin.0 > 0).map(|bin| (bin.1 - bin.2 as f64).abs() / total).sum()
    }

    /// Precision of the decisions at or above a confidence, and how many there are.
    pub fn precision_from(&self, confidence: f64) -> (f64, usize) {
        let sure: Vec<bool> = self.judged.iter().filter(|(c, _)| *c >= confidence).map(|(_, right)| *right).collect();
        (ratio(sure.iter().filter(|right| **right).count(), sure.len()), sure.len())
    }

    pub fn line(&self, name: &str) -> String {
        let (sure, count) = self.precision_from(0.85);
        format!(
            "{name:<26} {:>6.3} {:>6.3} {:>6.3} {:>6.3} {:>6.3} {:>6.3}   {:>5.3} ({count:>3})  {:>2}/{:<3} {:>2}/{:<2} {:>2}/{:<2}",
            self.precision(),
            self.recall(),
            self.f1(),
            self.reciprocal_ranks / self.gold.max(1) as f64,
            ratio(self.top1, self.gold),
            self.ece(),
            sure,
            self.traps_taken,
            self.traps,
            self.abstained,
            self.absent,
            self.entities_right,
            self.tables
        )
    }

    pub fn header() -> String {
        format!(
            "{:<26} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}   {:<11}  {:<6} {:<5} {}",
            "system", "prec", "recall", "F1", "MRR", "top-1", "ECE", "prec≥.85", "traps", "abst", "entity"
        )
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

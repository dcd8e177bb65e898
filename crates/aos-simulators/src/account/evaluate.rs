//! Computes one cell of one record: drawn, changed since, or made of other cells as a field's formula says.

use super::cell::Cell;
use super::draw::{self, Draw};
use super::field::{Field, Formula, Kind};
use super::table::{Meta, Table};
use crate::random::{Random, seed_of};

/// Texts are joined and parted at this length at most; a field may hold a text of megabytes.
const PLAIN_CHARS_MAX: usize = 4_000;

impl Table<'_> {
    /// Returns what a field of a record holds.
    pub fn cell(&self, row: u64, meta: &Meta, field: &Field) -> Cell {
        match &field.formula {
            Formula::Drawn { slot, draw, null_percent } => self.drawn(row, meta, field, slot, draw, *null_percent),
            Formula::Text(of) => match self.cell(row, meta, of) {
                Cell::Null => Cell::Null,
                cell => Cell::Text(cell.plain(&of.kind)),
            },
            Formula::Scaled { of, power } => scaled(self.cell(row, meta, of), *power),
            Formula::Part { of, first } => part(&self.plain(row, meta, of), *first),
            Formula::Joined { of, with } => {
                let parts = of.iter().map(|of| self.plain(row, meta, of)).filter(|part| !part.is_empty());
                let joined = parts.collect::<Vec<_>>().join(with);
                if joined.is_empty() { Cell::Null } else { Cell::Text(joined) }
            }
            Formula::Cut { of, chars } => match self.cell(row, meta, of) {
                Cell::Text(text) => Cell::Text(text.chars().take(*chars as usize).collect()),
                cell => cell,
            },
            Formula::Split { of, option, into } => match self.cell(row, meta, of) {
                Cell::Chosen(chosen) => {
                    Cell::Chosen(chosen.into_iter().map(|at| self.split(row, at, *option, into)).collect())
                }
                cell => cell,
            },
            Formula::Members(of) => {
                let member = |of: &Field| (of.name.clone(), of.kind.clone(), self.cell(row, meta, of));
                Cell::Members(of.iter().map(member).collect())
            }
        }
    }

    fn drawn(&self, row: u64, meta: &Meta, field: &Field, slot: &str, draw: &Draw, null_percent: u8) -> Cell {
        match draw {
            Draw::Key => return Cell::Row(row),
            Draw::Created => return Cell::Time(meta.created_ms),
            Draw::Modified => return Cell::Time(meta.changed_ms),
            Draw::Deleted => return Cell::Boolean(meta.deleted),
            _ => {}
        }
        if let Some(cell) = self.journal.revised.get(&row).and_then(|revised| revised.cells.get(slot)) {
            return cell.clone();
        }
        // Who a record belongs to stays when it is drawn anew.
        let revision = if matches!(field.kind, Kind::Link { .. }) { 0 } else { meta.revision };
        let seed = seed_of(self.seed(), slot) ^ u64::from(revision).rotate_left(40);
        let mut random = Random::at(seed, row);
        if null_percent > 0 && random.below(100) < u64::from(null_percent) {
            return Cell::Null;
        }
        draw::cell(&mut random, draw, &field.kind, self.rows_linked(&field.kind))
    }

    fn plain(&self, row: u64, meta: &Meta, field: &Field) -> String {
        let plain = self.cell(row, meta, field).plain(&field.kind);
        if plain.len() > PLAIN_CHARS_MAX { plain.chars().take(PLAIN_CHARS_MAX).collect() } else { plain }
    }

    fn split(&self, row: u64, at: usize, option: usize, into: &[usize]) -> usize {
        if at != option {
            return at;
        }
        into.get(Random::at(self.seed(), row).below(into.len() as u64) as usize).copied().unwrap_or(at)
    }
}

fn scaled(cell: Cell, power: i8) -> Cell {
    let (units, scale) = match cell {
        Cell::Integer(number) => (i128::from(number), 0),
        Cell::Decimal { units, scale } => (units, scale),
        other => return other,
    };
    // Times ten is one digit less behind the point, and more digits before it once there are none left behind.
    let behind = i32::from(scale) - i32::from(power);
    match u8::try_from(behind) {
        Ok(scale) => Cell::Decimal { units, scale },
        Err(_) => Cell::Decimal { units: units.saturating_mul(10_i128.pow(behind.unsigned_abs())), scale: 0 },
    }
}

fn part(text: &str, first: bool) -> Cell {
    let (head, tail) = text.split_once(' ').unwrap_or((text, ""));
    let part = if first { head } else { tail };
    if part.is_empty() { Cell::Null } else { Cell::Text(part.to_owned()) }
}

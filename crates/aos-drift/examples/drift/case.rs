//! One case: a table, a second version of it, and what happened in between.

use crate::chance::Chance;
use crate::change::{Kind, Truth, apply};
use crate::names::Names;
use crate::table::{Table, snapshots};
use aos_core::drift::Snapshot;

/// What of the two versions can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// The same records are in both, with a few that changed, came and went.
    SameRows,
    /// Each holds records of its own, drawn from the same population.
    OtherRows,
    /// Names and types alone.
    NamesOnly,
}

impl View {
    pub const ALL: [Self; 3] = [Self::SameRows, Self::OtherRows, Self::NamesOnly];

    pub fn name(self) -> &'static str {
        match self {
            Self::SameRows => "same rows",
            Self::OtherRows => "other rows",
            Self::NamesOnly => "names only",
        }
    }
}

pub struct DriftCase {
    pub view: View,
    /// Nothing for a clean pair.
    pub kinds: Vec<Kind>,
    pub truths: Vec<Truth>,
    pub before: Snapshot,
    pub after: Snapshot,
}

/// Share of the records that are in only one of two versions, and of the cells that were edited.
const TURNOVER: f64 = 0.08;
const EDITED: f64 = 0.02;

/// Makes the case of one table, view and number; `None` when the kind can happen to none of its columns.
pub fn make(table: &Table, view: View, kind: Option<Kind>, number: u64, names: &Names) -> Option<DriftCase> {
    let mut chance = Chance::new(&format!("{}/{}/{}/{kind:?}", table.system, table.stream, view.name()), number);
    let (mut before, mut after) = versions(table, view, &mut chance);
    let mut kinds = Vec::new();
    let mut truths = Vec::new();
    if let Some(kind) = kind {
        let mut free: Vec<usize> = (0..after.columns.len()).filter(|at| after.values(*at).next().is_some()).collect();
        truths = apply(kind, view == View::SameRows, &mut after, &mut free, names, &mut chance)?;
        kinds.push(kind);
        // Releases seldom change one thing only.
        let further = if view == View::NamesOnly { 2 } else { 1 };
        let simple = [Kind::Synonym, Kind::Abbreviation, Kind::Removal, Kind::Style];
        for _ in 0..further {
            let whole = matches!(kind, Kind::StyleOfAll | Kind::PrefixOfAll | Kind::IdReuse);
            if whole || !chance.holds(0.5) || free.len() < 3 {
                continue;
            }
            if let Some(more) =
                apply(*chance.one(&simple), view == View::SameRows, &mut after, &mut free, names, &mut chance)
            {
                truths.extend(more);
            }
        }
        if chance.holds(0.4) {
            add_column(&mut after, &mut chance);
        }
    }
    if chance.holds(0.2) {
        shuffle_columns(&mut before, &mut chance);
    }
    let (before, after) = snapshots(&before, &after, view == View::NamesOnly);
    Some(DriftCase { view, kinds, truths, before, after })
}

fn versions(table: &Table, view: View, chance: &mut Chance) -> (Table, Table) {
    let mut order: Vec<usize> = (0..table.rows.len()).collect();
    chance.shuffle(&mut order);
    let half = order.len() / 2;
    let pick = |at: &[usize]| {
        let mut at = at.to_vec();
        at.sort_unstable();
        Table { rows: at.iter().map(|at| table.rows[*at].clone()).collect(), ..table.clone() }
    };
    if view == View::OtherRows {
        return (pick(&order[..half]), pick(&order[half..]));
    }
    let turnover = (half as f64 * TURNOVER) as usize;
    let (before, mut after) = (pick(&order[..half]), pick(&order[turnover..half + turnover]));
    let rows = after.rows.len();
    // What is edited takes the value of another record; what identifies a record is not edited.
    for at in 1..after.columns.len() {
        for row in 0..rows {
            if chance.holds(EDITED) {
                after.rows[row][at] = after.rows[chance.below(rows)][at].clone();
            }
        }
    }
    (before, after)
}

fn add_column(table: &mut Table, chance: &mut Chance) {
    let name = *chance.one(&[
        "import_batch",
        "sync_token",
        "loyalty_tier",
        "preferred_channel",
        "tax_region",
        "internal_flag",
    ]);
    if table.at(name).is_some() {
        return;
    }
    table.columns.push(name.to_owned());
    let kind = chance.below(3);
    for row in &mut table.rows {
        let value = match kind {
            0 => format!("b-{:06x}", chance.next() & 0xff_ffff),
            1 => chance.one(&["gold", "silver", "bronze"]).to_string(),
            _ => chance.below(5_000).to_string(),
        };
        row.push(Some(value));
    }
}

fn shuffle_columns(table: &mut Table, chance: &mut Chance) {
    let mut order: Vec<usize> = (1..table.columns.len()).collect();
    chance.shuffle(&mut order);
    order.insert(0, 0);
    table.columns = order.iter().map(|at| table.columns[*at].clone()).collect();
    table.rows.iter_mut().for_each(|row| *row = order.iter().map(|at| row[*at].clone()).collect());
}

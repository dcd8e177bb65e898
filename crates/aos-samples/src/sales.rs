//! Sales of the invented world: what is sold, for how much, how far it got. Each CRM writes them in its own words.

use crate::clock::{Day, TODAY};
use crate::names;
use crate::random::Rng;
use crate::table::Money;

/// The steps of one CRM's sales process: open steps with their probability, then won, then lost.
pub struct Process {
    pub open: &'static [(&'static str, i64)],
    pub won: &'static str,
    pub lost: &'static str,
}

pub struct Sale {
    pub product: &'static str,
    pub kind: Kind,
    pub amount: Money,
    pub stage: &'static str,
    pub probability: i64,
    pub created: Day,
    pub changed: Day,
    pub close: Day,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    NewBusiness,
    Renewal,
    Expansion,
}

impl Kind {
    pub fn label(self) -> &'static str {
        match self {
            Self::NewBusiness => "New Business",
            Self::Renewal => "Renewal",
            Self::Expansion => "Expansion",
        }
    }
}

impl Sale {
    /// Invents a sale; what should have closed before today is won or lost, the rest stands at a step of the process.
    pub fn invent(rng: &mut Rng, process: &Process) -> Self {
        let (product, median) = *rng.pick(names::PRODUCTS);
        let kind = [Kind::NewBusiness, Kind::Renewal, Kind::Expansion][rng.weighted(&[55, 25, 20])];
        let recent = rng.chance(0.45);
        let created = TODAY.plus(-if recent { rng.between(3, 110) } else { rng.between(60, 900) });
        let cycle_days = rng.between(20, 210);
        let close = created.plus(cycle_days);
        let closed = close <= TODAY;
        let (stage, probability) =
            if closed { closed_stage(rng, process, kind) } else { open_stage(created, close, process) };
        let changed = if closed { close } else { TODAY.plus(-rng.between(0, (TODAY.0 - created.0).min(30))) };
        Self { product, kind, amount: amount(rng, median), stage, probability, created, changed, close }
    }

    pub fn is_open(&self) -> bool {
        self.close > TODAY
    }

    /// Names the sale as a salesperson would.
    pub fn title(&self, company: &str) -> String {
        match self.kind {
            Kind::NewBusiness => format!("{company} - {}", self.product),
            Kind::Renewal => format!("{company} - {} renewal {}", self.product, self.close.civil().0),
            Kind::Expansion => format!("{company}: more {}", self.product),
        }
    }
}

/// Draws the value: usually a price with cents, often an estimate, now and then a free pilot.
fn amount(rng: &mut Rng, median: f64) -> Money {
    let amount = Money::from_units(rng.log_normal(median, 0.7));
    match rng.weighted(&[55, 42, 3]) {
        0 => amount,
        1 => amount.rounded_to(500),
        _ => Money(0),
    }
}

fn closed_stage(rng: &mut Rng, process: &Process, kind: Kind) -> (&'static str, i64) {
    let win_rate = if kind == Kind::Renewal { 0.82 } else { 0.41 };
    if rng.chance(win_rate) { (process.won, 100) } else { (process.lost, 0) }
}

fn open_stage(created: Day, close: Day, process: &Process) -> (&'static str, i64) {
    let steps = process.open.len() as i64;
    let step = (TODAY.0 - created.0) * steps / (close.0 - created.0);
    process.open[step.clamp(0, steps - 1) as usize]
}

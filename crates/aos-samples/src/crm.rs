//! The three CRMs, each with its own ids, spellings, stages and dates over the same companies and persons.

mod dynamics;
mod hubspot;
mod salesforce;

use crate::random::Rng;
use crate::table::Table;
use crate::world::{Company, Known, World};

pub use hubspot::PROCESS as HUBSPOT_PROCESS;

pub fn tables(world: &World) -> Vec<Table> {
    let mut tables = dynamics::tables(world);
    tables.extend(salesforce::tables(world));
    tables.extend(hubspot::tables(world));
    tables
}

/// Draws the companies of `count` records: every known company first, then again at random.
fn buyers<'a>(
    rng: &mut Rng,
    known: &[(usize, &'a Company, &'a Known)],
    count: usize,
) -> Vec<(usize, &'a Company, &'a Known)> {
    let mut buyers = known.to_vec();
    rng.shuffle(&mut buyers);
    while buyers.len() < count {
        buyers.push(*rng.pick(known));
    }
    buyers.truncate(count);
    buyers
}

//! The list of sources, in the order the README tells them.

use crate::table::Table;
use crate::world::World;
use crate::{cloud, crm, product, support};

/// Generates the tables of all ten sources.
pub fn tables(world: &World) -> Vec<Table> {
    let mut tables = crm::tables(world);
    tables.extend(cloud::tables());
    tables.extend(product::tables(world));
    tables.push(support::tickets(world));
    tables
}

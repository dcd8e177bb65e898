//! The sources about cloud resources and their cost: a warehouse, a legacy database and two ERP systems.

mod legacy_sql;
mod netsuite;
mod sap;
mod snowflake;

use crate::estate::Estate;
use crate::table::Table;

pub fn tables() -> Vec<Table> {
    let estate = Estate::build();
    let mut tables = sap::tables();
    tables.extend(netsuite::tables());
    tables.extend(legacy_sql::tables(&estate));
    tables.extend(snowflake::tables(&estate));
    tables
}

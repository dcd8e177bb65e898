//! What must hold when it is quiet again. Each check looks past the doors of the product where it can, and says what it finds.

pub mod ends;
pub mod lake;
pub mod ledger;
pub mod rows;
pub mod streams;
pub mod tasks;

use crate::house::House;

/// Says so when a query that should find nothing finds something.
async fn nothing(house: &House, what: &str, sql: &str) {
    let found = house.rows(sql).await;
    if let Some(first) = found.first() {
        house.journal.problem(format_args!("{what}: {} times, such as {first}", found.len()));
    }
}

//! Doing a transaction again that another one was in the way of: a deadlock, or a row that moved (PostgreSQL's 40P01 and 40001). The database
//! has undone all of it, so what is done again is done once.
//!
//! For work that is nothing but its transaction. A page of a source is not done again here: it is handed over whole, and the task that reads it
//! has attempts of its own, whose pages are known again by their keys.

use crate::error::Result;
use std::time::Duration;

const TRIES: u32 = 5;
/// Waited for before the second try; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(5);

/// Calls `work` until nothing is in its way, a few times at most.
pub(crate) async fn until_clear<T, F>(work: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    for tried in 0..TRIES - 1 {
        match work().await {
            // Two that met once should not meet again in step.
            Err(error) if error.is_contention() => {
                tokio::time::sleep(PAUSE * 2u32.pow(tried) + PAUSE.mul_f64(rand::random::<f64>())).await;
            }
            done => return done,
        }
    }
    work().await
}

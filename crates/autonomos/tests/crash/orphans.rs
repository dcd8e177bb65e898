//! Watches how long the tasks of a worker that is gone stay with it.

use crate::house::House;
use crate::process::Process;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What is promised, after the last sign of life: the lease, and a second.
const PROMISED: Duration = Duration::from_secs(2);
/// What a busy machine adds.
const TOLERANCE: Duration = Duration::from_millis(700);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Watches the tasks of a worker since it was gone. Says nothing where nobody could have taken them over in time: without the
/// database, or while no other worker was there.
pub async fn watch(house: Rc<House>, process: Rc<Process>, worker: String, gone: Instant) {
    let mut held = 0;
    let mut alone = false;
    loop {
        // What is seen was so at this moment or later, however long looking takes on a busy machine.
        let asked = gone.elapsed();
        let count = house.sql(&format!("SELECT count(*) FROM task_queue WHERE worker_id = '{worker}'")).await;
        let Some(count) = count.ok().and_then(|count| count.parse::<u64>().ok()) else { return };
        let after = gone.elapsed();
        held = held.max(count);
        if count == 0 {
            if held > 0 && !alone {
                house.journal.pickup(after);
            }
            if held > 0 {
                house.journal.note(format_args!("{held} tasks of {} changed hands after {after:?}", process.name));
            }
            return;
        }
        alone |= !house.someone_works(&process.name);
        if asked > PROMISED + TOLERANCE {
            if alone || house.was_without_database(gone) {
                return;
            }
            house
                .journal
                .problem(format_args!("{count} tasks are still with {}, which is gone since {asked:?}", process.name));
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

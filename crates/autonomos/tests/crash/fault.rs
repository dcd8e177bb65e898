//! Does what the plan says, when it says it.

use crate::house::House;
use crate::plan::Fault;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Brings every fault of the plan about, one after the other, and puts right what does not come right by itself.
pub async fn storm(house: Rc<House>, faults: Vec<(Duration, Fault)>) {
    let begun = Instant::now();
    let mut lasting = Vec::new();
    for (at, fault) in faults {
        tokio::time::sleep(at.saturating_sub(begun.elapsed())).await;
        house.journal.note(format_args!("{fault:?}"));
        lasting.push(tokio::task::spawn_local(bring(house.clone(), fault)));
    }
    for fault in lasting {
        fault.await.expect("a fault that comes to its end");
    }
}

async fn bring(house: Rc<House>, fault: Fault) {
    match fault {
        Fault::Kill(victim) => house.process(victim).kill().await,
        Fault::Freeze(victim, time) => {
            let process = house.process(victim);
            // A second hand at the same switch would thaw it too early.
            if !process.is_up() {
                return;
            }
            process.freeze().await;
            tokio::time::sleep(time).await;
            process.thaw().await;
        }
        Fault::FreezeRedis(time) => {
            if house.redis_busy.replace(true) {
                return;
            }
            house.redis.freeze();
            tokio::time::sleep(time).await;
            house.redis.thaw();
            house.redis_busy.set(false);
        }
        Fault::FlushRedis => {
            if !house.redis_busy.get() {
                house.redis.try_ask("FLUSHALL");
            }
        }
        Fault::RestartRedis(down) => {
            if house.redis_busy.replace(true) {
                return;
            }
            house.redis.kill();
            tokio::time::sleep(down).await;
            house.redis.start_again();
            house.redis_busy.set(false);
        }
        Fault::RestartPostgres(down) => {
            if !house.is_without_database() {
                house.restart_postgres(down).await;
            }
        }
    }
}

//! Tasks: the durable record of each, the queue of those that wait or run, and all that happens to them. The row is the truth; whoever
//! wakes a worker only saves it the next look.
//!
//! What a tenant does with its tasks is here; what crosses tenants (claiming, finishing, recovering) is in `system`. The statements that
//! have to be fast differ between databases and are in `rows`.

mod cancel;
mod cron;
mod enqueue;
mod fence;
mod followers;
mod logs;
mod moment;
mod read;
mod replay;
mod rights;
mod rows;
mod schedules;
mod settings;
mod stats;
mod system;
mod task;

pub use cancel::Cancel;
pub use enqueue::Enqueued;
pub use logs::TaskLog;
pub use read::TaskFilter;
pub use schedules::{NewSchedule, Schedule};
pub use settings::TaskSettings;
pub use stats::QueueStats;
pub use system::{Claim, ClaimOptions, Finish, FinishedTask, Renewed, Rotation, WorkerRow};
pub use task::{Progress, Task};

/// How often a transaction is begun again when another one was in its way.
const TRIES: u32 = 5;

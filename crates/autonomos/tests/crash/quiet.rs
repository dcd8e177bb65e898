//! After the storm: waits until nothing is left to do.

use crate::house::House;
use crate::http::Request;
use crate::tenants::{Tenant, text};
use serde_json::json;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Long enough for what waits for a lease or for the pause after a failed delivery.
const QUIET_MAX: Duration = Duration::from_secs(40);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often the last connect is begun where a worker's lease of one second runs out although nobody disturbs it: on a machine that stands still for
/// so long, a worker is gone by its own rule, and who asked has to ask again.
const CONNECTS_MAX: usize = 4;
const LOST_TOUCH: &str = "its worker lost touch with the database during the attempt";

/// Waits until every process is up and the queue is empty.
pub async fn fall(house: &Rc<House>) {
    let begun = Instant::now();
    loop {
        let mut up = house.processes.iter().all(|process| process.is_up() && (!process.works || process.is_working()));
        for server in house.servers {
            up = up && Request::get("/api/v1/health").send_in_quiet(server).await.is_ok();
        }
        let left = house.sql("SELECT count(*) FROM task_queue").await;
        if up && left.as_deref() == Ok("0") {
            house.journal.note(format_args!("quiet after {:?}", begun.elapsed()));
            return;
        }
        if begun.elapsed() > QUIET_MAX {
            let rows = house
                .rows("SELECT q.*, t.kind, t.error FROM task_queue q JOIN tasks t USING (tenant_id, id) LIMIT 5")
                .await;
            return house
                .journal
                .problem(format_args!("it does not fall quiet; left are {left:?} tasks, among them {rows:?}"));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Has a tenant's sources read a last time, by servers that nobody disturbs any more.
pub async fn connect(house: &House, tenant: &Tenant) {
    for left in (0..CONNECTS_MAX).rev() {
        match last_connect(house, tenant).await {
            Ok(()) => return,
            Err(error) if error == LOST_TOUCH && left > 0 => {
                house.journal.note(format_args!("the last connect is begun again: {error}"));
            }
            Err(error) => return house.journal.problem(format_args!("the last connect does not succeed: {error}")),
        }
    }
}

async fn last_connect(house: &House, tenant: &Tenant) -> Result<(), String> {
    let begun = Instant::now();
    let started = Request::post("/api/v1/dcl/connect", json!({}))
        .by(&tenant.token)
        .send_in_quiet(house.servers[tenant.number % 2])
        .await;
    let started = match started {
        Ok(answer) if answer.status == 202 => answer,
        other => return Err(format!("it was answered with {other:?}")),
    };
    let path = format!("/api/v1/tasks/{}", text(&started.body["task_id"]));
    while begun.elapsed() < QUIET_MAX {
        // The other server than the one that was asked: what one knows, both know.
        let task = Request::get(&path).by(&tenant.token).send_in_quiet(house.servers[(tenant.number + 1) % 2]).await;
        match task.as_ref().map(|answer| answer.body["state"].as_str().unwrap_or_default()) {
            Ok("success") => return Ok(()),
            Ok("queued" | "in_progress") => tokio::time::sleep(LOOK_EVERY).await,
            Ok("failed") => {
                return Err(task.map_or_else(|_| String::new(), |answer| text(&answer.body["error"])));
            }
            other => return Err(format!("it ended as {other:?}: {task:?}")),
        }
    }
    Err("it does not end".to_owned())
}

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
    let begun = Instant::now();
    let started = Request::post("/api/v1/dcl/connect", json!({}))
        .by(&tenant.token)
        .send_in_quiet(house.servers[tenant.number % 2])
        .await;
    let started = match started {
        Ok(answer) if answer.status == 202 => answer,
        other => return house.journal.problem(format_args!("the last connect was answered with {other:?}")),
    };
    let path = format!("/api/v1/tasks/{}", text(&started.body["task_id"]));
    while begun.elapsed() < QUIET_MAX {
        // The other server than the one that was asked: what one knows, both know.
        let task = Request::get(&path).by(&tenant.token).send_in_quiet(house.servers[(tenant.number + 1) % 2]).await;
        match task.as_ref().map(|answer| answer.body["state"].as_str().unwrap_or_default()) {
            Ok("success") => return,
            Ok("queued" | "in_progress") => tokio::time::sleep(LOOK_EVERY).await,
            other => return house.journal.problem(format_args!("the last connect ended as {other:?}: {task:?}")),
        }
    }
    house.journal.problem("the last connect does not end");
}

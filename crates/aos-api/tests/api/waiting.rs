//! Waiting for what happens by itself, and no longer than a test should.

use aos_testkit::Client;
use serde_json::Value;
use std::time::{Duration, Instant};

const LONGEST: Duration = Duration::from_secs(300);

/// Enqueues a task and returns its id.
pub async fn enqueue(client: &Client, body: Value) -> String {
    let task = client.post("/api/v1/tasks", &body).await.assert_status(201).json();
    task["id"].as_str().unwrap().to_owned()
}

/// Waits until a task has ended, and returns it.
pub async fn ended(client: &Client, id: &str) -> Value {
    let over = |task: &Value| ["success", "failed", "canceled"].contains(&task["state"].as_str().unwrap());
    until(client, &format!("/api/v1/tasks/{id}"), over).await
}

/// Waits until something is so, which is said in the words of `what`.
pub async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < LONGEST, "it does not happen that {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Asks until the answer is as wanted, and returns it.
pub async fn until(client: &Client, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = client.get(path).await.assert_status(200).json();
        if wanted(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < LONGEST, "{path} stays as it is: {answer}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

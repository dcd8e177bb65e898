//! What follows an end, exactly once: the next task of a chain and the callback, which is delivered at least once under one id.

use super::nothing;
use crate::house::House;
use crate::receiver::Receiver;
use std::collections::BTreeSet;

pub async fn check(house: &House, receiver: &Receiver) {
    nothing(
        house,
        "tasks with the wrong number of followers",
        "SELECT t.id, t.state, COUNT(c.id) AS followers FROM tasks t
           LEFT JOIN tasks c ON c.tenant_id = t.tenant_id AND c.parent_id = t.id AND c.kind <> 'callback'
          GROUP BY t.tenant_id, t.id, t.state, t.next_task
         HAVING COUNT(c.id) <> CASE WHEN t.state = 'success' AND t.next_task IS NOT NULL THEN 1 ELSE 0 END",
    )
    .await;
    nothing(
        house,
        "tasks with the wrong number of callbacks",
        "SELECT t.id, t.state, COUNT(c.id) AS callbacks FROM tasks t
           LEFT JOIN tasks c ON c.tenant_id = t.tenant_id AND c.parent_id = t.id AND c.kind = 'callback'
          GROUP BY t.tenant_id, t.id, t.state, t.callback_url
         HAVING COUNT(c.id) <> CASE WHEN t.callback_url IS NOT NULL THEN 1 ELSE 0 END",
    )
    .await;
    told(house, receiver).await;
}

/// Every end that was to be told was told, as it was, and nothing else.
async fn told(house: &House, receiver: &Receiver) {
    let rows = house
        .rows("SELECT id, state, id::TEXT || '_' || attempt AS message FROM tasks WHERE callback_url IS NOT NULL")
        .await;
    let messages = receiver.messages.borrow();
    let mut expected = BTreeSet::new();
    for row in &rows {
        let (message, end) = (row["message"].as_str().unwrap_or_default(), (&row["id"], &row["state"]));
        expected.insert(message);
        match messages.get(message) {
            None => house.journal.problem(format_args!("an end was never told: {row}")),
            Some(deliveries) => {
                for (id, state) in deliveries {
                    if (end.0 != id, end.1 != state) != (false, false) {
                        house.journal.problem(format_args!("an end was told as {id} {state}, but it is {row}"));
                    }
                }
            }
        }
    }
    for message in messages.keys().filter(|message| !expected.contains(message.as_str())) {
        house.journal.problem(format_args!("something was told that did not end so: {message}"));
    }
}

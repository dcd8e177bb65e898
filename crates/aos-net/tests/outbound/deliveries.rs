//! What becomes of callbacks and Slack messages, and when they are tried again.

use crate::server::{Server, answer};
use crate::{client, loopback};
use aos_net::delivery::{DeadEnd, Outcome};
use aos_net::webhook::{self, Secret};
use aos_net::{NetConfig, schedule, slack};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use std::time::Duration;

async fn callback(url: &str) -> Outcome {
    webhook::post(&client(loopback()), url, &[Secret::generate()], "msg_1", "{}".into()).await
}

/// Posts a callback to an endpoint that gives this answer.
async fn answered(status: u16, headers: &'static str) -> Outcome {
    let server = Server::answering(move |_| answer(status, headers, "because")).await;
    callback(&server.url("/")).await
}

async fn wait(status: u16, headers: &'static str) -> Option<Duration> {
    match answered(status, headers).await {
        Outcome::Retry { after, reason } => {
            assert!(reason.contains(&status.to_string()) && reason.contains("because"), "{reason}");
            after
        }
        other => panic!("{status}: {other:?}"),
    }
}

fn end(outcome: &Outcome) -> DeadEnd {
    match outcome {
        Outcome::Dead { end, .. } => *end,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_2xx_is_a_delivery() {
    for status in [200, 201, 202, 204, 299] {
        assert_eq!(answered(status, "").await, Outcome::Delivered, "{status}");
    }
}

#[tokio::test]
async fn every_other_answer_is_tried_again_when_the_endpoint_says() {
    for status in [301, 302, 308, 400, 401, 404, 409, 500, 502, 504] {
        assert_eq!(wait(status, "location: http://127.0.0.1:1/\r\n").await, None, "{status}");
    }
    assert_eq!(wait(429, "retry-after: 7\r\n").await, Some(Duration::from_secs(7)));
    assert_eq!(wait(503, "retry-after: 3600\r\n").await, Some(Duration::from_secs(3600)));
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_to_be_disabled() {
    let outcome = answered(410, "").await;
    assert_eq!(end(&outcome), DeadEnd::Gone);
    assert!(end(&outcome).disables_endpoint());
}

#[tokio::test]
async fn a_callback_to_a_private_address_is_dead_and_does_not_disable() {
    let outcome = callback("http://192.168.0.1:8080/hook").await;
    assert_eq!(end(&outcome), DeadEnd::Blocked);
    assert!(!end(&outcome).disables_endpoint());
}

#[tokio::test]
async fn a_callback_that_cannot_be_made_is_dead() {
    assert_eq!(end(&callback("not an address").await), DeadEnd::Rejected);
    let (client, secrets) = (client(loopback()), [Secret::generate()]);
    let too_large = vec![b' '; webhook::PAYLOAD_BYTES_MAX + 1].into();
    let outcome = webhook::post(&client, "http://127.0.0.1:8080/", &secrets, "msg_1", too_large).await;
    assert_eq!(end(&outcome), DeadEnd::Rejected);
    let outcome = webhook::post(&client, "http://127.0.0.1:8080/", &[], "msg_1", "{}".into()).await;
    assert_eq!(end(&outcome), DeadEnd::Rejected);
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_reached_is_tried_again() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let outcome = callback(&format!("http://{closed}/")).await;
    assert!(matches!(&outcome, Outcome::Retry { after: None, reason } if reason.contains("refused")), "{outcome:?}");
}

#[tokio::test]
async fn an_endpoint_that_is_left_alone_is_tried_when_its_circuit_lets_it() {
    let server = Server::answering(|_| answer(503, "", "")).await;
    let client = client(NetConfig { failures_to_open: 1, ..loopback() });
    let post = || webhook::post(&client, "", &[], "", Default::default());
    assert_eq!(end(&post().await), DeadEnd::Rejected);
    let secrets = [Secret::generate()];
    webhook::post(&client, &server.url("/"), &secrets, "msg_1", "{}".into()).await;
    let outcome = webhook::post(&client, &server.url("/"), &secrets, "msg_2", "{}".into()).await;
    assert!(matches!(outcome, Outcome::Postponed { after, .. } if after > Duration::from_secs(20)), "{outcome:?}");
    assert_eq!(server.received().len(), 1);
}

async fn slack_says(status: u16, headers: &'static str, body: &'static str) -> Outcome {
    let server = Server::answering(move |_| answer(status, headers, body)).await;
    let message = slack::Message::text("The sync of crm has ended.");
    slack::post(&client(loopback()), &server.url("/services/T000/B000/secret"), &message).await
}

#[tokio::test]
async fn slacks_words_are_understood() {
    assert_eq!(slack_says(200, "", "ok").await, Outcome::Delivered);
    for (status, word) in
        [(404, "channel_not_found"), (404, "no_service"), (410, "channel_is_archived"), (403, "invalid_token")]
    {
        assert_eq!(end(&slack_says(status, "", word).await), DeadEnd::Gone, "{word}");
    }
    for (status, word) in
        [(400, "invalid_payload"), (400, "user_not_found"), (403, "action_prohibited"), (400, "no_text")]
    {
        assert_eq!(end(&slack_says(status, "", word).await), DeadEnd::Rejected, "{word}");
    }
    let limited = slack_says(429, "retry-after: 30\r\n", "rate_limited").await;
    assert!(matches!(limited, Outcome::Retry { after: Some(wait), .. } if wait.as_secs() == 30), "{limited:?}");
    for (status, body) in [(500, "rollup_error"), (200, "<html>Sign in to the network</html>"), (404, "not found")] {
        assert!(matches!(slack_says(status, "", body).await, Outcome::Retry { .. }), "{status} {body}");
    }
}

#[tokio::test]
async fn a_slack_message_arrives_as_slack_documents_it() {
    let server = Server::answering(|_| answer(200, "", "ok")).await;
    let blocks = vec![serde_json::json!({ "type": "divider" })];
    let message = slack::Message { text: slack::escape("<!channel> 1 < 2 & 3"), blocks, channel: Some("#ops".into()) };
    assert_eq!(slack::post(&client(loopback()), &server.url("/"), &message).await, Outcome::Delivered);
    let sent: serde_json::Value = serde_json::from_slice(&server.received()[0].body).unwrap();
    let text = "&lt;!channel&gt; 1 &lt; 2 &amp; 3";
    let expected = serde_json::json!({ "text": text, "blocks": [{ "type": "divider" }], "channel": "#ops" });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_slack_message_that_slack_would_not_take_is_not_sent() {
    let server = Server::answering(|_| answer(200, "", "ok")).await;
    let client = client(loopback());
    let too_many = slack::Message { blocks: vec![serde_json::json!({}); 51], ..slack::Message::text("text") };
    for message in [slack::Message::text(" "), slack::Message::text("x".repeat(40_001)), too_many] {
        assert_eq!(end(&slack::post(&client, &server.url("/"), &message).await), DeadEnd::Rejected);
    }
    assert!(server.received().is_empty());
}

fn noon() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

#[test]
fn a_delivery_is_tried_ten_times_over_three_days() {
    let delays = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    for (attempt, delay) in (1..).zip(delays) {
        let wait = (schedule::next_attempt("msg_1", attempt, noon(), None).unwrap() - noon()).as_seconds_f64();
        assert!((f64::from(delay)..=f64::from(delay) * 1.2).contains(&wait), "attempt {attempt}: {wait} s");
    }
    assert_eq!(schedule::ATTEMPTS_MAX, 10);
    for attempt in [0, 10, 11, u32::MAX] {
        assert_eq!(schedule::next_attempt("msg_1", attempt, noon(), None), None, "{attempt}");
    }
}

#[test]
fn what_failed_together_does_not_come_back_together() {
    let times: std::collections::HashSet<_> =
        (0..1_000).map(|number| schedule::next_attempt(&format!("msg_{number}"), 2, noon(), None).unwrap()).collect();
    assert!(times.len() > 900, "{} different times", times.len());
}

proptest! {
    #[test]
    fn an_endpoint_may_ask_for_a_longer_wait_only_and_for_a_day_at_most(attempt in 1_u32..10, asked in any::<u64>()) {
        let wait = |asked| schedule::next_attempt("msg_1", attempt, noon(), asked).unwrap() - noon();
        let asked = Duration::from_secs(asked);
        prop_assert!(wait(Some(asked)) >= wait(None));
        prop_assert!(wait(Some(asked)) >= TimeDelta::seconds(i64::try_from(asked.as_secs()).unwrap_or(i64::MAX).min(86_400)));
        prop_assert!(wait(Some(asked)) <= TimeDelta::seconds(86_400 * 12 / 10));
        prop_assert_eq!(wait(Some(asked)), wait(Some(asked)), "asking twice gives the same time");
    }
}

//! Hosts that keep failing are left alone, and tried again.

use crate::server::{Server, answer};
use crate::{client, loopback, ms, somebody};
use aos_net::{CircuitState, Client, Error, NetConfig, Request};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// A server whose status can be changed, and which takes a moment to answer.
async fn changing(status: u16) -> (Server, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(status));
    let told = status.clone();
    let server = Server::speaking(move |_, mut stream: TcpStream| {
        let told = told.clone();
        async move {
            sleep(ms(30)).await;
            let _ = stream.write_all(answer(told.load(Ordering::SeqCst), "", "").as_bytes()).await;
        }
    })
    .await;
    (server, status)
}

fn cautious(open_for: Duration) -> Client {
    client(NetConfig { failures_to_open: 3, open_for, open_for_max: ms(60_000), ..loopback() })
}

async fn get(client: &Client, server: &Server) -> Result<u16, Error> {
    let response = client.send(Request::get(&server.url("/")).unwrap()).await?;
    let status = response.status().as_u16();
    response.bytes().await.map(|_| status)
}

async fn fail(client: &Client, server: &Server, times: usize) {
    for _ in 0..times {
        assert_eq!(get(client, server).await.unwrap(), 503);
    }
}

#[tokio::test]
async fn a_host_that_fails_several_times_in_a_row_is_left_alone() {
    let (server, _) = changing(503).await;
    let client = cautious(ms(60_000));
    fail(&client, &server, 2).await;
    assert_eq!(client.hosts()[0].circuit, CircuitState::Closed { failures: 2 });
    fail(&client, &server, 1).await;
    let error = get(&client, &server).await.unwrap_err();
    assert!(matches!(error, Error::CircuitOpen { retry_in, .. } if retry_in > ms(50_000)), "{error:?}");
    assert_eq!(server.received().len(), 3);
    assert_eq!(client.open_circuits(), 1);
    assert!(matches!(client.hosts()[0].circuit, CircuitState::Open { .. }));
}

#[tokio::test]
async fn one_success_forgives_the_failures_before_it() {
    let (server, status) = changing(503).await;
    let client = cautious(ms(60_000));
    fail(&client, &server, 2).await;
    status.store(404, Ordering::SeqCst);
    assert_eq!(get(&client, &server).await.unwrap(), 404, "a host that says no works");
    status.store(503, Ordering::SeqCst);
    fail(&client, &server, 2).await;
    assert_eq!(client.hosts()[0].circuit, CircuitState::Closed { failures: 2 });
}

#[tokio::test]
async fn after_a_while_one_request_tries_and_its_success_lets_all_through() {
    let (server, status) = changing(503).await;
    let client = cautious(ms(200));
    fail(&client, &server, 3).await;
    status.store(200, Ordering::SeqCst);
    sleep(ms(220)).await;
    let (first, second, third) = tokio::join!(get(&client, &server), get(&client, &server), get(&client, &server));
    let outcomes = [first, second, third];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(server.received().len(), 4);
    assert_eq!(client.hosts()[0].circuit, CircuitState::Closed { failures: 0 });
    let (first, second) = tokio::join!(get(&client, &server), get(&client, &server));
    assert_eq!((first.unwrap(), second.unwrap()), (200, 200));
}

#[tokio::test]
async fn a_try_that_fails_makes_the_wait_longer() {
    let (server, _) = changing(503).await;
    let client = cautious(ms(200));
    fail(&client, &server, 3).await;
    sleep(ms(220)).await;
    fail(&client, &server, 1).await;
    let CircuitState::Open { retry_in } = client.hosts()[0].circuit else { panic!("{:?}", client.hosts()) };
    assert!(retry_in > ms(250) && retry_in <= ms(400), "{retry_in:?}");
}

#[tokio::test]
async fn a_try_that_is_given_up_leaves_the_next_one_to_try() {
    let (server, status) = changing(503).await;
    let client = cautious(ms(100));
    fail(&client, &server, 3).await;
    sleep(ms(120)).await;
    assert!(tokio::time::timeout(ms(5), get(&client, &server)).await.is_err(), "the caller loses patience");
    status.store(200, Ordering::SeqCst);
    assert_eq!(get(&client, &server).await.unwrap(), 200);
}

#[tokio::test]
async fn a_host_whose_answers_all_break_off_is_left_alone_too() {
    let server = Server::answering(|_| "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_owned()).await;
    let client = cautious(ms(60_000));
    for _ in 0..3 {
        assert!(matches!(get(&client, &server).await, Err(Error::Interrupted { .. })));
    }
    assert!(matches!(get(&client, &server).await, Err(Error::CircuitOpen { .. })));
}

#[tokio::test]
async fn one_tenants_failures_do_not_close_the_way_for_another() {
    let (server, status) = changing(503).await;
    let client = cautious(ms(60_000));
    let (acme, globex) = (client.tenant(&somebody()), client.tenant(&somebody()));
    fail(&acme, &server, 3).await;
    status.store(200, Ordering::SeqCst);
    assert!(matches!(get(&acme, &server).await, Err(Error::CircuitOpen { .. })));
    assert_eq!(get(&globex, &server).await.unwrap(), 200);
    assert_eq!((acme.hosts().len(), globex.hosts().len(), client.hosts().len()), (1, 1, 0));
}

#[tokio::test]
async fn what_is_refused_here_is_not_the_hosts_failure() {
    let client = client(NetConfig {
        failures_to_open: 1,
        names: aos_net::Names::function(|_| Ok(vec!["10.0.0.1".parse().unwrap()])),
        ..loopback()
    });
    for _ in 0..3 {
        let error = client.send(Request::get("http://inside.example:8080/").unwrap()).await.err().unwrap();
        assert!(matches!(error, Error::Blocked { .. }), "{error:?}");
    }
}

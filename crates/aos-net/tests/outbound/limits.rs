//! Limits of size, time and number.

use crate::server::{Received, Server, answer};
use crate::{client, loopback, ms, somebody};
use aos_net::{Error, NetConfig, Phase, Request};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::sleep;

const MIB: u64 = 1 << 20;

fn within(config: NetConfig) -> NetConfig {
    NetConfig { body_bytes_max: MIB, ..config }
}

/// Reads a whole answer, in a time that is longer than any limit of these tests and shorter than any default.
async fn body(config: NetConfig, server: &Server) -> Result<usize, Error> {
    let reading = async {
        let response = client(config).fetch(Request::get(&server.url("/")).unwrap()).await?;
        response.bytes().await.map(|body| body.len())
    };
    tokio::time::timeout(ms(8_000), reading).await.expect("it ends in time")
}

fn phase(error: &Error) -> Phase {
    match error {
        Error::Timeout { phase, .. } => *phase,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_body_without_end_is_cut_at_the_limit() {
    let written = Arc::new(AtomicU64::new(0));
    let counted = written.clone();
    let server = Server::speaking(move |_, mut stream: TcpStream| {
        let counted = counted.clone();
        async move {
            let piece = vec![b'x'; 1 << 16];
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n").await;
            // 10 GB, if anyone listened that long.
            while counted.load(Ordering::SeqCst) < 10_000_000_000 && stream.write_all(&piece).await.is_ok() {
                counted.fetch_add(piece.len() as u64, Ordering::SeqCst);
            }
        }
    })
    .await;
    let error = body(within(loopback()), &server).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: MIB, .. }), "{error:?}");
    // What the limit allows and what the buffers of both sockets hold.
    assert!(written.load(Ordering::SeqCst) < 32 * MIB, "{written:?}");
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_not_begun() {
    let server = Server::answering(|_| "HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n".to_owned()).await;
    let error = body(within(loopback()), &server).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: MIB, .. }), "{error:?}");
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let server = Server::answering(|_| answer(200, "", &"x".repeat(MIB as usize))).await;
    assert_eq!(body(within(loopback()), &server).await.unwrap(), MIB as usize);
    let one_more = Server::answering(|_| answer(200, "", &"x".repeat(MIB as usize + 1))).await;
    assert!(matches!(body(within(loopback()), &one_more).await, Err(Error::TooLarge { .. })));
}

/// Zeros, a thousand to one.
fn packed(mib: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![0; 1 << 20];
    for _ in 0..mib {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

async fn sending_gzip(packed: Vec<u8>) -> Server {
    let packed = Arc::new(packed);
    Server::speaking(move |_: Received, mut stream: TcpStream| {
        let packed = packed.clone();
        async move {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len());
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&packed).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_compressed_body_is_limited_by_what_it_unpacks_to() {
    let small = sending_gzip(packed(1)).await;
    assert_eq!(body(within(loopback()), &small).await.unwrap(), MIB as usize);

    let bomb = packed(64);
    assert!(bomb.len() < MIB as usize, "it looks harmless: {} bytes", bomb.len());
    let error = body(within(loopback()), &sending_gzip(bomb).await).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: MIB, .. }), "{error:?}");
}

/// Sends `head` and then one byte every `pause`.
async fn dripping(head: &'static str, pause: Duration) -> Server {
    Server::speaking(move |_, mut stream: TcpStream| async move {
        let _ = stream.write_all(head.as_bytes()).await;
        loop {
            sleep(pause).await;
            if stream.write_all(b"x").await.is_err() {
                break;
            }
        }
    })
    .await
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";

#[tokio::test]
async fn a_body_that_stops_flowing_times_out() {
    let server = dripping(HEAD, ms(60_000)).await;
    let error = body(NetConfig { idle_timeout: ms(100), ..loopback() }, &server).await.unwrap_err();
    assert_eq!(phase(&error), Phase::Idle);
}

#[tokio::test]
async fn a_body_that_flows_for_ever_by_single_bytes_times_out() {
    let server = dripping(HEAD, ms(20)).await;
    let config = NetConfig { idle_timeout: ms(5_000), total_timeout: ms(300), ..loopback() };
    let error = body(config, &server).await.unwrap_err();
    assert_eq!(phase(&error), Phase::Total);
}

#[tokio::test]
async fn an_answer_that_does_not_begin_times_out() {
    let server = dripping("HTTP/1.1 200 OK\r\nx-slow: ", ms(20)).await;
    let error = body(NetConfig { response_timeout: ms(200), ..loopback() }, &server).await.unwrap_err();
    assert_eq!(phase(&error), Phase::Response);
}

#[tokio::test]
async fn a_connection_that_is_not_taken_times_out() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // More than the listener has room for, so that the system lets the next one wait.
    let crowd: Vec<_> = (0..8).map(|_| tokio::spawn(TcpStream::connect(address))).collect();
    sleep(ms(100)).await;
    let client = client(NetConfig { connect_timeout: ms(300), ..loopback() });
    let sending = client.send(Request::get(&format!("http://{address}/")).unwrap());
    let error = tokio::time::timeout(ms(8_000), sending).await.expect("it ends in time").err().unwrap();
    assert_eq!(phase(&error), Phase::Connect);
    crowd.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_request_may_ask_for_limits_of_its_own() {
    let server = Server::answering(|_| answer(200, "", &"x".repeat(2 * MIB as usize))).await;
    let request = Request::get(&server.url("/")).unwrap().body_bytes_max(2 * MIB);
    let response = client(within(loopback())).fetch(request).await.unwrap();
    assert_eq!(response.bytes().await.unwrap().len(), 2 * MIB as usize);

    let slow = dripping("", ms(60_000)).await;
    let request = Request::get(&slow.url("/")).unwrap().total_timeout(ms(100));
    let (client, began) = (client(loopback()), std::time::Instant::now());
    let error = client.send(request).await.err().unwrap();
    assert_eq!(phase(&error), Phase::Total);
    assert!(began.elapsed() < ms(8_000), "{:?}", began.elapsed());
}

/// Answers after `pause` and counts how many requests it holds at the same time.
async fn counting(pause: Duration) -> (Server, Arc<AtomicUsize>) {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let server = Server::speaking(move |_, mut stream: TcpStream| {
        let (now, most) = (now.clone(), most.clone());
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            sleep(pause).await;
            now.fetch_sub(1, Ordering::SeqCst);
            let _ = stream.write_all(answer(200, "", "").as_bytes()).await;
        }
    })
    .await;
    (server, seen)
}

#[tokio::test]
async fn a_host_gets_no_more_requests_at_a_time_than_its_budget() {
    let (server, most) = counting(ms(50)).await;
    let client = client(NetConfig { concurrent_per_host: 2, ..loopback() });
    let requests: Vec<_> = (0..8)
        .map(|_| {
            let (client, url) = (client.clone(), server.url("/"));
            tokio::spawn(async move { client.fetch(Request::get(&url).unwrap()).await.unwrap().bytes().await.unwrap() })
        })
        .collect();
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!((server.received().len(), most.load(Ordering::SeqCst)), (8, 2));
    assert_eq!(client.hosts()[0].in_flight, 0);
}

#[tokio::test]
async fn a_place_is_held_until_the_answer_is_dropped_and_waiting_for_it_ends() {
    let server = Server::answering(|_| answer(200, "", "")).await;
    let client = client(NetConfig { concurrent_per_host: 1, total_timeout: ms(200), ..loopback() });
    let get = || client.fetch(Request::get(&server.url("/")).unwrap());
    let held = get().await.unwrap();
    assert_eq!(phase(&get().await.err().unwrap()), Phase::Queue);

    let (someone, other) = (somebody(), somebody());
    let of_another_tenant = client.tenant(&someone).fetch(Request::get(&server.url("/")).unwrap()).await;
    assert!(of_another_tenant.is_ok(), "one tenant's slow requests cost another nothing");
    assert!(client.tenant(&other).hosts().is_empty());

    drop(held);
    get().await.unwrap();
}

#[tokio::test]
async fn hosts_that_nobody_calls_any_more_are_forgotten() {
    let client = client(NetConfig { names: aos_net::Names::function(|_| Ok(Vec::new())), ..loopback() });
    for number in 0..1_100 {
        let url = format!("http://host-{number}.example:8080/");
        client.send(Request::get(&url).unwrap()).await.err().unwrap();
    }
    assert!(client.hosts().len() <= 1024, "{}", client.hosts().len());
}

//! Listens to live events on many connections at once, and tells how many copies arrived and when.
//!
//!     fanout ADDRESS ws|sse REQUESTS EVENTS SECONDS
//!
//! REQUESTS is a file with one line per connection: the path to ask for, and after a space an `Authorization` value where one is needed. It
//! writes `listening` once all connections stand, then reads until each has seen EVENTS events or SECONDS are over, and writes one line of
//! JSON. An event is whatever carries `"sent":"<nanoseconds since the epoch>"`; nothing else of it is looked at.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Barrier;

const MARK: &[u8] = b"\"sent\":\"";
const DIGITS: usize = 19;

struct Seen {
    copies: u64,
    /// Of each copy, in microseconds.
    delays: Vec<u32>,
    first: u64,
    last: u64,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_nanos() as u64
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, kind, requests, events, seconds] = arguments.as_slice() else {
        panic!("fanout ADDRESS ws|sse REQUESTS EVENTS SECONDS")
    };
    let (events, seconds): (u64, u64) = (events.parse().expect("a number"), seconds.parse().expect("a number"));
    let lines: Vec<String> = std::fs::read_to_string(requests).expect("a file").lines().map(str::to_owned).collect();
    let standing = Arc::new(Barrier::new(lines.len() + 1));
    let mut readers = Vec::new();
    for line in lines {
        let (address, kind, standing) = (address.clone(), kind.clone(), standing.clone());
        let stream = open(&address, &kind, &line).await;
        readers.push(tokio::spawn(async move {
            standing.wait().await;
            let mut seen = Seen { copies: 0, delays: Vec::with_capacity(events as usize), first: u64::MAX, last: 0 };
            let _ = tokio::time::timeout(Duration::from_secs(seconds), read(stream, events, &mut seen)).await;
            seen
        }));
    }
    standing.wait().await;
    println!("listening");
    let (mut copies, mut complete, mut delays, mut first, mut last) = (0, 0, Vec::new(), u64::MAX, 0);
    for reader in readers {
        let seen = reader.await.expect("a reader");
        copies += seen.copies;
        complete += u64::from(seen.copies >= events);
        first = first.min(seen.first);
        last = last.max(seen.last);
        delays.extend(seen.delays);
    }
    delays.sort_unstable();
    let share = |part: f64| delays.get(((delays.len() as f64 * part) as usize).min(delays.len().saturating_sub(1)));
    let ms = |part: f64| f64::from(share(part).copied().unwrap_or(0)) / 1000.0;
    let took = last.saturating_sub(first) as f64 / 1e9;
    println!(
        "{}",
        serde_json::json!({
            "copies": copies, "complete_readers": complete, "seconds": took, "copies_per_s": (copies as f64 / took.max(1e-9)).round(),
            "p50_ms": ms(0.5), "p95_ms": ms(0.95), "p99_ms": ms(0.99), "worst_ms": ms(1.0),
        })
    );
}

async fn open(address: &str, kind: &str, line: &str) -> TcpStream {
    let (path, authorization) = line.split_once(' ').map_or((line, None), |(path, value)| (path, Some(value)));
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let mut request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n");
    if let Some(value) = authorization {
        request.push_str(&format!("Authorization: {value}\r\n"));
    }
    if kind == "ws" {
        request.push_str("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    let wanted = if kind == "ws" { "HTTP/1.1 101" } else { "HTTP/1.1 200" };
    assert!(head.starts_with(wanted.as_bytes()), "{}", String::from_utf8_lossy(&head));
    stream
}

async fn read(mut stream: TcpStream, events: u64, seen: &mut Seen) {
    let mut buffer = vec![0; 64 * 1024];
    let mut kept = 0;
    while seen.copies < events {
        let Ok(count) = stream.read(&mut buffer[kept..]).await else { return };
        if count == 0 {
            return;
        }
        let (end, at) = (kept + count, now());
        let mut from = 0;
        while let Some(found) = find(&buffer[from..end]) {
            let begin = from + found + MARK.len();
            if begin + DIGITS > end {
                break;
            }
            let sent: u64 = std::str::from_utf8(&buffer[begin..begin + DIGITS]).ok().and_then(|text| text.parse().ok()).expect("a time");
            seen.delays.push((at.saturating_sub(sent) / 1000) as u32);
            seen.first = seen.first.min(sent);
            seen.last = at;
            seen.copies += 1;
            from = begin + DIGITS;
        }
        // What may be the beginning of a mark, or of its digits, stands at the end.
        let keep = (MARK.len() + DIGITS).min(end - from);
        buffer.copy_within(end - keep..end, 0);
        kept = keep;
    }
}

fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARK.len()).position(|window| window == MARK)
}

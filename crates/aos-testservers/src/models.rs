//! A provider of language models on this machine, which speaks the public wire format of one and does what a test tells it, request by
//! request: answer, stream, refuse, break off, say nothing, or never stop. Written from the providers' documentation, not from our client.

mod form;

pub use form::Speaks;

use serde_json::Value;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a server that says nothing keeps its connections.
const SILENCE: Duration = Duration::from_secs(30);
/// Where an endless stream ends all the same, so that a broken test does.
const ENDLESS_BYTES_MAX: usize = 64 << 20;

/// What to do with one request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Answers with this text, whole or as a stream, as it is asked. It used 11 tokens of input and 7 of output.
    Say(String),
    /// The same, as the input of a tool where the form has tools.
    Give(Value),
    /// Answers as `Say`, without a word about what it used.
    SayUncounted(String),
    /// The filter of the provider, or the model itself, declines.
    Decline,
    /// Answers with a status, further headers and a body.
    Refuse(u16, Vec<(&'static str, String)>, String),
    /// Streams words, or one endless body, until nobody listens any more.
    NeverStop,
    /// Begins an answer and closes the connection.
    BreakOff,
    /// Takes the request and says nothing.
    Silence,
    /// Gives vectors of so many numbers, which follow from the texts.
    Embed(usize),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// With its query.
    pub path: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    acts: VecDeque<Act>,
    seen: Vec<Seen>,
    /// Bytes that an endless answer could get rid of.
    poured: usize,
}

impl ModelServer {
    /// Starts a server that does these things in turn, and goes on doing the last.
    pub fn start(speaks: Speaks, acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Mutex::new(Shared { acts: acts.into_iter().collect(), ..Shared::default() }));
        let state = shared.clone();
        // Ends with the process: a listener that nobody calls costs nothing.
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let state = state.clone();
                std::thread::spawn(move || serve(&connection, speaks, &state));
            }
        });
        Self { address, shared }
    }

    /// Where it is, as a base address without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.shared).seen.clone()
    }

    /// Changes what it does from now on.
    pub fn now(&self, acts: impl IntoIterator<Item = Act>) {
        lock(&self.shared).acts = acts.into_iter().collect();
    }

    /// Bytes that an endless answer could get rid of.
    pub fn poured(&self) -> usize {
        lock(&self.shared).poured
    }
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn serve(connection: &TcpStream, speaks: Speaks, shared: &Mutex<Shared>) {
    let Some(seen) = read(connection) else { return };
    let streams = speaks.is_stream(&seen);
    let act = {
        let mut shared = lock(shared);
        let body = seen.body.clone();
        shared.seen.push(Seen { body, ..seen.clone() });
        let next = shared.acts.pop_front().unwrap_or(Act::Silence);
        if shared.acts.is_empty() {
            shared.acts.push_back(next.clone());
        }
        next
    };
    match act {
        Act::Say(text) => answer(connection, speaks, streams, &text, true),
        Act::SayUncounted(text) => answer(connection, speaks, streams, &text, false),
        Act::Give(value) => send(connection, 200, &[], &speaks.whole_value(&value).to_string()),
        Act::Decline => send(connection, 200, &[], &speaks.declined().to_string()),
        Act::Refuse(status, headers, body) => send(connection, status, &headers, &body),
        Act::Embed(size) => send(connection, 200, &[], &speaks.vectors(&seen.body, size).to_string()),
        Act::Silence => std::thread::sleep(SILENCE),
        Act::BreakOff => {
            let kind = if streams { "text/event-stream" } else { "application/json" };
            let begun = if streams { events(&speaks.stream("half an answer", false)[..1]) } else { "{\"choi".into() };
            write(
                connection,
                &format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: 100000\r\n\r\n{begun}"),
            );
        }
        Act::NeverStop => pour(connection, speaks, streams, shared),
    }
}

fn answer(connection: &TcpStream, speaks: Speaks, streams: bool, text: &str, counted: bool) {
    if streams {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        write(connection, &format!("{head}{}", events(&speaks.stream(text, counted))));
    } else {
        send(connection, 200, &[], &speaks.whole(text, counted).to_string());
    }
}

fn pour(mut connection: &TcpStream, speaks: Speaks, streams: bool, shared: &Mutex<Shared>) {
    let kind = if streams { "text/event-stream" } else { "application/json" };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n");
    let again = if streams { events(&[speaks.words("and so on ")]) } else { "        ".repeat(128) };
    write(connection, &head);
    let mut poured = 0;
    while poured < ENDLESS_BYTES_MAX && connection.write_all(again.as_bytes()).is_ok() {
        poured += again.len();
        lock(shared).poured = poured;
    }
}

fn events(events: &[(Option<&'static str>, Value)]) -> String {
    let event = |(name, data): &(Option<&str>, Value)| match (name, data.as_str()) {
        (Some(name), _) => format!("event: {name}\ndata: {data}\n\n"),
        // `[DONE]` is no JSON.
        (None, Some(word)) => format!("data: {word}\n\n"),
        (None, None) => format!("data: {data}\n\n"),
    };
    events.iter().map(event).collect()
}

fn send(connection: &TcpStream, status: u16, headers: &[(&str, String)], body: &str) {
    let further: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    write(
        connection,
        &format!(
            "HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{further}connection: close\r\n\r\n{body}"
        ),
    );
}

fn write(mut connection: &TcpStream, text: &str) {
    // Whoever asked may have gone; that is theirs.
    let _gone = connection.write_all(text.as_bytes()).and_then(|()| connection.flush());
}

fn read(connection: &TcpStream) -> Option<Seen> {
    connection.set_read_timeout(Some(SILENCE)).ok()?;
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { path, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

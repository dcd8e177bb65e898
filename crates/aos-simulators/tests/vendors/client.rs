//! The simplest client that can be trusted: HTTP/1.1 by hand, one connection for each request, and tries again until it has an
//! answer that is whole.

use aos_simulators::{HINDERED_IN_A_ROW_MAX, Running, Vendor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub headers: Vec<(String, String)>,
    pub body: &'a str,
}

/// Sends one request on a stream and reads the whole answer; none when it breaks off.
pub async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    host: &str,
    request: &Request<'_>,
) -> Option<Answer> {
    let mut head = format!("{} {} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n", request.method, request.path);
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", request.body.len()));
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(request.body.as_bytes()).await.ok()?;
    let mut bytes = Vec::new();
    // A connection that breaks may end with an error or just end; what counts is whether the answer is whole.
    let _ = stream.read_to_end(&mut bytes).await;
    parsed(&bytes)
}

fn parsed(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: BTreeMap<String, String> = lines.filter_map(pair).collect();
    let rest = &bytes[end + 4..];
    let body = if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        unchunked(rest)?
    } else {
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        rest.get(..length)?.to_vec()
    };
    Some(Answer { status, headers, body })
}

/// None when the last chunk is missing.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        rest = &rest[line + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

pub struct Client<'a> {
    pub simulator: &'a Running,
    token: Mutex<String>,
}

impl<'a> Client<'a> {
    pub fn of(simulator: &'a Running) -> Self {
        Self { simulator, token: Mutex::default() }
    }

    fn host(&self) -> &str {
        self.simulator.url().split("://").nth(1).unwrap()
    }

    /// Sends a request once, without a token.
    pub async fn once(&self, request: &Request<'_>) -> Option<Answer> {
        let stream = TcpStream::connect(self.host()).await.unwrap();
        exchange(stream, self.host(), request).await
    }

    /// Sends a request once, with a token of its own choice.
    pub async fn with(&self, method: &str, path: &str, token: &str) -> Answer {
        let headers = vec![("authorization".to_owned(), token.to_owned())];
        self.once(&Request { method, path, headers, body: "" }).await.unwrap()
    }

    pub async fn post_form(&self, path: &str, body: &str) -> Answer {
        let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        self.once(&Request { method: "POST", path, headers, body }).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, "").await
    }

    /// Gets something that is no JSON.
    pub async fn get_raw(&self, path: &str) -> Answer {
        self.refresh().await;
        let token = format!("Bearer {}", self.token.lock().unwrap());
        self.with("GET", path, &token).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], &body.to_string()).await
    }

    /// Sends a request until its answer is whole, refreshing the token whenever it is refused.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        // Each refresh may be hindered as well, and expires with the request it was made for.
        for _ in 0..4 * (HINDERED_IN_A_ROW_MAX + 1) {
            let mut all: Vec<(String, String)> =
                headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            all.push(("authorization".to_owned(), format!("Bearer {}", self.token.lock().unwrap())));
            let Some(answer) = self.once(&Request { method, path, headers: all, body }).await else { continue };
            match answer.status {
                401 => self.refresh().await,
                403 if answer.text().contains("REQUEST_LIMIT_EXCEEDED") => {}
                429 | 500..=599 => {}
                200..=299 if !is_whole(&answer) => {}
                _ => return answer,
            }
        }
        panic!("{method} {path} never gets through");
    }

    pub async fn refresh(&self) {
        let path = token_path(self.simulator.vendor());
        let body = "grant_type=refresh_token&refresh_token=simulator-refresh&client_id=simulator-client&client_secret=simulator-secret";
        let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        let request = Request { method: "POST", path, headers, body };
        for _ in 0..4 * (HINDERED_IN_A_ROW_MAX + 1) {
            let Some(answer) = self.once(&request).await else { continue };
            if answer.status == 200 && is_whole(&answer) {
                *self.token.lock().unwrap() = answer.json()["access_token"].as_str().unwrap().to_owned();
                return;
            }
        }
        panic!("no token is granted");
    }
}

/// JSON shows by itself whether it is cut; CSV by the count that comes along.
fn is_whole(answer: &Answer) -> bool {
    match answer.headers.get("sforce-numberofrecords") {
        Some(count) => {
            answer.body.last() == Some(&b'\n')
                && csv(&String::from_utf8_lossy(&answer.body)).len() == count.parse::<usize>().unwrap() + 1
        }
        None => answer.body.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok(),
    }
}

/// Reads CSV whose values are all quoted.
pub fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut lines, mut line, mut value, mut inside) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if inside && letters.peek() == Some(&'"') => {
                letters.next();
                value.push('"');
            }
            '"' => inside = !inside,
            ',' if !inside => line.push(std::mem::take(&mut value)),
            '\n' if !inside => {
                line.push(std::mem::take(&mut value));
                lines.push(std::mem::take(&mut line));
            }
            other => value.push(other),
        }
    }
    lines
}

pub fn token_path(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Salesforce => "/services/oauth2/token",
        Vendor::Hubspot => "/oauth/v1/token",
        Vendor::Dynamics => "/simulator/oauth2/v2.0/token",
        Vendor::Pipedrive => "/oauth/token",
        Vendor::Zendesk => "/oauth/tokens",
    }
}

/// Encodes what stands behind the question mark.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

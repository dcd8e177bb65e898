//! Asks the servers over HTTP, one connection per request, and sees whatever comes back, nothing included.

use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A server that is frozen does not answer; whoever asks goes on after this.
const PATIENCE: Duration = Duration::from_secs(8);
/// A busy machine hashes a password for seconds.
const QUIET_PATIENCE: Duration = Duration::from_secs(60);

pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub token: Option<&'a str>,
    pub idempotency_key: Option<&'a str>,
    pub body: Option<Value>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Value,
}

impl<'a> Request<'a> {
    pub fn get(path: &'a str) -> Self {
        Self { method: "GET", path, token: None, idempotency_key: None, body: None }
    }

    pub fn post(path: &'a str, body: Value) -> Self {
        Self { method: "POST", body: Some(body), ..Self::get(path) }
    }

    pub fn delete(path: &'a str) -> Self {
        Self { method: "DELETE", ..Self::get(path) }
    }

    pub fn by(self, token: &'a str) -> Self {
        Self { token: Some(token), ..self }
    }

    pub fn keyed(self, key: &'a str) -> Self {
        Self { idempotency_key: Some(key), ..self }
    }

    /// Sends it; an error when there was no whole answer.
    pub async fn send(&self, server: SocketAddr) -> Result<Answer, String> {
        self.send_within(server, PATIENCE).await
    }

    /// Sends it to a server that nobody disturbs, and that may be slow all the same.
    pub async fn send_in_quiet(&self, server: SocketAddr) -> Result<Answer, String> {
        self.send_within(server, QUIET_PATIENCE).await
    }

    async fn send_within(&self, server: SocketAddr, patience: Duration) -> Result<Answer, String> {
        match tokio::time::timeout(patience, self.exchange(server)).await {
            Ok(Ok(bytes)) => read(&bytes).ok_or_else(|| format!("half an answer of {} bytes", bytes.len())),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    async fn exchange(&self, server: SocketAddr) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(server).await?;
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n", self.method, self.path);
        if let Some(token) = self.token {
            head += &format!("Authorization: Bearer {token}\r\n");
        }
        if let Some(key) = self.idempotency_key {
            head += &format!("Idempotency-Key: {key}\r\n");
        }
        head += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer)
    }
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The stable code of a problem.
    pub fn code(&self) -> Option<&str> {
        self.body["code"].as_str()
    }

    /// Whether it says clearly what is: a success, or a problem that names itself and the next step. That something went wrong inside,
    /// nobody knows what, is not clear.
    pub fn is_clear(&self) -> bool {
        let problem = self.content_type.starts_with("application/problem+json")
            && self.body["next_step"].as_str().is_some_and(|step| !step.is_empty())
            && self.code().is_some_and(|code| code != "internal_error");
        self.is_success() || self.status == 304 || (self.status >= 400 && self.status != 500 && problem)
    }
}

/// Takes an answer apart. None when it is not whole.
fn read(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
        Some(line[name.len() + 1..].trim().to_owned())
    };
    let body = &bytes[end + 4..];
    let body = match header("content-length") {
        Some(length) => body.get(..length.parse().ok()?)?.to_vec(),
        None if header("transfer-encoding").as_deref() == Some("chunked") => unchunked(body)?,
        None => Vec::new(),
    };
    Some(Answer {
        status: head.get(9..12)?.parse().ok()?,
        content_type: header("content-type").unwrap_or_default(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(line + 2..line + 2 + length)?);
        rest = rest.get(line + 4 + length..)?;
    }
}

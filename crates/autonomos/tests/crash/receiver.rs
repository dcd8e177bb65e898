//! Takes callbacks, as a customer's server would, and remembers them.

use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub struct Receiver {
    pub address: SocketAddr,
    /// By the message's id: how often it came, and which ends of which tasks it told.
    pub messages: RefCell<BTreeMap<String, Vec<(String, String)>>>,
}

impl Receiver {
    pub async fn open() -> Rc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let receiver = Rc::new(Self { address, messages: RefCell::default() });
        let taking = receiver.clone();
        tokio::task::spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let taking = taking.clone();
                // What breaks off was not taken.
                tokio::task::spawn_local(async move { drop(taking.take(stream).await) });
            }
        });
        receiver
    }

    async fn take(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        let mut piece = [0; 16 * 1024];
        let (head, body_from, length) = loop {
            let count = stream.read(&mut piece).await?;
            if count == 0 {
                return Ok(());
            }
            bytes.extend_from_slice(&piece[..count]);
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            break (head, end + 4, length);
        };
        while bytes.len() < body_from + length {
            let count = stream.read(&mut piece).await?;
            if count == 0 {
                return Ok(());
            }
            bytes.extend_from_slice(&piece[..count]);
        }
        let body: Value = serde_json::from_slice(&bytes[body_from..]).unwrap_or_default();
        let id = header(&head, "webhook-id").unwrap_or_else(|| "without id".to_owned());
        let told = (text(&body["id"]), text(&body["status"]));
        self.messages.borrow_mut().entry(id).or_default().push(told);
        stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
    Some(line[name.len() + 1..].trim().to_owned())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

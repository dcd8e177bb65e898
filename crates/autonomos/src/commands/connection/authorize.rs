//! Leave given in a browser on this machine: the vendor sends it back to a port of the loopback address, as RFC 8252 (section 7.3) describes it
//! for programs that are no web sites.

use crate::show::say;
use anyhow::Context;
use aos_core::ConnectionId;
use aos_dcl::TenantDcl;
use aos_net::Url;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// How long an owner may take at the vendor.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How long a browser may take to say what it wants, and how much.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_BYTES_MAX: usize = 16 << 10;

/// Sends the owner to the vendor, waits for them to come back, and keeps what they gave.
pub async fn run(tenant: &TenantDcl, id: ConnectionId, port: u16) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener = listener.with_context(|| format!("port {port} is not free; choose another one with --port"))?;
    let back = format!("http://127.0.0.1:{}/callback", listener.local_addr()?.port());
    let state = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let (address, body) = tenant.begin_consent_here(id, &back, &state).await?;
    say!("open this address in a browser on this machine, as the owner of the account:\n\n{address}\n");
    let code = tokio::time::timeout(PATIENCE, code(&listener, &state));
    let code = code.await.context("nobody came back in a quarter of an hour; begin again")??;
    tenant.finish_consent(id, &body, code).await?;
    Ok(())
}

/// Answers browsers until one comes back with our state, and returns the code that it brings.
async fn code(listener: &TcpListener, state: &str) -> anyhow::Result<String> {
    loop {
        let (mut browser, _) = listener.accept().await?;
        let asked = tokio::time::timeout(REQUEST_TIMEOUT, path(&mut browser)).await;
        let Ok(Ok(Some(asked))) = asked else { continue };
        let Ok(url) = Url::parse(&format!("http://127.0.0.1{asked}")) else { continue };
        let given =
            |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        // Whoever comes without it was not sent by us; the favicon that browsers ask for is one of them.
        if url.path() != "/callback" || given("state").as_deref() != Some(state) {
            answer(&mut browser, "404 Not Found", "There is nothing here.").await;
            continue;
        }
        let Some(code) = given("code") else {
            answer(&mut browser, "200 OK", "No leave was given. You may close this page.").await;
            anyhow::bail!("the vendor says that no leave was given ({})", given("error").unwrap_or_default());
        };
        answer(&mut browser, "200 OK", "Thank you. You may close this page and go back to the terminal.").await;
        return Ok(code);
    }
}

/// Reads what a browser asks for; nothing when it is no GET request.
async fn path(browser: &mut TcpStream) -> std::io::Result<Option<String>> {
    let mut request = Vec::new();
    let mut piece = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < REQUEST_BYTES_MAX {
        match browser.read(&mut piece).await? {
            0 => break,
            read => request.extend_from_slice(&piece[..read]),
        }
    }
    let text = String::from_utf8_lossy(&request);
    let mut words = text.lines().next().unwrap_or_default().split(' ');
    Ok(if words.next() == Some("GET") { words.next().map(str::to_owned) } else { None })
}

/// A browser that has gone meanwhile misses a sentence, and nothing else.
async fn answer(browser: &mut TcpStream, status: &str, said: &str) {
    let head = "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\nConnection: close";
    let text = format!("HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {}\r\n\r\n{said}", said.len());
    let _ = browser.write_all(text.as_bytes()).await;
    let _ = browser.shutdown().await;
}

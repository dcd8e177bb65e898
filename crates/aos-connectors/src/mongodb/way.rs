//! The way to a MongoDB: a door on this machine through which the driver reaches every server, also those that a cluster tells it of, and
//! where the guard judges each. It speaks SOCKS5 (RFC 1928) with a password (RFC 1929) that nobody but the driver knows.
//!
//! The driver looks names up by itself and has no place for a judge; it can be told to go through a proxy for everything.

use crate::error::Error;
use aos_net::Guard;
use mongodb::options::Socks5Proxy;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

const CONNECT_MAX: Duration = Duration::from_secs(10);
const CONNECTIONS_MAX: usize = 64;

const VERSION: u8 = 5;
const WITH_PASSWORD: u8 = 2;
const SUCCEEDED: u8 = 0;
const NOT_ALLOWED: u8 = 2;
const UNREACHABLE: u8 = 4;

/// Open as long as it lives.
pub(super) struct Way {
    port: u16,
    password: String,
    refusal: Arc<Mutex<Option<Error>>>,
    blocked: Arc<Notify>,
    door: JoinHandle<()>,
}

impl Drop for Way {
    fn drop(&mut self) {
        self.door.abort();
    }
}

impl Way {
    pub async fn open(guard: &Guard) -> Result<Self, Error> {
        let fail = |error: io::Error| Error::Unreachable { host: "this machine".to_owned(), reason: error.to_string() };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(fail)?;
        let port = listener.local_addr().map_err(fail)?.port();
        let password = Uuid::new_v4().to_string();
        let refusal = Arc::new(Mutex::new(None));
        let blocked = Arc::new(Notify::new());
        let porter = Porter {
            guard: guard.clone(),
            password: password.clone(),
            refusal: refusal.clone(),
            blocked: blocked.clone(),
        };
        let door = tokio::spawn(serve(listener, porter));
        Ok(Self { port, password, refusal, blocked, door })
    }

    pub fn proxy(&self) -> Socks5Proxy {
        let authentication = Some(("autonomos".to_owned(), self.password.clone()));
        Socks5Proxy::builder().host("127.0.0.1".to_owned()).port(self.port).authentication(authentication).build()
    }

    /// Waits until the guard has refused an address: the driver would go on trying.
    pub async fn blocked(&self) -> Error {
        self.blocked.notified().await;
        self.refusal().unwrap_or_else(|| Error::Unreachable {
            host: "MongoDB".to_owned(),
            reason: "it may not be reached".to_owned(),
        })
    }

    /// Returns why the last connection was refused or failed: the driver itself says only that nobody answers.
    pub fn refusal(&self) -> Option<Error> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What each connection is judged by, and where it is told.
#[derive(Clone)]
struct Porter {
    guard: Guard,
    password: String,
    refusal: Arc<Mutex<Option<Error>>>,
    blocked: Arc<Notify>,
}

async fn serve(listener: TcpListener, porter: Porter) {
    // Its connections end with it.
    let mut passing = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        while passing.try_join_next().is_some() {}
        if passing.len() >= CONNECTIONS_MAX {
            continue;
        }
        let porter = porter.clone();
        passing.spawn(async move {
            // What fails here the driver notices.
            let _ = pass(near, &porter).await;
        });
    }
}

async fn pass(mut near: TcpStream, porter: &Porter) -> io::Result<()> {
    near.set_nodelay(true)?;
    let (host, port) = wish(&mut near, &porter.password).await?;
    let (answer, far) = match reach(&porter.guard, &host, port).await {
        Ok(far) => (SUCCEEDED, Some(far)),
        Err((answer, error)) => {
            *porter.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            if answer == NOT_ALLOWED {
                porter.blocked.notify_one();
            }
            (answer, None)
        }
    };
    // The address from which we connect is nobody's business.
    near.write_all(&[VERSION, answer, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    if let Some(mut far) = far {
        copy_bidirectional(&mut near, &mut far).await?;
    }
    Ok(())
}

/// Hears where the driver wants to go, once it has shown that it is the driver.
async fn wish(near: &mut TcpStream, password: &str) -> io::Result<(String, u16)> {
    let strange = || io::Error::from(io::ErrorKind::InvalidData);
    let [version, methods] = read(near).await?;
    let offered = read_vec(near, methods).await?;
    if version != VERSION || !offered.contains(&WITH_PASSWORD) {
        near.write_all(&[VERSION, 0xff]).await?;
        return Err(strange());
    }
    near.write_all(&[VERSION, WITH_PASSWORD]).await?;
    let [_, name] = read(near).await?;
    read_vec(near, name).await?;
    let [length] = read(near).await?;
    let told = read_vec(near, length).await?;
    if told != password.as_bytes() {
        near.write_all(&[1, 1]).await?;
        return Err(strange());
    }
    near.write_all(&[1, 0]).await?;
    let [_, command, _, kind] = read(near).await?;
    let host = match kind {
        1 => std::net::Ipv4Addr::from(read::<4>(near).await?).to_string(),
        3 => {
            let [length] = read(near).await?;
            String::from_utf8(read_vec(near, length).await?).map_err(|_| strange())?
        }
        4 => std::net::Ipv6Addr::from(read::<16>(near).await?).to_string(),
        _ => return Err(strange()),
    };
    let port = u16::from_be_bytes(read(near).await?);
    if command == 1 { Ok((host, port)) } else { Err(strange()) }
}

async fn read<const N: usize>(near: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    near.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn read_vec(near: &mut TcpStream, length: u8) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(length)];
    near.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// Connects to the first address that the guard allows and that answers; otherwise says what to tell the driver, and people.
async fn reach(guard: &Guard, host: &str, port: u16) -> Result<TcpStream, (u8, Error)> {
    let addresses = guard.resolve(host, port).await.map_err(|error| match error {
        aos_net::Error::Blocked { .. } => (NOT_ALLOWED, error.into()),
        error => (UNREACHABLE, error.into()),
    })?;
    let mut reason = "it has no address".to_owned();
    for address in addresses {
        match tokio::time::timeout(CONNECT_MAX, TcpStream::connect(address)).await {
            Ok(Ok(stream)) if stream.set_nodelay(true).is_ok() => return Ok(stream),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => reason = error.to_string(),
            Err(_) => reason = "it took too long".to_owned(),
        }
    }
    Err((UNREACHABLE, Error::Unreachable { host: format!("{host}:{port}"), reason }))
}

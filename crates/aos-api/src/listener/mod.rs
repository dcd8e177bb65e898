//! Takes connections and serves them. A caller who holds connections open without using them, or does not take what was asked for, costs
//! a place for a while and nobody else anything: places are limited in all and for each address, and every wait has an end.

mod line;
mod unreadable;

use crate::middleware::address::ClientAddress;
use crate::middleware::denied::Denials;
use aos_net::IpNet;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use line::Line;
use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

/// What is written down as the route of what never came as far as one.
const CONNECTION: &str = "connection";
/// After an accept that failed, as it does when the process has no file handles left.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);
/// Refusals that are written at once; beyond it connections are closed without a word.
const REFUSALS_MAX: usize = 256;
const REFUSAL_TIME_MAX: Duration = Duration::from_secs(2);
const REFUSED_BODY: &str = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"code":"too_many_connections","detail":"too many connections are open","next_step":"close connections that are not used, and try again in a few seconds"}"#;

/// Limits on connections.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Connections that are open at once.
    pub max: usize,
    /// Of those, from one address; an IPv6 caller owns a whole /64, which counts as one.
    pub per_address_max: usize,
    /// Who may hold more than that, because others come through them.
    pub trusted_proxies: Vec<IpNet>,
    /// From the opening of a connection, or the end of an answer on it, to the end of the next request's headers.
    pub header_timeout: Duration,
    /// A connection is cut when its peer takes nothing of what waits for it for this long.
    pub stall_timeout: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            max: 10_000,
            per_address_max: 1_000,
            trusted_proxies: Vec::new(),
            header_timeout: Duration::from_secs(30),
            stall_timeout: Duration::from_secs(30),
        }
    }
}

/// Serves until `stop` comes to its end, then lets requests that are under way come to theirs.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    denials: Denials,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
) {
    let lobby = Lobby::new(limits);
    let (stopping, connections) = (CancellationToken::new(), TaskTracker::new());
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken: {error}");
                tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
                continue;
            }
        };
        match lobby.enter(peer.ip()) {
            Ok(place) => {
                connections.spawn(attend(stream, peer, router.clone(), denials.clone(), place, stopping.clone()));
            }
            Err(refusal) => {
                denials.count(ClientAddress(Some(peer.ip())).name(), CONNECTION, refusal.reason);
                tokio::spawn(refusal.tell(stream));
            }
        }
    }
    drop(listener);
    stopping.cancel();
    connections.close();
    connections.wait().await;
}

/// Serves one connection until it is over. Whoever sends what is no request, or begins one and does not come to its end, is written down.
async fn attend(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    denials: Denials,
    place: Place,
    stopping: CancellationToken,
) {
    // What is said live is small and should not wait for more.
    let _ = stream.set_nodelay(true);
    let limits = Arc::clone(&place.lobby.limits);
    // Whether anything came since the last answer: a connection that only waits for its next request does no harm.
    let heard = Arc::new(AtomicBool::new(false));
    let line = Line::new(stream, limits.stall_timeout, heard.clone(), place);
    let service = hyper::service::service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let (answered, heard) = (router.clone().call(request), heard.clone());
        async move {
            let answer = answered.await;
            heard.store(false, Ordering::Relaxed);
            answer
        }
    });
    // HTTP/1 only. To tell it from HTTP/2, the first bytes would be waited for, and hyper-util waits for them without end.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .serve_connection(TokioIo::new(line), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        let reason = if error.is_parse_too_large() {
            Some("head_too_large")
        } else if error.is_parse() {
            Some("unreadable_request")
        } else {
            (error.is_timeout() && heard.load(Ordering::Relaxed)).then_some("head_too_slow")
        };
        if let Some(reason) = reason {
            denials.count(ClientAddress(Some(peer.ip())).name(), CONNECTION, reason);
        }
        tracing::debug!(%error, "a connection ended early: {error}");
    }
}

/// Who is here.
#[derive(Clone)]
struct Lobby {
    limits: Arc<ConnectionLimits>,
    places: Arc<Mutex<Places>>,
    refusals: Arc<tokio::sync::Semaphore>,
}

#[derive(Default)]
struct Places {
    taken: usize,
    by_address: HashMap<String, usize>,
}

/// The place of one connection; free again when it is dropped.
struct Place {
    lobby: Lobby,
    address: Option<String>,
}

struct Refusal {
    reason: &'static str,
    turn: Option<tokio::sync::OwnedSemaphorePermit>,
}

impl Lobby {
    fn new(limits: ConnectionLimits) -> Self {
        let refusals = Arc::new(tokio::sync::Semaphore::new(REFUSALS_MAX));
        Self { limits: Arc::new(limits), places: Arc::default(), refusals }
    }

    fn enter(&self, address: IpAddr) -> Result<Place, Refusal> {
        let proxy = self.limits.trusted_proxies.iter().any(|net| net.contains(&address.to_canonical()));
        let address = (!proxy).then(|| ClientAddress(Some(address)).name());
        let mut places = self.lock();
        if places.taken >= self.limits.max {
            return Err(self.refuse("too_many_connections"));
        }
        if let Some(address) = &address {
            let held = places.by_address.entry(address.clone()).or_default();
            if *held >= self.limits.per_address_max {
                return Err(self.refuse("too_many_connections_of_address"));
            }
            *held += 1;
        }
        places.taken += 1;
        Ok(Place { lobby: self.clone(), address })
    }

    fn refuse(&self, reason: &'static str) -> Refusal {
        Refusal { reason, turn: Arc::clone(&self.refusals).try_acquire_owned().ok() }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.lobby.lock();
        places.taken -= 1;
        let Some(address) = &self.address else { return };
        if let Some(held) = places.by_address.get_mut(address) {
            *held -= 1;
            if *held == 0 {
                places.by_address.remove(address);
            }
        }
    }
}

impl Refusal {
    /// Says why, and closes.
    async fn tell(self, mut stream: TcpStream) {
        let Some(_turn) = self.turn else { return };
        let answer = format!(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 5\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{REFUSED_BODY}",
            REFUSED_BODY.len()
        );
        let telling = async {
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await?;
            // Closing with unread bytes would take the answer away from the peer again.
            let mut unread = [0; 1024];
            while stream.read(&mut unread).await? > 0 {}
            std::io::Result::Ok(())
        };
        // Whoever does not listen need not be told.
        let _ = tokio::time::timeout(REFUSAL_TIME_MAX, telling).await;
    }
}

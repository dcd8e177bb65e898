//! A way to a server that can be cut and mended, as a network is.

use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub struct Relay {
    port: u16,
    open: Arc<watch::Sender<bool>>,
    relaying: JoinHandle<()>,
}

impl Relay {
    /// Opens a way to a port of loopback, at an address of this machine that no certificate names.
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = Arc::new(watch::Sender::new(true));
        let state = open.clone();
        let relaying = tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let mut open = state.subscribe();
                if !*open.borrow() {
                    continue;
                }
                tokio::spawn(async move {
                    let mut to = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut from, &mut to) => {}
                        _ = open.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Self { port, open, relaying }
    }

    /// The way in, as host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.2:{}", self.port)
    }

    pub fn cut(&self) {
        self.open.send_replace(false);
    }

    pub fn mend(&self) {
        self.open.send_replace(true);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.relaying.abort();
    }
}

//! The application behind a real socket on loopback, for what cannot be tried in process: WebSockets and peers' addresses.

use crate::app::TestApp;
use aos_api::listener::{self, ConnectionLimits};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub struct TestServer {
    pub address: SocketAddr,
    serving: JoinHandle<()>,
}

impl TestServer {
    pub async fn start(app: &TestApp) -> Self {
        Self::with_limits(app, ConnectionLimits::default()).await
    }

    pub async fn with_limits(app: &TestApp, limits: ConnectionLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (router, denials) = (app.router(), app.denials().clone());
        let serving = tokio::spawn(listener::serve(listener, router, denials, limits, std::future::pending()));
        Self { address, serving }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

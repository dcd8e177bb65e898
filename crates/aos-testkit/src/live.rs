//! The application behind a real socket on loopback, for what cannot be tried in process: WebSockets and peers' addresses.

use crate::app::TestApp;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub struct TestServer {
    pub address: SocketAddr,
    serving: JoinHandle<()>,
}

impl TestServer {
    pub async fn start(app: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let service = app.router().into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move { axum::serve(listener, service).await.expect("serving") });
        Self { address, serving }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

//! A plain axum handler that answers every request with the content of a file: the limit that `bench/state` measures against.
//! It knows nothing of tokens, tenants or stores.

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let path = std::env::args_os().nth(1).ok_or_else(|| anyhow::anyhow!("name the file to answer with"))?;
    let body = Bytes::from(std::fs::read(path)?);
    let answer = move || std::future::ready(([(CONTENT_TYPE, "application/json")], body.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/", get(answer))).await?;
    Ok(())
}

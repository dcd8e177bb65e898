//! Measures how fast a PostgreSQL table becomes pages of records. `bench/mesh/run` calls it:
//! `DATABASE_URL=postgres://… cargo run --release -p aos-connectors --example postgres_speed -- STREAM`

use aos_connectors::{AllowedRoots, Alone, Context, Notes, Operator, Pages, ReadRequest, Secret, Secrets, declaration};
use aos_core::Clock;
use aos_net::NetConfig;
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    #[allow(clippy::disallowed_methods)] // A tool for benchmarks, told where to read by its caller.
    let url = std::env::var("DATABASE_URL")?;
    let stream = std::env::args().nth(1).ok_or("name a stream")?;
    let net = NetConfig { allow_private: vec!["127.0.0.0/8".parse()?], ..NetConfig::default() };
    let context = Context {
        net: aos_net::Client::new(net, Clock::System)?,
        secrets: Secrets::new([("url".to_owned(), Secret::new(url))]),
        grants: None,
        pace: Arc::new(Alone::new(Clock::System)),
        cancel: CancellationToken::new(),
        clock: Clock::System,
        notes: Notes::unheard(),
    };
    let declaration = declaration("postgresql").ok_or("there is no such connector")?;
    let connector = (declaration.open)("speed", &serde_json::Map::new(), &Operator::new(AllowedRoots::any()))?;
    let started = Instant::now();
    let Pages::Waiting(mut pages) = connector.read(ReadRequest::of(stream), &context).await? else {
        return Err("pages that wait were expected".into());
    };
    let (mut records, mut cells) = (0, 0);
    while let Some(page) = pages.next().await {
        let page = page?;
        records += page.batch.records.len();
        cells += page.batch.records.iter().map(|record| record.cells.len()).sum::<usize>();
    }
    let took = started.elapsed().as_secs_f64();
    println!(
        "{}",
        serde_json::json!({ "records": records, "cells": cells, "read_s": took, "records_per_s": records as f64 / took })
    );
    Ok(())
}

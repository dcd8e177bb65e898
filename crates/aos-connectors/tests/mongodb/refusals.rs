use crate::support::{connector, context, source};
use aos_connectors::{Error, ReadRequest};
use aos_testservers::Deployment;
use serde_json::json;

async fn told(url: &str) -> Error {
    let error = connector(json!({})).check(&context(url)).await.unwrap_err();
    let all = format!("{error} {error:?}");
    assert!(!all.contains("hunter2"), "{all}");
    error
}

#[tokio::test]
async fn strings_that_are_none_or_reach_this_machines_files_are_refused() {
    for url in [
        "postgres://u:hunter2@h/d",
        "mongodb://u:hunter2@%2Ftmp%2Fmongodb-27017.sock/d",
        "mongodb://u:hunter2@127.0.0.1/d?tls=true&tlsCAFile=/etc/passwd",
        "mongodb://u:hunter2@127.0.0.1/d?tls=true&tlsCertificateKeyFile=/etc/passwd",
    ] {
        let error = told(url).await;
        assert!(matches!(&error, Error::Config { field, .. } if field == "url"), "{url}: {error}");
    }
    let error = told("mongodb://u:hunter2@127.0.0.1:1").await;
    assert!(matches!(&error, Error::Config { field, .. } if field == "database"), "{error}");
}

#[tokio::test]
async fn the_guard_judges_every_connection_of_the_driver() {
    let mut strict = context("mongodb://127.0.0.1:27017/d");
    strict.net = aos_net::Client::new(aos_net::NetConfig::default(), aos_core::Clock::System).unwrap();
    let error = connector(json!({})).check(&strict).await.unwrap_err();
    assert!(matches!(&error, Error::Unreachable { reason, .. } if reason.contains("allow_private")), "{error}");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = told(&format!("mongodb://u:hunter2@127.0.0.1:{free}/d")).await;
    assert!(matches!(&error, Error::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn what_is_not_there_is_told_with_what_is() {
    let Some(source) = source(Deployment::ReplicaSet).await else { return };
    source.fill("t", 0..3).await;
    let error = source.try_read(json!({}), ReadRequest::of("nothing")).await.unwrap_err();
    assert!(matches!(&error, Error::UnknownStream { known, .. } if known == "t"), "{error}");
}

#[tokio::test]
async fn a_collection_that_is_dropped_between_reads_is_gone() {
    let Some(source) = source(Deployment::ReplicaSet).await else { return };
    source.fill("t", 0..3).await;
    source.fill("other", 0..3).await;
    let end = source.read("t", None).await.end();
    source.collection("t").drop().await.unwrap();
    let error =
        source.try_read(json!({}), ReadRequest { cursor: Some(end), ..ReadRequest::of("t") }).await.unwrap_err();
    assert!(matches!(error, Error::UnknownStream { .. } | Error::Gone { .. }), "{error}");
}
